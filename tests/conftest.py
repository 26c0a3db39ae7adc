"""What many tests stand on: an installation of the shipped profile, and the command line run in this process."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

import cli
from reviewers.desk.setup import initialise

if TYPE_CHECKING:
    from postgresql_server import Server

MEMORY, ROOM = "/dev/shm", 2 << 30


def _holds_a_run(place: str) -> bool:
    """Whether a whole run's rooms fit there, and programs put there may be started."""
    try:
        status = os.statvfs(place)
    except OSError:
        return False
    return status.f_bavail * status.f_frsize >= ROOM and not status.f_flag & os.ST_NOEXEC


# a test's rooms are gone after it: no disk need have written them
if "TMPDIR" not in os.environ and _holds_a_run(MEMORY):
    os.environ["TMPDIR"], tempfile.tempdir = MEMORY, None

LONG = ("test_year", "test_walk", "test_simulation", "test_faults_kills", "test_store_crash", "test_databases")
STORIES = Path(__file__).with_name("story")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first, so that at the end no process waits for another's long module."""
    ranks = {name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(LONG) + (STORIES not in item.path.parents)))


# speed is measured in bench/; a busy machine must not fail a property
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running PostgreSQL; the tests fail where there is none."""
    from postgresql_server import server

    with server() as running:
        yield running


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of this run, the same for all its processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def once_a_run(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Callable[[Path], object]], Path]:
    """The directory of this name, filled by whichever process of the run needs it first; copies may be changed."""

    def filled(name: str, fill: Callable[[Path], object]) -> Path:
        place = shared / name
        if not place.exists():
            made = tmp_path_factory.mktemp(name)
            fill(made)
            with suppress(OSError):  # another process was quicker
                made.rename(place)
        return place

    return filled


@pytest.fixture(scope="session")
def blank(once_a_run: Callable[..., Path]) -> Path:
    """The installation everybody's is a copy of."""
    return once_a_run("blank", lambda place: initialise(place, "qingyang"))


@pytest.fixture
def installation(blank: Path, tmp_path: Path) -> Path:
    """A fresh database with the shipped profile beside it."""
    return Path(shutil.copytree(blank, tmp_path / "home"))


@pytest.fixture
def shuangshen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """Runs one command line as the console script would, in this process; `home` is given unless the words name one."""
    for name in ("SHUANGSHEN_AS", "SHUANGSHEN_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHUANGSHEN_HOME", str(tmp_path / "home"))

    def run(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["shuangshen", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
