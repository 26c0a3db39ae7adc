"""Frozen records of `engine.model` to canonical JSON and back, exactly: what is hashed is what is stored.

Written by hand over the records' own type annotations, so that reading needs nothing but the standard library. Words
are kept as they stand, without Unicode normalisation: offsets and quotes are of the file's own text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from types import NoneType
from typing import Any, cast

from engine import model
from engine.errors import InvalidInput, TrailBroken
from engine.store.loading import Misfit, loader_of
from engine.trail import words
from engine.trail.chain import JSON
from engine.trail.verifier import canonical

KINDS: Mapping[str, type[model.Record]] = {
    "version": model.Version,
    "scope_decision": model.ScopeDecision,
    "screening": model.Screening,
    "consultation": model.Consultation,
    "exception_claim": model.ExceptionClaim,
    "review": model.Review,
    "correction": model.Correction,
    "rejection": model.Rejection,
    "conclusion": model.Conclusion,
    "acceptance": model.Acceptance,
    "redo": model.Redo,
    "opinion": model.Opinion,
    "adoption": model.Adoption,
    "settlement": model.Settlement,
    "effect_check": model.EffectCheck,
    "reopening": model.Reopening,
    "staffing": model.Staffing,
    "department_answer": model.DepartmentAnswer,
    "evaluation": model.Evaluation,
    "editorial": model.Editorial,
    "retention_step": model.RetentionStep,
    "disposal": model.Disposal,
}
MATTER_KINDS: Mapping[str, type[model.MatterRecord]] = {
    "ledger_entry": model.LedgerEntry,
    "ledger_progress": model.LedgerProgress,
    "ledger_closure": model.LedgerClosure,
    "complaint": model.Complaint,
    "complaint_step": model.ComplaintStep,
    "sample_commitment": model.SampleCommitment,
    "sample_draw": model.SampleDraw,
    "process_publication": model.ProcessPublication,
    "key_grant": model.KeyGrant,
    "key_revocation": model.KeyRevocation,
    "calendar_import": model.CalendarImport,
}
_KIND_OF: Mapping[type, str] = {record: kind for kinds in (KINDS, MATTER_KINDS) for kind, record in kinds.items()}


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A record as another installation stored it: its bytes are vouched for elsewhere, so they are kept as they are."""

    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Words:
    """The facts of an act that are somebody's words, by name: filed beside its event, not in it."""

    said: Mapping[str, JSON]


def kind_of(record: model.Record | model.MatterRecord | Verbatim | Words) -> str:
    """The stored word for this record's kind."""
    if isinstance(record, Words):
        return words.KIND
    return record.kind if isinstance(record, Verbatim) else _KIND_OF[type(record)]


def body_of(record: model.Record | model.MatterRecord | Verbatim | Words, salt: str = "") -> str:
    """The canonical JSON of a record, with the salt if given one. Raises InvalidInput for text that is no Unicode."""
    if isinstance(record, Verbatim):
        return record.body
    fields_ = dict(record.said) if isinstance(record, Words) else cast("dict[str, JSON]", plain(record))
    body = canonical({**fields_, words.SALT: salt} if salt else fields_)
    try:
        body.encode("utf-8")
    except UnicodeEncodeError as error:
        around = body[max(0, error.start - 10) : error.start]
        raise InvalidInput(f"文字里有残缺的字符，在“{around}”之后。", "请重新输入该处文字。") from error
    return body


def record_of(kind: str, body: str, place: str) -> model.Record:
    """The record stored as `body`; raises TrailBroken naming `place` and the first field that does not fit."""
    loaded: model.Record = _read(KINDS, kind, body, place)
    return loaded


def matter_record_of(kind: str, body: str, place: str) -> model.MatterRecord:
    """The record of a matter stored as `body`; raises as `record_of`."""
    loaded: model.MatterRecord = _read(MATTER_KINDS, kind, body, place)
    return loaded


def _read(kinds: Mapping[str, Any], kind: str, body: str, place: str) -> Any:
    from json import loads

    if kind not in kinds:
        raise _misfit(place, f"不认识的种类“{kind}”")
    try:
        stored = loads(body)
    except ValueError as error:
        raise _misfit(place, "不是 JSON") from error
    if type(stored) is dict:
        stored.pop(words.SALT, None)  # nobody's word: it only keeps the digest from being guessed
    try:
        return loader_of(kinds[kind])(stored)
    except Misfit as error:
        raise _misfit(error.place(place), error.what) from error


def digest_of(body: str) -> str:
    """The SHA-256 of a stored text, hexadecimal."""
    return sha256(body.encode("utf-8", "replace")).hexdigest()


def instant(at: datetime) -> str:
    """The instant as UTC text of one width, so that text order is time order. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {at!r}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


_TURN = tuple(each.name for each in fields(model.Turn))
_AS_THEY_ARE = frozenset({str, int, bool, NoneType})


def plain(value: object) -> JSON:
    """The JSON value of a record or a part of one; raises TypeError for what no record may hold."""
    if type(value) in _AS_THEY_ARE:
        return cast("JSON", value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    raise TypeError(f"not fit for a record: {value!r}")


def state_of(case: model.Case, turns: tuple[model.Turn, ...], bundle_sha256: str) -> str:
    """The canonical JSON of where a case stands: its row, its open tasks, its process definition.

    Every event holds the digest of this text, so the present state can be checked against the trail.
    """
    columns = {each.name: getattr(case, each.name) for each in fields(case) if each.name != "position"}
    standing = {name: plain(value) for name, value in columns.items()}
    standing["position_sha256"] = sha256(case.position).hexdigest()
    return canonical({"case": standing, "turns": [plain(turn) for turn in turns], "bundle_sha256": bundle_sha256})


def state_in(case: Mapping[str, Any], tasks: Iterable[Mapping[str, Any]], bundle_sha256: str) -> str:
    """The same text from the columns as they are stored, for those who check many: nothing is read into records."""
    standing = {name: value for name, value in case.items() if name != "position"}
    standing["position_sha256"] = sha256(case["position"]).hexdigest()
    turns = [{name: task[name] for name in _TURN} for task in tasks]
    return canonical({"case": standing, "turns": turns, "bundle_sha256": bundle_sha256})


def matter_state_of(matter: model.Matter) -> str:
    """The canonical JSON of a matter's row, whose digest its last event holds."""
    return canonical({"matter": plain(matter)})


def receipt_text(case_id: str, revision: int, event_seq: int, event_hash: str) -> str:
    """The canonical JSON of what a command left behind."""
    return canonical({"case_id": case_id, "revision": revision, "event_seq": event_seq, "event_hash": event_hash})


def _misfit(place: str, what: str) -> TrailBroken:
    return TrailBroken(
        f"{place}：{what}。", "记录可能由更新版本写入或被改动；请升级程序，或运行 shuangshen verify 核验。"
    )
