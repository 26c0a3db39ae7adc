"""One piece of evidence at a time: canonical JSON, hashes, checkpoints, proofs, signatures, and what holds of each.

The engine seals with these and `bundles` and `certificates` judge with them. Standard library only, nothing of ours
imported: what an exported case is judged by can be read in one sitting. The script in every bundle (`standalone`)
repeats these rules independently, and a test holds the two against each other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

GENESIS = "0" * 64
CHECKPOINT = "checkpoint.txt"
NAMESPACE = "shuangshen-decision@v1"
DECISIONS = frozenset({"sign", "conclude", "reject", "accept", "return", "key_add", "key_revoke"})
"""The acts an officer can sign with his own key."""
SM2, SM2_BEGIN = "sm2 ", "-----BEGIN SM2 SIGNATURE-----"
"""How the roster line of an SM2 key and an SM2 signature begin; the rest is loaded only where there is one."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


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
    if armour.startswith(SM2_BEGIN):
        return _key_of_sm2(armour, namespace, place)
    parts = _signature_parts(armour, place)
    if parts[1] != namespace.encode():
        raise Broken(place, "签名用途不符，是为别的用途签的")
    return fingerprint(parts[0])


def _key_of_sm2(armour: str, namespace: str, place: str) -> str:
    from engine.trail import sm2

    try:
        return sm2.key_of_signature(armour, namespace)
    except sm2.PurposeDiffers as error:
        raise Broken(place, "签名用途不符，是为别的用途签的") from error
    except ValueError as error:
        raise Broken(place, "签名不是 SM2 签名") from error


def key_line_of_signature(armour: str, place: str) -> tuple[str, str]:
    """The fingerprint and the line of the public key a signature carries in itself."""
    if armour.startswith(SM2_BEGIN):
        line = f"{SM2}{armour.partition('Key: ')[2].partition(chr(10))[0]}"
        return key_of_signature(armour, NAMESPACE, place), line
    blob = _signature_parts(armour, place)[0]
    kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii", "replace")
    if not kind.isprintable() or " " in kind:
        raise Broken(place, "签名所带的公钥写法不对")
    return fingerprint(blob), f"{kind} {base64.b64encode(blob).decode()}"


def _signature_parts(armour: str, place: str) -> list[bytes]:
    """Public key, namespace, reserved, hash name and signature of an SSH signature; Broken when it is none."""
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
    return parts


def verifies(data: bytes, armour: str, line: str, namespace: str) -> bool | None:
    """Whether the key in this roster line made this signature of exactly these bytes; None without a tool to tell."""
    national = line.startswith(SM2)
    if national is not armour.startswith(SM2_BEGIN):
        return False
    if not national:
        return ssh_verifies(data, armour, line, namespace)
    from engine.trail import sm2

    return sm2.verifies(data, armour, line, namespace)


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
    held = verifies(decision_text(event).encode("utf-8"), armour, key.line, NAMESPACE)
    if held is False:
        raise Broken(place, "签名与这项决定不符：签的是别的内容，或者内容被改动")
    return held is True


# ------------------------------------------------------------------ entries of the log


def check_entry(seq: int, payload: bytes, digest: str, place: str) -> dict[str, Any]:
    """The event in these bytes, if `digest` is their leaf hash and they name themselves as number `seq`."""
    if leaf_hash(payload).hex() != digest:
        raise Broken(place, "内容与哈希不符，内容或哈希被改动")
    event = strict_json(payload, place)
    if field(event, "v", int, place) != 1 or field(event, "seq", int, place) != seq:
        raise Broken(place, "内容里的版本或流水号不符")
    return event


def check_proven(line: bytes, checkpoint: Checkpoint, place: str) -> tuple[dict[str, Any], str]:
    """The event in this entry and its hash, if its inclusion proof leads to the checkpoint."""
    entry = strict_json(line, place)
    place = told_place(entry, place)
    payload = field(entry, "payload", str, place).encode("utf-8")
    event = check_entry(entry["seq"], payload, field(entry, "hash", str, place), place)
    check_included(entry, checkpoint, place)
    return event, entry["hash"]


def told_place(entry: dict[str, Any], place: str) -> str:
    """The place with the number the entry claims to have in the log."""
    return f"{place}（流水号 {field(entry, 'seq', int, place)}）"


def check_included(entry: dict[str, Any], checkpoint: Checkpoint, place: str) -> None:
    """Broken unless the entry's hash is where its number says in the log of this checkpoint, whatever it says."""
    path = read_path(entry, place)
    try:
        leaf = bytes.fromhex(field(entry, "hash", str, place))
    except ValueError as error:
        raise Broken(place, "哈希写法不对") from error
    if root_from_path(leaf, entry["seq"] - 1, checkpoint.size, path) != checkpoint.root:
        raise Broken(place, "包含证明通不到检查点的根哈希")


def read_path(entry: dict[str, Any], place: str) -> list[bytes]:
    """The hashes of the proof an entry carries."""
    try:
        return [bytes.fromhex(step) for step in field(entry, "proof", list, place)]
    except (TypeError, ValueError) as error:
        raise Broken(place, "包含证明写法不对") from error


def check_signatures(
    events: Iterable[Mapping[str, Any]], key_events: Sequence[Mapping[str, Any]], keys: Mapping[str, Key] | None = None
) -> Signatures:
    """How these events are signed; Broken names the first signature that does not hold.

    The keys are those the key events put in force before each event, or `keys` where there is no roster.
    """
    signed = unsigned = unchecked = 0
    for event in events:
        if event.get("attested") is True:
            known = roster(key_events, event["seq"]) if keys is None else keys
            held = check_signature(event, known, f"流水号 {event['seq']}")
            signed, unchecked = signed + held, unchecked + (not held)
        elif event.get("act") in DECISIONS:
            unsigned += 1
    return Signatures(signed, unsigned, unchecked)


def told_signatures(found: Signatures) -> str:
    """The sentence about the officers' signatures."""
    words = [f"决定中已签名并校验 {found.signed} 项", f"未签名 {found.unsigned} 项"]
    if found.unchecked:
        words.append(f"未校验签名 {found.unchecked} 项（本机没有 ssh-keygen 或 openssl）")
    return "，".join(words) + "。"
