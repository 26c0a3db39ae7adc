"""A case carried over the air gap and back: nothing lost, nothing doubled, one trail; and every way to get it wrong."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from carried import HERE, THERE, Carried, carry, introduce, sent, taken_in
from city import City, Matter
from postgresql_server import Server
from sqlalchemy import Engine, event

from engine.errors import Conflict, FairReviewError, NotFound, Refused, TrailBroken
from engine.model import Outcome, Role
from engine.store import Act, verify_store
from engine.store.one_trail import one_trail
from engine.store.sqlite import sqlite3
from engine.store.transfer import gather_package, verify_crossings, write_package
from engine.store.verify import verify_store as whole
from engine.trail import segments
from engine.trail.signers import signer_with
from engine.trail.transfers import NAMESPACE, read_package
from engine.trail.verifier import Broken, strict_json
from reviewers import drafting_unit, market_regulator, turns
from reviewers.arriving import require_own_gate
from reviewers.desk.setup import initialise
from reviewers.operations.keeping import instance_key
from reviewers.operations.peers import own_key
from reviewers.supervision import processes
from reviewers.transferring import receive

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    return carry(tmp_path_factory.mktemp("carried"))


def filed(city: City, case: str) -> list[tuple[str, str]]:
    """Every record of the case, kind and digest, in order."""
    with sqlite3.connect(city.database) as connection:
        statement = "SELECT kind, digest FROM record WHERE case_id = ? ORDER BY event_seq, ordinal"
        return connection.execute(statement, (case,)).fetchall()


def state(city: City) -> dict[str, int]:
    """How much there is of everything."""
    with sqlite3.connect(city.database) as connection:
        tables = ("case_", "event", "record", "content", "task", "command", "bundle", "merkle")
        return {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608


# ---------------------------------------------------------------- the way there and back


def test_what_was_done_on_either_side_is_on_both(carried: Carried, tmp_path: Path) -> None:
    dept, joint = (carried.home(name, 5, tmp_path) for name in ("dept", "joint"))
    assert dept.file(HERE).case.stage == "archived"
    assert (joint.file(THERE).case.stage, joint.file(THERE).case.round) == ("transferred", 2)
    own = len(filed(joint, THERE))  # besides, here, what was said of taking it in again and of issuing it
    assert filed(joint, THERE) == filed(dept, HERE)[:own]
    assert [kind for kind, _ in filed(dept, HERE)[own:]] == ["words", "words"]
    assert len(dept.file(HERE).conclusions) == 4
    for city in (dept, joint):
        verify_store(city.database)
    assert verify_crossings(dept.database)[:2] == (2, 12)
    crossings = verify_crossings(joint.database)
    assert (crossings.taken_in, crossings.signatures.signed, crossings.signatures.unchecked) == (2, 1, 0)


def test_there_is_one_trail_across_both_logs(carried: Carried, tmp_path: Path) -> None:
    trail = one_trail(carried.home("dept", 5, tmp_path).database, HERE)
    assert [(each["name"], each["act"]) for each in trail] == [
        *(("本单位", act) for act in ("submit", "self_review", "sign", "transfer_out")),
        *(("SCJG的系统", act) for act in ("transfer_in", "accept", "joint_review", "joint_review", "conclude")),
        ("SCJG的系统", "transfer_out"),
        *(("本单位", act) for act in ("transfer_in", "revise", "self_review", "sign", "transfer_out")),
        *(("SCJG的系统", act) for act in ("transfer_in", "accept", "joint_review", "joint_review", "conclude")),
        ("SCJG的系统", "transfer_out"),
        *(("本单位", act) for act in ("transfer_in", "issue")),
    ]
    assert len({each["hash"] for each in trail}) == len(trail)
    said = {(each["act"], each["facts"].get("title") or each["facts"].get("reason")) for each in trail}
    title = "关于有关事项的通知"
    assert {("submit", title), ("transfer_in", title), ("conclude", "会审意见")} <= said


def test_both_sides_say_where_the_case_is(carried: Carried, shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    home = carried.home("dept", 3, tmp_path).home
    assert shuangshen("show", HERE, "--json", "--home", home).json["case"]["stage"] == "transferred"
    shown = shuangshen("show", HERE, "--home", home).out
    assert "已移送外单位" in shown
    assert [f"移送SCJG的系统  第 {hop} 次" in shown for hop in (1, 2, 3)] == [True, False, True]
    listed = shuangshen("queue", "--all", "--home", home)
    assert "移送在外  2026-0001  关于有关事项的通知  在SCJG的系统（第 3 次移送）" in listed.out
    told = shuangshen("transfer", "list", "--json", "--home", home).json
    assert [(each["direction"], each["hop"]) for each in told] == [("out", 1), ("in", 2), ("out", 3)]
    assert shuangshen("incidents", "list", "--json", "--home", home).json["incidents"] == []
    there = carried.home("joint", 5, tmp_path).home
    told = shuangshen("show", THERE, "--json", "--home", there).json["transfers"]
    assert [(each["direction"], each["hop"], each["their_case"]) for each in told] == [
        ("in", 1, HERE), ("out", 2, None), ("in", 3, HERE), ("out", 4, None)
    ]  # fmt: skip
    verified = shuangshen("trail", "verify", "--json", "--home", there)
    assert verified.json["transfers"]["taken_in"] == 2


def test_dossiers_of_a_carried_case_verify_on_either_side(
    carried: Carried, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    dept, joint = carried.home("dept", 5, tmp_path), carried.home("joint", 1, tmp_path)
    taken_in(joint, carried.packages[0])
    Matter(joint, "jtj", id=THERE).accepted().jointly_reviewed().concluded()
    for city, case in ((dept, HERE), (joint, THERE)):
        out = tmp_path / f"{city.home.name}.zip"
        ran = shuangshen("export", case, "--as", city.one(Role.AUDITOR), "--home", city.home, "--output", out)
        assert ran.code == 0, ran.err
        assert shuangshen("verify", out).code == 0
    page = tmp_path / "certificate.json"
    assert shuangshen("certificate", THERE, "--output", page, "--home", joint.home).code == 0
    assert shuangshen("verify", page).code == 0
    refused = shuangshen("certificate", HERE, "--output", tmp_path / "no.json", "--home", dept.home)
    assert (refused.code, "会审结论在SCJG的系统作出" in refused.err) == (4, True)


# ---------------------------------------------------------------- once, in order, by the right hands


def test_the_same_package_again_does_nothing_twice(carried: Carried, tmp_path: Path) -> None:
    joint = carried.home("joint", 1, tmp_path)
    first = taken_in(joint, carried.packages[0])
    before = state(joint)
    again = taken_in(joint, carried.packages[0], Role.JOINT_LEAD)
    assert (again, state(joint)) == (replace(first, repeated=True), before)
    late = carried.home("joint", 5, tmp_path)
    before = state(late)
    assert [taken_in(late, carried.packages[hop]).repeated for hop in (0, 2)] == [True, True]
    assert state(late) == before


def test_a_package_made_anew_is_the_same_hand_over(carried: Carried, tmp_path: Path) -> None:
    dept, joint = carried.home("dept", 1, tmp_path), carried.home("joint", 1, tmp_path)
    Matter(dept, "gxj").submitted()
    before = state(dept)
    again = sent(dept, HERE, "SCJG", tmp_path / "again.zip", Role.DRAFTER)
    assert (again.receipt.repeated, state(dept)) == (True, before)
    assert taken_in(joint, tmp_path / "again.zip").repeated is False
    assert taken_in(joint, carried.packages[0]).repeated is True
    assert stat.S_IMODE((tmp_path / "again.zip").stat().st_mode) == 0o600


def test_packages_are_taken_in_in_their_order(carried: Carried, tmp_path: Path) -> None:
    dept, joint = carried.home("dept", 2, tmp_path), carried.home("joint", 2, tmp_path)
    refusal_of(dept, carried.packages[3], Conflict, "等待第 2 次移送的包，这是第 4 次的", Role.DRAFTER)
    assert taken_in(dept, carried.packages[1], Role.DRAFTER).repeated is False
    refusal_of(dept, carried.packages[3], Conflict, "没有移送出去", Role.DRAFTER)
    assert taken_in(joint, carried.packages[2]).repeated is False


def test_a_package_for_somebody_else_is_refused(carried: Carried, tmp_path: Path) -> None:
    third, joint = City(initialise(tmp_path / "third", "qingyang")), carried.home("joint", 1, tmp_path)
    dept = carried.home("dept", 1, tmp_path)
    introduce(third, dept, "JTJ", ("jtj",), tmp_path)
    third.now = joint.now
    refusal_of(third, carried.packages[0], Refused, "不是给本单位")
    introduce(dept, third, "GXJ", ("gxj",), tmp_path)
    with pytest.raises(Conflict, match="已移送SCJG的系统，不能再移送GXJ的系统"):
        sent(dept, HERE, "GXJ", tmp_path / "x.zip", Role.DRAFTER)
    assert taken_in(joint, carried.packages[0]).case_id == THERE


def test_a_sender_must_be_known_by_its_key_and_speak_for_its_own_people(carried: Carried, tmp_path: Path) -> None:
    joint = carried.home("joint", 1, tmp_path)
    place = joint.home / "peers" / "JTJ.json"
    known = place.read_text(encoding="utf-8")
    place.unlink()
    refusal_of(joint, carried.packages[0], NotFound, "不知道它的公钥")
    place.write_text(known.replace('"units":["jtj"]', '"units":["gxj"]'), encoding="utf-8")
    refusal_of(joint, carried.packages[0], Refused, "只登记了 gxj")
    own, another = strict_json(known.encode(), "")["public_key"], own_key(carried.home("joint", 5, tmp_path).database)
    place.write_text(known.replace(own, another), encoding="utf-8")
    refusal_of(joint, carried.packages[0], Refused, "由另一把密钥签名")
    place.write_text(known, encoding="utf-8")
    assert taken_in(joint, carried.packages[0]).case_id == THERE


def test_each_side_speaks_for_its_own_gate_alone(carried: Carried, tmp_path: Path) -> None:
    """A department's installation in which the regulator's people are made to act is not believed."""
    dept, joint = carried.home("dept", 1, tmp_path), carried.home("joint", 1, tmp_path)
    case = Matter(dept, "jtj").submitted().self_reviewed().signed()
    healthy = City(Path(shutil.copytree(dept.home, tmp_path / "healthy")))
    case.accepted()
    sent(dept, case.id, "SCJG", tmp_path / "own.zip", Role.DRAFTER)
    refusal_of(joint, tmp_path / "own.zip", Refused, "只登记了 jtj")
    healthy.now, healthy.acts = dept.now, dept.acts
    sent(healthy, case.id, "SCJG", tmp_path / "healthy.zip", Role.DRAFTER)
    assert taken_in(joint, tmp_path / "healthy.zip").case_id == "JTJ-2026-0002"
    package, profile = read_package(tmp_path / "healthy.zip"), joint.profile
    review = dict(package.segment.events[1])
    require_own_gate(review, ["self_review"], package, profile)
    for told, gate in ((review, "joint_review"), ({**review, "unit": "gxj"}, "self_review")):
        with pytest.raises(Refused, match="不属于该单位一方"):
            require_own_gate(told, [gate], package, profile)


def test_a_stranger_s_process_is_not_followed_unless_accepted(carried: Carried, tmp_path: Path) -> None:
    dept, joint = carried.home("dept", 1, tmp_path), carried.home("joint", 1, tmp_path)
    drawn = Path(shutil.copytree(Path(processes.__file__).parents[2] / "workflows", tmp_path / "drawn"))
    sheet = drawn / "deadlines.toml"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "\n# 本单位另行发布\n", encoding="utf-8")
    processes.publish(dept.by(dept.one(Role.JOINT_LEAD)), drawn, "另行发布")
    case = Matter(dept, "jtj").submitted().self_reviewed().signed().id
    sent(dept, case, "SCJG", tmp_path / "own.zip", Role.DRAFTER)
    refusal_of(joint, tmp_path / "own.zip", Refused, "本单位没有这个版本")
    package = read_package(tmp_path / "own.zip")
    receipt = receive(joint.by(joint.one(Role.REGULATOR)), package, (package.case["bundle"],))
    assert receipt.case_id == "JTJ-2026-0002"
    Matter(joint, "jtj", id=receipt.case_id).accepted()


def test_nobody_acts_on_a_case_that_is_away(carried: Carried, tmp_path: Path) -> None:
    dept = carried.home("dept", 2, tmp_path)
    drafter, head = dept.one(Role.DRAFTER, "jtj"), dept.one(Role.DRAFTING_HEAD, "jtj")
    before = state(dept)
    acts: tuple[Callable[[], object], ...] = (
        lambda: drafting_unit.withdraw(dept.by(drafter), HERE, "不再制定"),
        lambda: drafting_unit.sign(dept.by(head), HERE, Outcome.COMPLIANT, "初审意见"),
        lambda: turns.claim(dept.by(dept.one(Role.REGULATOR)), HERE),
        lambda: market_regulator.accept(dept.by(dept.one(Role.REGULATOR)), HERE),
        lambda: dept.tick() and _saved_behind_its_back(dept),
    )
    for act in acts:
        with pytest.raises(Refused, match="已移送外单位，移回以前不能办理"):
            act()
    assert state(dept) == before
    taken_in(dept, carried.packages[1], Role.DRAFTER)
    drafting_unit.withdraw(dept.by(drafter), HERE, "不再制定")


def _saved_behind_its_back(city: City) -> object:
    with city.store.work() as work:
        case = work.case(HERE)
        return work.save(case, Act("note", "lin.peng", "jtj", city.now, "behind", {}, "x"))


class Remote(City):
    """A city whose database is a server's."""

    @property
    def database(self) -> Path:
        return self.home / "shuangshen.url"


