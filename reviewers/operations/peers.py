"""The other installations a case may be carried to and taken in from: whose key is whose, and for which units it acts.

Two installations exchange cards (来源、名称、公钥) and compare fingerprints by a way of their own (telephone, paper);
what is kept of the other one is a file of this installation, like its roster. Every crossing in the trail repeats the
key it was judged by, so a file changed later changes nothing that was taken in before.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import Conflict, InvalidInput, NotFound, Refused
from engine.store.transfer import origin_of
from engine.trail import signatures, sm2
from engine.trail.checkpoints import write_new
from engine.trail.signatures import PublicKey, make_key
from engine.trail.signers import make_sm2_key, read_public_key
from engine.trail.verifier import Broken, canonical, strict_json
from reviewers.lines import one_line
from reviewers.operations.keeping import instance_key
from reviewers.roster import Profile

SCHEMA = "shuangshen.installation/1"
FOLDER = "peers"
MAX_CARD = 10_000
MAX_NAME = 60
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_ORIGIN = re.compile(r"shuangshen/[0-9a-f]{16}")
TAKEN = frozenset({"TZ", "JB", "CC", "LC", "MY", "RL"})
"""Prefixes of the numbers of matters, which no case may begin with."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another installation. `tag` begins the numbers its cases bear here, `units` are those whose people act there."""

    tag: str
    origin: str
    name: str
    public_key: str
    units: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        return key_of(self.public_key).fingerprint


def key_of(line: str) -> PublicKey:
    """The key in a line as the roster writes it; raises InvalidInput when it is none."""
    if not line.startswith(f"{sm2.SCHEME} "):
        return signatures.read_public_key(line)
    try:
        return PublicKey(line, sm2.fingerprint(sm2.public_key(line)))
    except ValueError as error:
        raise InvalidInput("不是可用的 SM2 公钥。", "请重新取得。") from error


def own_key(database: Path, national: bool = False) -> str:
    """The line of this installation's public key, which is made when there is none.

    Raises InvalidInput when this machine cannot make one.
    """
    key = instance_key(database)
    if not key.exists():
        key.parent.mkdir(mode=0o700, exist_ok=True)
        make_sm2_key(key) if national else make_key(key, "shuangshen")
    return read_public_key(key.with_suffix(".pub").read_text(encoding="utf-8", errors="replace")).line


def card(database: Path, name: str, national: bool = False) -> bytes:
    """This installation's card, to be given to another one."""
    if not one_line(name) or len(name) > MAX_NAME:
        raise InvalidInput(f"本单位名称须有 1 到 {MAX_NAME} 字。", "请加上 --name “单位名称”。")
    told = {"schema": SCHEMA, "origin": origin_of(database), "name": one_line(name)}
    return canonical({**told, "public_key": own_key(database, national)}).encode("utf-8")


def trust(database: Path, profile: Profile, file: Path, tag: str, fingerprint: str, units: tuple[str, ...]) -> Peer:
    """The installation of this card is known here from now on.

    Raises InvalidInput for a card, tag or unit that is none, Refused when the card's key has not the `fingerprint`
    that was told by another way, Conflict when tag or installation is known already.
    """
    peer = _read_card(file, tag, units)
    if peer.fingerprint != fingerprint.strip():
        raise Refused(
            f"名片上的公钥指纹是 {peer.fingerprint}，与所给的不同，没有登记。", "请用电话或者当面重新核对指纹。"
        )
    if not _TAG.fullmatch(tag) or tag in TAKEN:
        raise InvalidInput(
            f"代号“{tag}”写法不对。", "用 2 到 10 位大写字母和数字，字母开头，如 JTJ；不能用事项的前缀。"
        )
    if not units:
        raise InvalidInput("没有写明该单位的系统里由哪些单位办理。", "请加 --unit 单位编号，可以多次。")
    for unit in units:
        profile.unit(unit)
    if peer.origin == origin_of(database):
        raise InvalidInput("这是本单位自己的名片。", "请登记对方的名片。")
    for known in peers(database):
        if known == peer:
            return known
        if peer.origin == known.origin or tag == known.tag:
            raise Conflict(
                f"代号 {known.tag} 或来源 {known.origin} 已经登记（{known.name}），没有改动。",
                f"确要更换密钥的，核对无误后移走 {FOLDER}/{known.tag}.json 再登记；代号须与原来相同。",
            )
    folder = database.parent / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    write_new(folder / f"{tag}.json", canonical({**asdict(peer), "units": list(units)}).encode("utf-8"))
    return peer


def peers(database: Path) -> tuple[Peer, ...]:
    """Every installation known here, by tag. Raises InvalidInput naming the file that does not read."""
    folder = database.parent / FOLDER
    places = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return tuple(_read_peer(place) for place in places)


def peer_named(database: Path, which: str) -> Peer:
    """The installation of this tag or origin; raises NotFound."""
    known = peers(database)
    for peer in known:
        if which in (peer.tag, peer.origin):
            return peer
    listed = "、".join(f"{peer.tag}（{peer.name}）" for peer in known)
    raise NotFound(
        f"没有登记过外单位“{which}”，不知道它的公钥。",
        f"已登记的：{listed}。" if listed else "请先交换名片：shuangshen transfer card、shuangshen transfer trust。",
    )


def local_number(database: Path, home: str, home_case: str) -> str:
    """The number a case opened at `home` as `home_case` bears here: its own there, or with the tag of its home."""
    return home_case if home == origin_of(database) else f"{peer_named(database, home).tag}-{home_case}"


def _read_card(file: Path, tag: str, units: tuple[str, ...]) -> Peer:
    told = _object(file, f"名片 {file.name}")
    if told.keys() != {"schema", "origin", "name", "public_key"} or told["schema"] != SCHEMA:
        raise InvalidInput(f"{file.name} 不是名片。", "请向对方索取 shuangshen transfer card 制作的文件。")
    return _peer({**told, "tag": tag, "units": list(units)}, f"名片 {file.name}")


def _read_peer(place: Path) -> Peer:
    told = _object(place, str(place))
    if told.keys() != {"tag", "origin", "name", "public_key", "units"} or told["tag"] != place.stem:
        raise InvalidInput(f"{place} 不是外单位的登记。", "请移走该文件，重新登记。")
    return _peer(told, str(place))


def _peer(told: dict[str, Any], where: str) -> Peer:
    texts = [told["tag"], told["origin"], told["name"], told["public_key"], *told["units"]]
    if any(type(text) is not str for text in texts) or not _ORIGIN.fullmatch(told["origin"]):
        raise InvalidInput(f"{where}：字段写法不对。", "请重新取得。")
    if told["name"] != one_line(told["name"]) or not 1 <= len(told["name"]) <= MAX_NAME:
        raise InvalidInput(f"{where}：名称写法不对。", "请重新取得。")
    if key_of(told["public_key"]).line != told["public_key"]:
        raise InvalidInput(f"{where}：公钥写法不对。", "请重新取得。")
    return Peer(told["tag"], told["origin"], told["name"], told["public_key"], tuple(told["units"]))


def _object(file: Path, where: str) -> dict[str, Any]:
    if not file.is_file() or file.stat().st_size > MAX_CARD:
        raise InvalidInput(f"没有可用的文件 {file}。", "请检查路径。")
    try:
        return strict_json(file.read_bytes().strip(), where)
    except (Broken, json.JSONDecodeError) as error:
        raise InvalidInput(f"{where}：不是规范的 JSON。", "请重新取得。") from error
