"""A clean-up run: walk, ask the ledger, let the crew read what is new, write down what came of it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.errors import InvalidInput
from reviewers.bulk.crew import Crew
from reviewers.bulk.ledger import ARCHIVE, SCREENED, UNREADABLE, Ledger
from reviewers.bulk.scanning import Scanned
from reviewers.bulk.walk import Entry, opened_digest, walk

SAVE_SECONDS = 0.1

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to clean up and within which bounds: seconds a document, megabytes a process.

    `overlay` are local rules. `shard` is (i, n): of n machines with the same stock this is the i-th, counted from 1.
    """

    roots: Sequence[Path]
    as_of: date
    jobs: int
    timeout: float = 60
    memory: int = 512
    shard: tuple[int, int] = (1, 1)
    retry: bool = False
    overlay: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How a run went: files seen, documents newly screened, symbolic links not followed."""

    files: int
    fresh: int
    links: int


def clean_up(plan: Plan, ledger: Ledger, tell: Progress) -> Done:
    """Every file of the stock is in the ledger, each content screened once under the present rule pack.

    `tell(done, total)` is called as files are dealt with. Interrupted at any point, the same call goes on.
    """
    stock = walk(plan.roots)
    fresh = 0
    with Crew[tuple[Entry, str]](plan.jobs, plan.as_of, plan.timeout, plan.memory, plan.overlay) as crew:
        ledger.begin(crew.pack, plan.as_of)
        if plan.retry:
            ledger.forget_unreadable()
        errands = Errands(stock.entries, ledger, plan.shard, tell)
        writing = Writing(ledger, errands)
        for finished in crew.serve(iter(errands)):
            for (entry, sha256), found in finished:
                write_down(ledger, entry, sha256, found)
            fresh += len(finished)
            writing.wrote(len(finished))
    writing.save()
    return Done(len(stock.entries), fresh, stock.links)


class Writing:
    """Saves what was written down several documents at a time: a disk would hold up the crew for each."""

    def __init__(self, ledger: Ledger, errands: Errands) -> None:
        self._ledger, self._errands = ledger, errands
        self._unsaved, self._saved_at = 0, time.monotonic()

    def wrote(self, documents: int) -> None:
        """So many more are written down; nothing stays unsaved for longer than SAVE_SECONDS."""
        self._unsaved += documents
        if not documents or time.monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()

    def save(self) -> None:
        """Everything written down survives the end of the process, and is told."""
        self._ledger.save()
        self._saved_at = time.monotonic()
        for _ in range(self._unsaved):
            self._errands.finished()
        self._unsaved = 0


class Errands:
    """The files that are still to be read, one after the other; those that are done are listed on the way.

    `finished` is called once for each that was read.
    """

    def __init__(self, entries: Sequence[Entry], ledger: Ledger, shard: tuple[int, int], tell: Progress) -> None:
        self._entries, self._ledger, self._shard, self._tell = entries, ledger, shard, tell
        self._given: set[str] = set()
        self._done = 0

    def __iter__(self) -> Iterator[tuple[tuple[Entry, str], Path]]:
        for entry in self._entries:
            sha256, reason = ("", entry.reason) if entry.reason else opened_digest(entry.file)
            if in_shard(sha256 or hashlib.sha256(entry.path.encode()).hexdigest(), self._shard):
                self._ledger.list_file(entry, sha256, reason=reason)
                if sha256 and sha256 not in self._given and not self._ledger.knows(sha256):
                    self._given.add(sha256)
                    yield (entry, sha256), entry.file
                    continue
            self.finished()

    def finished(self) -> None:
        self._done += 1
        self._tell(self._done, len(self._entries))


def in_shard(sha256: str, shard: tuple[int, int]) -> bool:
    """Whether the content belongs to this part of the stock; equal contents always fall into the same."""
    number, parts = shard
    return int(sha256[:8], 16) % parts == number - 1


def parse_shard(words: str) -> tuple[int, int]:
    """`2/5` as (2, 5), nothing as (1, 1); raises InvalidInput for anything else."""
    if not words:
        return 1, 1
    number, _, parts = words.partition("/")
    if not (number.isascii() and parts.isascii() and number.isdecimal() and parts.isdecimal()):
        raise InvalidInput(f"“{words}”不是分片。", "请写成 2/5：共 5 份，做第 2 份。")
    if not 1 <= int(number) <= int(parts) <= 10_000:
        raise InvalidInput(f"没有分片“{words}”。", "份数最多 10000，序号从 1 数到份数。")
    return int(number), int(parts)


def write_down(ledger: Ledger, entry: Entry, sha256: str, found: Sequence[Scanned]) -> None:
    """What came of a file is in the ledger; one that changed between listing and reading as it was read."""
    for one in found:
        if one.member:
            ledger.list_file(entry, one.sha256, one.member, "" if one.sha256 else one.reason)
        elif one.sha256 and one.sha256 != sha256:
            ledger.list_file(entry, one.sha256)
        if one.sha256:
            ledger.record(one.sha256, SCREENED, one)
    own = next((one for one in found if not one.member), None)
    if own is None:
        ledger.record(sha256, ARCHIVE, Scanned("", sha256))
    elif not own.sha256:
        ledger.record(sha256, UNREADABLE, own)
