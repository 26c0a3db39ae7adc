"""A certificate (凭证): one decision on one page, judged from its file, from the page, or from its scanned codes.

The page is for people and can be changed without touching the data it carries; so the judgement tells the decision
again from the data. The codes hold the same proof in little room: both events, what the decision filed, the checkpoint.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.trail.bundles import Findings, key_events
from engine.trail.verifier import (
    DECISIONS,
    Broken,
    Checkpoint,
    Key,
    canonical,
    check_proven,
    check_signatures,
    field,
    key_line_of_signature,
    leaf_hash,
    parse_checkpoint,
    strict_json,
)
from engine.trail.words import digest_in, told

CERTIFICATE, SCANNED = "shuangshen.certificate/1", "shuangshen.scan/1"
MAX_CERTIFICATE = 4 << 20
PART = 1_200
"""How many characters one code holds: a square of 113 modules at the medium level of correction."""
_MARK = "SSC1/"
_PART = re.compile(r"([0-9A-F]{8})/([1-9]\d?)-([1-9]\d?)/([A-Z2-7]+)")


def verify_certificate(path: Path, known: str = "") -> Findings:
    """What holds of the certificate in this file: JSON, the page, or the text scanned from its codes.

    `known` is the text of a checkpoint kept elsewhere, of the same length of log. Never raises for what it contains.
    """
    try:
        if path.stat().st_size > MAX_CERTIFICATE:
            raise Broken(path.name, "过大，不是凭证")
        return judge_certificate(path.read_bytes(), path.suffix.lower(), path.name, known)
    except Broken as broken:
        return Findings(False, broken.place, broken.what)
    except OSError as error:
        return Findings(False, str(error.filename or path), f"读不了：{error.strerror}")


def judge_certificate(data: bytes, suffix: str, place: str, known: str = "") -> Findings:
    """What holds of these bytes of a `.json`, `.html` or `.txt`; raises Broken with the first thing that does not."""
    if suffix == ".txt":
        return _told(_scanned(data, place), place, known)
    return _told(strict_json(_of_page(data, place) if suffix == ".html" else data, place), place, known)


def codes_of(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """The texts of the codes a certificate is printed with, in upper-case letters and digits a scanner reads well."""
    events = [{name: entry[name] for name in ("payload", "proof")} for entry in certificate["events"]]
    bodies = [record["body"] for record in certificate["records"]]
    told = {"schema": SCANNED, "checkpoint": certificate["checkpoint"], "events": events, "records": bodies}
    told["words"] = certificate["words"]
    packed = zlib.compress(canonical(told).encode("utf-8"), 9)
    text, name = base64.b32encode(packed).decode().rstrip("="), hashlib.sha256(packed).hexdigest()[:8].upper()
    parts = [text[start : start + PART] for start in range(0, len(text), PART)]
    return tuple(f"{_MARK}{name}/{number}-{len(parts)}/{part}" for number, part in enumerate(parts, 1))


def _scanned(data: bytes, place: str) -> dict[str, Any]:
    """The certificate the scanned codes hold, in whatever order they were scanned; Broken names the code missing."""
    pieces = "".join(data.decode("utf-8", "replace").split()).split(_MARK)[1:]
    found = [read.groups() for read in map(_PART.fullmatch, pieces) if read]
    parts = {int(number): part for _, number, _, part in found}
    if (
        not found
        or len(found) < len(pieces)
        or {(name, total) for name, _, total, _ in found} != {(found[0][0], found[0][2])}
    ):
        raise Broken(place, "没有凭证二维码的文字，或者混有另一份凭证的")
    missing = [str(number) for number in range(1, int(found[0][2]) + 1) if number not in parts]
    if missing:
        raise Broken(place, f"共 {found[0][2]} 个二维码，还缺第 {'、'.join(missing)} 个")
    text = "".join(parts[number] for number in sorted(parts))
    try:
        packed = base64.b32decode(text + "=" * (-len(text) % 8))
        unpacking = zlib.decompressobj()
        told = unpacking.decompress(packed, MAX_CERTIFICATE)
    except (ValueError, zlib.error) as error:
        raise Broken(place, "二维码的文字已损坏") from error
    if hashlib.sha256(packed).hexdigest()[:8].upper() != found[0][0] or not unpacking.eof or unpacking.unused_data:
        raise Broken(place, "二维码的文字有缺漏或改动")
    return strict_json(told, place)


def _of_page(data: bytes, place: str) -> bytes:
    """The canonical JSON of a certificate that its page carries along."""
    found = re.findall(rb'<script type="text/plain" id="certificate">([A-Za-z0-9+/=]*)</script>', data)
    if len(found) != 1:
        raise Broken(place, "页面里没有凭证数据，或者不止一份")
    try:
        return base64.b64decode(found[0], validate=True)
    except ValueError as error:
        raise Broken(place, "页面里的凭证数据已损坏") from error


def _told(document: dict[str, Any], place: str, known: str) -> Findings:
    scanned = document.get("schema") == SCANNED
    if not scanned and document.get("schema") != CERTIFICATE:
        raise Broken(place, "不是双审的凭证")
    checkpoint = parse_checkpoint(field(document, "checkpoint", str, place), place)
    if known and parse_checkpoint(known, "所给的检查点") != checkpoint:
        raise Broken("所给的检查点", f"与凭证所依据的检查点（第 {checkpoint.size} 条）不同")
    opening, decision = _pair(_entries(document, "events", place, scanned), checkpoint, place)
    opening = _worded(opening, document.get("words", ""), place)
    records = field(document, "records", list, place)
    bodies = _bodies(decision, records if scanned else [_body(record, place) for record in records], place)
    if scanned:
        counted = check_signatures([decision], [], _own_key(decision, place))
    else:
        counted = check_signatures([decision], key_events(_entries(document, "keys", place), checkpoint))
    told = Findings(True, "", "", decision["case"], 2, 0, "", checkpoint.size, checkpoint.root.hex())
    return told._replace(**counted._asdict(), decision=_told_decision(opening, decision, bodies))


def _entries(document: dict[str, Any], name: str, place: str, scanned: bool = False) -> list[bytes]:
    entries = field(document, name, list, place)
    return [canonical(_whole(entry, place) if scanned else entry).encode("utf-8") for entry in entries]


def _whole(entry: Any, place: str) -> dict[str, Any]:
    """An entry of a code with what can be told from its payload: its number and its hash."""
    if type(entry) is not dict:
        raise Broken(place, "留痕写法不对")
    payload = field(entry, "payload", str, place).encode("utf-8")
    seq = field(strict_json(payload, place), "seq", int, place)
    return {**entry, "seq": seq, "hash": leaf_hash(payload).hex()}


OPENING = ("submit", "transfer_in")
"""The acts by which a case comes into a log: filed here, or taken in from another installation."""


def _pair(entries: Sequence[bytes], checkpoint: Checkpoint, place: str) -> tuple[dict[str, Any], dict[str, Any]]:
    proven = [check_proven(line, checkpoint, f"{place} 第 {number} 条")[0] for number, line in enumerate(entries, 1)]
    if len(proven) != 2 or proven[0].get("act") not in OPENING or proven[1].get("act") not in DECISIONS:
        raise Broken(place, "应有报送和决定两条留痕")
    opening, decision = proven
    if opening.get("case") != decision.get("case") or type(decision.get("case")) is not str:
        raise Broken(place, "两条留痕不是同一案件的")
    return opening, decision


def _worded(opening: dict[str, Any], words: Any, place: str) -> dict[str, Any]:
    """The opening with what was said in it, if it is what the log vouches for; older logs say it in the event."""
    digest = digest_in(opening)
    if digest and (type(words) is not str or hashlib.sha256(words.encode("utf-8", "replace")).hexdigest() != digest):
        raise Broken(place, "所附的报送文字与留痕登记的摘要不符")
    return told(opening, {digest: words}.get)


def _body(record: Any, place: str) -> str:
    return str(field(record, "body", str, place)) if type(record) is dict else ""


def _bodies(decision: dict[str, Any], bodies: Sequence[Any], place: str) -> list[dict[str, Any]]:
    """The records the decision filed, if they are all here and nothing else."""
    digests = [hashlib.sha256(str(body).encode("utf-8")).hexdigest() for body in bodies]
    listed = field(decision, "records", list, place)
    if digests != [record.get("digest") if type(record) is dict else None for record in listed]:
        raise Broken(place, "所附的记录与留痕登记的摘要不符")
    return [strict_json(str(body).encode("utf-8"), "记录") for body in bodies]


def _own_key(decision: Mapping[str, Any], place: str) -> dict[str, Key]:
    """The key a signature carries in itself: a code has no room for the roster, the log vouches for the owner."""
    if decision.get("attested") is not True:
        return {}
    named, line = key_line_of_signature(str(decision.get("signature")), place)
    return {named: Key(str(decision.get("actor")), line)}


def _told_decision(opening: dict[str, Any], decision: dict[str, Any], records: Sequence[dict[str, Any]]) -> str:
    """The decision in one line of printable text, from what has just been verified."""
    facts, title = decision.get("facts"), opening.get("facts")
    facts, title = (each if type(each) is dict else {} for each in (facts, title))
    texts = [record.get("text_sha256") for record in records]
    words = [f"《{title.get('title')}》", decision.get("act"), facts.get("outcome"), f"第 {facts.get('round')} 轮"]
    words += [f"第 {facts.get('version')} 稿", decision.get("actor"), decision.get("unit"), decision.get("at")]
    line = "  ".join([*map(str, words), *(f"文本 {text}" for text in texts if text)])
    return "".join(each if each.isprintable() else "?" for each in line)
