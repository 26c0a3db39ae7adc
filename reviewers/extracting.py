"""Who may take events of the whole trail, and over which days: for auditors and the market regulator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from engine.calendar.zone import LOCAL_ZONE
from engine.errors import InvalidInput, NotFound, Refused
from engine.model import Officer, Role
from engine.store.extracts import Extract, Wanted, extracts
from engine.store.records import instant
from reviewers.deed_words import DEEDS
from reviewers.roster import Profile


def may_extract(officer: Officer, profile: Profile) -> None:
    """Returns for an auditor or an officer of the market regulator; raises Refused to others.

    Source: Regulation art. 19 (confidentiality of what review learns).
    """
    if Role.AUDITOR in officer.roles or profile.in_regulator(officer.unit):
        return
    raise Refused(
        f"{officer.name}不能导出全部留痕：只有审计人员和市场监管部门可以。",
        "本单位的案件请用 shuangshen export 逐件导出。",
    )


def days(first: date | None, last: date | None) -> tuple[str, str]:
    """The instants (UTC text) from the start of the first local day to the end of the last, "" where unbounded."""
    if first and last and last < first:
        raise InvalidInput(f"止日 {last} 早于起日 {first}。", "请改写 --from 或 --to。")
    start = instant(datetime.combine(first, time(), LOCAL_ZONE)) if first else ""
    end = instant(datetime.combine(last + timedelta(days=1), time(), LOCAL_ZONE)) if last else ""
    return start, end


def extracted(path: Path, officer: Officer, profile: Profile, wanted: Wanted) -> Sequence[Extract]:
    """The events asked for, oldest first. Raises NotFound for an act nobody knows or when there is none, Refused."""
    may_extract(officer, profile)
    if wanted.act and wanted.act not in DEEDS:
        raise NotFound(f"没有“{wanted.act}”这种操作。", f"可用的有：{'、'.join(DEEDS)}。")
    if wanted.unit:
        profile.unit(wanted.unit)
    if wanted.officer:
        profile.officer(wanted.officer)
    return list(extracts(path, wanted))