def test_a_case_goes_from_sqlite_to_postgresql_and_back(carried: Carried, postgresql: Server, tmp_path: Path) -> None:
    dept = carried.home("dept", 1, tmp_path)
    joint = Remote(initialise(tmp_path / "remote", "qingyang", postgresql.url(postgresql.new_database())))
    introduce(dept, joint, "SJ", ("scjg",), tmp_path)
    introduce(joint, dept, "JTJ", ("jtj",), tmp_path)
    here = Matter(dept, "jtj").submitted().self_reviewed().signed()
    sent(dept, here.id, "SJ", tmp_path / "1.zip", Role.DRAFTER)
    joint.now = dept.now
    there = Matter(joint, "jtj", id=taken_in(joint, tmp_path / "1.zip").case_id)
    assert taken_in(joint, tmp_path / "1.zip").repeated is True
    there.accepted().jointly_reviewed().concluded()
    sent(joint, there.id, "JTJ", tmp_path / "2.zip", Role.JOINT_LEAD)
    dept.now = joint.now
    taken_in(dept, tmp_path / "2.zip", Role.DRAFTER)
    here.issued()
    for city in (dept, joint):
        verify_store(city.database)
        assert verify_crossings(city.database).taken_in == 1


# ---------------------------------------------------------------- packages that were touched


