"""A plain breach stays one whatever lawful words are put beside it in the same sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.documents import read_text
from engine.model import Level
from engine.screening import screen, screen_text
from engine.screening.overlay import load_pack
from engine.standards import load_standards

DAY = date(2026, 11, 25)
BREACHES = ("投标人须在本市设立分公司", "外地企业不得参加投标", "评标时对本地企业加5分")
BESIDE = (
    "公开采购的条件和程序",
    "各单位应当按照规定的时限办理有关手续并做好档案管理工作",
    "采购结果应当在网站公布并接受社会监督",
)


def blocks(text: str) -> bool:
    return any(one.level is Level.BLOCK for one in screen_text(text, load_standards(), DAY).findings)


@pytest.mark.parametrize("breach", BREACHES)
def test_lawful_words_behind_or_before_a_breach_do_not_hide_it(breach: str) -> None:
    assert blocks(f"{breach}。")
    assert [blocks(f"{breach}\uff0c{beside}。") for beside in BESIDE] == [True] * len(BESIDE)
    assert [blocks(f"{beside}\uff0c{breach}。") for beside in BESIDE] == [True] * len(BESIDE)


def test_words_that_take_the_breach_away_still_do() -> None:
    taken = "清理“投标人须在本市设立分公司”等规定\uff0c公开采购的条件和程序。"
    assert not blocks(taken)
    assert not blocks("招标人不得要求投标人在本市设立分公司\uff0c公开采购的条件和程序。")


@pytest.mark.parametrize("breach", BREACHES[:2])
def test_nor_in_a_draft_whose_other_sentences_are_lawful(breach: str) -> None:
    head = "关于有关事项的通知\n各县区人民政府\uff1a\n一、简化办事程序。\n"
    draft = f"{head}二、{breach}\uff0c{BESIDE[0]}。\n三、本通知自印发之日起施行。\n"
    (found,) = screen(read_text(draft), load_standards(), DAY).findings
    assert (found.level, found.clause) == (Level.BLOCK, "二")


def test_local_names_that_stand_nowhere_change_nothing(tmp_path: Path) -> None:
    place = tmp_path / "overlay.toml"
    place.write_text('name = "本地"\nplaces = ["望原城"]\n', encoding="utf-8")
    local = load_pack(place)
    assert local is not None
    lines = ["\uff0c".join(("外地企业不得参加投标", *BESIDE * many)) + "。\n" for many in range(4)]
    draft = read_text("关于有关事项的通知\n" + "".join(lines))
    plain, laid = (screen(draft, load_standards(), DAY, rules).findings for rules in (None, local))
    assert plain
    assert plain == laid
