"""Is the whole database still what was written? Called by `shuangshen verify` and after every backup.

Reads everything once, in the order of the trail, and stops at the first entry that does not agree with the others.
What it cannot see alone is a history rewritten as a whole by the owner of the file; a checkpoint kept elsewhere can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.errors import TrailBroken
from engine.store import rows
from engine.store.connection import SCHEMA, reading
from engine.store.contents import unpack
from engine.store.disposal import Gone, lawfully_gone, require_accounted
from engine.store.place import is_remote, name_of
from engine.store.quick import Stretch, quick_walk
from engine.store.records import digest_of, matter_state_of, state_in, state_of
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers
from engine.store.walking import Standing, Walk, one_by_one, pages, walk_events
from engine.trail.chain import ADVICE, Head, require_known
from engine.trail.merkle import Frontier, node_count, root
from engine.trail.verifier import Broken, Checkpoint, checkpoint_text, parse_checkpoint


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


def _walked(connection: sqlite3.Connection, sizes: Set[int], seen: Stretch | None, account: Gone) -> Walk:
    """What the events say: by the quick walk when nothing is out of order, else by the slow one, which names it."""
    walk = Walk(roots={0: Frontier().root()}, gone=account)
    if seen is None:
        walk_events(connection, walk, sizes)
        return walk
    standings = {case: Standing(*last) for case, last in seen.cases.items()}
    return Walk(seen.frontier, seen.last, standings, seen.contents, walk.roots | seen.roots, account)


def _known(text: str, connection: sqlite3.Connection) -> Checkpoint:
    try:
        checkpoint = parse_checkpoint(text, "所给的检查点")
    except Broken as broken:
        raise TrailBroken(f"{broken}。", "请核对检查点文件。") from broken
    origin = connection.execute("SELECT value FROM meta WHERE key='origin'").fetchone()
    if origin is None or origin[0] != checkpoint.origin:
        raise TrailBroken(f"检查点出自“{checkpoint.origin}”，不是这个数据库。", "请核对检查点文件与数据库路径。")
    return checkpoint


def _check_leftovers(connection: sqlite3.Connection, walk: Walk) -> None:
    size = walk.frontier.size
    places = connection.execute("SELECT COUNT(*), COALESCE(MAX(position) + 1, 0) FROM merkle").fetchone()
    if tuple(places) != (node_count(size), node_count(size)):
        raise TrailBroken(f"流水第 {size + 1} 条缺失：默克尔树的节点数与 {size} 条流水不符。", ADVICE)
    _check_none_later(connection, "record", size)
    if connection.execute("SELECT COUNT(*) FROM command").fetchone()[0] != size:  # each event has been given its own
        _check_none_later(connection, "command", size)
        raise TrailBroken("表 command 里有流水没有记载的操作号。", ADVICE)


def _check_none_later(connection: sqlite3.Connection, table: str, size: int) -> None:
    late = connection.execute(f"SELECT id FROM {table} WHERE event_seq < 1 OR event_seq > ?", (size,)).fetchone()  # noqa: S608
    if late is not None:
        raise TrailBroken(f"表 {table} 的 {late[0]} 没有对应的流水。", ADVICE)


def _check_tables(connection: sqlite3.Connection, walk: Walk) -> None:
    try:
        _check_cases(connection, walk)
        _check_contents(connection, walk)
        _check_bundles(connection)
        _check_tally(connection)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrailBroken("案件、文件或流程定义的表里有类型不对的值，被直接改动。", ADVICE) from error


def _check_cases(connection: sqlite3.Connection, walk: Walk) -> None:
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


def _check_case(row: dict[str, Any], standing: Standing, tasks: Sequence[dict[str, Any]], bundle: str) -> None:
    place = f"案件 {row['id']}（流水第 {standing.seq} 条）"
    if row["revision"] != standing.revision:
        raise TrailBroken(f"{place}：修订号是 {row['revision']}，流水记载 {standing.revision}。", ADVICE)
    if standing.stage not in (None, row["stage"]):
        raise TrailBroken(f"{place}：环节是“{row['stage']}”，流水记载“{standing.stage}”。", ADVICE)
    state = state_in(row, tasks, bundle)
    if any(task["unit"] != row["unit"] for task in tasks) or digest_of(state) != standing.state:
        raise TrailBroken(f"{place}：当前状态或待办与流水记载的不符，被直接改动。", ADVICE)


def _check_matters(connection: sqlite3.Connection, missing: dict[str, Standing]) -> None:
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


def _check_contents(connection: sqlite3.Connection, walk: Walk) -> None:
    missing = dict(walk.contents)
    for row in one_by_one(connection, "content", "sha256"):
        unpack(row["sha256"], row["size"], row["data"])
        missing.pop(row["sha256"], None)
    require_accounted(connection, missing, walk.gone)


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
