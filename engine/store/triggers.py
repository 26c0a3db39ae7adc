"""The triggers that keep tables append-only: made by `tables`, checked by `verify`, therefore free of both.

They stop accidents and careless hands; whoever owns the file can drop them, which the trail then shows.
"""

from __future__ import annotations

from collections.abc import Iterator

_APPEND_ONLY = {"event": "seq", "record": "id", "content": "sha256", "bundle": "hash"}

_EVENT_FOLLOWS = """CREATE TRIGGER event_follows BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM event)
  OR NEW.prev IS NOT COALESCE((SELECT hash FROM event ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'event does not follow the last one'); END"""


_DISPOSED = """WHEN {kept}NOT EXISTS (SELECT 1 FROM record d JOIN event e ON e.seq = d.event_seq
  WHERE d.kind = 'disposal'{where} AND instr(e.payload, '{{"act":"retention_dispose",') = 1
  AND instr(d.body, '"{key}":"' || OLD.{key} || '"') > 0)"""
_UNLESS_DISPOSED = {
    "record": _DISPOSED.format(
        kept="OLD.kind IN ('disposal', 'retention_step') OR ", where=" AND d.case_id = OLD.case_id", key="id"
    ),
    "content": _DISPOSED.format(kept="", where="", key="sha256"),
}
"""A record or a file may go when a list of destruction, filed by an event of that act, names it."""

FIRST_WITH_DISPOSAL = 5


def triggers(schema: int = FIRST_WITH_DISPOSAL) -> Iterator[tuple[str, str]]:
    """Name and SQL of every trigger of a database of this schema.

    INSERT OR REPLACE walks past UPDATE and DELETE triggers unless the connection asks for recursive triggers,
    so inserting is guarded as well.
    """
    yield "event_follows", _EVENT_FOLLOWS
    for table, key in _APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            lawful = verb == "DELETE" and schema >= FIRST_WITH_DISPOSAL and _UNLESS_DISPOSED.get(table)
            what = f"{verb} ON {table}" + (f" {lawful}" if lawful else "")
            yield f"{table}_no_{verb.lower()}", _refusing(f"{table}_no_{verb.lower()}", what, table)
        if table != "event":
            twice = f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608
            yield f"{table}_no_replace", _refusing(f"{table}_no_replace", twice, table)


def _refusing(name: str, what: str, table: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
