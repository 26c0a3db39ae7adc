"""Is the whole database still what was written? Called by `shuangshen verify` and after every backup.

Reads everything once, in the order of the trail, and stops at the first entry that does not agree with the others.
What it cannot see alone is a history rewritten as a whole by the owner of the file; a checkpoint kept elsewhere can.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from json import loads
from pathlib import Path
from typing import Any

from engine.errors import TrailBroken
from engine.model import DisposedRecord
from engine.store import rows
from engine.store.connection import SCHEMA, reading
from engine.store.contents import unpack
from engine.store.disposal import Gone, lawfully_gone, require_accounted
from engine.store.place import is_remote, name_of
from engine.store.quick import Stretch, quick_walk
from engine.store.records import digest_of, matter_state_of, receipt_text, state_in, state_of
from engine.store.triggers import triggers
from engine.trail.chain import ADVICE, Head, check_next, require_known
from engine.trail.merkle import Frontier, node_count, root
from engine.trail.verifier import GENESIS, Broken, Checkpoint, checkpoint_text, parse_checkpoint

PAGE = 200
"""Rows read at a time: no database need hold the whole answer, and one question is asked for many events."""


@dataclass
class _Standing:
    """What the trail says of one case so far."""

    seq: int = 0
    revision: int = 0
    state: str = ""
    stage: object = None


@dataclass
class _Walk:
    """What a walk along the trail has seen so far."""

    frontier: Frontier = field(default_factory=Frontier)
    last: str = GENESIS
    cases: dict[str, _Standing] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    gone: Gone = field(default_factory=Gone)


def checkpoint_of(path: Path) -> str:
    """The checkpoint of the log as it is now, to be kept by somebody else."""
    with reading(path) as connection:
        return checkpoint_text(current_checkpoint(connection))


def current_checkpoint(connection: sqlite3.Connection) -> Checkpoint:
    """Origin, size and Merkle root of the log."""
    origin = connection.execute("SELECT value FROM meta WHERE key='origin'").fetchone()[0]
    size = _size(connection)
    return Checkpoint(origin, size, root(size, lambda position: node(connection, position)))


def _size(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COALESCE(MAX(seq), 0) FROM event").fetchone()[0])


def node(connection: sqlite3.Connection, position: int) -> bytes:
    """A node of the Merkle tree. Raises TrailBroken when it is missing."""
    row = connection.execute("SELECT hash FROM merkle WHERE position = ?", (position,)).fetchone()
    if row is None:
        raise TrailBroken(f"默克尔树缺少第 {position} 个节点。", ADVICE)
    return bytes(row[0])


def require_checkpoint(path: Path, text: str) -> Checkpoint:
    """The checkpoint in this text, which the log of this database had at that length.

    Leans on the stored tree, so it is quick; `verify_store` proves the tree. Raises TrailBroken.
    """
    with reading(path) as connection:
        known = _known(text, connection)
        size = current_checkpoint(connection).size
        then = root(known.size, lambda position: node(connection, position)) if known.size <= size else b""
        require_known(known, size, then)
        return known


def verify_store(path: Path, *known: str | None) -> Head:
    """The head of the trail, if every event, record, content, case and open task agrees with it.

    `known` are texts of checkpoints kept elsewhere. Raises TrailBroken naming the first bad entry.
    """
    try:
        return _verified(path, [text for text in known if text is not None])
    except Exception as error:
        if not _is_changed_schema(error, path):
            raise
        raise TrailBroken(f"数据库“{name_of(path)}”的表结构被改动：{' '.join(str(error).split())}。", ADVICE) from error


def _is_changed_schema(error: Exception, path: Path) -> bool:
    if is_remote(path):
        from engine.store.postgres import is_changed_schema

        return is_changed_schema(error)
    return isinstance(error, sqlite3.OperationalError)


def _verified(path: Path, known: Sequence[str]) -> Head:
    with reading(path) as connection:
        checkpoints = [_known(text, connection) for text in known]
        sizes = {checkpoint.size for checkpoint in checkpoints}
        with _walking(path, connection, sizes) as seen:
            _check_pages(connection)
            walk = _walked(connection, sizes, seen(), lawfully_gone(connection))
        for checkpoint in checkpoints:
            require_known(checkpoint, walk.frontier.size, walk.roots.get(checkpoint.size, b""))
        _check_leftovers(connection, walk)
        _check_tables(connection, walk)
        _check_triggers(connection)
        return Head(walk.frontier.size, walk.last, walk.frontier.root().hex())


def _check_pages(connection: sqlite3.Connection) -> None:
    """The file itself holds together: a torn index would let a row go unseen. A server minds its own pages."""
    if not isinstance(connection, sqlite3.Connection):
        return
    fault = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if fault != "ok":
        raise TrailBroken(f"数据库文件已损坏：{fault}。", ADVICE)


def _walking(
    path: Path, connection: sqlite3.Connection, sizes: Set[int]
) -> AbstractContextManager[Callable[[], Stretch | None]]:
    return nullcontext(lambda: None) if is_remote(path) else quick_walk(path, _size(connection), sizes)


def _walked(connection: sqlite3.Connection, sizes: Set[int], seen: Stretch | None, account: Gone) -> _Walk:
    """What the events say: by the quick walk when nothing is out of order, else by the slow one, which names it."""
    walk = _Walk(roots={0: Frontier().root()}, gone=account)
    if seen is None:
        _walk_events(connection, walk, sizes)
        return walk
    standings = {case: _Standing(*last) for case, last in seen.cases.items()}
    return _Walk(seen.frontier, seen.last, standings, seen.contents, walk.roots | seen.roots, account)


def _walk_events(connection: sqlite3.Connection, walk: _Walk, sizes: Set[int]) -> None:
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


def _known(text: str, connection: sqlite3.Connection) -> Checkpoint:
    try:
        checkpoint = parse_checkpoint(text, "所给的检查点")
    except Broken as broken:
        raise TrailBroken(f"{broken}。", "请核对检查点文件。") from broken
    origin = connection.execute("SELECT value FROM meta WHERE key='origin'").fetchone()
    if origin is None or origin[0] != checkpoint.origin:
        raise TrailBroken(f"检查点出自“{checkpoint.origin}”，不是这个数据库。", "请核对检查点文件与数据库路径。")
    return checkpoint


def _check_event(
    row: sqlite3.Row,
    walk: _Walk,
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
    walk: _Walk,
    filed: Sequence[sqlite3.Row],
    done: Mapping[str, tuple[Any, ...]],
) -> None:
    place = f"流水第 {row['seq']} 条"
    standing = walk.cases.get(row["case_id"], _Standing())
    if event["revision"] != standing.revision + 1:
        raise TrailBroken(f"{place}：不是案件 {row['case_id']} 的第 {standing.revision + 1} 个动作。", ADVICE)
    _check_records(row, event, place, filed, walk.gone)
    _check_command(row, event, place, done)
    for digest in event["contents"]:
        walk.contents.setdefault(digest, row["seq"])
    stage = event["facts"].get("stage_to", standing.stage)
    walk.cases[row["case_id"]] = _Standing(row["seq"], event["revision"], event["state"], stage)


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


def _check_leftovers(connection: sqlite3.Connection, walk: _Walk) -> None:
    size = walk.frontier.size
    places = connection.execute("SELECT COUNT(*), COALESCE(MAX(position) + 1, 0) FROM merkle").fetchone()
    if tuple(places) != (node_count(size), node_count(size)):
        raise TrailBroken(f"流水第 {size + 1} 条缺失：默克尔树的节点数与 {size} 条流水不符。", ADVICE)
    for table in ("record", "command"):
        late = connection.execute(f"SELECT id FROM {table} WHERE event_seq NOT BETWEEN 1 AND ?", (size,)).fetchone()  # noqa: S608
        if late is not None:
            raise TrailBroken(f"表 {table} 的 {late[0]} 没有对应的流水。", ADVICE)
    if connection.execute("SELECT COUNT(*) FROM command").fetchone()[0] != size:
        raise TrailBroken("表 command 里有流水没有记载的操作号。", ADVICE)


def _check_tables(connection: sqlite3.Connection, walk: _Walk) -> None:
    try:
        _check_cases(connection, walk)
        _check_contents(connection, walk)
        _check_bundles(connection)
        _check_tally(connection)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrailBroken("案件、文件或流程定义的表里有类型不对的值，被直接改动。", ADVICE) from error


def _check_cases(connection: sqlite3.Connection, walk: _Walk) -> None:
    missing = dict(walk.cases)
    bundles = {row["hash"]: row["digest"] for row in connection.execute("SELECT hash, digest FROM bundle")}
    for page in pages(connection, "case_", "id"):
        opened = _tasks_of(connection, page)
        for row in page:
            standing = missing.pop(row["id"], None)
            if standing is None:
                raise TrailBroken(f"案件 {row['id']} 没有任何流水。", ADVICE)
            _check_case(dict(row), standing, opened.get(row["id"], []), bundles.get(row["bundle"], ""))
    _check_matters(connection, missing)
    for case_id, standing in missing.items():
        raise TrailBroken(f"流水第 {standing.seq} 条所属的案件 {case_id} 不见了。", ADVICE)
    for task, case_id in connection.execute(
        "SELECT task, case_id FROM task WHERE case_id NOT IN (SELECT id FROM case_)"
    ):
        raise TrailBroken(f"待办 {task} 所属的案件 {case_id} 不存在。", ADVICE)


def _tasks_of(connection: sqlite3.Connection, page: Sequence[sqlite3.Row]) -> Mapping[str, list[dict[str, Any]]]:
    """The open tasks of each of these cases, by its id, in their order."""
    opened: dict[str, list[dict[str, Any]]] = {}
    statement = f"SELECT * FROM task WHERE case_id IN ({', '.join('?' * len(page))}) ORDER BY case_id, ordinal"  # noqa: S608
    for task in connection.execute(statement, [row["id"] for row in page]):
        opened.setdefault(task["case_id"], []).append(dict(task))
    return opened


def _check_case(row: dict[str, Any], standing: _Standing, tasks: Sequence[dict[str, Any]], bundle: str) -> None:
    place = f"案件 {row['id']}（流水第 {standing.seq} 条）"
    if row["revision"] != standing.revision:
        raise TrailBroken(f"{place}：修订号是 {row['revision']}，流水记载 {standing.revision}。", ADVICE)
    if standing.stage not in (None, row["stage"]):
        raise TrailBroken(f"{place}：环节是“{row['stage']}”，流水记载“{standing.stage}”。", ADVICE)
    state = state_in(row, tasks, bundle)
    if any(task["unit"] != row["unit"] for task in tasks) or digest_of(state) != standing.state:
        raise TrailBroken(f"{place}：当前状态或待办与流水记载的不符，被直接改动。", ADVICE)


def _check_matters(connection: sqlite3.Connection, missing: dict[str, _Standing]) -> None:
    for row in connection.execute("SELECT * FROM matter ORDER BY id"):
        standing = missing.pop(row["id"], None)
        if standing is None:
            raise TrailBroken(f"事项 {row['id']} 没有任何流水。", ADVICE)
        if digest_of(matter_state_of(rows.matter_of(dict(row)))) != standing.state:
            raise TrailBroken(
                f"事项 {row['id']}（流水第 {standing.seq} 条）：当前状态与流水记载的不符，被直接改动。", ADVICE
            )


def stored_state(connection: sqlite3.Connection, row: dict[str, Any]) -> str:
    """The canonical text of where the case in this row stands, as its last event vouches for it."""
    turns = connection.execute("SELECT * FROM task WHERE case_id = ? ORDER BY ordinal", (row["id"],))
    bundle = connection.execute("SELECT digest FROM bundle WHERE hash = ?", (row["bundle"],)).fetchone()
    return state_of(rows.case_of(row), tuple(rows.turn_of(dict(turn)) for turn in turns), bundle[0] if bundle else "")


def _check_contents(connection: sqlite3.Connection, walk: _Walk) -> None:
    missing = dict(walk.contents)
    for row in one_by_one(connection, "content", "sha256"):
        unpack(row["sha256"], row["size"], row["data"])
        missing.pop(row["sha256"], None)
    require_accounted(connection, missing, walk.gone)


def one_by_one(connection: sqlite3.Connection, table: str, key: str) -> Iterator[sqlite3.Row]:
    """All rows of a table whose rows may be large."""
    keys = [row[0] for row in connection.execute(f"SELECT {key} FROM {table} ORDER BY {key}")]  # noqa: S608
    for each in keys:
        yield from connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (each,))  # noqa: S608


def _check_bundles(connection: sqlite3.Connection) -> None:
    for row in connection.execute("SELECT hash, data, digest FROM bundle ORDER BY hash"):
        if sha256(row["data"]).hexdigest() != row["digest"]:
            raise TrailBroken(f"流程定义 {row['hash']} 的内容被改动。", ADVICE)


def _check_tally(connection: sqlite3.Connection) -> None:
    counted = """SELECT 'stage ' || stage, COUNT(*) FROM case_ GROUP BY stage
        UNION ALL SELECT 'role ' || role, COUNT(*) FROM task GROUP BY role"""
    kept = dict(map(tuple, connection.execute("SELECT name, count FROM tally WHERE count <> 0")))
    if kept != dict(map(tuple, connection.execute(counted))):
        raise TrailBroken("表 tally 的计数与案件和待办不符，被直接改动。", ADVICE)


def _check_triggers(connection: sqlite3.Connection) -> None:
    for name in changed_triggers(connection):
        raise TrailBroken(f"只许追加的触发器 {name} 被删除或改动。", ADVICE)


def changed_triggers(connection: sqlite3.Connection, schema: int = SCHEMA) -> list[str]:
    """The names of the append-only triggers that are missing or not as they were made."""
    if not isinstance(connection, sqlite3.Connection):
        from engine.store.postgres_guards import changed_guards

        return changed_guards(connection)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = {row[0]: row[1] for row in rows}
    return [name for name, statement in triggers(schema) if found.get(name) != statement]