def members(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes], place: Path) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return place


def refusal_of(
    city: City, package: Path, kind: type[FairReviewError], saying: str, role: Role = Role.REGULATOR
) -> None:
    """Taking the package in is refused in these words, and nothing was written."""
    before = state(city)
    with pytest.raises(kind, match=saying):
        taken_in(city, package, role)
    assert state(city) == before


def test_every_changed_file_is_named_and_nothing_taken_in(
    carried: Carried, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    joint = carried.home("joint", 1, tmp_path)
    files = members(carried.packages[0])
    words = ["--as", joint.one(Role.REGULATOR), "--home", joint.home]
    before = state(joint)
    for number, name in enumerate(sorted(files)):
        data = files[name]
        changed = packed({**files, name: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]}, tmp_path / f"{number}.zip")
        without = packed({each: files[each] for each in files if each != name}, tmp_path / f"{number}-.zip")
        for broken in (changed, without):
            ran = shuangshen("transfer", "in", broken, *words)
            told = shuangshen("verify", broken)
            assert (ran.code, told.code) == (6, 6), (name, ran.err)
            named = name if name not in ("manifest.json", "manifest.sig") else "manifest."
            assert named in ran.err, ran.err
    assert shuangshen("transfer", "in", packed({**files, "另加.txt": b"x"}, tmp_path / "more.zip"), *words).code == 6
    assert state(joint) == before
    assert shuangshen("verify", carried.packages[0]).code == 0
    assert shuangshen("transfer", "in", carried.packages[0], *words).code == 0


