"""No room, no right to write, no write at all: each a clear refusal, nothing lost, and the same command works later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.store import verify_store
from engine.store.reads import events
from reviewers.desk.setup import initialise

ROOT = Path(__file__).parents[2]
UNWRITABLE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
import cli
cli.main()
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB with an installation on it."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("may not mount a disk here")
    initialise(place / "home", "qingyang")
    yield place
    subprocess.run(["umount", place], check=True)


def submit(home: Path, text: Path, command: str) -> list[str | Path]:
    told = ["--trigger", "government_issued", "--kind", "policy_document", "--title", "关于有关事项的通知"]
    return ["submit", text, *told, "--as", "lin.peng", "--command-id", command, "--home", home]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    place = tmp_path / "通知.txt"
    place.write_text("关于有关事项的通知\n各县（区）人民政府：\n一、简化办事程序。\n", encoding="utf-8")
    return place


def left_free(disk: Path, room: int) -> None:
    """Only so many bytes are left on the disk."""
    status = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(bytes(max(0, status.f_bavail * status.f_frsize - room)))


def test_a_full_disk_is_told_and_nothing_is_lost(
    disk: Path, text: Path, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    home, database = disk / "home", disk / "home" / "shuangshen.db"
    assert shuangshen(*submit(home, text, "first")).code == 0
    refused = 0
    for room in range(0, 400_000, 40_000):
        left_free(disk, room)
        ran = shuangshen(*submit(home, text, f"room {room}"))
        if ran.code != 0:
            refused += 1
            assert (ran.code, "磁盘空间不足，什么都没有写入" in ran.err, ran.err.count("\n")) == (75, True, 1), ran.err
        (disk / "filler").unlink()
        if ran.code == 0:
            break
        assert len(events(database)) == 1
        verify_store(database)
    assert refused >= 1
    assert shuangshen(*submit(home, text, "room 0")).code == 0
    assert verify_store(database).size == (3 if ran.code == 0 else 2)


def test_a_read_only_disk_is_told(disk: Path, text: Path, shuangshen: Callable[..., Any]) -> None:
    home = disk / "home"
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ran = shuangshen(*submit(home, text, "first"))
    assert (ran.code, "不可写，什么都没有写入" in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err
    assert shuangshen("queue", "--home", home).code == 0
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert shuangshen(*submit(home, text, "first")).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs setrlimit")
@pytest.mark.parametrize("limit", [0, 20_000])
def test_a_write_that_fails_is_told(installation: Path, limit: int, tmp_path: Path) -> None:
    """Files may not grow beyond the limit: the first write, or one in the middle, is refused by the system."""
    before = shutil.copy(installation / "shuangshen.db", tmp_path / "before.db").read_bytes()
    complained = ["complaint", "file", "--about", "某通知", "--text", "限定本地企业", "--as", "qin.yu"]
    complained += ["--command-id", "first", "--home", str(installation)]
    words = [sys.executable, "-c", UNWRITABLE, str(limit), *complained]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, "什么都没有写入" in ran.stderr, ran.stderr.count("\n")) == (2, True, 1), ran.stderr
    assert (installation / "shuangshen.db").read_bytes() == before
    assert verify_store(installation / "shuangshen.db").size == 0
    written = subprocess.run([*words[:3], "-1", *words[4:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert written.returncode == 0, written.stderr
