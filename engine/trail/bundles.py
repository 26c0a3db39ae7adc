"""Is an exported case (案卷包, full or redacted) still what was exported? Called by `shuangshen verify` and the export.

A bundle is evidence against whoever changed it afterwards, as far as its checkpoint or manifest digest is also known
from elsewhere (a paper, another office); alone it only shows that it agrees with itself. Standard library only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.trail import checkpoints, segments, sm2, vouching
from engine.trail.container import Members, read_bundle
from engine.trail.redaction import COMMITTED, FIELDS, Record, check_fields, secret_of, table_of
from engine.trail.verifier import (
    CHECKPOINT,
    GENESIS,
    NAMESPACE,
    Broken,
    Checkpoint,
    Signatures,
    check_included,
    check_proven,
    check_signatures,
    decision_text,
    field,
    parse_checkpoint,
    strict_json,
    told_place,
)

SCHEMA = "shuangshen.bundle/2"
MANIFEST, SUMS, TRAIL, STATE = "manifest.json", "SHA256SUMS", "trail.jsonl", "state.json"
KEYS, SIGNERS, SIGNED = "keys.jsonl", "allowed_signers", "signatures/"
RECORDS, CONTENTS = "records/", "contents/"
_PLAIN = re.compile(r"[A-Za-z0-9._@-]+")


class Findings(NamedTuple):
    """What verifying gave; `place` and `what` are empty when it is sound, `decision` is told by a certificate only.

    `kept` counts earlier checkpoints this log only grew from, `vouched` their signatures that could be verified.
    """

    sound: bool
    place: str = ""
    what: str = ""
    case: str = ""
    events: int = 0
    files: int = 0
    manifest: str = ""
    size: int = 0
    root: str = ""
    signed: int = 0
    unsigned: int = 0
    unchecked: int = 0
    decision: str = ""
    redacted: bool = False
    kept: int = 0
    vouched: int = 0

    @property
    def signatures(self) -> Signatures:
        return Signatures(self.signed, self.unsigned, self.unchecked)


class Manifest(NamedTuple):
    """What a bundle says it holds: files and their SHA-256, all but the manifest itself."""

    case: str
    redacted: bool
    files: dict[str, str]
    digest: str


def verify_bundle(path: Path, manifest: str = "", known: str = "") -> Findings:
    """What holds of the bundle (folder or zip) at `path`; never raises for anything it can contain.

    `manifest`, if given, is the manifest digest as printed on a paper, `known` the text of a checkpoint kept
    elsewhere; a bundle made anew around other contents fails on either.
    """
    try:
        return judge(read_bundle(Path(path)), manifest, known)
    except Broken as broken:
        return Findings(False, broken.place, broken.what)
    except OSError as error:
        return Findings(False, str(error.filename or path), f"读不了：{error.strerror}")


def judge(members: Members, expected: str = "", known: str = "") -> Findings:
    """What holds of these files; raises Broken with the first thing that does not."""
    manifest = read_manifest(members, expected)
    checkpoint = parse_checkpoint(members[CHECKPOINT]().decode("utf-8", "replace"))
    told = Findings(True, "", "", manifest.case, 0, len(manifest.files), manifest.digest, checkpoint.size)
    told = told._replace(root=checkpoint.root.hex(), redacted=manifest.redacted)
    if manifest.redacted:
        events = _withheld(members, manifest.case, checkpoint)
        told = told._replace(events=events)
        keys: list[dict[str, Any]] = []
    else:
        plain = _events(members, manifest.case, checkpoint)
        _check_promised(plain, manifest.files)
        keys = key_events(_lines(members, KEYS) if KEYS in members else (), checkpoint)
        if members.get(SIGNERS, bytes)() != allowed_signers(keys).encode("utf-8"):
            raise Broken(SIGNERS, "与密钥登记不符")
        _check_signed_files(members, plain)
        _check_commitments(members, plain, manifest.files)
        _check_crossings(members, plain, manifest.files, checkpoint.origin)
        told = told._replace(events=len(plain), **check_signatures(plain, keys)._asdict())
    kept, vouched = vouching.check_kept(members, checkpoint, keys)
    vouching.check_known(members, checkpoint, known)
    return told._replace(kept=kept, vouched=vouched)


def read_manifest(members: Members, expected: str = "") -> Manifest:
    """The manifest, if the bundle holds exactly the files it names, each with the SHA-256 it names."""
    if MANIFEST not in members:
        raise Broken(MANIFEST, "缺少该文件")
    raw = members[MANIFEST]()
    digest = hashlib.sha256(raw).hexdigest()
    if expected and digest != expected.strip().lower():
        raise Broken(MANIFEST, f"清单摘要是 {digest}，与所给的不符")
    told = strict_json(raw, MANIFEST)
    if told.keys() != {"schema", "case", "redacted", "files"} or told["schema"] != SCHEMA:
        raise Broken(MANIFEST, "版本或字段不认识")
    files = field(told, "files", dict, MANIFEST)
    if not field(told, "case", str, MANIFEST).isprintable():
        raise Broken(MANIFEST, "案件编号不可打印")
    manifest = Manifest(field(told, "case", str, MANIFEST), field(told, "redacted", bool, MANIFEST), files, digest)
    for name in (SUMS, CHECKPOINT, TRAIL, FIELDS if manifest.redacted else STATE):
        if name not in members:
            raise Broken(name, "缺少该文件")
    _check_files(members, files)
    if members[SUMS]().decode("utf-8", "replace") != sums_of(files):
        raise Broken(SUMS, "与清单所列的不同")
    return manifest


def sums_of(files: Mapping[str, str]) -> str:
    """The list `sha256sum -c` reads: every file but the manifest and the list itself."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()) if name != SUMS)