def forged(city: City, place: Path, edit: Callable[[dict[str, bytes]], object]) -> Path:
    """A package the sender itself made wrong and signed."""
    sign = signer_with(instance_key(city.database)).sign
    files = gather_package(city.database, HERE, own_key(city.database), sign)
    edit(files)
    manifest = strict_json(files.pop("manifest.json"), "")
    files.pop("manifest.sig")
    manifest["files"] = {name: sha256(data).hexdigest() for name, data in files.items()}
    files["manifest.json"] = segments.canonical(manifest).encode()
    files["manifest.sig"] = sign(files["manifest.json"], NAMESPACE).encode()
    write_package(files, place)
    return place


def _without_record(files: dict[str, bytes]) -> None:
    del files[next(name for name in files if name.startswith("records/"))]


def _record_twice(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.startswith("records/"))
    files["records/000099-version.json"] = files[name]


def _other_record(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.startswith("records/"))
    files[name] = files[name].replace(b'"number":1', b'"number":7')


def _other_position(files: dict[str, bytes]) -> None:
    files["position.bin"] += b"\0"


def _other_stage(files: dict[str, bytes]) -> None:
    files["state.json"] = files["state.json"].replace(b'"stage":"accept"', b'"stage":"passed"')


def _other_event(files: dict[str, bytes]) -> None:
    files["segment.json"] = files["segment.json"].replace(
        b'\\"outcome\\":\\"compliant\\"', b'\\"outcome\\":\\"exception\\"'
    )


