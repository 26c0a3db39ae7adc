"""Who may do what in PostgreSQL with a login of his own: three roles without login, one policy a role on each table.

`shuangshen db roles` makes them; the logins themselves, and their passwords, are the administrator's. Nothing here
stops the owner of the tables or a superuser: those can only be found out, by the trail and a checkpoint kept elsewhere.
Whose unit a drafting login is of follows from `session_user`, which nobody can choose, and never from a setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput, NotFound, Refused
from engine.store import postgres
from engine.store.connection import require_known
from engine.store.place import is_remote, name_of

APP, AUDITOR, DRAFTER = "shuangshen_app", "shuangshen_auditor", "shuangshen_drafter"
ROLES = (APP, AUDITOR, DRAFTER)

HERE = postgres.SCHEMA_NAME
_INSERTED = (
    *("event", "record", "content", "bundle", "command", "merkle"),
    *("case_", "matter", "task", "meta", "tally", "passage"),
)
_UPDATED = ("case_", "matter", "meta", "tally")
_DELETED = ("task", "passage")
_DRAFTERS = ("case_", "task", "record", "event", "passage")
_OWN = f"unit = (SELECT {HERE}.own_unit())"
_OF_OWN_CASE = f"case_id IN (SELECT id FROM {HERE}.case_ WHERE {_OWN})"  # noqa: S608
_FIXED_META = "key NOT IN ('schema', 'origin')"

_PREPARED = (
    f"""CREATE TABLE IF NOT EXISTS {HERE}.drafting_login
    (login name PRIMARY KEY, unit text COLLATE "C" NOT NULL)""",
    f"""CREATE OR REPLACE FUNCTION {HERE}.own_unit() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS 'SELECT unit FROM {HERE}.drafting_login WHERE login = session_user'""",  # noqa: S608
    f"REVOKE ALL ON SCHEMA {HERE} FROM PUBLIC",
    f"REVOKE ALL ON ALL TABLES IN SCHEMA {HERE} FROM PUBLIC, {', '.join(ROLES)}",
    f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {HERE} FROM PUBLIC, {', '.join(ROLES)}",
    f"GRANT USAGE ON SCHEMA {HERE} TO {', '.join(ROLES)}",
    f"GRANT EXECUTE ON FUNCTION {HERE}.instr(text, text), {HERE}.json_each(text, text) TO {APP}, {AUDITOR}",
    f"GRANT EXECUTE ON FUNCTION {HERE}.destroy(integer) TO {APP}",
    f"GRANT EXECUTE ON FUNCTION {HERE}.own_unit() TO {DRAFTER}",
)


@dataclass(frozen=True, slots=True)
class Logins:
    """Existing logins to be put into the roles; a drafting login with the id of its unit."""

    app: Sequence[str] = ()
    auditor: Sequence[str] = ()
    drafter: Mapping[str, str] = field(default_factory=dict)


def make_roles(path: Path, logins: Logins) -> None:
    """The three roles exist with their rights and policies, and these logins are in them. May be repeated.

    Raises InvalidInput for a database of SQLite's, NotFound for a login there is none of, Refused without the right
    to make roles.
    """
    if not is_remote(path):
        raise InvalidInput(
            f"“{name_of(path)}”是 SQLite 文件，没有登录和角色。", "请按文件权限管理，或改用 PostgreSQL。"
        )
    library = postgres.driver()
    with postgres.refusing(path), postgres.connect(path) as connection, connection.transaction():
        require_known(postgres.schema_number(connection), name_of(path))
        try:
            for role in ROLES:
                _make_role(connection, role)
        except library.errors.InsufficientPrivilege as error:
            raise Refused(
                f"所用的登录不能建立角色（{name_of(path)}）。",
                f"请管理员执行 CREATE ROLE {' / '.join(ROLES)}（NOLOGIN），再运行 shuangshen db roles。",
            ) from error
        apply_roles(connection)
        _enrol(connection, logins)


def apply_roles(connection: Any) -> None:
    """Rights and policies are those written here, whatever they were."""
    for statement in _PREPARED:
        connection.execute(statement)
    for table, rights in _rights():
        connection.execute(f"GRANT {rights} ON {HERE}.{table} TO {APP}")
    connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {HERE} TO {AUDITOR}")
    connection.execute(f"GRANT SELECT ON {', '.join(f'{HERE}.{table}' for table in _DRAFTERS)} TO {DRAFTER}")
    asked = "SELECT policyname, tablename FROM pg_policies WHERE schemaname = %s"
    for policy, table in connection.execute(asked, (HERE,)).fetchall():
        connection.execute(f'DROP POLICY "{policy}" ON {HERE}.{table}')
    owner = connection.execute("SELECT quote_ident(current_user)").fetchone()[0]
    for statement in _policies(owner):
        connection.execute(statement)
    _close_the_rest(connection)


def has_roles(connection: Any) -> bool:
    """Whether roles have been made for this database."""
    asked = "SELECT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = %s)"
    return bool(connection.execute(asked, (HERE,)).fetchone()[0])


def _make_role(connection: Any, role: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
        connection.execute(f"CREATE ROLE {role} NOLOGIN")


def _rights() -> Iterator[tuple[str, str]]:
    for table in _INSERTED:
        more = ", UPDATE" if table in _UPDATED else ", DELETE" if table in _DELETED else ""
        yield table, f"SELECT, INSERT{more}"


def _policies(owner: str) -> Iterator[str]:
    """One policy a role: a single one with OR in it would be asked of every row, index or not."""
    for table in _INSERTED:
        yield f"ALTER TABLE {HERE}.{table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {HERE}.{table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY owner_works ON {HERE}.{table} TO {owner} USING (true) WITH CHECK (true)"
        yield f"CREATE POLICY auditor_reads ON {HERE}.{table} FOR SELECT TO {AUDITOR} USING (true)"
        if table == "meta":
            yield f"CREATE POLICY app_reads ON {HERE}.meta FOR SELECT TO {APP} USING (true)"
            yield f"CREATE POLICY app_adds ON {HERE}.meta FOR INSERT TO {APP} WITH CHECK ({_FIXED_META})"
            yield f"CREATE POLICY app_counts ON {HERE}.meta FOR UPDATE TO {APP} USING ({_FIXED_META})"
        else:
            yield f"CREATE POLICY app_works ON {HERE}.{table} TO {APP} USING (true) WITH CHECK (true)"
    for table in _DRAFTERS:
        own = _OWN if table in ("case_", "task") else _OF_OWN_CASE
        yield f"CREATE POLICY drafter_reads_own ON {HERE}.{table} FOR SELECT TO {DRAFTER} USING ({own})"


def _close_the_rest(connection: Any) -> None:
    """No login can make a table or a function that stands in the way of ours, where it is ours to say so."""
    database, ours = connection.execute(
        """SELECT quote_ident(datname), pg_has_role(datdba, 'member') FROM pg_database
        WHERE datname = current_database()"""
    ).fetchone()
    if ours:
        connection.execute(f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC")
    public = "SELECT pg_has_role(nspowner, 'member') FROM pg_namespace WHERE nspname = 'public'"
    if connection.execute(public).fetchone() == (True,):
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def _enrol(connection: Any, logins: Logins) -> None:
    named = {APP: logins.app, AUDITOR: logins.auditor, DRAFTER: tuple(logins.drafter)}
    for role, login in ((role, login) for role, each in named.items() for login in each):
        known = connection.execute("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = %s", (login,)).fetchone()
        if known is None:
            raise NotFound(f"数据库里没有登录“{login}”。", f"请管理员先执行 CREATE ROLE {login} LOGIN。")
        connection.execute(f"GRANT {role} TO {known[0]}")
    for login, unit in logins.drafter.items():
        connection.execute(
            f"""INSERT INTO {HERE}.drafting_login VALUES (%s, %s)
            ON CONFLICT (login) DO UPDATE SET unit = excluded.unit""",  # noqa: S608
            (login, unit),
        )
