"""One case of two rounds, signed, witnessed, once signed off by a deputy, taken out whole and redacted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from city import City, Matter

from engine.model import Outcome, Role
from engine.trail import checkpoints
from engine.trail.signatures import make_key, sign
from engine.trail.verifier import NAMESPACE
from reviewers import drafting_unit, market_regulator
from reviewers.auditor import export_case, export_redacted
from reviewers.desk.setup import initialise
from reviewers.office import Office, Upload
from reviewers.operations.keys import add_key
from reviewers.operations.witnessing import signed_checkpoint, witness
from reviewers.samples import load_samples

DEPUTY = """
[[officers]]
id = "fang.ming"
name = "方明"
unit = "jtj"
roles = ["drafter"]

[[deputies]]
officer = "xie.jianping"
deputy = "fang.ming"
from = 2026-03-02
to = 2026-03-31
"""


@dataclass(frozen=True)
class Taken:
    """Where everything lies."""

    home: Path
    case: str
    full: Path
    redacted: Path

    @property
    def database(self) -> Path:
        return self.home / "shuangshen.db"


def take_out(room: Path) -> Taken:
    """The case, whole in a folder and redacted in another; another case's events stand between its own."""
    home = initialise(room / "home", "qingyang")
    roster = home / "profile" / "officers.toml"
    roster.write_text(roster.read_text(encoding="utf-8") + DEPUTY, encoding="utf-8")
    city = City(home)
    city.on(date(2026, 3, 2))
    samples = load_samples()
    head, lead = city.one(Role.DRAFTING_HEAD, "jtj"), city.one(Role.JOINT_LEAD)
    auditor = city.one(Role.AUDITOR)
    signing = {officer: _key(city, room, officer) for officer in (head, lead, auditor)}
    matter = Matter(city, "jtj", sample=samples["blocked"])
    other = Matter(city, "gxj")
    matter.submitted().self_reviewed()
    drafting_unit.sign(_signing(city, head, signing), matter.id, Outcome.COMPLIANT, "自查无问题")
    other.submitted()
    matter.accepted().jointly_reviewed()
    market_regulator.conclude(_signing(city, lead, signing), matter.id, Outcome.REVISE, "第十二条须修改后再审")
    place = signed_checkpoint(city.database)
    witness(city.by(auditor), place, _signer(signing[auditor], checkpoints.NAMESPACE))
    revised = samples["revised"]
    matter.revised(Upload(revised.draft.name, revised.draft.read_bytes()), revised)
    other.self_reviewed()
    matter.self_reviewed()
    drafting_unit.sign(city.by("fang.ming"), matter.id, Outcome.COMPLIANT, "代为签署，自查无问题")
    redacted = export_redacted(city.by(auditor), matter.id, city.database, room / "脱密").path
    full = export_case(city.by(auditor), matter.id, city.database, room / "卷").path
    return Taken(city.home, matter.id, full, redacted)


def _key(city: City, room: Path, officer: str) -> Path:
    place = room / f"key-{officer}"
    make_key(place, officer)
    add_key(city.by(city.one(Role.JOINT_LEAD)), officer, Path(f"{place}.pub").read_text(encoding="utf-8"))
    return place


def _signing(city: City, officer: str, keys: dict[str, Path]) -> Office:
    return replace(city.by(officer), signer=_signer(keys[officer], NAMESPACE))


def _signer(key: Path, namespace: str) -> Callable[[bytes], str]:
    return lambda data: sign(key, data, namespace)
