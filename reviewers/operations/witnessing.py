"""Checkpoints that others vouch for: the installation signs its own, another office cosigns and keeps its copy.

A witness's signature says that on that day this log had this length and this root. Whoever rewrites the log later
contradicts it, and cannot make it again without the witness's key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.errors import Conflict, InvalidInput, NotFound, Refused
from engine.store.signing import keys_in_force
from engine.store.verify import require_checkpoint
from engine.trail import checkpoints
from engine.trail.signatures import make_key
from engine.trail.signers import make_sm2_key, read_public_key
from engine.trail.verifier import key_of_signature
from reviewers.office import Office
from reviewers.operations.keeping import instance_key, keep_checkpoint, sign_beside

MAX_CHECKPOINT = 10_000
_PLAIN = re.compile(r"[A-Za-z0-9._@-]{1,64}")


@dataclass(frozen=True, slots=True)
class Vouched:
    """One signature of a checkpoint: whose, and whether it could be verified on this machine."""

    by: str
    file: str
    verified: bool


def signed_checkpoint(database: Path, national: bool = False) -> Path:
    """The checkpoint of now is kept and signed by the installation's key, which is made when there is none: Ed25519,
    or SM2 if the `national` algorithms are asked for.

    Raises InvalidInput when this machine cannot sign.
    """
    key = instance_key(database)
    if not key.exists():
        key.parent.mkdir(mode=0o700, exist_ok=True)
        make_sm2_key(key) if national else make_key(key, "shuangshen")
    place = keep_checkpoint(database)
    sign_beside(place, key)
    return place


def witness(office: Office, place: Path, signer: Callable[[bytes], str]) -> Path:
    """The officer's signature of this checkpoint lies beside it; the log of this installation agrees with it.

    Raises NotFound without the file, TrailBroken when the log does not hold it, Refused when the key is not the
    officer's, Conflict when he has signed it already.
    """
    data = _read(place)
    require_checkpoint(office.store.path, data.decode("utf-8", "replace"))
    signature = checkpoints.signature_place(place, _name(office.officer.id))
    if signature.exists():
        raise Conflict(f"{signature} 已存在，{office.officer.name}已见证过。", "无需重复见证。")
    armour = signer(data)
    own = keys_in_force(office.store.path).get(key_of_signature(armour, checkpoints.NAMESPACE, "签名"))
    if own is None or own.officer != office.officer.id:
        raise Refused(f"所用密钥没有登记在{office.officer.name}名下。", "登记的密钥见 shuangshen key list。")
    checkpoints.write_new(signature, armour.encode("ascii"), 0o644)
    return signature


def vouched(database: Path, place: Path) -> tuple[Vouched, ...]:
    """Whose signatures lie beside this checkpoint. Raises TrailBroken when one is not of this checkpoint.

    A key that neither this installation nor an officer holds is told by its fingerprint and verifies nothing.
    """
    known = {fingerprint: (key.officer, key.line) for fingerprint, key in keys_in_force(database).items()}
    public = instance_key(database).with_suffix(".pub")
    if public.is_file():
        own = read_public_key(public.read_text(encoding="utf-8", errors="replace"))
        known[own.fingerprint] = ("本机", own.line)
    found = []
    for signature in checkpoints.signatures_beside(place):
        by = checkpoints.signed_by(place, signature)
        who, line = known.get(by, (by, ""))
        found.append(Vouched(who, signature.name, bool(line) and checkpoints.require_signed(place, signature, line)))
    return tuple(found)


def _read(place: Path) -> bytes:
    if not place.is_file():
        raise NotFound(f"没有检查点文件 {place}。", "请检查路径。")
    if place.stat().st_size > MAX_CHECKPOINT:
        raise InvalidInput(f"{place} 过大，不是检查点。", "请检查路径。")
    return place.read_bytes()


def _name(officer: str) -> str:
    return officer if _PLAIN.fullmatch(officer) else sha256(officer.encode("utf-8")).hexdigest()[:16]