def _without_event(files: dict[str, bytes]) -> None:
    told = strict_json(files["segment.json"], "")
    del told["events"][1]
    files["segment.json"] = segments.canonical(told).encode()


def _other_checkpoint(files: dict[str, bytes]) -> None:
    told = strict_json(files["segment.json"], "")
    told["checkpoint"] = told["checkpoint"].replace("\n6\n", "\n7\n").replace("\n5\n", "\n6\n")
    files["segment.json"] = segments.canonical(told).encode()


FORGERIES = {
    _without_record: "缺失或多出",
    _record_twice: "缺失或多出",
    _other_record: "与留痕登记的摘要不符",
    _other_position: "position.bin：与案件状态登记的不符",
    _other_stage: "与移送前一条留痕登记的案件状态不符",
    _other_event: "内容与哈希不符",
    _without_event: "有遗漏、插入或调换",
    _other_checkpoint: "检查点不是所记密钥签名的",
}


def test_a_sender_who_signs_another_story_is_found_out(carried: Carried, tmp_path: Path) -> None:
    dept, joint = carried.home("dept", 1, tmp_path), carried.home("joint", 1, tmp_path)
    for number, (edit, saying) in enumerate(FORGERIES.items()):
        with pytest.raises(Broken, match=saying):
            read_package(forged(dept, tmp_path / f"forged-{number}.zip", edit))
    assert taken_in(joint, forged(dept, tmp_path / "true.zip", dict.copy)).case_id == THERE


def test_what_comes_back_must_begin_with_what_was_sent(carried: Carried, tmp_path: Path) -> None:
    """The crossings are judged again as they stand in the log, each wrong told beside the true one."""
    joint = carried.home("joint", 5, tmp_path)
    with joint.store.work() as work:
        events, content = work.events(THERE), work.content
        origin = segments.read_segment(content(events[0]["facts"]["segment"])).handover["to"]
        assert segments.check_received(events, content, origin).taken_in == 2
        second = next(n for n, each in enumerate(events) if n and each["act"] == segments.IN)
        wrongs: tuple[tuple[int, Callable[[dict[str, Any]], dict[str, Any]], str], ...] = (
            (0, lambda e: {**e, "records": e["records"][1:]}, "有遗失或重复"),
            (0, lambda e: {**e, "records": [*e["records"], e["records"][0]]}, "有遗失或重复"),
            (second, lambda e: {**e, "records": e["records"][:1] * 2}, "有遗失或重复"),
            (1, lambda e: {**e, "records": [{"id": "x", "kind": "version", "digest": "0" * 64}]}, "有遗失、改动或调换"),
            (second, lambda e: {**e, "contents": [e["facts"]["segment"]]}, "没有移入"),
            (second - 1, lambda e: {**e, "actor": "lu.mingda2"}, "不是本单位最后一次移送"),
            (second, lambda e: {**e, "facts": {**e["facts"], "out_hash": "0" * 64}}, "登记的 out_hash"),
            (
                second,
                lambda e: {**e, "facts": {**e["facts"], "segment": events[0]["facts"]["segment"]}},
                "登记的 hop",
            ),
        )
        for place, edit, saying in wrongs:
            wrong = [edit(dict(each)) if number == place else each for number, each in enumerate(events)]
            with pytest.raises(Broken, match=saying):
                segments.check_received(wrong, content, origin)
        with pytest.raises(Broken, match="不是本单位"):
            segments.check_received(events, content, "shuangshen/0000000000000000")


