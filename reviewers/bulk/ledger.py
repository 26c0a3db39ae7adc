"""The ledger of a clean-up: one SQLite file that knows by content, rule pack and day what is done.

A resumed run asks it before reading a file; copies of a file are listed but screened once; ledgers of several machines
are merged. Written by one run or several at a time, a document a transaction or a few.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from types import TracebackType

from engine.errors import Busy, Conflict, InvalidInput
from reviewers.bulk.scanning import Scanned
from reviewers.bulk.walk import Entry
from reviewers.reports import Plain

APPLICATION = 0x53_48_55_4C
VERSION = 1
_SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE basis (pack TEXT NOT NULL, as_of TEXT NOT NULL, ordinal INTEGER PRIMARY KEY, UNIQUE (pack, as_of));
CREATE TABLE file (
  path TEXT PRIMARY KEY, department TEXT NOT NULL, sha256 TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX file_by_content ON file (sha256);
CREATE TABLE document (
  sha256 TEXT NOT NULL, basis INTEGER NOT NULL REFERENCES basis, kind TEXT NOT NULL, reason TEXT NOT NULL,
  title TEXT NOT NULL, year TEXT NOT NULL, blocking INTEGER NOT NULL, attention INTEGER NOT NULL, result TEXT NOT NULL,
  PRIMARY KEY (sha256, basis)) WITHOUT ROWID;
"""
SCREENED, UNREADABLE, ARCHIVE = "screened", "unreadable", "archive"
_COPY = (
    "INSERT OR IGNORE INTO main.file SELECT * FROM other.file",
    """INSERT OR IGNORE INTO main.document SELECT d.sha256, m.ordinal, d.kind, d.reason, d.title, d.year, d.blocking,
       d.attention, d.result FROM other.document d JOIN other.basis b ON b.ordinal = d.basis
       JOIN main.basis m ON m.pack = b.pack AND m.as_of = b.as_of""",
)


class Ledger:
    """An open ledger; use as a context, which closes it and keeps what was written."""

    def __init__(self, path: Path | None) -> None:
        """Open or begin the ledger at `path`, in memory when None; raises InvalidInput when it is another file."""
        self.path = path
        try:
            self._sql = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None)
            self._sql.execute("PRAGMA synchronous = NORMAL")
            self._begin()
        except sqlite3.DatabaseError as error:
            raise InvalidInput(f"{path} 不能作台账：{error}。", "请换一个文件，或检查目录的权限。") from error
        self.basis = self._newest()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.save()
        self._sql.close()

    def _begin(self) -> None:
        self._sql.execute("BEGIN IMMEDIATE")
        (application,) = self._sql.execute("PRAGMA application_id").fetchone()
        (tables,) = self._sql.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._sql.execute("COMMIT")
        if application == APPLICATION:
            return
        if tables:
            raise InvalidInput(f"{self.path} 是别的数据库，不是存量清理的台账。", "请换一个文件名。")
        self._sql.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")

    def _newest(self) -> int:
        row = self._sql.execute("SELECT max(ordinal) FROM basis").fetchone()
        return int(row[0] or 0)

    def begin(self, pack: str, as_of: date) -> None:
        """From now on documents are recorded and asked for under this rule pack and day."""
        self._write("INSERT OR IGNORE INTO basis (pack, as_of) VALUES (?, ?)", (pack, as_of.isoformat()))
        found = self._sql.execute("SELECT ordinal FROM basis WHERE pack = ? AND as_of = ?", (pack, as_of.isoformat()))
        self.basis = int(found.fetchone()[0])

    def knows(self, sha256: str) -> bool:
        """Whether this content is done, whatever came of it."""
        found = self._sql.execute("SELECT 1 FROM document WHERE sha256 = ? AND basis = ?", (sha256, self.basis))
        return found.fetchone() is not None

    def list_file(self, entry: Entry, sha256: str, member: str = "", reason: str = "") -> None:
        """The file, or the member of an archive, is in the ledger with its content or the reason why it has none."""
        path = f"{entry.path}/{member}" if member else entry.path
        self._write("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", (path, entry.department, sha256, reason))

    def record(self, sha256: str, kind: str, found: Scanned) -> None:
        """What came of a content is in the ledger; what was there of it stays."""
        self._write(
            "INSERT OR IGNORE INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                sha256,
                self.basis,
                kind,
                found.reason,
                found.title,
                found.year,
                found.blocking,
                found.attention,
                found.result,
            ),
        )

    def forget_unreadable(self) -> None:
        """What could not be read will be tried again."""
        self._write("DELETE FROM document WHERE kind = ? AND basis = ?", (UNREADABLE, self.basis))

    def save(self) -> None:
        """Everything recorded so far survives the end of the process."""
        if self._sql.in_transaction:
            self._sql.execute("COMMIT")

    def add(self, path: Path) -> None:
        """Everything in the ledger at `path` is in this one too; raises Conflict when it used another pack or day."""
        with Ledger(path) as other:
            theirs, ours = other.described(), self.described()
        if ours and theirs != ours:
            raise Conflict(
                f"{path} 用的规则包和日期是 {theirs}，前面的是 {ours}，合并后不可比。",
                "请用同一规则包和 --as-of 重做一遍。",
            )
        if not ours:
            self.begin(*_parted(theirs))
        self.save()
        self._sql.execute("ATTACH ? AS other", (str(path),))
        self._sql.execute("BEGIN IMMEDIATE")
        for statement in _COPY:
            self._sql.execute(statement)
        self._sql.execute("COMMIT")
        self._sql.execute("DETACH other")

    def described(self) -> str:
        """Rule pack and day of the newest run, empty before the first."""
        row = self._sql.execute("SELECT pack || ' ' || as_of FROM basis WHERE ordinal = ?", (self.basis,)).fetchone()
        return str(row[0]) if row else ""

    def results(self, department: str = "") -> Iterator[Plain]:
        """Every listed file in the order of its path: screened, the copy of an earlier one, or unreadable.

        Of one department when named; a copy is then one of another file of the same department.
        """
        statement = """SELECT f.path, f.sha256, f.reason || coalesce(d.reason, ''), d.kind, d.result,
            min(f.path) OVER (PARTITION BY f.sha256) FROM file f
            LEFT JOIN document d ON d.sha256 = f.sha256 AND d.basis = ?
            WHERE ? IN ('', f.department) ORDER BY f.path"""
        for path, sha256, reason, kind, result, first in self._sql.execute(statement, (self.basis, department)):
            if reason:
                yield {"path": path, "unreadable": reason}
            elif first != path:
                yield {"path": path, "sha256": sha256, "duplicate_of": first}
            elif kind == SCREENED:
                yield {"path": path, **json.loads(result)}

    def counted(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a counting statement, in which :basis is the newest run's."""
        with closing(self._sql.execute(statement, {"basis": self.basis})) as rows:
            return [tuple(row) for row in rows]

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            if not self._sql.in_transaction:
                self._sql.execute("BEGIN IMMEDIATE")
            self._sql.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise Busy(
                f"台账 {self.path} 写不进去：{error}。", "请确认没有别的程序占用，磁盘未满，再运行一次。"
            ) from error


def _parted(described: str) -> tuple[str, date]:
    pack, _, as_of = described.rpartition(" ")
    return pack, date.fromisoformat(as_of)
