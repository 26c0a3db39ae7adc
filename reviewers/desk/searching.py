"""The command search: which draft, opinion or finding holds these words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import InvalidInput, Refused
from engine.model import Role
from engine.store import search as index
from reviewers.deed_words import STAGES
from reviewers.desk.counter import As, Home, Json, database, emit, open_profile

if TYPE_CHECKING:
    from engine.model import Officer
    from engine.store.reads import Found
    from reviewers.roster import Profile

SEARCH_SCHEMA = "shuangshen.search/1"
KINDS = {"draft": "草案", "opinion": "意见", "finding": "疑似问题"}


def search(
    words: Annotated[list[str], typer.Argument(metavar="词", help="要查的词；几个词须在同一条款或意见中都有")],
    officer: As = "",
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="只查这个起草单位的案件")] = "",
    stage: Annotated[str, typer.Option("--stage", metavar="环节", help="只查停在这个环节的案件，如 co_review")] = "",
    kind: Annotated[str, typer.Option("--kind", metavar="种类", help="草案、意见或者疑似问题")] = "",
    limit: Annotated[int, typer.Option(metavar="条数", min=1, max=200, help="一页最多多少条")] = 20,
    after: Annotated[int | None, typer.Option(metavar="位置", help="接着上一页的最后位置往下查")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """检索草案、意见和疑似问题的文字；起草单位只查得到本单位的案件。"""
    profile = open_profile(home)
    if not officer:
        raise InvalidInput("没有指明经办人，不知道可以查哪些案件。", "请加 --as 经办人。")
    asked = index.Asked(words, _places(profile.officer(officer), unit, profile), _stage(stage), _kind(kind))
    found = index.search(database(home), asked, limit + 1, after)
    more = found[limit - 1]["id"] if len(found) > limit else None
    if as_json:
        emit({"schema": SEARCH_SCHEMA, "words": list(words), "found": found[:limit], "after": more})
        return
    for each in found[:limit]:
        _print(each, profile)
    if not found:
        print(f"没有查到“{' '.join(words)}”。" if after is None else "没有更多了。")
    if more is not None:
        print(f"还有，接着查请加 --after {more}")


def _places(person: Officer, unit: str, profile: Profile) -> str | None:
    """The unit whose cases are looked through, None for all; raises Refused for another's drafts."""
    if unit:
        profile.unit(unit)
    if profile.in_regulator(person.unit) or Role.AUDITOR in person.roles:
        return unit or None
    if unit not in ("", person.unit):
        raise Refused(
            f"{person.name}只能查“{profile.unit(person.unit).name}”自己的案件。", "请去掉 --unit，或请市场监管部门查。"
        )
    return person.unit


def _stage(stage: str) -> str:
    known = {name: word for word, name in STAGES.items()} | {word: word for word in STAGES}
    if stage and stage not in known:
        raise InvalidInput(f"没有环节“{stage}”。", f"可用：{'、'.join(STAGES)}。")
    return known.get(stage, "")


def _kind(kind: str) -> str:
    known = {name: word for word, name in KINDS.items()} | {word: word for word in KINDS}
    if kind and kind not in known:
        raise InvalidInput(f"没有“{kind}”这种文字。", f"可用：{'、'.join(KINDS.values())}。")
    return known.get(kind, "")


def _print(found: Found, profile: Profile) -> None:
    unit = profile.units.get(found["unit"])
    place = f"第{found['version']}稿 {found['place']}" if found["version"] else found["place"]
    print(f"{found['case_id']}  {found['title']}  {unit.name if unit else found['unit']}  "
          f"{STAGES.get(found['stage'], found['stage'])}")  # fmt: skip
    print(f"  {KINDS[found['kind']]} {place}：{_marked(found['snippet'], found['hits'], found['cut'])}")


def _marked(snippet: str, hits: Sequence[Sequence[int]], cut: Sequence[bool]) -> str:
    """The snippet on one line, every hit in 【】."""
    told, last = "…" if cut[0] else "", 0
    for start, end in hits:
        told += f"{snippet[last:start]}【{snippet[start:end]}】"
        last = end
    return " ".join((told + snippet[last:] + ("…" if cut[1] else "")).split())
