"""Keeping an installation alive: backups that verify, restorations that cannot shorten the trail, the doctor."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from journey import Counter, Journey

from engine.errors import Busy, TrailBroken
from engine.store import backup as copies
from engine.store import verify_store
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers
from engine.trail import checkpoints
from reviewers.operations import backups, keeping
from reviewers.operations.mounts import file_system_of
from reviewers.samples import Sample


def database(counter: Counter) -> Path:
    return counter.home / "shuangshen.db"


def kept(counter: Counter) -> list[str]:
    return sorted(path.name for path in (counter.home / "checkpoints").glob("*.txt"))


def tampered(path: Path, *statements: str) -> None:
    """What the owner of the file can do: triggers off, change, triggers on again."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        for name, _ in triggers():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, statement in triggers():
            connection.execute(statement)
    connection.close()


def cut(path: Path, events: int) -> None:
    """The last events and all that hangs on them are gone, as if they had never been."""
    with sqlite3.connect(path) as connection:
        size = connection.execute("SELECT MAX(seq) FROM event").fetchone()[0] - events
    connection.close()
    nodes = 2 * size - size.bit_count()
    tampered(
        path,
        f"DELETE FROM record WHERE event_seq > {size}",  # noqa: S608
        f"DELETE FROM command WHERE event_seq > {size}",  # noqa: S608
        f"DELETE FROM event WHERE seq > {size}",  # noqa: S608
        f"DELETE FROM merkle WHERE position >= {nodes}",  # noqa: S608
        "DELETE FROM task",
        "DELETE FROM case_",
        "DELETE FROM tally",
    )


