"""A million events in seconds: the walk of `verify`, quick, along a log in which nothing is out of order.

It says what the slow walk would say, or nothing at all: whatever is not exactly as it should be is left to the slow
walk, which names it. Pages of four tables are held against each other column by column instead of row by row; a long
log is cut into stretches, each walked by a process of its own and joined to the one before. For SQLite files alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import pairwise
from json import loads
from pathlib import Path
from typing import NamedTuple

from engine.store.connection import connect
from engine.store.sqlite import sqlite3
from engine.trail.merkle import Frontier, node_count, peaks
from engine.trail.usual import UNTOLD, Unusual, digests, told
from engine.trail.verifier import GENESIS

STRETCH = 25_000
"""Below so many events a process of its own costs more than it saves."""
MOST = 8
"""Processes at once; each needs some 40 MiB."""
PAGE = 200
"""Events read at a time."""

_STRAY = "SELECT 1 FROM event WHERE seq < 1"
_BEFORE = "SELECT hash FROM event WHERE seq = ?"
_EVENTS = """SELECT seq, case_id, payload, prev, hash FROM event
    WHERE seq BETWEEN ? AND ? AND typeof(payload) = 'text' ORDER BY seq"""
_RECORDS = """SELECT event_seq, id, case_id, kind, digest, body FROM record
    WHERE event_seq BETWEEN ? AND ? AND typeof(body) = 'text' ORDER BY event_seq, ordinal"""
_COMMANDS = """SELECT event_seq, id, actor, act, digest, case_id, result FROM command WHERE rowid BETWEEN ? AND ?
    ORDER BY rowid"""  # one is written with every event, so they are numbered alike
_LISTS = "SELECT body FROM record WHERE kind = 'disposal'"
_NODE = "SELECT hash FROM merkle WHERE position = ?"
_NODES = "SELECT hash FROM merkle WHERE position >= ? AND position < ? ORDER BY position"
_LISTED = b'{"digest":"%b","id":"%b","kind":"%b"}'
_RECEIPT = b'{"case_id":"%b","event_hash":"%b","event_seq":%d,"revision":%d}'


Last = tuple[int, int, str, "str | None"]
"""What the trail says last of one case or matter: event, revision, digest of its state, and stage."""
_Last = tuple[int, int, bytes, "bytes | None"]


class _Events(NamedTuple):
    """A page of the log, column by column: comparing whole columns is what makes this walk quick."""

    seq: tuple[int, ...]
    case: tuple[bytes, ...]
    payload: tuple[bytes, ...]
    prev: tuple[bytes, ...]
    hash: tuple[bytes, ...]


class _Said(NamedTuple):
    """What the events of a page say, in the order of `Told`, column by column."""

    act: tuple[bytes, ...]
    actor: tuple[bytes, ...]
    case: tuple[bytes, ...]
    command: tuple[bytes, ...]
    asked: tuple[bytes, ...]
    contents: tuple[bytes, ...]
    stage: tuple[bytes | None, ...]
    prev: tuple[bytes, ...]
    records: tuple[bytes, ...]
    revision: tuple[int, ...]
    seq: tuple[int, ...]
    state: tuple[bytes, ...]


@dataclass
class Stretch:
    """What walking a stretch of the log has shown: where it came in and went out, and what it says of every case.

    `begun` is the revision each case came in with.
    """

    first: int
    before: str
    start: tuple[bytes, ...]
    frontier: Frontier
    last: str
    begun: dict[str, int] = field(default_factory=dict)
    cases: dict[str, Last] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)


@contextmanager
def quick_walk(path: Path, size: int, sizes: Set[int]) -> Iterator[Callable[[], Stretch | None]]:
    """Walks the log of `size` events, a long one in the background; the answer waits for it and tells what was seen.

    That is the whole log as one stretch, with its roots at these sizes; None when anything is unusual. The caller
    holds a reading transaction, so that nobody writes meanwhile.
    """
    with _begun_walks(path, size, frozenset(sizes)) as walks:

        def seen() -> Stretch | None:
            try:
                return _joined([walked() for walked in walks])
            except (Unusual, sqlite3.Error, ValueError, TypeError, KeyError, IndexError, RuntimeError):
                return None  # the last when a child was ended from outside

        yield seen


@contextmanager
def _begun_walks(path: Path, size: int, sizes: frozenset[int]) -> Iterator[list[Callable[[], Stretch]]]:
    forks = sys.platform == "linux"  # elsewhere a child would begin by running the caller's program again
    parts = max(1, min(os.cpu_count() or 1, MOST, size // STRETCH)) if forks else 1
    cuts = [size * part // parts for part in range(parts + 1)]
    if parts == 1:
        yield [partial(walk, path, 1, size, sizes)]
        return
    from concurrent.futures import ProcessPoolExecutor  # a short log does not pay for it
    from multiprocessing import get_context

    with ProcessPoolExecutor(parts, mp_context=get_context("fork")) as pool:
        tasks = [pool.submit(walk, path, cuts[part] + 1, cuts[part + 1], sizes) for part in range(parts)]
        yield [task.result for task in tasks]


def _joined(stretches: Sequence[Stretch]) -> Stretch:
    whole, *others = stretches
    if whole.first != 1 or any(whole.begun.values()):
        raise Unusual
    for part in others:
        if (part.first - 1, part.before, part.start) != (whole.frontier.size, whole.last, whole.frontier.peaks):
            raise Unusual
        for case, revision in part.begun.items():
            if revision != (whole.cases[case][1] if case in whole.cases else 0):
                raise Unusual
        for case, (seq, revision, state, stage) in part.cases.items():
            before = whole.cases[case][3] if case in whole.cases else UNTOLD
            whole.cases[case] = seq, revision, state, before if stage is UNTOLD else stage
        for digest, seq in part.contents.items():
            whole.contents.setdefault(digest, seq)
        whole.roots |= part.roots
        whole.frontier, whole.last = part.frontier, part.last
    return whole


def walk(path: Path, first: int, last: int, sizes: frozenset[int]) -> Stretch:
    """The events from `first` to `last`, each in order and vouching for its records, its command and its nodes.

    Raises Unusual when anything is not as it should be.
    """
    with closing(connect(path, write=False)) as connection:
        connection.text_factory = bytes  # what is hashed are bytes; of a million texts, few need be read as text
        connection.execute("BEGIN")
        stretch, cases, gone = _begun(connection, first), dict[bytes, _Last](), _taken_out(connection)
        for start, end in pairwise([first - 1, *_ends(first, last, sizes)]):
            events, said = _sealed(connection, start, end, stretch)
            _check_filed(connection, start, events, said, gone)
            _check_done(connection, events, said)
            _note(events, said, stretch, cases)
            if end in sizes:
                stretch.roots[end] = stretch.frontier.root()
        stretch.cases = {case.decode(): _read(cases.pop(case)) for case in list(cases)}
        return stretch


def _ends(first: int, last: int, sizes: Set[int]) -> list[int]:
    """Where the pages of this stretch end: every `PAGE` events, and wherever the root is asked for."""
    return sorted({*range(first + PAGE, last, PAGE), *(size for size in sizes if first <= size < last), last})


def _begun(connection: sqlite3.Connection, first: int) -> Stretch:
    if first == 1 and connection.execute(_STRAY).fetchone():
        raise Unusual
    before = connection.execute(_BEFORE, (first - 1,)).fetchone()[0].decode() if first > 1 else GENESIS
    start = tuple(peaks(first - 1, lambda place: bytes(connection.execute(_NODE, (place,)).fetchone()[0])))
    return Stretch(first, before, start, Frontier(first - 1, start), before)


def _taken_out(connection: sqlite3.Connection) -> dict[int, list[bytes]]:
    """The listing of every record a list of destruction names, by the event that filed it."""
    taken: dict[int, list[bytes]] = {}
    for (body,) in connection.execute(_LISTS):
        for each in loads(body)["records"]:
            listing = _LISTED % (each["digest"].encode(), each["id"].encode(), each["kind"].encode())
            taken.setdefault(int(each["id"].partition("-")[0]), []).append(listing)
    return taken


def _sealed(connection: sqlite3.Connection, start: int, end: int, stretch: Stretch) -> tuple[_Events, _Said]:
    """The events behind `start` up to `end`: each follows the one before, its hash is of exactly its stored bytes,
    its nodes are in the tree."""
    events = _Events(*zip(*connection.execute(_EVENTS, (start + 1, end)), strict=True))
    said = _Said(*zip(*map(told, events.payload), strict=True))
    leaves = [sha256(b"\x00" + payload).digest() for payload in events.payload]
    _need(events.seq == said.seq == tuple(range(start + 1, end + 1)) and events.case == said.case)
    _need(events.prev == said.prev == (stretch.last.encode(), *events.hash[:-1]))
    _need([leaf.hex().encode() for leaf in leaves] == list(events.hash))
    stretch.last = leaves[-1].hex()
    nodes = [node for leaf in leaves for node in stretch.frontier.append(leaf)]
    _need(nodes == [row[0] for row in connection.execute(_NODES, (node_count(start), node_count(end)))])
    return events, said


def _check_filed(
    connection: sqlite3.Connection, start: int, events: _Events, said: _Said, gone: Mapping[int, list[bytes]]
) -> None:
    """The records filed by each event are the ones it lists, unchanged, but for those `gone`."""
    listed: dict[int, list[bytes]] = {seq: [] for seq in events.seq}
    for seq, name, case, kind, digest, body in connection.execute(_RECORDS, (events.seq[0], events.seq[-1])):
        body.decode()
        _need(sha256(body).hexdigest().encode() == digest and case == events.case[seq - start - 1])
        listed[seq].append(_LISTED % (digest, name, kind))
    for seq in gone.keys() & listed.keys() if gone else ():
        listed[seq] = sorted(listed[seq] + gone[seq], key=_place)
    _need([b",".join(listed[seq]) for seq in events.seq] == list(said.records))


def _place(listing: bytes) -> int:
    """The place of this record among those of its event."""
    return int(listing.split(b'"')[7].rpartition(b"-")[2])


def _check_done(connection: sqlite3.Connection, events: _Events, said: _Said) -> None:
    """The command of each event is written as the event says."""
    receipts = map(_RECEIPT.__mod__, zip(events.case, events.hash, events.seq, said.revision, strict=True))
    done = zip(events.seq, said.command, said.actor, said.act, said.asked, events.case, receipts, strict=True)
    _need(connection.execute(_COMMANDS, (events.seq[0], events.seq[-1])).fetchall() == list(done))


def _note(events: _Events, said: _Said, stretch: Stretch, cases: dict[bytes, _Last]) -> None:
    """Each event is the next of its case; what the case now stands at, and the files vouched for, are noted."""
    told_of = zip(events.case, events.seq, said.revision, said.state, said.stage, said.contents, strict=True)
    for case, seq, revision, state, stage, contents in told_of:
        known = cases.get(case)
        if known is None:
            stretch.begun[case.decode()] = revision - 1
        elif revision != known[1] + 1:
            raise Unusual
        elif stage is UNTOLD:
            stage = known[3]
        cases[case] = (seq, revision, state, stage)
        for content in digests(contents) if contents else ():
            stretch.contents.setdefault(content, seq)


def _read(last: _Last) -> Last:
    seq, revision, state, stage = last
    return seq, revision, state.decode(), UNTOLD if stage is UNTOLD else stage.decode()


def _need(holds: bool) -> None:
    if not holds:
        raise Unusual
