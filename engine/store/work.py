"""The unit of work: the one way to write. State, command, event, records, open tasks go into one transaction.

Every act opens one, looks around in it, and saves; the store decides nothing, it only refuses what would lose or
double somebody's work. In SQLite one writer has the file; in PostgreSQL one has the case he looks at, the command he
repeats, the number he draws, and, from the writing of his event to the end, the end of the trail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from json import loads
from typing import Any, cast

from sqlalchemy import Connection

from engine.errors import Conflict
from engine.model import Case, Document, MatterRecord, Record, Turn
from engine.store import rows
from engine.store import statements as sql
from engine.store.acts import Act, Dossier, Receipt, event_body, secret_of
from engine.store.connection import case_not_found
from engine.store.filing import filing_of
from engine.store.looking import Looking
from engine.store.noted import Noted
from engine.store.passages import SEARCHED, file_passages
from engine.store.records import instant, receipt_text, state_of
from engine.store.whereabouts import handed_over
from engine.trail.chain import Sealed, plain_json, seal
from engine.trail.merkle import completed_by, node_count
from engine.trail.segments import AWAY, IN
from engine.trail.verifier import GENESIS, decision_text


class UnitOfWork(Looking):
    """One transaction over the store; get it from `Store.work()`.

    `texts` are drafts the act has read, by the digest of their text, so that the search index need not read them again.
    """

    def __init__(self, connection: Connection, *, waits: bool = True) -> None:
        super().__init__(connection, waits=waits)
        self.saved = False
        self._moved: Counter[str] = Counter()
        self.noted: list[Noted] = []
        self.texts: dict[str, Document] = {}

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
        filing = filing_of(act.facts, act.digest, secret_of(act), records)
        act = replace(act, facts=filing.facts, digest=filing.asked)
        filed = filing.listed(seq + 1)
        body = event_body(dossier, act, filed, contents)
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
