"""What keeps the tables append-only in PostgreSQL, and the two words of SQLite's SQL that our reads use there.

Made by `tables`, compared by `verify`. They hold for the owner and the superuser as well, until one of them takes them
off; the trail then shows what was done. Names are qualified and the path is fixed, so that nobody can put a function of
his own in the place of one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.store.postgres import SCHEMA_NAME

_GUARDED = ("event", "record", "content", "bundle")
FIXED_PATH = "SET search_path TO 'pg_catalog', 'pg_temp'"

_REFUSAL = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'"
_REFUSE_ALWAYS = f"BEGIN {_REFUSAL}; END"
_NAMED = f"""SELECT 1 FROM {SCHEMA_NAME}.record d JOIN {SCHEMA_NAME}.event e ON e.seq = d.event_seq
        WHERE d.kind = 'disposal' AND strpos(e.payload, '{{"act":"retention_dispose",') = 1"""  # noqa: S608
_REFUSE = f"""BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'record' THEN
    IF OLD.kind NOT IN ('disposal', 'retention_step') AND EXISTS ({_NAMED}
        AND d.case_id = OLD.case_id AND strpos(d.body, '"id":"' || OLD.id || '"') > 0) THEN
      RETURN OLD;
    END IF;
  ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'content' THEN
    IF EXISTS ({_NAMED} AND strpos(d.body, '"sha256":"' || OLD.sha256 || '"') > 0) THEN
      RETURN OLD;
    END IF;
  END IF;
  {_REFUSAL};
END"""
"""A record or a file may go when a list of destruction, filed by an event of that act, names it."""
_FOLLOWS = f"""DECLARE last_seq integer; last_hash text;
BEGIN
  SELECT seq, hash INTO last_seq, last_hash FROM {SCHEMA_NAME}.event ORDER BY seq DESC LIMIT 1;
  IF NEW.seq IS DISTINCT FROM COALESCE(last_seq, 0) + 1
     OR NEW.prev IS DISTINCT FROM COALESCE(last_hash, repeat('0', 64)) THEN
    RAISE EXCEPTION 'event does not follow the last one' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END"""  # noqa: S608

FUNCTIONS = {"refuse_change": _REFUSE, "event_follows": _FOLLOWS}
"""Name and body of every trigger function."""
FUNCTIONS_BEFORE_5 = {**FUNCTIONS, "refuse_change": _REFUSE_ALWAYS}
"""The same before there was any lawful way to take something out."""

_WORDS = (
    f"""CREATE FUNCTION {SCHEMA_NAME}.instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.strpos($1, $2)'""",
    f"""CREATE FUNCTION {SCHEMA_NAME}.json_each(payload text, path text) RETURNS TABLE (value text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT pg_catalog.jsonb_array_elements_text(payload::jsonb -> pg_catalog.substr(path, 3))'""",
)

DESTROYING = f"""CREATE FUNCTION {SCHEMA_NAME}.destroy(seq integer) RETURNS void LANGUAGE sql SECURITY DEFINER
    {FIXED_PATH} AS $$
  DELETE FROM {SCHEMA_NAME}.record r USING {SCHEMA_NAME}.record d WHERE d.event_seq = seq AND d.kind = 'disposal'
    AND r.case_id = d.case_id AND strpos(d.body, '"id":"' || r.id || '"') > 0;
  DELETE FROM {SCHEMA_NAME}.content c USING {SCHEMA_NAME}.record d WHERE d.event_seq = seq AND d.kind = 'disposal'
    AND strpos(d.body, '"sha256":"' || c.sha256 || '"') > 0 $$"""  # noqa: S608
"""Takes out what the list of destruction of this event names: the one way, also for who may delete nothing himself."""


def guards() -> Iterator[str]:
    """The statements that make functions and triggers."""
    yield from _WORDS
    for name in FUNCTIONS:
        yield making(name)
    yield DESTROYING
    for name, (table, statement) in triggers().items():
        yield statement
        yield f"ALTER TABLE {SCHEMA_NAME}.{table} ENABLE ALWAYS TRIGGER {name}"


def making(function: str, functions: Mapping[str, str] = FUNCTIONS) -> str:
    """The statement that makes this trigger function, in the place of an earlier one if there is one."""
    head = f"CREATE OR REPLACE FUNCTION {SCHEMA_NAME}.{function}() RETURNS trigger LANGUAGE plpgsql"
    return f"{head} {FIXED_PATH} AS $${functions[function]}$$"


def triggers() -> dict[str, tuple[str, str]]:
    """Table and statement of every trigger by its name, the statement as PostgreSQL itself words it."""
    made = {"event_follows": ("event", _trigger("event_follows", "INSERT", "event", "ROW", "event_follows"))}
    for table in _GUARDED:
        change, empty = f"{table}_no_change", f"{table}_no_truncate"
        made[change] = (table, _trigger(change, "DELETE OR UPDATE", table, "ROW", "refuse_change"))
        made[empty] = (table, _trigger(empty, "TRUNCATE", table, "STATEMENT", "refuse_change"))
    return made


def _trigger(name: str, verb: str, table: str, each: str, function: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {verb} ON {SCHEMA_NAME}.{table} "
        f"FOR EACH {each} EXECUTE FUNCTION {SCHEMA_NAME}.{function}()"
    )


def changed_guards(connection: Any, functions: Mapping[str, str] = FUNCTIONS) -> list[str]:
    """The names of the triggers and trigger functions that are missing, switched off or not as they were made."""
    standing = connection.execute(
        """SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled, p.proname, home.nspname FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace home ON home.oid = p.pronamespace
        WHERE n.nspname = ? AND NOT t.tgisinternal""",
        (SCHEMA_NAME,),
    )
    # the function is worded with its schema or without, whichever the reader's path asks for
    found = {row[0]: (row[1].replace(f" {row[3]}()", f" {row[4]}.{row[3]}()"), row[2]) for row in standing}
    bodies = connection.execute(
        """SELECT p.proname, p.prosrc, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = ?""",
        (SCHEMA_NAME,),
    )
    written = {row[0]: (row[1], row[2]) for row in bodies}
    changed = [name for name, (_, made) in triggers().items() if found.get(name) != (made, "A")]
    path = [FIXED_PATH.removeprefix("SET ").replace(" TO ", "=").replace("'", "")]
    return changed + [name for name, body in functions.items() if written.get(name) != (body, path)]