def _check_files(members: Members, files: dict[str, Any]) -> None:
    for name in sorted(members.keys() ^ (files.keys() | {MANIFEST})):
        raise Broken(name, "清单里有，包里没有" if name in files else "包里有，清单里没有")
    for name in sorted(files):
        if hashlib.sha256(members[name]()).hexdigest() != files[name]:
            raise Broken(name, "内容与清单记载的 SHA-256 不符")


def _lines(members: Members, name: str) -> list[bytes]:
    lines = members[name]().split(b"\n")
    if lines.pop() or not lines:
        raise Broken(name, "没有内容或末行不完整")
    return lines


def _events(members: Members, case: str, checkpoint: Checkpoint) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    last, digest = 0, GENESIS
    for number, line in enumerate(_lines(members, TRAIL), 1):
        event, own = check_proven(line, checkpoint, f"{TRAIL} 第 {number} 行")
        place = f"{TRAIL} 第 {number} 行（流水号 {event['seq']}）"
        if event.get("case") != case or event.get("revision") != number:
            raise Broken(place, f"不是案件 {case} 的第 {number} 个动作：有遗漏、插入或调换")
        if event["seq"] <= last or (event["seq"] == last + 1 and event.get("prev") != digest):
            raise Broken(place, "与前一条接不上")
        last, digest = event["seq"], own
        events.append(event)
    return events


def _withheld(members: Members, case: str, checkpoint: Checkpoint) -> int:
    """How many events a redacted bundle proves: all but the last (its own export) by hash and place alone."""
    lines, hashes = _lines(members, TRAIL), dict[int, str]()
    for number, line in enumerate(lines[:-1], 1):
        entry = strict_json(line, f"{TRAIL} 第 {number} 行")
        place = told_place(entry, f"{TRAIL} 第 {number} 行")
        if entry.keys() != {"seq", "hash", "proof"} or entry["seq"] <= max(hashes, default=0):
            raise Broken(place, "与前一条接不上，或者多出内容")
        check_included(entry, checkpoint, place)
        hashes[entry["seq"]] = entry["hash"]
    event, _ = check_proven(lines[-1], checkpoint, f"{TRAIL} 第 {len(lines)} 行")
    place = f"{TRAIL} 第 {len(lines)} 行（流水号 {event['seq']}）"
    if event.get("case") != case or event.get("revision") != len(lines) or event["seq"] <= max(hashes, default=0):
        raise Broken(place, f"不是案件 {case} 的第 {len(lines)} 个动作：有遗漏、插入或调换")
    check_fields(members[FIELDS](), event, case, sorted(hashes), place)
    return len(lines)


