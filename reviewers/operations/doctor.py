"""Is this installation fit to be worked on? One small check a line, each with what to do about it.

Called by `shuangshen doctor`. The trail itself is judged by `trail verify`, which reads everything and takes its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from engine.errors import FairReviewError


class Level(StrEnum):
    """好: nothing to do; 注意: look at it when there is time; 不行: repair before working on."""

    GOOD = "good"
    NOTICE = "notice"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of the doctor: what was looked at, what was found, and what to do when it is not good."""

    level: Level
    subject: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation looked at: its directory, its database, and the present instant (aware UTC)."""

    home: Path
    database: Path
    now: datetime


Check = Callable[[Patient], Iterator[Checked]]


def examined(patient: Patient) -> tuple[Checked, ...]:
    """Every check, in a fixed order; one that cannot be made says so instead of ending the examination."""
    from reviewers.operations import installation_checks, machine_checks

    return tuple(
        line for check in (*machine_checks.CHECKS, *installation_checks.CHECKS) for line in _made(check, patient)
    )


def must_be_repaired(lines: tuple[Checked, ...]) -> bool:
    """Whether any line is 不行."""
    return any(line.level is Level.BAD for line in lines)


def good(subject: str, found: str) -> Checked:
    """Nothing to do."""
    return Checked(Level.GOOD, subject, found)


def notice(subject: str, found: str, advice: str) -> Checked:
    """Something to look at."""
    return Checked(Level.NOTICE, subject, found, advice)


def bad(subject: str, found: str, advice: str) -> Checked:
    """Something to repair first."""
    return Checked(Level.BAD, subject, found, advice)


def _made(check: Check, patient: Patient) -> Iterator[Checked]:
    subject = check.__doc__ or check.__name__
    try:
        yield from check(patient)
    except FairReviewError as refusal:
        yield bad(subject, refusal.message.rstrip("。"), refusal.advice)
    except OSError as error:
        yield bad(subject, f"检查不了：{error.filename or ''} {error.strerror}".rstrip(), "请检查路径、权限和磁盘。")
