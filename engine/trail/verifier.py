#!/usr/bin/env python3
"""核验一份案卷导出包（文件夹或 zip）或凭证（html、json）：只用 Python 标准库，不联网，不需要数据库，不需要本软件。

    python3 -I verify.py 案卷包 [清单摘要]        退出码 0 完好；6 有问题，指出第一处；2 用法不对

请用另行取得的脚本核验，不要轻信包里自带的这一份；`-I` 使 Python 不加载包内的同名模块。
This file is copied into every bundle and imported by the engine: the same code judges inside and outside.
A bundle is evidence against whoever changed it afterwards, as far as its checkpoint or manifest digest is also known
from elsewhere (a paper, another office); alone it only shows that it agrees with itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

GENESIS = "0" * 64
MAX_FILES, MAX_FILE, MAX_TOTAL = 20_000, 128 << 20, 1 << 30
MANIFEST, TRAIL, CHECKPOINT, STATE = "manifest.json", "trail.jsonl", "checkpoint.txt", "state.json"
KEYS, SIGNERS = "keys.jsonl", "allowed_signers"
CERTIFICATE, MAX_CERTIFICATE = "shuangshen.certificate/1", 4 << 20
NAMESPACE = "shuangshen-decision@v1"
DECISIONS = frozenset({"sign", "conclude", "reject", "accept", "return", "key_add", "key_revoke"})
"""The acts an officer can sign with his own key."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
Members = dict[str, Callable[[], bytes]]


class Broken(Exception):
    """The first thing that does not hold: `place` is the file or entry, `what` the sentence about it."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}：{what}")
        self.place, self.what = place, what


class Checkpoint(NamedTuple):
    """How long the whole log was and what its Merkle root was (C2SP tlog-checkpoint, not yet signed)."""

    origin: str
    size: int
    root: bytes


class Findings(NamedTuple):
    """What verifying a bundle gave; `place` and `what` are empty when it is sound."""

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


class Signatures(NamedTuple):
    """How many decisions are signed and verified, not signed, and signed where there is no tool to verify it."""

    signed: int
    unsigned: int
    unchecked: int


class Key(NamedTuple):
    """A public key in the roster: whose it is and the line ("ssh-ed25519 AAAA…") it verifies with."""

    officer: str
    line: str


# ------------------------------------------------------------------ hashes, canonical JSON, checkpoint text


def leaf_hash(payload: bytes) -> bytes:
    """The RFC 6962 leaf hash of exactly these bytes."""
    return hashlib.sha256(b"\x00" + payload).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The RFC 6962 hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root `path` leads to from leaf `index` (from 0) of `size`; b"" if it cannot. Source: RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return b""
    last, reached = size - 1, leaf
    for sibling in path:
        if last == 0:
            return b""
        if index & 1 or index == last:
            reached = node_hash(sibling, reached)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        index, last = index >> 1, last >> 1
    return reached if last == 0 else b""


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, no escapes beyond the necessary."""
    return _ENCODER.encode(value)


def strict_json(data: bytes, place: str) -> dict[str, Any]:
    """The object these bytes are the canonical JSON of; anything else, even another spelling, is Broken."""
    try:
        value = json.loads(data.decode("utf-8"))
        same = canonical(value).encode("utf-8") == data
    except (ValueError, RecursionError) as error:
        raise Broken(place, "不是规范的 JSON") from error
    if not same or not isinstance(value, dict):
        raise Broken(place, "不是规范的 JSON 对象（键序、空白、转义或重复键有改动）")
    return value


def field(holder: dict[str, Any], name: str, kind: type, place: str) -> Any:
    """The field, if it is there and exactly of this type."""
    if type(holder.get(name)) is not kind:
        raise Broken(place, f"字段 {name} 缺失或类型不对")
    return holder[name]


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Origin, size, root in Base64, an empty line; signature lines may follow."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n\n"


def parse_checkpoint(text: str, place: str = CHECKPOINT) -> Checkpoint:
    """The checkpoint in this text; lines after the empty one (signatures) are not judged here."""
    body, _, _ = text.partition("\n\n")
    lines = body.split("\n")
    try:
        origin, size, root = lines
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except (ValueError, binascii.Error) as error:
        raise Broken(place, "不是检查点：应为来源、条数、根哈希三行") from error
    if checkpoint.size < 0 or len(checkpoint.root) != 32 or not checkpoint_text(checkpoint).startswith(body + "\n\n"):
        raise Broken(place, "检查点的条数或根哈希写法不对")
    return checkpoint


