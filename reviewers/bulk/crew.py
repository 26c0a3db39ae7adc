"""A crew of processes that can be lost: each serves one path at a time and is replaced when it is slow, dead or old.

A damaged or hostile file costs one process and one line in the ledger, never the run. Where the system can, processes
are forked from one that has the packs loaded (see `warm`).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

from engine.errors import FairReviewError, InvalidInput
from reviewers.bulk.scanning import TOO_LARGE_FOR_MEMORY, Scanned
from reviewers.bulk.worker import DONE, work

ERRANDS = 400
AHEAD = 3
"""Jobs before a process: more would leave one with work at the end while the others have none."""
STARTING_SECONDS = 120.0
GONE_SECONDS = 5.0
MOMENT = 0.1
_ONE_THREAD = "OPENBLAS_NUM_THREADS"

Job = TypeVar("Job")


@dataclass
class _Hand(Generic[Job]):
    """One process of the crew; it is at the first of its `jobs`, `late_at` is when it will be given up.

    `given` counts what it was ever given, `found` is what it has found in the file it is at.
    """

    process: multiprocessing.process.BaseProcess
    connection: Connection
    late_at: float = 0.0
    jobs: deque[tuple[Job, Path]] = field(default_factory=deque)
    given: int = 0
    found: list[Scanned] = field(default_factory=list)


class Crew(Generic[Job]):
    """Processes at work; use as a context, so that none outlives it. `timeout` is seconds a document."""

    def __init__(self, jobs: int, as_of: date, timeout: float, memory: int, overlay: Path | None = None) -> None:
        self._as_of, self._timeout, self._memory, self._overlay = as_of, timeout, memory, overlay
        self._context = _context()
        self._hands = [self._hired() for _ in range(jobs)]
        self.pack = ""

    def __enter__(self) -> Crew[Job]:
        try:
            packs = [self._introduced(hand) for hand in self._hands]
            self.pack = packs[0]
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """No process of the crew is left."""
        for hand in self._hands:
            self._dismiss(hand)
        self._hands = []

    def serve(self, jobs: Iterator[tuple[Job, Path]]) -> Iterator[list[tuple[Job, list[Scanned]]]]:
        """The jobs that are finished, each with what was found in its file, those of a moment together.

        The list is empty after a moment in which none was. A file that takes too long or kills its process comes with
        a reason, never without a word. Every process has a few jobs before it: it never waits for the caller.
        """
        while True:
            for hand in self._hands:
                self._supplied(hand, jobs)
            busy = [hand for hand in self._hands if hand.jobs]
            if not busy:
                return
            yield list(self._heard(busy))

    def _supplied(self, hand: _Hand[Job], jobs: Iterator[tuple[Job, Path]]) -> None:
        while len(hand.jobs) < AHEAD and hand.given < ERRANDS and (following := next(jobs, None)) is not None:
            self._give(hand, following)

    def _give(self, hand: _Hand[Job], job: tuple[Job, Path]) -> None:
        if not hand.jobs:
            hand.late_at = time.monotonic() + self._timeout
        hand.jobs.append(job)
        hand.given += 1
        with suppress(OSError):  # a process that died while idle is found when it is listened to
            hand.connection.send_bytes(os.fsencode(job[1]))

    def _heard(self, busy: list[_Hand[Job]]) -> Iterator[tuple[Job, list[Scanned]]]:
        """What is finished or has failed by now; waits until one speaks or is late, or a moment."""
        left = min(hand.late_at for hand in busy) - time.monotonic()
        spoken = wait([hand.connection for hand in busy], max(0.0, min(left, MOMENT)))
        for hand in busy:
            if hand.connection in spoken:
                yield from self._listened(hand)
            elif time.monotonic() >= hand.late_at:
                yield self._given_up(hand, f"超过每个文件 {self._timeout:g} 秒的时限，已放弃。")

    def _listened(self, hand: _Hand[Job]) -> Iterator[tuple[Job, list[Scanned]]]:
        """The job the hand is through with, if it is; each word from it gives it a new time limit."""
        try:
            word = hand.connection.recv()
        except (EOFError, OSError):
            hand.process.join(GONE_SECONDS)
            yield self._given_up(hand, _cause(hand.process.exitcode))
            return
        hand.late_at = time.monotonic() + self._timeout
        if word is not DONE:
            hand.found.append(word)
            return
        found, hand.found = hand.found, []
        yield hand.jobs.popleft()[0], found
        outgrown = any(one.reason == TOO_LARGE_FOR_MEMORY for one in found)
        if outgrown or not hand.process.is_alive() or (hand.given >= ERRANDS and not hand.jobs):
            self._replace(hand)

    def _given_up(self, hand: _Hand[Job], reason: str) -> tuple[Job, list[Scanned]]:
        """The job the hand is at, with the reason why it ends; another takes over what it had before it."""
        job = hand.jobs.popleft()[0]
        self._replace(hand)
        return job, [*hand.found, Scanned("", "", reason)]

    def _replace(self, hand: _Hand[Job]) -> None:
        """A new process stands in the place of one that is dead, has done its errands or has outgrown its memory."""
        self._dismiss(hand)
        fresh = self._hired()
        self._hands[self._hands.index(hand)] = fresh
        self._introduced(fresh)
        for job in hand.jobs:
            self._give(fresh, job)

    def _hired(self) -> _Hand[Job]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=work,
            args=(theirs, self._as_of, self._memory, self._timeout, ERRANDS, self._overlay),
            name="shuangshen-scan",
            daemon=True,
        )
        with _single_threaded():
            process.start()
        theirs.close()
        return _Hand(process, ours)

    def _introduced(self, hand: _Hand[Job]) -> str:
        """The name of the rule pack, which a process sends when it is ready to serve."""
        try:
            if hand.connection.poll(STARTING_SECONDS):
                word = hand.connection.recv()
                if isinstance(word, FairReviewError):
                    raise word
                return str(word)
        except (EOFError, OSError):
            pass
        raise InvalidInput("筛查进程无法启动。", "请检查内存是否够用，或减少 --jobs。")

    def _dismiss(self, hand: _Hand[Job]) -> None:
        if hand.process.is_alive() and hand.process.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(hand.process.pid, signal.SIGKILL)
            hand.process.kill()
        hand.process.join()
        hand.connection.close()


def _context() -> ForkServerContext | SpawnContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["reviewers.bulk.warm"])
    with _single_threaded():
        forkserver.ensure_running()
    return context


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Processes started inside do their sums on one thread: the crew is what runs in parallel."""
    before = os.environ.get(_ONE_THREAD)
    os.environ[_ONE_THREAD] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_ONE_THREAD]
        else:
            os.environ[_ONE_THREAD] = before


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"读取时进程崩溃（信号 {-exit_code}），文件可能已损坏或者有意构造。"
    return "读取时进程意外退出，文件可能已损坏或者有意构造。"