def test_a_backup_is_restored_into_an_empty_home(journey: Journey, tmp_path: Path) -> None:
    counter, file, elsewhere = journey.counter, tmp_path / "备份.db", tmp_path / "elsewhere"
    journey.submitted()
    made = counter("backup", file, "--json")
    assert (made.code, made.json["events"]) == (0, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []

    restored = counter("restore", file, "--json", home=elsewhere)
    assert (restored.code, restored.json["aside"]) == (0, None)
    assert verify_store(elsewhere / "shuangshen.db") == verify_store(database(counter))
    assert stat.S_IMODE((elsewhere / "shuangshen.db").stat().st_mode) == 0o600


def test_a_backup_overwrites_nothing(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    assert journey.counter("backup", tmp_path / "a.db").code == 0
    before = (tmp_path / "a.db").read_bytes()
    again = journey.counter("backup", tmp_path / "a.db")
    assert (again.code, "不会覆盖" in again.err) == (5, True)
    assert (tmp_path / "a.db").read_bytes() == before
    lost = journey.counter("backup", tmp_path / "没有" / "a.db")
    assert (lost.code, "没有目录" in lost.err) == (2, True)


def test_a_broken_trail_is_not_backed_up(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    assert journey.counter("backup", tmp_path / "good.db").code == 0
    tampered(database(journey.counter), "UPDATE record SET body = replace(body, '1', '2')")
    ran = journey.counter("backup", tmp_path / "bad.db")
    assert (ran.code, (tmp_path / "bad.db").exists()) == (6, False)


def test_a_backup_taken_while_others_write_verifies(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    path = database(journey.counter)
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert copies.back_up(path, tmp_path / "meanwhile.db").size == 1
        writer.execute("ROLLBACK")
    writer.close()


def test_a_restoration_keeps_the_old_database_aside(journey: Journey, tmp_path: Path) -> None:
    counter, file = journey.counter, tmp_path / "a.db"
    journey.submitted()
    counter("backup", file)
    journey.self_reviewed()
    later = database(counter).read_bytes()

    refused = counter("restore", file)
    assert (refused.code, "--replace" in refused.err) == (5, True)
    assert database(counter).read_bytes() == later
    done = counter("restore", file, "--replace", "--json")
    assert (done.code, done.json["events"]) == (0, 1)
    assert Path(done.json["aside"], "shuangshen.db").read_bytes() == later
    assert counter("trail", "verify").code == 0


def test_a_restoration_does_not_fall_behind_the_newest_checkpoint(journey: Journey, tmp_path: Path) -> None:
    counter, file = journey.counter, tmp_path / "a.db"
    journey.submitted().self_reviewed()
    counter("backup", file)
    assert counter("restore", file, "--replace", home=counter.copy()).code == 0
    journey.signed()
    assert kept(counter) == ["000000000003.txt"]
    before = database(counter).read_bytes()
    refused = counter("restore", file, "--replace")
    assert (refused.code, "现在只有 2 条" in refused.err, "没有恢复" in refused.err) == (6, True, True)
    assert database(counter).read_bytes() == before
    database(counter).unlink()
    assert counter("restore", file).code == 6
    assert not database(counter).exists()


@pytest.mark.parametrize("what", ["nonsense", "broken", "unfinished"])
def test_what_does_not_verify_is_not_restored(journey: Journey, tmp_path: Path, what: str) -> None:
    counter, file = journey.counter, tmp_path / "a.db"
    journey.submitted()
    counter("backup", file)
    assert counter("restore", file, "--replace", home=counter.copy()).code == 0
    if what == "nonsense":
        file.write_bytes(b"not a database" * 100)
    elif what == "broken":
        tampered(file, "UPDATE event SET payload = replace(payload, 'submit', 'withdraw')")
    else:
        file.with_name("a.db-journal").write_bytes(b"left over")
    before = database(counter).read_bytes()
    assert counter("restore", file, "--replace").code == (6 if what == "broken" else 2)
    assert database(counter).read_bytes() == before
    assert (
        sorted(path.name for path in counter.home.iterdir() if "restor" in path.name or "replaced" in path.name) == []
    )


def test_a_database_in_use_is_not_replaced(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    path, file = database(journey.counter), tmp_path / "a.db"
    journey.counter("backup", file)
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            backups.restore(file, path, replace=True, now=datetime(2026, 1, 1, tzinfo=UTC))
        writer.execute("ROLLBACK")
    writer.close()
    assert verify_store(path).size == 1


def test_checkpoints_are_kept_after_conclusions_and_exports(
    journey: Journey, samples: dict[str, Sample], tmp_path: Path
) -> None:
    counter = journey.counter
    journey.submitted().self_reviewed()
    assert kept(counter) == []
    journey.signed().accepted()
    assert kept(counter) == ["000000000003.txt"]
    journey.jointly_reviewed(samples["blocked"].expected).concluded("revise")
    counter("export", journey.case, "-o", tmp_path / "卷", by=journey.people["auditor"])
    assert kept(counter) == ["000000000003.txt", "000000000007.txt", "000000000008.txt"]


def test_the_clock_keeps_one_checkpoint_a_day(journey: Journey) -> None:
    counter = journey.counter
    journey.submitted()
    assert counter("tick").code == 0
    assert kept(counter) == ["000000000001.txt"]
    journey.self_reviewed()
    counter("tick")
    assert kept(counter) == ["000000000001.txt"]
    keeping.keep_daily(database(counter), datetime.now(UTC).date() + timedelta(days=2))
    assert kept(counter) == ["000000000001.txt", "000000000002.txt"]


def test_a_trail_cut_at_its_end_is_found_by_the_kept_checkpoint(journey: Journey) -> None:
    counter = journey.counter
    journey.submitted().self_reviewed().signed()
    assert counter("trail", "verify").code == 0
    other = counter.copy()
    for home in (counter.home, other):
        cut(home / "shuangshen.db", 3)
    (other / "checkpoints" / "000000000003.txt").unlink()
    assert counter("trail", "verify", home=other).code == 0, "without a checkpoint nothing is seen"
    found = counter("trail", "verify")
    assert (found.code, "检查点记载有 3 条，现在只有 0 条" in found.err) == (6, True)
    sick = counter("doctor", "--json")
    assert (sick.code, "删尾" in sick.out) == (1, True)


def test_a_history_written_twice_contradicts_its_checkpoint(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    path = database(journey.counter)
    keeping.keep_checkpoint(path)
    other = journey.counter.copy()
    place = other / "checkpoints" / "000000000001.txt"
    forged = place.read_text(encoding="utf-8").replace("\n1\n", "\n1\nA", 1)
    lines = forged.split("\n")
    lines[2] = lines[2][1:-5] + "AAAA="
    place.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TrailBroken, match="同样条数，根哈希不同"):
        keeping.keep_checkpoint(other / "shuangshen.db")
    assert journey.counter("trail", "verify", home=other).code == 6


def test_a_checkpoint_under_another_name_is_not_believed(tmp_path: Path, journey: Journey) -> None:
    journey.submitted()
    place = keeping.keep_checkpoint(database(journey.counter))
    assert checkpoints.newest(place.parent) == (place, place.read_text(encoding="utf-8"))
    place.rename(place.with_name("000000000009.txt"))
    with pytest.raises(TrailBroken, match="条数与文件名不符"):
        checkpoints.newest(place.parent)


def test_a_healthy_installation(journey: Journey, tmp_path: Path) -> None:
    counter = journey.counter
    journey.submitted()
    counter("backup", tmp_path / "a.db")
    counter("tick")
    found = counter("doctor", "--json")
    assert (found.code, found.json["healthy"]) == (0, True), found.out
    levels = {line["subject"]: line["level"] for line in found.json["checks"]}
    own = ("数据库", "触发器", "本地配置", "权限", "时钟", "备份", "检查点")
    assert {subject: levels[subject] for subject in own} == dict.fromkeys(own, "good")
    told = counter("doctor").out
    assert "12345678901234567890|" in told
    assert "一二三四五六七八九十|" in told


@pytest.mark.parametrize(
    ("harm", "subject"), [("trigger", "触发器"), ("mode", "权限"), ("profile", "本地配置"), ("schema", "数据库")]
)
def test_the_doctor_names_what_must_be_repaired(journey: Journey, harm: str, subject: str) -> None:
    counter = journey.counter
    journey.submitted()
    assert counter("doctor").code == 0
    if harm == "trigger":
        with sqlite3.connect(database(counter)) as connection:
            connection.execute("DROP TRIGGER event_no_update")
        connection.close()
    elif harm == "mode":
        database(counter).chmod(0o644)
    elif harm == "profile":
        (counter.home / "profile" / "officers.toml").write_text("[[officers]]\n", encoding="utf-8")
    else:
        with sqlite3.connect(database(counter)) as connection:
            connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        connection.close()
    found = counter("doctor", "--json")
    assert found.code == 1
    bad = [line for line in found.json["checks"] if line["level"] == "bad"]
    assert subject in {line["subject"] for line in bad}
    assert all(line["advice"] for line in bad)


def test_the_clock_behind_the_trail_is_named(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    journey.submitted()
    assert journey.counter("doctor").code == 0
    monkeypatch.setattr("reviewers.desk.operating.now", lambda: datetime.now(UTC) - timedelta(days=3))
    ran = journey.counter("doctor", "--json")
    assert [line["subject"] for line in ran.json["checks"] if line["level"] == "bad"] == ["时钟"]


def test_an_old_backup_is_noticed(journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = journey.counter
    journey.submitted()
    assert "从未备份" in counter("doctor").out
    counter("backup", tmp_path / "a.db")
    assert "从未备份" not in counter("doctor").out
    monkeypatch.setattr("reviewers.desk.operating.now", lambda: datetime.now(UTC) + timedelta(days=8))
    later = counter("doctor", "--json")
    (line,) = [line for line in later.json["checks"] if line["subject"] == "备份"]
    assert (line["level"], "8 天前" in line["found"]) == ("notice", True)


def test_the_status_of_the_database(journey: Journey, tmp_path: Path) -> None:
    counter = journey.counter
    journey.submitted().self_reviewed().signed()
    counter("backup", tmp_path / "a.db")
    told = counter("db", "status", "--json").json
    assert (told["tables"]["event"], told["tables"]["case_"], told["schema"]) == (3, 1, told["schema"])
    assert told["checkpoint"].split("\n")[1] == "3"
    assert told["backup"]["file"] == str(tmp_path / "a.db")
    assert counter("db", "status", home=tmp_path / "nowhere").code == 4


def test_the_file_system_is_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    lines = ["21 1 8:1 / / rw - ext4 /dev/a rw", f"22 21 0:2 / {tmp_path.resolve()} rw shared:1 - nfs4 host:/x rw"]
    mounts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert file_system_of(tmp_path / "home", mounts) == "nfs4"
    assert file_system_of(Path("/usr"), mounts) == "ext4"
    assert file_system_of(Path("/usr"), tmp_path / "none") == ""


def test_a_damaged_database_can_be_replaced(journey: Journey, tmp_path: Path) -> None:
    counter, file = journey.counter, tmp_path / "a.db"
    journey.submitted()
    counter("backup", file)
    database(counter).write_bytes(b"gone" * 5000)
    assert counter("trail", "verify").code == 2
    assert counter("restore", file, "--replace").code == 0
    assert counter("trail", "verify").code == 0


def test_a_write_ahead_log_is_backed_up_and_goes_aside_with_its_database(journey: Journey, tmp_path: Path) -> None:
    """Where SQLite is new enough the newest events lie in a file beside the database."""
    path, file = database(journey.counter), tmp_path / "a.db"
    journey.submitted()
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("PRAGMA journal_mode=WAL")
    holding.execute("PRAGMA wal_autocheckpoint=0")
    holding.execute("INSERT INTO meta VALUES ('only in the log', '1')")
    assert path.with_name("shuangshen.db-wal").stat().st_size > 0

    assert copies.back_up(path, file).size == 1
    with sqlite3.connect(file) as copied:
        assert copied.execute("SELECT value FROM meta WHERE key = 'only in the log'").fetchall() == [("1",)]
        assert copied.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    copied.close()
    assert sorted(each.name for each in tmp_path.glob("a.db*")) == ["a.db"]

    done = backups.restore(file, path, replace=True, now=datetime(2026, 3, 2, tzinfo=UTC))
    holding.close()
    assert done.aside is not None
    with sqlite3.connect(done.aside / "shuangshen.db") as aside:
        assert aside.execute("SELECT COUNT(*) FROM meta WHERE key = 'only in the log'").fetchone() == (1,)
    aside.close()
    assert sorted(each.name for each in path.parent.glob("shuangshen.db*")) == ["shuangshen.db"]
    assert verify_store(path).size == 1


def test_the_doctor_examines_a_damaged_database_to_the_end(journey: Journey) -> None:
    counter = journey.counter
    journey.submitted()
    whole = [line["subject"] for line in counter("doctor", "--json").json["checks"]]
    database(counter).write_bytes(b"gone" * 5000)
    sick = counter("doctor", "--json")
    assert (sick.code, [line["subject"] for line in sick.json["checks"]]) == (1, whole)
    assert next(line["level"] for line in sick.json["checks"] if line["subject"] == "数据库") == "bad"