# ------------------------------------------------------------------ files of the bundle, trusted in nothing


def safe_name(name: str) -> bool:
    """Whether a name stays inside the bundle on every system: relative, forward slashes, printable, no dots-up."""
    parts = name.split("/")
    return (
        len(name) <= 400
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and not {"", ".", ".."} & set(parts)
    )


def _shown(name: str) -> str:
    return name if safe_name(name) else ascii(name)


def read_bundle(path: Path) -> Members:
    """Every regular file of the folder or zip by its name, sizes bounded; links, escapes, duplicates are Broken."""
    listed = list(_folder(path) if path.is_dir() else _archive(path))
    members: Members = {}
    for name, size, read in listed:
        if not safe_name(name):
            raise Broken(_shown(name), "文件名不安全")
        if name in members:
            raise Broken(name, "同名文件出现两次")
        if size > MAX_FILE:
            raise Broken(name, f"文件过大（超过 {MAX_FILE >> 20} MiB）")
        members[name] = read
    if len(listed) > MAX_FILES or sum(size for _, size, _ in listed) > MAX_TOTAL:
        raise Broken(str(path), "文件过多或总量过大，拒绝展开")
    return members


def _folder(root: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    for folder, folders, files in os.walk(root):
        for name in sorted(folders) + sorted(files):
            path = Path(folder, name)
            shown, status = path.relative_to(root).as_posix(), path.lstat()
            if stat.S_ISREG(status.st_mode):
                yield shown, status.st_size, path.read_bytes
            elif not stat.S_ISDIR(status.st_mode):
                raise Broken(_shown(shown), "是链接或特殊文件，不是普通文件")


def _archive(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    import zipfile  # only here: the engine imports this module in every writing command

    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # zipfile answers damage with a dozen kinds of exception
        raise Broken(path.name, "打不开：不是文件夹，也不是完好的 zip") from error

    def read(info: zipfile.ZipInfo) -> bytes:
        try:
            with archive.open(info) as member:
                return member.read(info.file_size)
        except Exception as error:
            raise Broken(info.filename, "压缩包内该文件已损坏") from error

    for info in archive.infolist():
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Broken(_shown(info.filename), "是符号链接")
        yield info.filename, info.file_size, partial(read, info)


# ------------------------------------------------------------------ signatures of officers


def decision_text(event: Mapping[str, Any]) -> str:
    """What an officer signs of an act: who did what, when, on which case and text, and what it filed."""
    told = {name: event[name] for name in ("act", "actor", "unit", "at", "case", "command", "facts", "text")}
    return canonical({**told, "records": [record["digest"] for record in event["records"]]})


def fingerprint(blob: bytes) -> str:
    """The fingerprint of a public key, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def key_of_signature(armour: str, namespace: str, place: str) -> str:
    """The fingerprint of the key a signature names; Broken when it is none, or for another purpose."""
    try:
        lines = armour.split("\n")
        if lines[0] != "-----BEGIN SSH SIGNATURE-----" or lines[-2:] != ["-----END SSH SIGNATURE-----", ""]:
            raise ValueError
        data = base64.b64decode("".join(lines[1:-2]), validate=True)
        parts, rest = [], data[10:]
        while rest:
            length = int.from_bytes(rest[:4], "big")
            if length > len(rest) - 4:
                raise ValueError
            parts.append(rest[4 : 4 + length])
            rest = rest[4 + length :]
        if data[:10] != b"SSHSIG\0\0\0\1" or len(parts) != 5:
            raise ValueError
    except ValueError as error:
        raise Broken(place, "签名不是 SSH 签名") from error
    if parts[1] != namespace.encode():
        raise Broken(place, "签名用途不符，是为别的用途签的")
    return fingerprint(parts[0])


def ssh_verifies(data: bytes, armour: str, line: str, namespace: str) -> bool | None:
    """Whether this key made this signature of exactly these bytes; None when there is no ssh-keygen to tell."""
    import shutil  # only here: most commands check no signature
    import subprocess
    import tempfile

    tool = shutil.which("ssh-keygen")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        signers, signature = Path(folder, "signers"), Path(folder, "signature")
        signers.write_text(f"signer {line}\n", encoding="utf-8")
        signature.write_text(armour, encoding="utf-8")
        words = [tool, "-Y", "verify", "-f", str(signers), "-I", "signer", "-n", namespace, "-s", str(signature)]
        return subprocess.run(words, input=data, capture_output=True, check=False).returncode == 0


def roster(key_events: Iterable[Mapping[str, Any]], before: int) -> dict[str, Key]:
    """The keys in force just before event number `before`, by fingerprint."""
    keys: dict[str, Key] = {}
    for event in key_events:
        facts = event["facts"]
        if event["seq"] < before and event["act"] == "key_add":
            keys[facts["fingerprint"]] = Key(facts["officer"], facts["public_key"])
        elif event["seq"] < before and event["act"] == "key_revoke":
            keys.pop(facts["fingerprint"], None)
    return keys


def check_signature(event: Mapping[str, Any], keys: Mapping[str, Key], place: str) -> bool:
    """Whether the signature of an attested event could be computed and holds; Broken when it does not hold."""
    armour, named = event.get("signature"), event.get("key")
    told = [event.get(name) for name in ("act", "actor", "unit", "at", "case", "command", "text")]
    if any(type(value) is not str for value in (armour, named, *told)) or type(event.get("facts")) is not dict:
        raise Broken(place, "记为已签名，却没有签名、密钥或所签的内容")
    armour, named = str(armour), str(named)
    if key_of_signature(armour, NAMESPACE, place) != named:
        raise Broken(place, f"签名所用的密钥不是所记的 {named}")
    key = keys.get(named)
    if key is None:
        raise Broken(place, f"签名所用的密钥 {named} 当时没有登记，或者已经注销")
    if key.officer != event["actor"]:
        raise Broken(place, f"签名所用的密钥登记在 {key.officer} 名下，经办人是 {event['actor']}")
    held = ssh_verifies(decision_text(event).encode("utf-8"), armour, key.line, NAMESPACE)
    if held is False:
        raise Broken(place, "签名与这项决定不符：签的是别的内容，或者内容被改动")
    return held is True


# ------------------------------------------------------------------ the judgement


def check_entry(seq: int, payload: bytes, digest: str, place: str) -> dict[str, Any]:
    """The event in these bytes, if `digest` is their leaf hash and they name themselves as number `seq`."""
    if leaf_hash(payload).hex() != digest:
        raise Broken(place, "内容与哈希不符，内容或哈希被改动")
    event = strict_json(payload, place)
    if field(event, "v", int, place) != 1 or field(event, "seq", int, place) != seq:
        raise Broken(place, "内容里的版本或流水号不符")
    return event


def _check_files(members: Members, files: dict[str, Any]) -> None:
    for name in sorted(members.keys() ^ (files.keys() | {MANIFEST})):
        raise Broken(name, "清单里有，包里没有" if name in files else "包里有，清单里没有")
    for name in sorted(files):
        if hashlib.sha256(members[name]()).hexdigest() != files[name]:
            raise Broken(name, "内容与清单记载的 SHA-256 不符")


def check_proven(line: bytes, checkpoint: Checkpoint, place: str) -> tuple[dict[str, Any], str]:
    """The event in this entry and its hash, if its inclusion proof leads to the checkpoint."""
    entry = strict_json(line, place)
    seq, digest = field(entry, "seq", int, place), field(entry, "hash", str, place)
    place = f"{place}（流水号 {seq}）"
    event = check_entry(seq, field(entry, "payload", str, place).encode("utf-8"), digest, place)
    try:
        path = [bytes.fromhex(step) for step in field(entry, "proof", list, place)]
    except (TypeError, ValueError) as error:
        raise Broken(place, "包含证明写法不对") from error
    if root_from_path(bytes.fromhex(digest), seq - 1, checkpoint.size, path) != checkpoint.root:
        raise Broken(place, "包含证明通不到检查点的根哈希")
    return event, digest


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
        if event.get("case") != case or event.get("revision") != number:
            place = f"{TRAIL} 第 {number} 行（流水号 {event['seq']}）"
            raise Broken(place, f"不是案件 {case} 的第 {number} 个动作：有遗漏、插入或调换")
        if event["seq"] <= last or (event["seq"] == last + 1 and event.get("prev") != digest):
            raise Broken(f"{TRAIL} 第 {number} 行（流水号 {event['seq']}）", "与前一条接不上")
        last, digest = event["seq"], own
        events.append(event)
    return events


def _key_events(lines: Sequence[bytes], checkpoint: Checkpoint) -> list[dict[str, Any]]:
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


def check_signatures(events: Iterable[Mapping[str, Any]], key_events: Sequence[Mapping[str, Any]]) -> Signatures:
    """How these events are signed; Broken names the first signature that does not hold."""
    signed = unsigned = unchecked = 0
    for event in events:
        if event.get("attested") is True:
            held = check_signature(event, roster(key_events, event["seq"]), f"流水号 {event['seq']}")
            signed, unchecked = signed + held, unchecked + (not held)
        elif event.get("act") in DECISIONS:
            unsigned += 1
    return Signatures(signed, unsigned, unchecked)


def _promised(events: list[dict[str, Any]]) -> dict[str, str]:
    """File name -> SHA-256 for everything the events vouch for."""
    promised = {STATE: field(events[-1], "state", str, TRAIL)}
    for event in events:
        place = f"{TRAIL} 流水号 {event['seq']}"
        for record in field(event, "records", list, place):
            if type(record) is not dict:
                raise Broken(place, "所列记录写法不对")
            name = f"records/{field(record, 'id', str, place)}-{field(record, 'kind', str, place)}.json"
            promised[name] = field(record, "digest", str, place)
        promised.update((f"contents/{sha256}", sha256) for sha256 in field(event, "contents", list, place))
    return promised


def _verify(path: Path, expected: str) -> Findings:
    members = read_bundle(path)
    for name in (MANIFEST, TRAIL, CHECKPOINT, STATE):
        if name not in members:
            raise Broken(name, "缺少该文件")
    raw = members[MANIFEST]()
    digest = hashlib.sha256(raw).hexdigest()
    if expected and digest != expected.strip().lower():
        raise Broken(MANIFEST, f"清单摘要是 {digest}，与所给的不符")
    manifest = strict_json(raw, MANIFEST)
    case, files = field(manifest, "case", str, MANIFEST), field(manifest, "files", dict, MANIFEST)
    if manifest.keys() != {"v", "case", "files"} or manifest["v"] != 1:
        raise Broken(MANIFEST, "版本或字段不认识")
    _check_files(members, files)
    checkpoint = parse_checkpoint(members[CHECKPOINT]().decode("utf-8", "replace"))
    events = _events(members, case, checkpoint)
    promised = _promised(events)
    for name in sorted(promised.keys() | {name for name in files if name.startswith(("records/", "contents/"))}):
        if name not in promised or files.get(name) != promised[name]:
            raise Broken(name, "与流水记载不符：内容被换、缺失或未经登记")
    told = Findings(True, "", "", case, len(events), len(files), digest, checkpoint.size, checkpoint.root.hex())
    keys = _key_events(_lines(members, KEYS) if KEYS in members else (), checkpoint)
    return told._replace(**check_signatures(events, keys)._asdict())


# ------------------------------------------------------------------ a certificate: one decision on one page


def certificate_data(path: Path) -> bytes:
    """The canonical JSON of a certificate: the file itself, or what its page carries along."""
    if path.stat().st_size > MAX_CERTIFICATE:
        raise Broken(path.name, "过大，不是凭证")
    data = path.read_bytes()
    if path.suffix.lower() == ".json":
        return data
    found = re.findall(rb'<script type="text/plain" id="certificate">([A-Za-z0-9+/=]*)</script>', data)
    if len(found) != 1:
        raise Broken(path.name, "页面里没有凭证数据，或者不止一份")
    try:
        return base64.b64decode(found[0], validate=True)
    except ValueError as error:
        raise Broken(path.name, "页面里的凭证数据已损坏") from error


def _verify_certificate(path: Path, expected: str) -> Findings:
    if expected:
        raise Broken(path.name, "是凭证，没有清单，不能与清单摘要核对")
    document = strict_json(certificate_data(path), path.name)
    if document.get("schema") != CERTIFICATE:
        raise Broken(path.name, "不是双审的凭证")
    checkpoint = parse_checkpoint(field(document, "checkpoint", str, path.name), path.name)
    entries, keys = (_entries(document, name, path.name) for name in ("events", "keys"))
    proven = [
        check_proven(line, checkpoint, f"{path.name} 第 {number} 条")[0] for number, line in enumerate(entries, 1)
    ]
    if len(proven) != 2 or proven[0].get("act") != "submit" or proven[1].get("act") not in DECISIONS:
        raise Broken(path.name, "应有报送和决定两条留痕")
    opening, decision = proven
    if opening.get("case") != decision.get("case") or type(decision.get("case")) is not str:
        raise Broken(path.name, "两条留痕不是同一案件的")
    _check_bodies(decision, field(document, "records", list, path.name), path.name)
    counted = check_signatures([decision], _key_events(keys, checkpoint))
    told = Findings(True, "", "", decision["case"], 2, 0, "", checkpoint.size, checkpoint.root.hex())
    return told._replace(**counted._asdict(), decision=_told_decision(opening, decision, document["records"]))


def _entries(document: dict[str, Any], name: str, place: str) -> list[bytes]:
    return [canonical(entry).encode("utf-8") for entry in field(document, name, list, place)]


def _check_bodies(decision: dict[str, Any], records: list[Any], place: str) -> None:
    """Every record the decision filed is here, and nothing else."""
    bodies = [field(record, "body", str, place) if type(record) is dict else "" for record in records]
    digests = [hashlib.sha256(body.encode("utf-8")).hexdigest() for body in bodies]
    listed = field(decision, "records", list, place)
    if digests != [record.get("digest") if type(record) is dict else None for record in listed]:
        raise Broken(place, "所附的记录与留痕登记的摘要不符")


def _told_decision(opening: dict[str, Any], decision: dict[str, Any], records: list[Any]) -> str:
    """The decision in one line of printable text, from what has just been verified."""
    facts, title = decision.get("facts"), opening.get("facts")
    facts, title = (each if type(each) is dict else {} for each in (facts, title))
    texts = [record.get("text_sha256") for record in (strict_json(r["body"].encode("utf-8"), "记录") for r in records)]
    words = [f"《{title.get('title')}》", decision.get("act"), facts.get("outcome"), f"第 {facts.get('round')} 轮"]
    words += [f"第 {facts.get('version')} 稿", decision.get("actor"), decision.get("unit"), decision.get("at")]
    line = "  ".join([*map(str, words), *(f"文本 {text}" for text in texts if text)])
    return "".join(each if each.isprintable() else "?" for each in line)


def verify_bundle(path: Path, manifest: str = "") -> Findings:
    """What holds of the bundle (folder or zip) or certificate at `path`; never raises for anything it can contain.

    `manifest`, if given, is the manifest digest as printed on a paper; a bundle made anew around other contents
    then fails on it.
    """
    try:
        single = Path(path).is_file() and Path(path).suffix.lower() in (".json", ".html")
        return _verify_certificate(Path(path), manifest) if single else _verify(Path(path), manifest)
    except Broken as broken:
        return Findings(False, broken.place, broken.what)
    except OSError as error:
        return Findings(False, str(error.filename or path), f"读不了：{error.strerror}")


def told_signatures(found: Findings | Signatures) -> str:
    """The sentence about the officers' signatures."""
    words = [f"决定中已签名并校验 {found.signed} 项", f"未签名 {found.unsigned} 项"]
    if found.unchecked:
        words.append(f"未校验签名 {found.unchecked} 项（本机没有 ssh-keygen）")
    return "，".join(words) + "。"


def main(arguments: Sequence[str]) -> int:
    """Print the findings in Chinese; 0 sound, 6 not, 2 used wrongly."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if not 1 <= len(arguments) <= 2 or not Path(arguments[0]).exists():
        print("用法：python3 -I verify.py 案卷包或凭证（须存在） [清单摘要]", file=sys.stderr)
        return 2
    found = verify_bundle(Path(arguments[0]), *arguments[1:])
    if not found.sound:
        print(f"不可信。第一处问题：{found.place}：{found.what}", file=sys.stderr)
        return 6
    if found.decision:
        print(f"凭证完好，数据所载的决定如下，页面上的文字以此为准：\n{found.decision}\n{told_signatures(found)}")
        print(f"总流水 {found.size} 条，根哈希 {found.root}")
        return 0
    print(f"完好。案件 {found.case}：{found.events} 个动作，{found.files} 个文件。")
    print(f"总流水 {found.size} 条，根哈希 {found.root}\n清单摘要 {found.manifest}（请与纸质文书上的核对）")
    print(told_signatures(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
