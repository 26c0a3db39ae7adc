"""Which SQLite: Python's own, unless it can corrupt a WAL database and the optional `pysqlite3` has one that cannot.

SQLite 3.7.0 to 3.51.2 can do that when two connections write and checkpoint at the same instant (fixed in 3.51.3, also
in 3.50.7 and 3.44.6). Everything that opens a database of ours takes `sqlite3` from here: two copies of SQLite in one
process would release each other's locks on the same file.
"""

from __future__ import annotations

import sqlite3 as own
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def chosen() -> ModuleType:
    """Python's own library, or `pysqlite3` where only that one is safe with WAL."""
    if wal_is_safe(own.sqlite_version_info):
        return own
    try:
        other = import_module("pysqlite3.dbapi2")
    except ImportError:
        return own
    return other if wal_is_safe(other.sqlite_version_info) else own


if TYPE_CHECKING:
    import sqlite3 as sqlite3  # the other one has all of it that is used here
else:
    sqlite3 = chosen()
