"""A case shown without its words: which fields of an event stay in clear, and salted digests of all the others.

An outside supervisor gets the place of every event in the log and, for each field, its value or a digest; the digest
of that whole table is a fact of the export's own event, so it cannot be changed afterwards, and whoever holds the full
case can prove the table wrong. A single field is opened by giving its salt and value, a whole event by giving its
payload, which its leaf in the log proves. Called by the redacted export, by `disclose` and by `verify`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import loads
from typing import Any

from engine.trail.verifier import Broken, canonical, field, leaf_hash, strict_json

FIELDS = "fields.jsonl"
SALTS, OPENING = "shuangshen.salts/1", "shuangshen.opening/1"
COMMITTED = "fields"
"""The fact of an export event that is the SHA-256 of the table of fields."""
PUBLIC = frozenset({
    "v", "seq", "case", "revision", "act", "at", "unit", "attested",
    "facts.element", "facts.stage_from", "facts.stage_to", "facts.round", "facts.version", "facts.route", "facts.kind",
    "facts.trigger", "facts.outcome", "facts.days", "facts.due_on", "facts.due_from", "facts.due_to", "facts.calendar",
    "facts.adopted", "facts.blocking", "facts.dissent", "facts.decision", "facts.agrees", "facts.bundle_from",
    "facts.bundle_to", "facts.fields", "record.kind", "record.round", "record.version", "record.number", "record.gate",
    "record.outcome", "record.route", "record.ruling", "record.adopted", "record.blocking", "record.dissent",
    "record.due_on", "record.ends_on", "record.ground", "record.pack", "record.checklist", "record.exception_accepted",
})  # fmt: skip
PERSONS = frozenset({"actor", "facts.for"})
"""Fields whose digest is the same wherever the same person stands, so that four eyes can be counted without names."""
_TOKEN = re.compile(r"[A-Za-z0-9_.:@+/-]{0,80}")
Record = tuple[str, str, str]
"""id, kind and stored body of a record."""


def new_salts(secret: bytes) -> bytes:
    """What is kept in the case's contents so that fields can be opened later."""
    return canonical({"schema": SALTS, "secret": secret.hex()}).encode("utf-8")


def secret_of(salts: bytes) -> bytes:
    """The secret `new_salts` wrote; Broken when these bytes are not that."""
    told = strict_json(salts, "盐")
    try:
        secret = bytes.fromhex(field(told, "secret", str, "盐"))
    except ValueError as error:
        raise Broken("盐", "写法不对") from error
    if told.get("schema") != SALTS or len(secret) != 32:
        raise Broken("盐", "写法不对")
    return secret


def table_of(events: Iterable[tuple[Mapping[str, Any], Sequence[Record]]], secret: bytes) -> bytes:
    """The table of fields: a canonical line an event, every field as its value or as a salted digest."""
    return b"".join(_line(event, records, secret) for event, records in events)


def _line(event: Mapping[str, Any], records: Sequence[Record], secret: bytes) -> bytes:
    shown = {path: _shown(event["seq"], path, value, secret) for path, value in flat(event, records)}
    return canonical({"seq": event["seq"], "fields": shown}).encode("utf-8") + b"\n"


def flat(event: Mapping[str, Any], records: Sequence[Record]) -> Iterator[tuple[str, Any]]:
    """Every field of an event and of what it filed, by its path: `act`, `facts.reason`, `records.3-1.reason`."""
    for name, value in event.items():
        if name == "facts":
            yield from ((f"facts.{fact}", each) for fact, each in value.items())
        else:
            yield name, value
    for record, kind, body in records:
        yield f"records.{record}.kind", kind
        yield from ((f"records.{record}.{name}", each) for name, each in loads(body).items())


def _shown(seq: int, path: str, value: Any, secret: bytes) -> dict[str, Any]:
    return (
        {"value": value}
        if is_public(path, value)
        else {"digest": field_digest(salt_of(seq, path, value, secret), value)}
    )