def test_a_log_set_back_after_others_saw_it_takes_nothing_in(carried: Carried, tmp_path: Path) -> None:
    dept, joint = carried.home("dept", 1, tmp_path), carried.home("joint", 1, tmp_path)
    backup = City(Path(shutil.copytree(dept.home, tmp_path / "backup")))
    Matter(dept, "gxj").submitted()
    sent(dept, HERE, "SCJG", tmp_path / "1.zip", Role.DRAFTER)
    joint.now = backup.now = dept.now
    taken_in(joint, tmp_path / "1.zip")
    sent(joint, THERE, "JTJ", tmp_path / "2.zip", Role.JOINT_LEAD)
    backup.now = dept.now = joint.now
    refusal_of(backup, tmp_path / "2.zip", TrailBroken, "检查点记载有 6 条，现在只有 5 条", Role.DRAFTER)
    assert taken_in(dept, tmp_path / "2.zip", Role.DRAFTER).repeated is False


def test_hostile_archives_are_bounded(carried: Carried, shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    joint = carried.home("joint", 1, tmp_path)
    files = members(carried.packages[0])
    hostile = {
        "escape": packed({**files, "../escape": b"x"}, tmp_path / "escape.zip"),
        "bomb": tmp_path / "bomb.zip",
        "none": tmp_path / "none.zip",
    }
    with (
        zipfile.ZipFile(hostile["bomb"], "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("manifest.json", "w") as member,
    ):
        for _ in range(130):
            member.write(bytes(1 << 20))
    hostile["none"].write_bytes(b"PK nothing")
    for place in hostile.values():
        ran = shuangshen("transfer", "in", place, "--as", joint.one(Role.REGULATOR), "--home", joint.home)
        assert (ran.code, "Traceback" in ran.err) == (6, False), ran.err


# ---------------------------------------------------------------- power cuts


def dies_at_commit(work: Callable[[], object], after: bool) -> None:
    """The work is done in a child that is killed at its first commit, before or after it."""
    child = os.fork()
    if not child:
        committed: list[object] = []
        event.listen(Engine, "commit", lambda *_: committed.append(after or os.kill(os.getpid(), signal.SIGKILL)))
        event.listen(Engine, "close", lambda *_: committed and os.kill(os.getpid(), signal.SIGKILL))
        work()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_either_side_loses_and_doubles_nothing(carried: Carried, tmp_path: Path, after: bool) -> None:
    joint, dept = carried.home("joint", 1, tmp_path), carried.home("dept", 2, tmp_path)
    before = state(joint)
    dies_at_commit(lambda: taken_in(joint, carried.packages[0]), after)
    assert (state(joint) == before) is not after
    assert taken_in(joint, carried.packages[0]).repeated is after
    Matter(joint, "jtj", id=THERE).accepted()
    dies_at_commit(lambda: sent(joint, THERE, "JTJ", tmp_path / "2.zip", Role.JOINT_LEAD), after)
    assert not (tmp_path / "2.zip").exists()
    assert sent(joint, THERE, "JTJ", tmp_path / "2.zip", Role.JOINT_LEAD).receipt.repeated is after
    assert taken_in(dept, tmp_path / "2.zip", Role.DRAFTER).repeated is False
    for city in (joint, dept):
        whole(city.database)
        verify_crossings(city.database)
