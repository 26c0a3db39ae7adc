"""Is a transfer package (移送包) whole, and by whose hand? Called by `verify`, and before a case is taken in from it.

The package carries one case from one installation's log to another's: the sender's segment, the state of the case and
its process position, every record and file, and the process definition it stands on, all listed in a manifest that
the installation signed. What it proves alone is that nothing in it was changed since it was signed by the key it
names; whether that key is the sender's is for the receiver to know. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from engine.trail.container import Members, read_bundle
from engine.trail.segments import Segment, filed, read_segment, signed_by
from engine.trail.verifier import Broken, canonical, field, strict_json

SCHEMA = "shuangshen.transfer/1"
NAMESPACE = "shuangshen-transfer@v1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SEGMENT, STATE, POSITION, PROCESS = "segment.json", "state.json", "position.bin", "process.bin"
RECORDS, CONTENTS = "records/", "contents/"
MAX_MANIFEST = 8 << 20
MAX_SIGNATURE = 10_000
_PARTS = (SEGMENT, STATE, POSITION, PROCESS)


class Package(NamedTuple):
    """A package that holds: the segment, what stood where when it was handed over, and everything filed, in order.

    `signed` is whether this machine could verify the signature.
    """

    to: str
    segment: Segment
    segment_bytes: bytes
    state_text: str
    position: bytes
    process: bytes
    records: list[tuple[str, str]]
    contents: Mapping[str, bytes]
    signed: bool

    @property
    def case(self) -> dict[str, Any]:
        """The case's row as it stood when it was handed over."""
        row: dict[str, Any] = strict_json(self.state_text.encode("utf-8"), STATE)["case"]
        return row

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The tasks that were open when it was handed over."""
        rows: list[dict[str, Any]] = strict_json(self.state_text.encode("utf-8"), STATE)["turns"]
        return rows


def is_package(members: Members) -> bool:
    """Whether these files claim to be a transfer package."""
    return SIGNATURE in members and SEGMENT in members


def read_package(path: Path) -> Package:
    """The package (zip or folder) at `path`; raises Broken with the first thing that does not hold."""
    return judge(read_bundle(path))


def judge(members: Members) -> Package:
    """The package in these files; raises Broken with the first thing that does not hold."""
    raw = _member(members, MANIFEST, MAX_MANIFEST)
    told = strict_json(raw, MANIFEST)
    if told.keys() != {"schema", "from", "to", "case", "hop", "key", "files"} or told["schema"] != SCHEMA:
        raise Broken(MANIFEST, "版本或字段不认识，不是移送包")
    armour = _member(members, SIGNATURE, MAX_SIGNATURE).decode("utf-8", "replace")
    signed = signed_by(raw, armour, field(told, "key", str, MANIFEST), NAMESPACE)
    if signed is False:
        raise Broken(SIGNATURE, "不是清单的签名：清单被改动，或者签名不是所写密钥作出的")
    _check_files(members, field(told, "files", dict, MANIFEST))
    data = members[SEGMENT]()
    segment = read_segment(data, SEGMENT)
    _check_named(told, segment)
    state = members[STATE]()
    _check_state(state, segment, members)
    records = _records(members, segment)
    contents = _contents(members, segment)
    parts = (members[POSITION](), members[PROCESS]())
    return Package(
        told["to"], segment, data, state.decode("utf-8"), *parts, records, contents, signed is True and segment.sealed
    )


def manifest_of(segment: Segment, to: str, files: Mapping[str, bytes]) -> bytes:
    """The manifest of these files, which is what the installation signs."""
    listed = {name: sha256(data).hexdigest() for name, data in files.items()}
    told = {"schema": SCHEMA, "from": segment.origin, "to": to, "case": segment.case, "files": listed}
    return canonical({**told, "hop": segment.handover["hop"], "key": segment.key}).encode("utf-8")


def record_name(number: int, kind: str) -> str:
    """Where the record of this number (from 1) lies."""
    return f"{RECORDS}{number:06d}-{kind}.json"


def _member(members: Members, name: str, limit: int) -> bytes:
    if name not in members:
        raise Broken(name, "缺少该文件")
    data = members[name]()
    if len(data) > limit:
        raise Broken(name, "文件过大")
    return data


def _check_files(members: Members, files: Mapping[str, Any]) -> None:
    for name in sorted(members.keys() ^ (files.keys() | {MANIFEST, SIGNATURE})):
        raise Broken(name, "清单里有，包里没有" if name in files else "包里有，清单里没有")
    for name in _PARTS:
        if name not in files:
            raise Broken(name, "缺少该文件")
    for name in sorted(files):
        if sha256(members[name]()).hexdigest() != files[name]:
            raise Broken(name, "内容与清单记载的 SHA-256 不符")


def _check_named(told: Mapping[str, Any], segment: Segment) -> None:
    handed = segment.handover
    named = (segment.origin, handed["to"], segment.case, handed["hop"], segment.key)
    if tuple(told[name] for name in ("from", "to", "case", "hop", "key")) != named:
        raise Broken(MANIFEST, "所写的来源、去向、案件或次序与留痕不符")


def _check_state(state: bytes, segment: Segment, members: Members) -> None:
    """State, position and process are those the event before the hand-over vouches for."""
    digest = sha256(state).hexdigest()
    if {digest} != {segment.handover["handover"], segment.events[-2]["state"]}:
        raise Broken(STATE, "与移送前一条留痕登记的案件状态不符")
    told = strict_json(state, STATE)
    if told.keys() != {"case", "turns", "bundle_sha256"}:
        raise Broken(STATE, "字段不认识")
    case = field(told, "case", dict, STATE)
    field(told, "turns", list, STATE)
    if sha256(members[POSITION]()).hexdigest() != case.get("position_sha256"):
        raise Broken(POSITION, "与案件状态登记的不符")
    if sha256(members[PROCESS]()).hexdigest() != told["bundle_sha256"]:
        raise Broken(PROCESS, "与案件状态登记的不符")
    if case.get("id") != segment.case:
        raise Broken(STATE, "不是这个案件的状态")


def _records(members: Members, segment: Segment) -> list[tuple[str, str]]:
    """Kind and body of every record, in the order in which the sender's log lists them."""
    promised = {record_name(n, kind): (kind, digest) for n, (kind, digest) in enumerate(filed(segment.events), 1)}
    for name in sorted(promised.keys() ^ {name for name in members if name.startswith(RECORDS)}):
        raise Broken(name, "与留痕登记的记录不符：缺失或多出")
    bodies = []
    for name, (kind, digest) in promised.items():
        data = members[name]()
        if sha256(data).hexdigest() != digest:
            raise Broken(name, "与留痕登记的摘要不符")
        try:
            bodies.append((kind, data.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise Broken(name, "不是 UTF-8 文字") from error
    return bodies


def _contents(members: Members, segment: Segment) -> dict[str, bytes]:
    promised = {f"{CONTENTS}{digest}": digest for event in segment.events for digest in event["contents"]}
    for name in sorted(promised.keys() ^ {name for name in members if name.startswith(CONTENTS)}):
        raise Broken(name, "与留痕登记的文件不符：缺失或多出")
    contents = {}
    for name, digest in promised.items():
        contents[digest] = members[name]()
        if sha256(contents[digest]).hexdigest() != digest:
            raise Broken(name, "与留痕登记的摘要不符")
    return contents
