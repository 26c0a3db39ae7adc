"""The slow walk along the trail, one event after the other: it names the first that does not agree with the others.

`verify` takes it on PostgreSQL and wherever the quick walk saw something out of order. It reads page by page, so that
no database need hold the whole answer, and checks of every event what it vouches for: its place in the chain and the
tree, its records, its command, the next revision of its case.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from json import loads
from typing import Any

from engine.errors import TrailBroken
from engine.model import DisposedRecord
from engine.store.disposal import Gone
from engine.store.records import digest_of, receipt_text
from engine.trail.chain import ADVICE, check_next
from engine.trail.merkle import Frontier
from engine.trail.verifier import GENESIS

PAGE = 200
"""Rows read at a time: no database need hold the whole answer, and one question is asked for many events."""


@dataclass
class Standing:
    """What the trail says of one case so far."""

    seq: int = 0
    revision: int = 0
    state: str = ""
    stage: object = None


@dataclass
class Walk:
    """What a walk along the trail has seen so far."""

    frontier: Frontier = field(default_factory=Frontier)
    last: str = GENESIS
    cases: dict[str, Standing] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    gone: Gone = field(default_factory=Gone)


def walk_events(connection: sqlite3.Connection, walk: Walk, sizes: Set[int]) -> None:
    """The walk has seen the whole trail, its roots at these sizes too. Raises TrailBroken at the first bad event."""
    nodes = (row for page in pages(connection, "merkle", "position") for row in page)
    for page in pages(connection, "event", "seq"):
        filed, done = _filed_by(connection, page), _commands_of(connection, page)
        for row in page:
            _check_event(row, walk, nodes, filed.get(row["seq"], []), done)
            if walk.frontier.size in sizes:
                walk.roots[walk.frontier.size] = walk.frontier.root()


def pages(connection: sqlite3.Connection, table: str, key: str) -> Iterator[list[sqlite3.Row]]:
    """All rows of the table in the order of its key, `PAGE` at a time."""
    after, last = "", tuple[Any, ...]()
    while page := connection.execute(
        f"SELECT * FROM {table} {after} ORDER BY {key} LIMIT {PAGE}",  # noqa: S608
        last,
    ).fetchall():
        yield page
        after, last = f"WHERE {key} > ?", (page[-1][key],)


def one_by_one(connection: sqlite3.Connection, table: str, key: str) -> Iterator[sqlite3.Row]:
    """All rows of a table whose rows may be large."""
    keys = [row[0] for row in connection.execute(f"SELECT {key} FROM {table} ORDER BY {key}")]  # noqa: S608
    for each in keys:
        yield from connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (each,))  # noqa: S608


def _filed_by(connection: sqlite3.Connection, page: Sequence[sqlite3.Row]) -> Mapping[int, list[sqlite3.Row]]:
    """The records filed by each of these events, by its number, in their order."""
    filed: dict[int, list[sqlite3.Row]] = {}
    statement = """SELECT id, case_id, kind, body, digest, event_seq FROM record
        WHERE event_seq BETWEEN ? AND ? ORDER BY event_seq, ordinal"""
    for record in connection.execute(statement, (page[0]["seq"], page[-1]["seq"])):
        filed.setdefault(record["event_seq"], []).append(record)
    return filed


def _commands_of(connection: sqlite3.Connection, page: Sequence[sqlite3.Row]) -> Mapping[str, tuple[Any, ...]]:
    """What is written of the commands these events name, by command id."""
    named = [name for name in map(_command_in, page) if isinstance(name, str)]
    statement = f"""SELECT id, actor, act, digest, case_id, event_seq, result FROM command
        WHERE id IN ({", ".join("?" * len(named))})"""  # noqa: S608
    return {row["id"]: tuple(row)[1:] for row in connection.execute(statement, named)} if named else {}


def _command_in(row: sqlite3.Row) -> object:
    try:
        return loads(row["payload"]).get("command")
    except (ValueError, AttributeError, TypeError):
        return None  # the walk comes to this event in its turn, and names it


def _check_event(
    row: sqlite3.Row,
    walk: Walk,
    nodes: Iterator[Any],
    filed: Sequence[sqlite3.Row],
    done: Mapping[str, tuple[Any, ...]],
) -> None:
    seq, place = walk.frontier.size + 1, f"流水第 {walk.frontier.size + 1} 条"
    event: dict[str, Any] = check_next((row["seq"], row["payload"], row["prev"], row["hash"]), seq, walk.last)
    if event.get("case") != row["case_id"]:
        raise TrailBroken(f"{place}：所属案件与内容不符。", ADVICE)
    _check_nodes(walk.frontier.append(bytes.fromhex(row["hash"])), nodes, place)
    walk.last = row["hash"]
    try:
        _check_vouched(row, event, walk, filed, done)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrailBroken(f"{place}：内容缺少应有的字段。", ADVICE) from error


def _check_vouched(
    row: sqlite3.Row,
    event: dict[str, Any],
    walk: Walk,
    filed: Sequence[sqlite3.Row],
    done: Mapping[str, tuple[Any, ...]],
) -> None:
    place = f"流水第 {row['seq']} 条"
    standing = walk.cases.get(row["case_id"], Standing())
    if event["revision"] != standing.revision + 1:
        raise TrailBroken(f"{place}：不是案件 {row['case_id']} 的第 {standing.revision + 1} 个动作。", ADVICE)
    _check_records(row, event, place, filed, walk.gone)
    _check_command(row, event, place, done)
    for digest in event["contents"]:
        walk.contents.setdefault(digest, row["seq"])
    stage = event["facts"].get("stage_to", standing.stage)
    walk.cases[row["case_id"]] = Standing(row["seq"], event["revision"], event["state"], stage)


def _check_nodes(created: list[bytes], nodes: Iterator[Any], place: str) -> None:
    for expected in created:
        stored = next(nodes, None)
        if stored is None or stored["hash"] != expected:
            raise TrailBroken(f"{place}：默克尔树的节点与它不符。", ADVICE)


def _check_records(
    row: sqlite3.Row, event: dict[str, Any], place: str, found: Sequence[sqlite3.Row], gone: Gone
) -> None:
    listed = {entry["id"]: entry for entry in event["records"]}
    for record in found:
        if listed.get(record["id"]) != {"id": record["id"], "kind": record["kind"], "digest": record["digest"]}:
            raise TrailBroken(f"{place}：记录 {record['id']} 与流水登记的不符。", ADVICE)
        if digest_of(record["body"]) != record["digest"]:
            raise TrailBroken(f"{place}：记录 {record['id']}（{record['kind']}）的内容被改动。", ADVICE)
        if record["case_id"] != row["case_id"]:
            raise TrailBroken(f"{place}：记录 {record['id']} 被移到案件 {record['case_id']}。", ADVICE)
    out = {name for name, entry in listed.items() if name in gone.records and _names(gone.records[name], row, entry)}
    if out & {record["id"] for record in found}:
        raise TrailBroken(f"{place}：销毁清单里的记录 {min(out)} 仍在。", ADVICE)
    if [record["id"] for record in found] != [entry["id"] for entry in event["records"] if entry["id"] not in out]:
        raise TrailBroken(f"{place}：登记的记录有缺失或次序被改。", ADVICE)


def _names(taken: tuple[str, DisposedRecord], row: sqlite3.Row, entry: dict[str, str]) -> bool:
    """Whether what was taken out is this very record of this case."""
    case, record = taken
    return (case, record.id, record.kind, record.digest) == (
        row["case_id"],
        entry["id"],
        entry["kind"],
        entry["digest"],
    )


def _check_command(row: sqlite3.Row, event: dict[str, Any], place: str, done: Mapping[str, tuple[Any, ...]]) -> None:
    result = receipt_text(row["case_id"], event["revision"], row["seq"], row["hash"])
    expected = (event["actor"], event["act"], event["command_digest"], row["case_id"], row["seq"], result)
    if done.get(event["command"]) != expected:
        raise TrailBroken(f"{place}：操作号 {event['command']} 的登记缺失或不符。", ADVICE)
