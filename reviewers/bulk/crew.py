"""A crew of processes that can be lost: each serves one path at a time and is replaced when it is slow, dead or old.

A damaged or hostile file costs one process and one line in the ledger, never the run. Where the system can, processes
are forked from one that has the packs loaded (see `warm`).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
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
STARTING_SECONDS = 120.0
_ONE_THREAD = "OPENBLAS_NUM_THREADS"

Job = TypeVar("Job")


@dataclass
class _Hand(Generic[Job]):
    """One process of the crew; `job` is what it is at, `late_at` when it will be given up."""

    process: multiprocessing.process.BaseProcess
    connection: Connection
    late_at: float
    job: Job | None = None
    served: int = 0
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

    def serve(self, jobs: Iterator[tuple[Job, Path]]) -> Iterator[tuple[Job, list[Scanned]]]:
        """Each job with what was found in its file, in the order they are finished.

        A file that takes too long or kills its process comes with a reason, never without a word.
        """
        idle = list(self._hands)
        while True:
            idle = [hand for hand in idle if not self._sent(hand, jobs)]
            busy = [hand for hand in self._hands if hand.job is not None]
            if not busy:
                return
            for hand in self._heard(busy):
                job, found = hand.job, hand.found
                if job is not None:
                    hand.job, hand.found = None, []
                    idle.append(self._ready(hand, found))
                    self._sent_first(idle, jobs)
                    yield job, found

    def _sent_first(self, idle: list[_Hand[Job]], jobs: Iterator[tuple[Job, Path]]) -> None:
        """Hand out the next job before the caller writes down the last: the process does not wait for the disk."""
        if self._sent(idle[-1], jobs):
            idle.pop()

    def _sent(self, hand: _Hand[Job], jobs: Iterator[tuple[Job, Path]]) -> bool:
        following = next(jobs, None)
        if following is None:
            return False
        job, path = following
        hand.job, hand.late_at = job, time.monotonic() + self._timeout
        with suppress(OSError):  # a process that died while idle is found when it is listened to
            hand.connection.send_bytes(os.fsencode(path))
        return True

    def _heard(self, busy: list[_Hand[Job]]) -> Iterator[_Hand[Job]]:
        """The hands that have finished or failed by now; waits until one speaks or is late."""
        now = time.monotonic()
        spoken = wait([hand.connection for hand in busy], max(0.0, min(hand.late_at for hand in busy) - now))
        for hand in busy:
            if hand.connection in spoken:
                if self._listened(hand):
                    yield hand
            elif time.monotonic() >= hand.late_at:
                hand.found.append(Scanned("", "", f"超过每个文件 {self._timeout:g} 秒的时限，已放弃。"))
                self._dismiss(hand)
                yield hand

    def _listened(self, hand: _Hand[Job]) -> bool:
        """Whether the hand is through with its job; each document found gives it a new time limit."""
        try:
            word = hand.connection.recv()
        except (EOFError, OSError):
            self._dismiss(hand)
            hand.found.append(Scanned("", "", _cause(hand.process.exitcode)))
            return True
        if word is DONE:
            hand.served += 1
            return True
        hand.found.append(word)
        hand.late_at = time.monotonic() + self._timeout
        return False

    def _ready(self, hand: _Hand[Job], found: list[Scanned]) -> _Hand[Job]:
        """The hand, or a new one in its place when it is dead, has done its errands or has outgrown its memory."""
        outgrown = any(one.reason == TOO_LARGE_FOR_MEMORY for one in found)
        if hand.process.is_alive() and hand.served < ERRANDS and not outgrown:
            return hand
        self._dismiss(hand)
        fresh = self._hired()
        self._hands[self._hands.index(hand)] = fresh
        self._introduced(fresh)
        return fresh

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
        return _Hand(process, ours, 0.0)

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
