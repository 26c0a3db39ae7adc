"""One PostgreSQL connection, opened the safe way, and the reads' view of it; imported only where a place is a URL.

What the reads use of `sqlite3` is spoken here as well (`?`, rows by number and name), so that one statement serves both
databases. The two words of SQLite's SQL they use besides, `instr` and `json_each`, are functions of our schema.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import Busy, Conflict, FairReviewError, InvalidInput, NotFound, Refused
from engine.store import connection as ours
from engine.store.place import shown, url_at, without_secrets

if TYPE_CHECKING:
    import psycopg

SCHEMA_NAME = "shuangshen"
OLDEST_SERVER = 140000
CONNECT_SECONDS = 10

_BUSY = frozenset({"55P03", "40P01", "40001", "57014"})
_FULL = frozenset({"53100", "53200"})
_LOST = frozenset({"57P01", "57P02", "57P03", "25P03", "57P05", "08000", "08001", "08003", "08004", "08006"})
_CHANGED = frozenset({"42P01", "42703", "42883", "3F000"})


def driver() -> Any:
    """The module psycopg. Raises InvalidInput where it is not installed."""
    try:
        import psycopg
    except ImportError as error:
        raise InvalidInput(
            "没有安装 PostgreSQL 的驱动。", "请安装 shuangshen[postgresql]（或 pip install 'psycopg[binary]'）。"
        ) from error
    return psycopg


def connect(place: Path) -> psycopg.Connection[Any]:
    """A connection in autocommit mode to the database this place names; waits `BUSY_SECONDS` for a lock, no longer.

    Names are looked up in our schema and nowhere a stranger can create one. Raises Busy when the server cannot be
    reached, InvalidInput for a server too old or of another encoding.
    """
    library, url = driver(), url_at(place)
    waiting = (
        {} if "connect_timeout=" in url or "PGCONNECT_TIMEOUT" in os.environ else {"connect_timeout": CONNECT_SECONDS}
    )
    try:
        connection: psycopg.Connection[Any] = library.connect(
            url, autocommit=True, fallback_application_name="shuangshen", **waiting
        )
    except library.OperationalError as error:
        raise _unreachable(error, url) from error
    except library.ProgrammingError as error:
        raise InvalidInput(f"数据库地址“{shown(url)}”写法不对。", "请检查地址中的参数。") from error
    try:
        _require_server(connection)
        connection.execute(
            f"SET search_path = {SCHEMA_NAME}, pg_temp; SET lock_timeout = {int(ours.BUSY_SECONDS * 1000)}"
        )
    except BaseException:
        connection.close()
        raise
    return connection


def _require_server(connection: psycopg.Connection[Any]) -> None:
    version, encoding = connection.info.server_version, connection.info.parameter_status("server_encoding")
    if version < OLDEST_SERVER:
        raise InvalidInput(f"PostgreSQL 的版本是 {version // 10000}，需要 14 以上。", "请升级数据库服务器。")
    if encoding != "UTF8":
        raise InvalidInput(f"数据库的编码是 {encoding}，需要 UTF8。", "请用 ENCODING 'UTF8' 另建一个库。")


class Row(tuple[Any, ...]):
    """A row by number and by name, as SQLite's."""

    names: tuple[str, ...] = ()

    def keys(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return self.names

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(self.names.index(place) if isinstance(place, str) else place)


class Reader:
    """What the reads ask of a connection: `execute`, with `?` for every value."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """The rows of this statement."""
        if not values:
            return self._connection.execute(statement.encode())
        return self._connection.execute(_translated(statement), values)


@contextmanager
def reading(place: Path) -> Iterator[Reader]:
    """A read-only view of the database as it is at one instant. Raises as `connection.require_known`.

    The connection is kept for the next question of this process: making one takes longer than most answers.
    """
    url = url_at(place)
    with refusing(place):
        connection, number = _begun(place, url)
        try:
            ours.require_known(number, shown(url))
            yield Reader(connection)
            connection.execute("ROLLBACK")
        except BaseException:
            connection.close()
            raise
        _idle.setdefault((os.getpid(), url), []).append(connection)


_idle: dict[tuple[int, str], list[psycopg.Connection[Any]]] = {}


def _begun(place: Path, url: str) -> tuple[psycopg.Connection[Any], str]:
    """A connection of this process at the beginning of a reading transaction, and the number of the schema.

    One left idle serves if it still answers.
    """
    kept = _idle.get((os.getpid(), url), [])
    while kept:
        connection = kept.pop()
        try:
            return connection, _snapshot(connection)
        except driver().OperationalError:
            connection.close()
    connection = connect(place)
    connection.row_factory = _rows
    connection.prepare_threshold = None
    try:
        return connection, _snapshot(connection)
    except BaseException:
        connection.close()
        raise


def _snapshot(connection: psycopg.Connection[Any]) -> str:
    """A reading transaction has begun, in one exchange with the server; gives the number of the schema."""
    return schema_number(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ")


@atexit.register
def _close_idle() -> None:
    for (process, _), connections in _idle.items():
        for connection in connections if process == os.getpid() else ():
            connection.close()


def schema_number(connection: psycopg.Connection[Any], before: str = "") -> str:
    """The number of the schema as it is written there, after the statement `before`.

    Raises NotFound when our tables are not there.
    """
    try:
        cursor = connection.execute(f"{before}SELECT value FROM {SCHEMA_NAME}.meta WHERE key = 'schema'".encode())  # noqa: S608
    except driver().errors.UndefinedTable as error:
        raise NotFound(
            "这个 PostgreSQL 库里还没有双审的数据。", "请先运行 shuangshen init --database 建立。"
        ) from error
    while cursor.nextset():
        pass
    found = cursor.fetchone()
    return str(found[0]) if found else ""


@contextmanager
def refusing(place: Path) -> Iterator[None]:
    """Turn the server's errors (not those about our own SQL) into refusals a user can act upon."""
    library = driver()
    try:
        yield
    except library.Error as error:
        refusal = refusal_for(error, place)
        if refusal is None:
            raise
        raise refusal from error


def refusal_for(error: BaseException | None, place: Path) -> FairReviewError | None:
    """The refusal that says what this error of the server means for the user; None when it is a programming error."""
    library, state = driver(), getattr(error, "sqlstate", None)
    if state in _BUSY:
        return ours.busy()
    if state in _FULL:
        return ours.full()
    if state == "53300":
        return Busy("数据库的连接已满，什么都没有写入。", "请稍候重复同一命令；经常如此请管理员调大连接数。")
    if state == "42501":
        return Refused(
            f"所用的数据库登录无权做这一步（{shown(url_at(place))}），什么都没有写入。",
            "请改用属于办理角色的登录，或请管理员运行 shuangshen db roles。",
        )
    if state == "25006":
        return InvalidInput(f"数据库“{shown(url_at(place))}”是只读的，什么都没有写入。", "请连到主库。")
    if state == "23505":
        return Conflict("另一操作刚刚写入了同一内容，这次什么都没有写入。", "请稍候重复同一命令。")
    if state in ("22021", "22P05") or (isinstance(error, library.DataError) and "NUL" in str(error)):
        return InvalidInput("文字里有不能保存的字符（NUL）。", "请重新输入该处文字。")
    if state in _LOST or (isinstance(error, library.OperationalError) and state is None):
        return lost()
    return None


def is_lost(error: BaseException | None) -> bool:
    """Whether this error says that the connection is gone, so that nobody can tell what became of the last word."""
    library, state = driver(), getattr(error, "sqlstate", None)
    return state in _LOST or (isinstance(error, library.OperationalError | library.InterfaceError) and state is None)


def is_changed_schema(error: BaseException) -> bool:
    """Whether this error says that a table, a column or a function of ours is missing."""
    return getattr(error, "sqlstate", None) in _CHANGED


def lost() -> Busy:
    """The refusal for a connection that broke before anything could be written."""
    return Busy("与数据库的连接中断，什么都没有写入。", "请稍候重复同一命令。")


def lost_at_commit(command: str) -> Busy:
    """The refusal for a connection that broke when everything was said and nothing heard: it may be done or not."""
    return Busy(
        f"与数据库的连接在最后提交时中断，不能确定是否已经写入（操作编号 {command}）。",
        f"请加 --command-id {command} 重复同一命令：已经办理的不会再办一次。",
    )


def _unreachable(error: Exception, url: str) -> Busy:
    told = without_secrets(" ".join(str(error).split()), url)
    return Busy(f"连不上数据库“{shown(url)}”：{told}。", "请检查地址、网络和数据库服务，稍候重复同一命令。")


@lru_cache(maxsize=256)
def _translated(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    return _row_of(tuple(column.name for column in cursor.description or ()))


@lru_cache(maxsize=256)
def _row_of(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"names": names})