def key_events(lines: Sequence[bytes], checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """The events by which keys came into the roster and left it, as far as they are carried along."""
    events: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        place = f"{KEYS} 第 {number} 行"
        event, _ = check_proven(line, checkpoint, place)
        facts = field(event, "facts", dict, place)
        named = ("fingerprint", "officer", "public_key") if event.get("act") == "key_add" else ("fingerprint",)
        if event.get("act") not in ("key_add", "key_revoke") or (events and events[-1]["seq"] >= event["seq"]):
            raise Broken(place, "不是登记或注销密钥的动作，或者次序不对")
        for name in named:
            field(facts, name, str, place)
        events.append(event)
    return events


def allowed_signers(events: Sequence[Mapping[str, Any]]) -> str:
    """The SSH keys in OpenSSH's format, one line each; an id OpenSSH cannot hold becomes the fingerprint."""
    added = [event["facts"] for event in events if event["act"] == "key_add"]
    ssh = [each for each in added if not each["public_key"].startswith(f"{sm2.SCHEME} ")]
    names = [each["officer"] if _PLAIN.fullmatch(each["officer"]) else each["fingerprint"] for each in ssh]
    purposes = f"{NAMESPACE},{checkpoints.NAMESPACE}"
    lines = zip(names, ssh, strict=True)
    return "".join(f'{name} namespaces="{purposes}" {each["public_key"]}\n' for name, each in lines)


def _check_promised(events: Sequence[Mapping[str, Any]], files: Mapping[str, str]) -> None:
    """Broken unless state, records and contents are exactly those the events vouch for.

    A content may lie under any name; what counts is that its digest is one of those listed.
    """
    promised, contents = {STATE: field(dict(events[-1]), "state", str, TRAIL)}, set[str]()
    for event in events:
        place = f"{TRAIL} 流水号 {event['seq']}"
        for record in field(dict(event), "records", list, place):
            if type(record) is not dict:
                raise Broken(place, "所列记录写法不对")
            name = f"{RECORDS}{field(record, 'id', str, place)}-{field(record, 'kind', str, place)}.json"
            promised[name] = field(record, "digest", str, place)
        contents |= set(map(str, field(dict(event), "contents", list, place)))
    for name in sorted(promised.keys() | {name for name in files if name.startswith(RECORDS)}):
        if name not in promised or files.get(name) != promised[name]:
            raise Broken(name, "与流水记载不符：内容被换、缺失或未经登记")
    carried = {name: digest for name, digest in files.items() if name.startswith(CONTENTS)}
    for name in sorted(name for name, digest in carried.items() if digest not in contents):
        raise Broken(name, "与流水记载不符：内容被换、缺失或未经登记")
    for digest in sorted(contents - set(carried.values())):
        raise Broken(f"{CONTENTS}{digest}", "与流水记载不符：内容被换、缺失或未经登记")


def signed_files(events: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Every signed decision as a pair of files `ssh-keygen -Y verify` takes: what was signed, and the signature."""
    files = {}
    for event in events:
        if event.get("attested") is True:
            files[f"{SIGNED}{event['seq']}.json"] = decision_text(event).encode("utf-8")
            files[f"{SIGNED}{event['seq']}.sig"] = str(event["signature"]).encode("utf-8")
    return files


def _check_commitments(members: Members, events: Sequence[Mapping[str, Any]], files: Mapping[str, str]) -> None:
    """Broken when a redacted export told outsiders other fields than these events and records have."""
    carried = {digest: name for name, digest in files.items() if name.startswith(CONTENTS)}
    for number, export in enumerate(events):
        if export.get("act") == "export" and COMMITTED in export["facts"]:
            place = f"{TRAIL} 第 {number + 1} 行（流水号 {export['seq']}）"
            salts = [members[carried[digest]]() for digest in export["contents"]]
            told = [(event, records_of(members, event)) for event in events[:number]]
            table = table_of(told, secret_of(salts[0])) if len(salts) == 1 else b""
            if hashlib.sha256(table).hexdigest() != export["facts"][COMMITTED]:
                raise Broken(place, "当时脱密件所列的字段与留痕原文不符")


def _check_crossings(members: Members, events: Sequence[dict[str, Any]], files: Mapping[str, str], origin: str) -> None:
    """Broken when what came from another installation is not as that installation's log says."""
    carried = {digest: name for name, digest in files.items() if name.startswith(CONTENTS)}
    if any(event.get("act") == segments.IN for event in events):
        segments.check_received(events, lambda digest: members[carried[digest]](), origin)


def records_of(members: Members, event: Mapping[str, Any]) -> list[Record]:
    """What this event filed (id, kind, body), as it lies in a bundle that has been checked."""
    places = [(each["id"], each["kind"]) for each in event["records"]]
    return [(name, kind, members[f"{RECORDS}{name}-{kind}.json"]().decode("utf-8")) for name, kind in places]


def _check_signed_files(members: Members, events: Sequence[Mapping[str, Any]]) -> None:
    try:
        expected = signed_files(events)
    except (KeyError, TypeError) as error:
        raise Broken(TRAIL, "记为已签名，却没有签名、密钥或所签的内容") from error
    found = {name for name in members if name.startswith(SIGNED)}
    for name in sorted(expected.keys() | found):
        if name not in expected or name not in found or members[name]() != expected[name]:
            raise Broken(name, "与流水所载的决定和签名不符")
