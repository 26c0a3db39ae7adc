"""The roster of officers' keys: entered and revoked in the trail itself, so that it can be told for any moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.errors import Conflict, InvalidInput, NotFound
from engine.model import KeyGrant, KeyRevocation, MatterFile, MatterKind
from engine.store import Receipt
from engine.store.holdings import matter_files
from engine.trail.signatures import PublicKey
from engine.trail.signers import read_public_key
from reviewers.office import Office
from reviewers.operations.attesting import attested
from reviewers.supervision.minding import Minding, may_lead, on_matter, opening


@dataclass(frozen=True, slots=True)
class RosterKey:
    """One key: the matter it is kept as, its entry, and its revocation if there was one."""

    id: str
    grant: KeyGrant
    revocation: KeyRevocation | None


def add_key(office: Office, officer_id: str, public_key: str) -> Receipt:
    """The officer's public key is in the roster; the head of joint review enters it, having seen the officer.

    Raises Conflict for a key entered before, whoever's: one key is one person, and a revoked one stays revoked.
    """
    may_lead(office, "登记密钥")
    owner, key = office.profile.officer(officer_id), read_public_key(public_key)
    return attested(office, "key_add", partial(_perform_add, owner=owner.id, unit=owner.unit, key=key))


def revoke_key(office: Office, which: str, reason: str) -> Receipt:
    """The key (its number or fingerprint) signs nothing from now on; its owner or the head of joint review does this.

    Raises NotFound, Conflict when it is revoked already, Refused to others.
    """
    found = [key for key in keys(office.store.path) if which in (key.id, key.grant.fingerprint)]
    if not found:
        raise NotFound(f"没有登记过密钥“{which}”。", "请运行 shuangshen key list 查看编号和指纹。")
    if found[0].grant.officer != office.officer.id:
        may_lead(office, "注销他人的密钥")
    return attested(office, "key_revoke", lambda signed: _revoke(signed, found[0].id, reason))


def keys(database: Path) -> tuple[RosterKey, ...]:
    """Every key ever entered, oldest first."""
    return tuple(_key_of(file) for file in matter_files(database, MatterKind.KEY))


def _perform_add(office: Office, owner: str, unit: str, key: PublicKey) -> Receipt:
    return _add(office, f"{owner} 的密钥", unit, owner, key.line, key.fingerprint)


@opening("key_add", MatterKind.KEY)
def _add(minding: Minding, owner: str, line: str, fingerprint: str) -> Receipt:
    for known in keys(minding.office.store.path):
        if known.grant.fingerprint == fingerprint:
            state = "已经注销" if known.revocation else "已经登记"
            raise Conflict(f"此密钥（{known.id}）{state}在 {known.grant.officer} 名下。", "每人用自己的新密钥登记。")
    grant = KeyGrant(owner, line, fingerprint, minding.office.officer.id, minding.office.now)
    return minding.save({"officer": owner, "public_key": line, "fingerprint": fingerprint}, [grant])


@on_matter("key_revoke", MatterKind.KEY)
def _revoke(minding: Minding, reason: str) -> Receipt:
    known = _key_of(minding.file)
    if known.revocation:
        raise Conflict(f"密钥 {known.id} 已经注销。", "无需再次注销。")
    if not reason.strip():
        raise InvalidInput("注销密钥须说明理由。", "请加上 --reason “理由”。")
    fingerprint = known.grant.fingerprint
    record = KeyRevocation(fingerprint, reason, minding.office.officer.id, minding.office.now)
    return minding.save({"officer": known.grant.officer, "fingerprint": fingerprint, "reason": reason}, [record])


def _key_of(file: MatterFile) -> RosterKey:
    grant = next(record for record in file.records if isinstance(record, KeyGrant))
    revoked = [record for record in file.records if isinstance(record, KeyRevocation)]
    return RosterKey(file.matter.id, grant, revoked[0] if revoked else None)
