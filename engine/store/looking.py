"""What a unit of work finds before it saves: cases, their records and events, open tasks, files, numbers.

Whatever it looks at nobody else changes meanwhile: in SQLite one writer has the file, in PostgreSQL one has the case he
looks at, the command he repeats, the number he draws. The base of `engine.store.work.UnitOfWork`, and nothing else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from json import loads
from typing import Any

from sqlalchemy import Connection, Executable

from engine.errors import Conflict, NotFound, NotYourTurn, TrailBroken
from engine.model import Case, CaseFile, Turn
from engine.store import rows
from engine.store import statements as sql
from engine.store.acts import Receipt, Taken
from engine.store.connection import case_not_found, gone
from engine.store.contents import pack, unpack
from engine.store.filing import salted_by
from engine.store.records import instant
from engine.store.wording import read_out


class Looking:
    """One transaction, asked and not yet saved; `command` is the last one it was asked about."""

    def __init__(self, connection: Connection, *, waits: bool = True) -> None:
        self.connection = connection
        self.command = ""
        self._shared = connection.dialect.name == "postgresql"
        self._waits = waits

    def repeated(self, command: str, digest: str) -> Receipt | None:
        """The receipt of this command if it was done before, else None.

        Raises Conflict when the id was used for another act. Until this unit of work ends, nobody else gets beyond
        this question with the same id.
        """
        self._hold_command(command)
        row = self._row(sql.COMMAND, command)
        if row is None:
            return None
        if row["digest"] not in (digest, self._salted(row["event_seq"], digest)):
            raise Conflict(
                f"操作号“{command}”已用于案件 {row['case_id']} 的另一个动作（{row['act']}，{row['actor']}）。",
                "请换一个新的操作号。",
            )
        return Receipt(**loads(row["result"]), repeated=True)

    def case(self, case_id: str) -> Case:
        """Where the case stands, and nobody else changes it meanwhile. Raises NotFound with the nearest ids."""
        row = self._row(sql.CASE if self._waits else sql.CASE_IF_FREE, case_id)
        if row is None:
            if not self._waits and self._value(sql.CASE_IS_THERE, case_id) is not None:
                raise Taken(f"案件 {case_id} 正由他人办理。", "请稍候重复同一命令。")
            raise case_not_found(case_id, self.connection.scalars(sql.NEWEST_CASES))
        return rows.case_of(row)

    def case_file(self, case_id: str) -> CaseFile:
        """The case and everything filed in it, oldest first; every record is checked against its own digest."""
        file = rows.case_file_of(self.case(case_id), self._rows(sql.RECORDS, case_id))
        if file.disposals:
            raise gone(case_id, instant(file.disposals[0].disposed_at))
        return file

    def events(self, case_id: str) -> tuple[Mapping[str, Any], ...]:
        """The case's events, oldest first, each with its words among its facts."""
        return read_out(self.sealed_events(case_id), lambda: self._words_of(case_id))

    def sealed_events(self, case_id: str) -> tuple[Mapping[str, Any], ...]:
        """The payloads of the case's events as they were sealed, oldest first."""
        return tuple(loads(row["payload"]) for row in self._rows(sql.EVENTS_OF_CASE, case_id))

    def _words_of(self, case_id: str) -> tuple[dict[str, str], bool]:
        found = list(self._rows(sql.WORDS_OF_CASE, case_id))
        return {row["digest"]: row["body"] for row in found}, any(row["kind"] == "disposal" for row in found)

    def latest_event(self) -> Mapping[str, Any] | None:
        """The payload of the last event of the whole trail, None while there is none."""
        payload = self.connection.execute(sql.LATEST_EVENT).scalar()
        return None if payload is None else dict(loads(payload))

    def open_turns(self, case_id: str) -> tuple[Turn, ...]:
        """The open tasks of the case, in the order they were saved."""
        return tuple(rows.turn_of(row) for row in self._rows(sql.TASKS, case_id))

    def holder(self, case_id: str, element: str, instance: str = "") -> str:
        """Who claimed the open task, "" if nobody. Raises NotYourTurn when no such task is open."""
        for turn in self.open_turns(case_id):
            if (turn.element, turn.instance) == (element, instance):
                return turn.holder
        raise NotYourTurn(f"案件 {case_id} 现在没有等待办理的“{element}”。", "请先查看该案件当前环节。")

    def next_case_id(self, year: int) -> str:
        """The next free number of the year ("2026-0001"); taken only if this unit of work saves."""
        return f"{year}-{self.next_number(f'cases {year}'):04d}"

    def next_number(self, counter: str) -> int:
        """The next number of this counter, from 1; taken only if this unit of work saves."""
        self.connection.execute(sql.ADD_COUNTER, {"key": counter})
        number = int(self._value(sql.COUNTER, counter)) + 1
        self.connection.execute(sql.SET_META, {"which": counter, "value": str(number)})
        return number

    def bundle(self, name: str) -> bytes:
        """The process definition stored under this name. Raises NotFound; TrailBroken when it was changed."""
        row = self._row(sql.BUNDLE, name)
        if row is None:
            raise NotFound(f"数据库里没有流程定义 {name}。", "请检查数据库是否完整。")
        data: bytes = row["data"]
        if sha256(data).hexdigest() != row["digest"]:
            raise TrailBroken(f"流程定义 {name} 与它的 SHA-256 不符，内容被改动。", "请停止写入，从备份恢复。")
        return data

    def has_bundle(self, name: str) -> bool:
        """Whether a process definition is stored under this name."""
        return self._value(sql.BUNDLE_DIGEST, name) is not None

    def put_bundle(self, name: str, data: bytes) -> None:
        """The process definition is stored under its name; raises Conflict when other bytes already are."""
        digest = sha256(data).hexdigest()
        if self._value(sql.BUNDLE_DIGEST, name) is None:
            self.connection.execute(sql.ADD_BUNDLE, {"hash": name, "data": data, "digest": digest})
        if self._value(sql.BUNDLE_DIGEST, name) != digest:  # also when somebody else was first, just now
            raise Conflict(f"流程定义 {name} 已存有不同的内容。", "同名的流程定义不能改写；请检查流程文件。")

    def content(self, digest: str) -> bytes:
        """The file or text with this SHA-256. Raises NotFound; TrailBroken when it was changed."""
        row = self._row(sql.CONTENT, digest)
        if row is None:
            raise NotFound(f"数据库里没有 SHA-256 为 {digest} 的文件。", "请检查数据库是否完整。")
        return unpack(digest, row["size"], row["data"])

    def put_content(self, data: bytes) -> str:
        """The bytes are stored; gives their SHA-256. Name it in `save(contents=…)` to put it on the trail."""
        digest = sha256(data).hexdigest()
        if self._value(sql.CONTENT_SIZE, digest) is None:
            self.connection.execute(sql.ADD_CONTENT, {"sha256": digest, "size": len(data), "data": pack(data)})
        return digest

    def _hold_command(self, command: str) -> None:
        self.command = command
        if not self._shared:
            return
        if self._waits:
            self.connection.execute(sql.COMMAND_ALONE, {"key": command})
        elif not self._value(sql.COMMAND_IF_FREE, command):
            raise Taken(f"操作编号 {command} 正在办理。", "请稍候重复同一命令。")

    def _salted(self, seq: int, digest: str) -> str:
        """The digest of an act's arguments as event `seq` tells it; itself where nothing was filed, or it is gone."""
        return salted_by(digest, self._value(sql.LAST_RECORD, seq))

    def _row(self, statement: Executable, key: str) -> rows.Row | None:
        return next(self._rows(statement, key), None)

    def _rows(self, statement: Executable, key: str) -> Iterator[rows.Row]:
        return (dict(row) for row in self.connection.execute(statement, {"key": key}).mappings().all())

    def _value(self, statement: Executable, key: str | int) -> Any:
        return self.connection.execute(statement, {"key": key}).scalar()
