"""What many tests stand on: an installation of the shipped profile, and the command line run in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

import cli
from reviewers.desk.setup import initialise

if TYPE_CHECKING:
    from postgresql_server import Server

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


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A fresh database with the shipped profile beside it."""
    return initialise(tmp_path / "home", "qingyang")


@pytest.fixture
def shuangshen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """Runs one command line as the console script would, in this process; `home` is given unless the words name one."""
    monkeypatch.delenv("SHUANGSHEN_AS", raising=False)
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
