"""The rule pack as an authority has approved it: a manifest of every file, signed by officers with their own keys.

The digests shipped beside the tables find damage; they cannot tell who approved what, for whoever can alter a table can
alter its digest. So the authority signs the pack it has tried: the manifest names every file of law, rules and weights
and the local rules, and verifying compares them with what is installed now. Called by `rules sign`, `rules verify` and
the doctor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.errors import Conflict, InvalidInput, NotFound, Refused, TrailBroken
from engine.screening import load_tables, pack_name
from engine.screening.overlay import load_pack
from engine.screening.rules import load_rules
from engine.standards import load_standards
from engine.store.signing import keys_in_force
from engine.trail import checkpoints
from engine.trail.verifier import Broken, canonical, key_of_signature, strict_json, verifies
from reviewers.office import Office
from reviewers.supervision.minding import may_lead

NAMESPACE = "shuangshen-pack@v1"
SCHEMA = "shuangshen.pack/1"
FILE = "pack.json"
ENGINE = Path(__file__).parent.parent.parent / "engine"
FOLDERS = ("standards", "standards/rules", "screening/pack")
MAX_MANIFEST = 200_000
MAX_SIGNATURE = 20_000


@dataclass(frozen=True, slots=True)
class Approval:
    """A signature of the manifest: whose key, and whether it could be verified; a stranger's verifies nothing."""

    by: str
    file: str
    verified: bool


def manifest(overlay: Path | None) -> bytes:
    """The installed pack as canonical JSON: its name, every file with its SHA-256, and what local rules change."""
    pack = load_pack(overlay) or load_rules()
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "pack": pack_name(pack, load_tables(), load_standards()),
        "files": {
            path.relative_to(ENGINE).as_posix(): sha256(path.read_bytes()).hexdigest()
            for folder in FOLDERS
            for path in sorted((ENGINE / folder).iterdir())
            if path.is_file()
        },
        "local": {"sha256": pack.local.digest, "lines": list(pack.local.lines)} if pack.local else None,
    }
    return canonical(told).encode("utf-8")


def sign_pack(office: Office, place: Path, signer: Callable[[bytes], str]) -> Path:
    """The manifest of the installed pack lies at `place`, the officer's signature beside it.

    A manifest that is there already is signed as it is, if it is of the installed pack. Raises Refused unless the head
    of joint review signs with a key registered as his own, Conflict for another manifest or a second signature.
    """
    may_lead(office, "签署规则包")
    data = manifest(office.profile.overlay)
    if place.exists() and place.read_bytes() != data:
        raise Conflict(f"{place} 不是现在的规则包的清单。", "请换一个文件名，或移走旧的清单和签名。")
    signature = checkpoints.signature_place(place, office.officer.id)
    if signature.exists():
        raise Conflict(f"{signature} 已存在，{office.officer.name}已签署过。", "无需重复签署。")
    armour = signer(data)
    own = keys_in_force(office.store.path).get(key_of_signature(armour, NAMESPACE, "签名"))
    if own is None or own.officer != office.officer.id:
        raise Refused(f"所用密钥没有登记在{office.officer.name}名下。", "登记的密钥见 shuangshen key list。")
    checkpoints.write_new(place, data, 0o644)
    checkpoints.write_new(signature, armour.encode("ascii"), 0o644)
    return signature


def differences(place: Path, overlay: Path | None) -> list[str]:
    """What of the installed pack is not as the manifest at `place` has it, in Chinese; nothing when all is.

    Raises NotFound without the file, TrailBroken when it is no manifest.
    """
    signed, now = _read(place), strict_json(manifest(overlay), FILE)
    old, new = signed["files"], now["files"]
    told = [f"{name} 被改动" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    told += [f"{name} 缺失" for name in sorted(old.keys() - new.keys())]
    told += [f"{name} 是清单以外的文件" for name in sorted(new.keys() - old.keys())]
    if signed["local"] != now["local"]:
        told.append("本地规则与签署时不同")
    if not told and signed["pack"] != now["pack"]:
        told.append(f"规则包名称不符：签署的是 {signed['pack']}，现在是 {now['pack']}")
    return told


def approvals(place: Path, keys: Mapping[str, tuple[str, str]]) -> list[Approval]:
    """Whose signatures lie beside the manifest, by the keys known: fingerprint to holder and line.

    Raises TrailBroken for a signature that is not of this manifest.
    """
    data, found = place.read_bytes(), []
    for signature in checkpoints.signatures_beside(place):
        if signature.stat().st_size > MAX_SIGNATURE:
            raise TrailBroken(f"{signature} 过大，不是签名。", "请核对文件。")
        armour = signature.read_text("utf-8", "replace")
        try:
            by = key_of_signature(armour, NAMESPACE, str(signature))
        except Broken as broken:
            raise TrailBroken(f"{broken}。", f"请核对 {place} 的来源。") from broken
        who, line = keys.get(by, (by, ""))
        held = verifies(data, armour, line, NAMESPACE) if line else None
        if held is False:
            raise TrailBroken(f"{signature} 不是规则包清单 {place} 的签名。", "清单或签名被改动，请重新取得。")
        found.append(Approval(who, signature.name, held is True))
    return found


def registered(database: Path) -> dict[str, tuple[str, str]]:
    """The officers' keys in force, by fingerprint: holder and line."""
    return {fingerprint: (key.officer, key.line) for fingerprint, key in keys_in_force(database).items()}


def _read(place: Path) -> dict[str, Any]:
    if not place.is_file():
        raise NotFound(f"没有规则包清单 {place}。", "请检查路径，或先用 shuangshen rules sign 签署。")
    if place.stat().st_size > MAX_MANIFEST:
        raise InvalidInput(f"{place} 过大，不是规则包清单。", "请检查路径。")
    try:
        told = strict_json(place.read_bytes(), str(place))
    except Broken as broken:
        raise TrailBroken(f"{broken}。", "请核对清单的来源。") from broken
    files = told.get("files")
    if told.get("schema") != SCHEMA or not isinstance(files, dict) or not isinstance(told.get("pack"), str):
        raise TrailBroken(f"{place} 不是规则包清单。", "请核对文件。")
    return {**told, "local": told.get("local")}
