"""The unit of work: the one way to write. State, command, event, records, open tasks go into one transaction.

Every act opens one, looks around in it, and saves; the store decides nothing, it only refuses what would lose or
double somebody's work. In SQLite one writer has the file; in PostgreSQL one has the case he looks at, the command he
repeats, the number he draws, and, from the writing of his event to the end, the end of the trail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from json import loads
from typing import Any, cast

from sqlalchemy import Connection, Executable

from engine.errors import Busy, Conflict, NotFound, NotYourTurn, TrailBroken
from engine.model import Case, CaseFile, Document, MatterRecord, Officer, Record, Turn
from engine.store import rows
from engine.store import statements as sql
from engine.store.connection import case_not_found, gone
from engine.store.contents import pack, unpack
from engine.store.filing import filing_of, salted_by
from engine.store.noted import Noted
from engine.store.passages import SEARCHED, file_passages
from engine.store.records import digest_of, instant, receipt_text, state_of
from engine.store.whereabouts import handed_over
from engine.store.wording import read_out
from engine.trail.chain import JSON, Sealed, plain_json, seal
from engine.trail.merkle import completed_by, node_count
from engine.trail.segments import AWAY, IN
from engine.trail.verifier import GENESIS, decision_text


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, when (UTC), under which command; `digest` is of the act's own arguments.

    The same command id with the same digest is the same act repeated. `facts` are the few flat values a reader of
    the trail wants to see: element, outcome, route, stage_from, stage_to, round, version, reason; those that are free
    words (`engine.trail.words.parted`) are filed beside the event, not in it. `attest`, if given, answers the decision
    (`engine.trail.verifier.decision_text`) with the actor's signature; `text` is the SHA-256 of the text decided upon.
    `secret` is what the salts of its records are made from, so that an act done twice to be signed decides the same.
    """

    name: str
    actor: Officer | str
    unit: str
    at: datetime
    command: str
    facts: Mapping[str, JSON]
    digest: str
    attest: Callable[[str], str] | None = None
    text: str = ""
    secret: bytes = b""

    @property
    def actor_id(self) -> str:
        """The officer's id."""
        return self.actor.id if isinstance(self.actor, Officer) else self.actor


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an act left behind. `repeated` means it had been done before and nothing was written now."""

    case_id: str
    revision: int
    event_seq: int
    event_hash: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """What an event is about: a case or a matter in its new revision, and the canonical text of its state."""

    id: str
    revision: int
    round: int
    state: str


class Taken(Busy):
    """Somebody else is at this very case or command now; raised only by a store that does not wait."""


class UnitOfWork:
    """One transaction over the store; get it from `Store.work()`. `command` is the last one it was asked about.

    `texts` are drafts the act has read, by the digest of their text, so that the search index need not read them again.
    """

    def __init__(self, connection: Connection, *, waits: bool = True) -> None:
        self.connection = connection
        self.saved = False
        self.command = ""
        self._shared = connection.dialect.name == "postgresql"
        self._waits = waits
        self._moved: Counter[str] = Counter()
        self.noted: list[Noted] = []
        self.texts: dict[str, Document] = {}

    # ------------------------------------------------------------ looking

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

    # ------------------------------------------------------------ saving

    def save(
        self,
        case: Case,
        act: Act,
        *,
        records: Sequence[Record] = (),
        turns: Sequence[Turn] | None = None,
        contents: Sequence[str] = (),
    ) -> Receipt:
        """The act is done: the case in its next revision, the event, the records, the open tasks are written.

        `case.revision` is the one it was loaded with (0 for a new case); `turns` are all tasks open now, None if
        unchanged. Durable once the unit of work is left without error. Raises Conflict when somebody else acted
        first or the command was used before.
        """
        self.require_fresh(act, contents)
        now = replace(case, revision=case.revision + 1)
        self._write_case(now, act.name)
        if turns is not None:
            self._write_turns(now, turns, act.at)
        standing = self.open_turns(now.id) if turns is None else tuple(turns)
        state = state_of(now, standing, self._value(sql.BUNDLE_DIGEST, now.bundle) or "")
        return self.append(Dossier(now.id, now.revision, now.round, state), act, records, contents)

    def append(
        self, dossier: Dossier, act: Act, records: Sequence[Record | MatterRecord], contents: Sequence[str]
    ) -> Receipt:
        """The event, its records and its command are written behind the state they vouch for; for the store alone."""
        if self._shared:
            self.connection.execute(sql.APPENDING_ALONE)
        seq, prev = self.connection.execute(sql.LAST_EVENT).first() or (0, GENESIS)
        filing = filing_of(act.facts, act.digest, _secret(act), records)
        act = replace(act, facts=filing.facts, digest=filing.asked)
        filed = filing.listed(seq + 1)
        body = _event_body(dossier, act, filed, contents)
        if act.attest is not None:
            body |= self._attested(act, body, seq + 1)
        sealed = seal(seq + 1, prev, body)
        self._write_event(seq + 1, dossier.id, prev, sealed)
        self._write_records(dossier, seq + 1, filed, filing.bodies)
        receipt = Receipt(dossier.id, dossier.revision, seq + 1, sealed.hash)
        self._write_command(act, receipt)
        named = zip(filing.kinds, filing.bodies, strict=True)
        searched = [(kind, loads(body)) for kind, body in named if kind in SEARCHED]
        file_passages(self.connection, dossier.id, seq + 1, searched, self.texts)
        self._write_tally()
        self.saved = True
        self.noted.append(Noted(act.name, act.actor_id, dossier.id, receipt.event_seq, receipt.event_hash))
        return receipt

    def require_fresh(self, act: Act, contents: Sequence[str]) -> None:
        """Raises Conflict when the command was used before, ValueError for an act or contents nobody could trace."""
        if not act.command or not act.name or not act.actor_id:
            raise ValueError("an act needs a name, an actor and a command id")
        if self.repeated(act.command, act.digest):
            raise Conflict(f"操作号“{act.command}”已经办理过。", "请换一个新的操作号。")
        for digest in contents:
            if self._value(sql.CONTENT_SIZE, digest) is None:
                raise ValueError(f"content {digest} was not put into the store")

    def _attested(self, act: Act, body: dict[str, Any], seq: int) -> dict[str, Any]:
        from engine.store.signing import attested  # unsigned acts do not pay for it

        assert act.attest is not None  # noqa: S101  # the caller has looked
        decided = cast("dict[str, Any]", plain_json({**body, "text": act.text}))
        return {"text": act.text, **attested(self, decided, act.attest(decision_text(decided)), seq)}

    def _write_case(self, case: Case, act: str) -> None:
        standing = self._row(sql.CASE_STANDING, case.id)
        if standing and standing["stage"] == AWAY and act != IN:
            raise handed_over(case.id)
        stored = standing["revision"] if standing else None
        columns = rows.case_columns(case)
        if stored is None and case.revision == 1:
            self.connection.execute(sql.ADD_CASE, columns)
        elif stored is None:
            raise case_not_found(case.id, ())
        elif stored != case.revision - 1:
            raise self._overtaken(case.id)
        else:
            del columns["id"]  # naming the key, even unchanged, makes SQLite search every referring table
            self.connection.execute(sql.SET_CASE, {"which": case.id, **columns})
        if standing:
            self._moved[f"stage {standing['stage']}"] -= 1
        self._moved[f"stage {case.stage}"] += 1

    def _overtaken(self, case_id: str) -> Conflict:
        event = loads(self._value(sql.LAST_EVENT_OF_CASE, case_id))
        return Conflict(
            f"案件 {case_id} 已由 {event['actor']} 于 {event['at']} 办理了“{event['act']}”，你所依据的不是最新状态。",
            "请重新查看案件后再办理。",
        )

    def _write_turns(self, case: Case, turns: Sequence[Turn], at: datetime) -> None:
        before = list(self._rows(sql.TASKS, case.id))
        opened = {row["task"]: row["opened_at"] for row in before}
        self._moved.update(f"role {turn.role}" for turn in turns)
        self._moved.subtract(f"role {row['role']}" for row in before)
        self.connection.execute(sql.DROP_TASKS, {"key": case.id})
        if turns:
            columns = [
                rows.task_columns(case, turn, ordinal, opened.get(turn.task, instant(at)))
                for ordinal, turn in enumerate(turns)
            ]
            self.connection.execute(sql.ADD_TASKS, columns)

    def _write_event(self, seq: int, case_id: str, prev: str, sealed: Sealed) -> None:
        event = {"seq": seq, "case_id": case_id, "payload": sealed.payload, "prev": prev, "hash": sealed.hash}
        self.connection.execute(sql.ADD_EVENT, event)
        created = completed_by(seq - 1, bytes.fromhex(sealed.hash), lambda place: bytes(self._value(sql.NODE, place)))
        nodes = [{"position": place, "hash": node} for place, node in enumerate(created, node_count(seq - 1))]
        self.connection.execute(sql.ADD_NODES, nodes)

    def _write_records(
        self, dossier: Dossier, seq: int, filed: Sequence[Mapping[str, str]], bodies: Sequence[str]
    ) -> None:
        same = {"case_id": dossier.id, "round": dossier.round, "event_seq": seq}
        written = [
            {**same, **entry, "body": body, "ordinal": ordinal}
            for ordinal, (entry, body) in enumerate(zip(filed, bodies, strict=True), 1)
        ]
        if written:
            self.connection.execute(sql.ADD_RECORDS, written)

    def _write_command(self, act: Act, receipt: Receipt) -> None:
        done = {"id": act.command, "actor": act.actor_id, "act": act.name, "digest": act.digest}
        where = {"case_id": receipt.case_id, "event_seq": receipt.event_seq}
        result = receipt_text(receipt.case_id, receipt.revision, receipt.event_seq, receipt.event_hash)
        self.connection.execute(sql.ADD_COMMAND, {**done, **where, "result": result})

    def _write_tally(self) -> None:
        """What was moved is counted; last of all, when nobody else can be appending."""
        moved = [{"name": name, "more": more} for name, more in sorted(self._moved.items()) if more]
        if moved:
            self.connection.execute(sql.ADD_TO_TALLY, moved)
        self._moved.clear()

    # ------------------------------------------------------------ asking the database

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


def _secret(act: Act) -> bytes:
    """What the salts of this act are made from: not twice the same, though one office does several acts."""
    return act.secret + act.command.encode("utf-8", "replace") if act.secret else b""


def _event_body(
    dossier: Dossier, act: Act, filed: Sequence[Mapping[str, str]], contents: Sequence[str]
) -> dict[str, object]:
    return {
        "case": dossier.id,
        "revision": dossier.revision,
        "state": digest_of(dossier.state),
        "act": act.name,
        "actor": act.actor_id,
        "unit": act.unit,
        "at": instant(act.at),
        "command": act.command,
        "command_digest": act.digest,
        "records": list(filed),
        "contents": sorted(set(contents)),
        "facts": dict(act.facts),
    }
