"""The operator's log: one JSON line an act, or one a command that did none, never a word of what it was about.

Asked for by `SHUANGSHEN_LOG=json`; to stderr, or to the file `SHUANGSHEN_LOG_FILE` names. The trail remembers what was
decided; this only helps to see that the machine works, so whoever may read it need not be allowed to read a case.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from engine.errors import FairReviewError, InvalidInput
from engine.store.noted import LISTENERS, Noted

SCHEMA = "shuangshen.log/1"
ASKED, FILE = "SHUANGSHEN_LOG", "SHUANGSHEN_LOG_FILE"
_CASE = re.compile(r"(?:[A-Z][A-Z0-9]{1,9}-)?[0-9]{4}-[0-9]{4,7}")
_OFFICER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
Write = Callable[[str], None]


@dataclass
class Journal:
    """What is being done now. Of the words typed only a command, a case number and an officer's id are ever kept."""

    write: Write
    command: str
    case: str | None
    officer: str | None
    begun: float
    acts: int = 0

    def act(self, noted: Noted) -> None:
        """One line for an act that is durable."""
        self.acts += 1
        self._line(act=noted.act, case=noted.case, officer=noted.officer, event=noted.seq, outcome="done", exit_code=0)

    def end(self, exit_code: int, error: str) -> None:
        """One line for the command, unless each of its acts has told its own and nothing was refused."""
        if self.acts and not exit_code:
            return
        outcome = "done" if not exit_code else "refused" if error else "answered"
        self._line(act=None, case=self.case, officer=self.officer, event=None, outcome=outcome, exit_code=exit_code,
                   **({"error": error} if error else {}))  # fmt: skip

    def failed(self, error: BaseException) -> None:
        """One line for a fault of the program: the kind of the exception, not what it said."""
        self._line(act=None, case=self.case, officer=self.officer, event=None, outcome="failed", exit_code=1,
                   error=type(error).__name__)  # fmt: skip

    def _line(self, **told: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        spent = int((time.monotonic() - self.begun) * 1000)
        line = {"schema": SCHEMA, "time": now, "command": self.command, **told, "duration_ms": spent}
        with suppress(OSError):  # the act is done by now; a full disk must not make it look undone
            self.write(json.dumps(line, ensure_ascii=True) + "\n")


@contextmanager
def journalled(words: Sequence[str], command: str) -> Iterator[None]:
    """Whatever is done inside is logged. Raises InvalidInput, before anything is done, when no log can be kept."""
    with _writer() as write:
        journal = Journal(write, command, _case_in(words), _officer_in(words), time.monotonic())
        with _listening(journal):
            yield


@contextmanager
def _listening(journal: Journal) -> Iterator[None]:
    LISTENERS.append(journal.act)
    try:
        yield
    except SystemExit as leaving:
        refusal = leaving.__context__
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        journal.end(code, refusal.code if isinstance(refusal, FairReviewError) else "")
        raise
    except BaseException as error:
        journal.failed(error)
        raise
    else:
        journal.end(0, "")
    finally:
        LISTENERS.remove(journal.act)


@contextmanager
def _writer() -> Iterator[Write]:
    if os.environ[ASKED] != "json":
        raise InvalidInput(f"环境变量 {ASKED} 只能写 json。", "不要日志的，请不设该变量。")
    place = os.environ.get(FILE)
    if not place:
        yield lambda line: print(line, end="", file=sys.stderr, flush=True)
        return
    try:
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(place, flags, 0o600)
    except OSError as error:
        raise InvalidInput(f"日志文件 {place} 打不开：{error.strerror}，没有办理。", f"请检查 {FILE}。") from error
    try:
        yield lambda line: _append(handle, line)
    finally:
        os.close(handle)


def _append(handle: int, line: str) -> None:
    """The line in one write, so that commands running side by side do not tear each other's lines."""
    os.write(handle, line.encode("ascii"))


def _case_in(words: Sequence[str]) -> str | None:
    return next((word for word in words if _CASE.fullmatch(word)), None)


def _officer_in(words: Sequence[str]) -> str | None:
    named = [after for word, after in pairwise(words) if word == "--as"]
    named += [word.removeprefix("--as=") for word in words if word.startswith("--as=")]
    who = named[-1] if named else os.environ.get("SHUANGSHEN_AS", "")
    return who if _OFFICER.fullmatch(who) else None
