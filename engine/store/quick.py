"""A million events in seconds: the walk of `verify`, quick, along a log in which nothing is out of order.

It says what the slow walk would say, or nothing at all: whatever is not exactly as it should be is left to the slow
walk, which names it. Four cursors run along the trail side by side instead of two questions for every event; a long
log is cut into stretches, each walked by a process of its own and joined to the one before. For SQLite files alone.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from json import loads
from pathlib import Path
from typing import Any

from engine.store.connection import connect
from engine.trail.merkle import Frontier, node_count, peaks
from engine.trail.usual import UNTOLD, Told, Unusual, digests, told
from engine.trail.verifier import GENESIS

STRETCH = 25_000
"""Below so many events a process of its own costs more than it saves."""
MOST = 8
"""Processes at once; each needs some 40 MiB."""

_STRAY = "SELECT 1 FROM event WHERE seq < 1"
_BEFORE = "SELECT hash FROM event WHERE seq = ?"
_EVENTS = "SELECT seq, case_id, payload, prev, hash FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq"
_RECORDS = """SELECT event_seq, id, case_id, kind, digest, body FROM record WHERE event_seq BETWEEN ? AND ?
    ORDER BY event_seq, ordinal"""
_COMMANDS = """SELECT event_seq, id, actor, act, digest, case_id, result FROM command WHERE rowid BETWEEN ? AND ?
    ORDER BY rowid"""  # one is written with every event, so they are numbered alike
_LISTS = "SELECT body FROM record WHERE kind = 'disposal'"
_NODE = "SELECT hash FROM merkle WHERE position = ?"
_NODES = "SELECT hash FROM merkle WHERE position >= ? AND position < ? ORDER BY position"
_END = (None,)
_LISTED = '{{"digest":"{digest}","id":"{id}","kind":"{kind}"}}'


Last = tuple[int, int, str, "str | None"]
"""What the trail says last of one case or matter: event, revision, digest of its state, and stage."""


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
        connection.text_factory = str
        connection.execute("BEGIN")
        stretch = _begun(connection, first)
        bounds = (first, last)
        nodes = connection.execute(_NODES, (node_count(first - 1), node_count(last)))
        records, commands = connection.execute(_RECORDS, bounds), connection.execute(_COMMANDS, bounds)
        record, gone = next(records, _END), _taken_out(connection)
        for event in connection.execute(_EVENTS, bounds):
            said = _sealed(event, stretch, nodes)
            record = _filed(said, record, records, gone.get(said[10], []))
            _vouched(said, event[4], next(commands, _END), stretch)
            if stretch.frontier.size in sizes:
                stretch.roots[stretch.frontier.size] = stretch.frontier.root()
        if stretch.frontier.size != last or record is not _END or next(commands, _END) is not _END:
            raise Unusual
        return stretch


def _begun(connection: sqlite3.Connection, first: int) -> Stretch:
    if first == 1 and connection.execute(_STRAY).fetchone():
        raise Unusual
    before = connection.execute(_BEFORE, (first - 1,)).fetchone()[0] if first > 1 else GENESIS
    start = tuple(peaks(first - 1, lambda place: bytes(connection.execute(_NODE, (place,)).fetchone()[0])))
    return Stretch(first, before, start, Frontier(first - 1, start), before)


def _sealed(event: Sequence[Any], stretch: Stretch, nodes: Iterator[Sequence[bytes]]) -> Told:
    """The event follows the one before, its hash is of exactly its stored bytes, its nodes are in the tree."""
    seq, case, payload, prev, digest = event
    leaf = sha256(b"\x00" + payload.encode("utf-8")).digest()
    said = told(payload)
    follows = seq == said[10] == stretch.frontier.size + 1 and prev == said[7] == stretch.last
    if not follows or leaf.hex() != digest or said[2] != case:
        raise Unusual
    for node in stretch.frontier.append(leaf):
        if next(nodes, _END)[0] != node:
            raise Unusual
    stretch.last = digest
    return said


def _taken_out(connection: sqlite3.Connection) -> dict[int, list[tuple[int, str]]]:
    """Place and listing of every record a list of destruction names, by the event that filed it."""
    taken: dict[int, list[tuple[int, str]]] = {}
    for (body,) in connection.execute(_LISTS):
        for each in loads(body)["records"]:
            seq, place = each["id"].split("-")
            taken.setdefault(int(seq), []).append((int(place), _LISTED.format(**each)))
    return taken


def _filed(
    said: Told, record: Sequence[Any], records: Iterator[Sequence[Any]], gone: Sequence[tuple[int, str]]
) -> Sequence[Any]:
    """The records filed by this event are the ones it lists, unchanged, but for those `gone`; gives the one after."""
    listed = list(gone)
    while record[0] == said[10]:
        _, name, case, kind, digest, body = record
        if case != said[2] or sha256(body.encode("utf-8")).hexdigest() != digest:
            raise Unusual
        listed.append((int(name.rpartition("-")[2]), _LISTED.format(digest=digest, id=name, kind=kind)))
        record = next(records, _END)
    if gone:
        listed.sort()
    if ",".join(each for _, each in listed) != said[8]:
        raise Unusual
    return record


def _vouched(said: Told, digest: str, command: Sequence[Any], stretch: Stretch) -> None:
    """The command is written as the event says, the event is the next of its case; both are noted."""
    act, actor, case, name, asked, contents, stage, _, _, revision, seq, state = said
    result = f'{{"case_id":"{case}","event_hash":"{digest}","event_seq":{seq},"revision":{revision}}}'
    if command != (seq, name, actor, act, asked, case, result):
        raise Unusual
    known = stretch.cases.get(case)
    if known is None:
        stretch.begun[case] = revision - 1
    elif revision != known[1] + 1:
        raise Unusual
    elif stage is UNTOLD:
        stage = known[3]
    stretch.cases[case] = (seq, revision, state, stage)
    if contents:
        for content in digests(contents):
            stretch.contents.setdefault(content, seq)
