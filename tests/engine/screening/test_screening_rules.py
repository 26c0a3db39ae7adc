"""Every rule file loads, keeps its own promises, and together they leave no item of the law without an answer."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from engine.documents import fold
from engine.errors import StandardsError
from engine.model import Clause, ClauseKind, Document
from engine.screening.context import named_firms
from engine.screening.lexicon import RULES, load_lexicon
from engine.screening.polarity import read_polarity
from engine.screening.reading import statements
from engine.screening.rules import NOT_RULES, Rule, load_rules, read_rules
from engine.screening.verdict import asserted
from engine.standards import load_standards

PACK = load_rules()
EXAMPLES = [(rule, text, True) for rule in PACK.rules for text in rule.hit] + [
    (rule, text, False) for rule in PACK.rules for text in rule.ok
]


def fires(rule: Rule, text: str) -> bool:
    clause = Clause("", "", ClauseKind.PARAGRAPH, 0, 0, len(text), 1, text)
    document = Document("", "", text, "", "", "", (clause,))
    for said in statements(document):
        polarity = read_polarity(said)
        matches = PACK.matches(PACK.lexicon.hits(said.text))
        if any(match.rule.id == rule.id and asserted(match, polarity) for match in matches):
            return True
    return False


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_a_rule_holds_against_its_own_examples(rule: Rule) -> None:
    missed = [text for text in rule.hit if not fires(rule, fold(text))]
    alarms = [text for text in rule.ok if fires(rule, fold(text))]
    assert (missed, alarms) == ([], [])


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_a_rule_carries_five_examples_each_way_and_two_polarity_twins(rule: Rule) -> None:
    twins = [text for text in rule.ok if any(hit.rstrip("。") in text for hit in rule.hit)]
    assert len(rule.hit) >= 5
    assert len(rule.ok) >= 5
    assert len(twins) >= 2


def test_every_item_has_a_rule_or_a_reason_why_only_people_can_judge_it() -> None:
    reasons = tomllib.loads((RULES / "coverage.toml").read_text(encoding="utf-8"))["people"]
    cited = {item for rule in PACK.rules for item in rule.cites}
    asked = {item for item in load_standards().items if item[0] in "MB"}
    assert set(reasons) == asked - cited
    assert all(len(reason) > 10 for reason in reasons.values())


def test_rules_cite_only_items_of_the_law() -> None:
    cited = {item for rule in PACK.rules for item in rule.cites}
    assert cited - set(load_standards().items) == set()


def test_a_rule_is_named_after_its_main_item_and_its_file() -> None:
    names = sorted(path.stem for path in RULES.glob("*.toml") if path.name not in NOT_RULES)
    assert sorted(rule.id for rule in PACK.rules) == names
    assert [rule.id for rule in PACK.rules if rule.id.partition(".")[0] != rule.cites[0]] == []


GOOD = """
id = "M15-2.trial"
cites = ["M15-2"]
title = "试"
order = [["PREFER", "LOCAL"]]
act = ["PREFER"]
because = "因"
advice = "改"
[tests]
hit = []
"""


def with_rule(tmp_path: Path, text: str) -> Path:
    shutil.copy(RULES / "lexicon.toml", tmp_path / "lexicon.toml")
    (tmp_path / "M15-2.trial.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_sound_rule_file_loads(tmp_path: Path) -> None:
    assert [rule.id for rule in read_rules(with_rule(tmp_path, GOOD)).rules] == ["M15-2.trial"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace('["PREFER", "LOCAL"]', '["PREFER", "NOWHERE"]'), "NOWHERE"),
        (GOOD.replace("because", "becuse"), "becuse"),
        (GOOD.replace('title = "试"\n', ""), "title"),
        (GOOD + "\n[more]\n", "more"),
        (GOOD.replace('act = ["PREFER"]', 'act = ["PREFER"]\nwithin = 900'), "900"),
        (GOOD.replace("id =", "id"), "M15-2.trial.toml"),
    ],
)
def test_a_faulty_rule_file_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(StandardsError, match=told):
        read_rules(with_rule(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "word"),
    [("向所在地登记机关申请登记。", "在地"), ("在市场内销售。", "在市"), ("支持我国企业走出去。", "国企")],
)
def test_a_word_within_a_longer_one_does_not_count(text: str, word: str) -> None:
    lexicon = load_lexicon()

    def found(words: str) -> list[str]:
        return [words[hit.start : hit.end] for hit in lexicon.hits(words)]

    assert word in found(f"{word}，其余不论")
    assert word not in found(text)


def test_running_words_before_a_company_are_no_name() -> None:
    assert named_firms("为了规范公司的行为，提高公司登记效率，由省级工商行政部门办理。第六十三条 公司应当登记。") == []
    assert named_firms("委托县惠农公司承办。") == [(2, 7)]