def is_public(path: str, value: Any) -> bool:
    """Whether a field stays in clear: one of the listed, and a number or a plain word, never a sentence."""
    parts = path.split(".")
    name = f"record.{parts[2]}" if parts[0] == "records" and len(parts) == 3 else path
    plain = value is None or type(value) in (bool, int) or (type(value) is str and bool(_TOKEN.fullmatch(value)))
    return name in PUBLIC and plain


def salt_of(seq: int, path: str, value: Any, secret: bytes) -> str:
    """The salt of one field; of a person, the same wherever he stands."""
    words = f"person {value}" if path in PERSONS else f"{seq} {path}"
    return hmac.new(secret, words.encode("utf-8"), hashlib.sha256).hexdigest()[:32]


def field_digest(salt: str, value: Any) -> str:
    """The SHA-256 of the canonical JSON of salt and value."""
    return hashlib.sha256(canonical({"salt": salt, "value": value}).encode("utf-8")).hexdigest()


def check_fields(table: bytes, export: Mapping[str, Any], case: str, seqs: Sequence[int], place: str) -> None:
    """Broken unless this is the table the export event committed to, a line for each of these events of the case."""
    facts = export.get("facts")
    if export.get("act") != "export" or type(facts) is not dict:
        raise Broken(place, "不是脱密导出的留痕")
    if facts.get(COMMITTED) != hashlib.sha256(table).hexdigest():
        raise Broken(FIELDS, "与导出那条留痕登记的摘要不符")
    lines = table.split(b"\n")
    if lines.pop() or len(lines) != len(seqs):
        raise Broken(FIELDS, "行数与留痕条数不符")
    for number, (line, seq) in enumerate(zip(lines, seqs, strict=True), 1):
        where = f"{FIELDS} 第 {number} 行"
        told = strict_json(line, where)
        shown = field(told, "fields", dict, where)
        named = [shown.get(name) for name in ("seq", "case", "revision")]
        if told.get("seq") != seq or named != [{"value": seq}, {"value": case}, {"value": number}]:
            raise Broken(where, f"不是案件 {case} 的第 {number} 个动作：有遗漏、插入或调换")


def fields_of(table: bytes) -> dict[int, dict[str, dict[str, Any]]]:
    """The fields of each event of a checked table, by its number."""
    return {told["seq"]: told["fields"] for told in map(loads, table.splitlines())}


# ------------------------------------------------------------------ opening what was withheld


def open_field(event: Mapping[str, Any], records: Sequence[Record], path: str, secret: bytes) -> dict[str, Any]:
    """What proves one withheld field: its salt and value. Raises KeyError when the event has no such field."""
    value = dict(flat(event, records))[path]
    salt = salt_of(event["seq"], path, value, secret)
    return {"schema": OPENING, "case": event["case"], "seq": event["seq"], "path": path, "salt": salt, "value": value}


def open_event(event: Mapping[str, Any], payload: str) -> dict[str, Any]:
    """What proves a whole withheld event: its payload."""
    return {"schema": OPENING, "case": event["case"], "seq": event["seq"], "payload": payload}


def check_opening(opening: bytes, table: bytes, case: str, hashes: Mapping[int, str]) -> dict[str, Any]:
    """The opening, if it opens a withheld field of this table or an event of these leaf hashes; else Broken."""
    place = "开示文件"
    told = strict_json(opening, place)
    seq = field(told, "seq", int, place)
    if told.get("schema") != OPENING or told.get("case") != case or seq not in hashes:
        raise Broken(place, "不是本案卷的开示文件")
    if "payload" in told:
        if leaf_hash(field(told, "payload", str, place).encode("utf-8")).hex() != hashes[seq]:
            raise Broken(place, f"与流水号 {seq} 的哈希不符")
        return told
    path, salt = field(told, "path", str, place), field(told, "salt", str, place)
    shown = fields_of(table).get(seq, {}).get(path)
    if shown != {"digest": field_digest(salt, told.get("value"))}:
        raise Broken(place, f"与流水号 {seq} 的 {path} 登记的摘要不符")
    return told
