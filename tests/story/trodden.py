"""A step of a journey that has been gone once is taken up where it ended, not gone again.

The same installation, told the same at the same time, ends as the same installation: the first to go a step keeps what
came of it, the others of that run, in whichever test and process, are given a copy. Used by `journey.py`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from reviewers.desk import counter as desk

REAL = desk.now
OUTSIDE = ("SHUANGSHEN_KEY", "SHUANGSHEN_LOG", "SSH_AUTH_SOCK")
"""What a step may use or leave besides its installation."""


@dataclass
class Clock:
    """Stands at an instant of the test's choice; every look is a second later than the one before."""

    begun: datetime
    looks: int = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return (self.begun + timedelta(seconds=self.looks - 1)).astimezone(UTC)


def gone(shelf: Path, home: Path, told: str, step: Callable[[], str]) -> str:
    """What the step says, its installation left as the step leaves it.

    A step whose signature, journal, database or clock lies outside the installation is always gone.
    """
    clock = desk.now
    if {path.name for path in home.glob("shuangshen.*")} != {"shuangshen.db"}:  # elsewhere, or still open
        return step()
    if any(name in os.environ for name in OUTSIDE):
        return step()
    if clock is not REAL and not isinstance(clock, Clock):
        return step()
    kept = shelf / sha256(f"{_state(home)} {clock if isinstance(clock, Clock) else ''} {told}".encode()).hexdigest()
    if not kept.exists():
        said = step()
        _keep(kept, home, said, clock.looks if isinstance(clock, Clock) else 0)
        return said
    shutil.rmtree(home)
    shutil.copytree(kept / "home", home)
    if isinstance(clock, Clock):
        clock.looks = int((kept / "looks").read_text())
    return (kept / "said").read_text(encoding="utf-8")


def _state(home: Path) -> str:
    """Every file with its bytes."""
    state = sha256()
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        state.update(f"{path.relative_to(home)} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return state.hexdigest()


def _keep(kept: Path, home: Path, said: str, looks: int) -> None:
    """Complete or not at all; of two processes at it the first one's stays."""
    kept.parent.mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=kept.parent))
    shutil.copytree(home, made / "home")
    (made / "said").write_text(said, encoding="utf-8")
    (made / "looks").write_text(str(looks))
    try:
        made.rename(kept)
    except OSError:
        shutil.rmtree(made)
