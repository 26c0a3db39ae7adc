"""PostgreSQL goes away in the middle: nothing is said to be done that is not, and a repeated command does it once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from databases import Database, pointer
from postgresql_server import Server
from store_cases import a_case, a_turn, an_act, conclude, submit

from engine.errors import Busy
from engine.store import Store, Taken, open_store, verify_store
from engine.store.place import url_at
from engine.store.reads import events

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def store(database: Database) -> Store:
    made = database.new_store()
    submit(made)
    return made


@contextmanager
def deaf_after_commit(server: Server, room: Path, url: str) -> Iterator[Path]:
    """A way to the server on which the answer to the first COMMIT is lost: it was heard, and nobody is told."""
    front = socket.socket(socket.AF_UNIX)
    front.bind(str(room / ".s.PGSQL.5432"))
    front.listen()

    def carry(client: socket.socket) -> None:
        with closing(socket.socket(socket.AF_UNIX)) as behind, closing(client):
            behind.connect(str(server.folder / ".s.PGSQL.5432"))
            threading.Thread(target=answer, args=(behind, client), daemon=True).start()
            while data := client.recv(1 << 16):
                behind.sendall(data)
                if b"COMMIT" in data:
                    answered.wait(10)
                    client.shutdown(socket.SHUT_RDWR)
                    return

    def answer(behind: socket.socket, client: socket.socket) -> None:
        try:
            while data := behind.recv(1 << 16):
                if b"COMMIT" in data:
                    answered.set()
                    return
                client.sendall(data)
        except OSError:
            return

    answered = threading.Event()
    carrying = threading.Thread(target=lambda: carry(front.accept()[0]))
    carrying.start()
    yield pointer(room / "deaf.url", url.replace(str(server.folder), str(room)))
    carrying.join()
    front.close()


def test_an_act_whose_commit_was_not_answered_is_done_once_when_repeated(store: Store, postgresql: Server) -> None:
    with (
        TemporaryDirectory() as room,  # the name of a socket must be short
        deaf_after_commit(postgresql, Path(room), url_at(store.path)) as place,
        pytest.raises(Busy) as caught,
    ):
        conclude(Store(place), command="the one")
    assert caught.value.message == "与数据库的连接在最后提交时中断，不能确定是否已经写入（操作编号 the one）。"
    assert "--command-id the one" in caught.value.advice
    assert [event["command"] for event in events(store.path)] == ["submit 2026-0001", "the one"]
    with store.work() as work:
        receipt = work.repeated("the one", "digest of the one")
    assert receipt is not None
    assert (receipt.event_seq, receipt.repeated) == (2, True)
    assert verify_store(store.path).size == 2


def test_an_act_whose_connection_was_cut_before_its_end_is_not_done(store: Store, postgresql: Server) -> None:
    def cut() -> None:
        with postgresql.connect() as raw:
            raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shuangshen'")

    with pytest.raises(Busy, match="连接中断，什么都没有写入"), store.work() as work:
        case = work.case("2026-0001")
        cut()
        work.save(case, an_act("one"))
    assert len(events(store.path)) == 1
    with pytest.raises(Busy, match=r"最后提交时中断.*操作编号 two"), store.work() as work:
        work.save(work.case("2026-0001"), an_act("two"))
        cut()
    assert len(events(store.path)) == 1
    conclude(store)
    assert verify_store(store.path).size == 2


def test_a_stopped_server_is_named_and_nothing_is_shown_of_the_password(store: Store, tmp_path: Path) -> None:
    url = f"postgresql://wang:geheim@/x?host={tmp_path}"
    with pytest.raises(Busy, match="连不上数据库") as caught, open_store(pointer(tmp_path / "a.url", url)).work():
        pass
    assert "geheim" not in str(caught.value)


def test_the_same_command_twice_at_once_is_done_once(store: Store) -> None:
    """The second waits at the question whether it was done before, and is given the first one's receipt."""
    heard: list[object] = []

    def second() -> None:
        with open_store(store.path).work() as work:
            heard.append(work.repeated("both", "digest of both"))

    with store.work() as work:
        assert work.repeated("both", "digest of both") is None
        other = threading.Thread(target=second)
        other.start()
        receipt = work.save(a_case("2026-0002"), an_act("both"), turns=[a_turn()])
        other.join(0.2)
        assert other.is_alive()
    other.join()
    assert [(each.event_seq, each.repeated) for each in heard] == [(receipt.event_seq, True)]


def test_two_who_file_the_same_file_and_process_at_once_both_get_in(store: Store) -> None:
    def second() -> None:
        submit(open_store(store.path), "2026-0003", "third")

    with store.work() as work:
        work.put_bundle("c" * 64, b"<definitions/>")
        digest = work.put_content("第一条 本市企业优先。2026-0003".encode())
        other = threading.Thread(target=second)
        other.start()
        other.join(0.2)
        assert other.is_alive()
        work.save(a_case("2026-0002"), an_act("second"), contents=[digest])
    other.join()
    assert [event["command"] for event in events(store.path)] == ["submit 2026-0001", "second", "third"]
    assert verify_store(store.path).size == 3


def test_who_does_not_wait_leaves_the_taken_case_alone(store: Store) -> None:
    submit(store, "2026-0002")
    eager = store.without_waiting()
    with store.work() as work:
        work.case("2026-0001")
        work.repeated("mine", "digest of mine")
        with pytest.raises(Taken, match="案件 2026-0001 正由他人办理"), eager.work() as other:
            other.case("2026-0001")
        with pytest.raises(Taken, match="操作编号 mine 正在办理"), eager.work() as other:
            other.repeated("mine", "digest of mine")
        conclude(eager, "2026-0002")
    conclude(eager, "2026-0001")
    assert [event["case"] for event in events(store.path)][2:] == ["2026-0002", "2026-0001"]


def test_events_of_writers_at_once_follow_one_another(store: Store) -> None:
    """Eight writers on cases of their own: one chain, no fork, nobody lost."""

    def writer(number: int) -> None:
        mine = open_store(store.path)
        for turn in range(4):
            submit(mine, f"2026-1{number}{turn:02d}")

    writers = [threading.Thread(target=writer, args=(number,)) for number in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert verify_store(store.path).size == 33
