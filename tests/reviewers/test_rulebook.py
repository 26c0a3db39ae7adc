"""The rules commands: what they show is what is loaded, what fails is named, a template is a rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidInput, NotFound, StandardsError
from engine.screening.rules import load_rules
from engine.standards import load_standards
from reviewers.rulebook import Failed, coverage, failing, pack_with, rule_named, template

OWN = """
id = "M15-2.trial"
cites = ["M15-2"]
title = "试"
order = [["give", "LOCAL"]]
act = ["give"]
because = "因"
advice = "改"
[slots]
give = ["优先选用"]
[tests]
hit = ["优先选用本市企业。", "这句没有触发词。"]
ok = ["不得优先选用本市企业。", "同等条件下优先选用本市企业。"]
"""


def test_all_rules_are_listed_and_an_item_narrows_the_list(shuangshen: Callable[..., Any]) -> None:
    listed = shuangshen("rules", "list", "--json").json
    assert [row["id"] for row in listed] == [rule.id for rule in load_rules().rules]
    narrowed = shuangshen("rules", "list", "--item", "M15-3", "--json").json
    assert [row["id"] for row in narrowed] == [rule.id for rule in load_rules().rules if "M15-3" in rule.cites]


def test_a_rule_is_shown_with_its_provisions_and_examples(shuangshen: Callable[..., Any]) -> None:
    rule = load_rules().rules[0]
    shown = shuangshen("rules", "show", rule.id).out
    for words in (rule.title, rule.because, rule.advice, *rule.hit, *rule.ok):
        assert words in shown
    assert load_standards().citation(rule.cites[0]) in shown
    assert shuangshen("rules", "show", rule.id, "--json").json["hit"] == list(rule.hit)


def test_an_unknown_rule_is_refused_with_the_nearest_names(shuangshen: Callable[..., Any]) -> None:
    name = load_rules().rules[0].id
    with pytest.raises(NotFound, match="没有规则"):
        rule_named(f"{name}x", load_rules())
    refused = shuangshen("rules", "show", f"{name}x")
    assert (refused.code, name in refused.err, refused.err.count("\n")) == (4, True, 1)


def test_examples_a_rule_does_not_hold_against_are_named(tmp_path: Path, shuangshen: Callable[..., Any]) -> None:
    path = tmp_path / "自己的.toml"
    path.write_text(OWN, encoding="utf-8")
    rule, pack = pack_with(path)
    assert failing([rule], pack) == [
        Failed("M15-2.trial", True, "这句没有触发词。"),
        Failed("M15-2.trial", False, "同等条件下优先选用本市企业。"),
    ]
    ran = shuangshen("rules", "test", path, "--json")
    assert (ran.code, ran.json["examples"], len(ran.json["failed"])) == (1, 4, 2)
    path.write_text(
        OWN.replace("这句没有触发词。", "优先选用我市企业。").replace("同等条件下优先", "公平"), encoding="utf-8"
    )
    assert shuangshen("rules", "test", path).code == 0


def test_the_packaged_rules_hold(shuangshen: Callable[..., Any]) -> None:
    name = load_rules().rules[0].id
    ran = shuangshen("rules", "test", name, "--json")
    assert (ran.code, ran.json["rules"], ran.json["failed"]) == (0, 1, [])


def test_every_item_is_covered_by_rules_or_left_to_people_with_a_reason(shuangshen: Callable[..., Any]) -> None:
    found = coverage(load_standards())
    assert {one.item for one in found} == {item for item in load_standards().items if item[0] in "MB"}
    assert [one.item for one in found if bool(one.rules) == bool(one.reason)] == []
    told = shuangshen("rules", "coverage", "--json").json
    assert [(row["item"], tuple(row["rules"]), row["reason"]) for row in told] == [
        (one.item, one.rules, one.reason) for one in found
    ]


def test_a_template_loads_as_a_rule_and_asks_for_examples(shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "M15-3.trial.toml"
    assert shuangshen("rules", "new", "M15-3.trial", "-o", path).code == 0
    rule, _ = pack_with(path)
    assert (rule.id, rule.cites, rule.hit) == ("M15-3.trial", ("M15-3", "R9-3"), ())
    refused = shuangshen("rules", "test", path)
    assert (refused.code, "还没有例句" in refused.err) == (2, True)
    assert shuangshen("rules", "new", "M15-3.trial", "-o", path).code == 5


@pytest.mark.parametrize("name", ["M15-3", "M15-3.", "M15-3.本地", "../M15-3.x", "M15-3.A"])
def test_what_is_no_name_of_a_rule_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="不是规则编号"):
        template(name, load_standards())


def test_a_rule_needs_an_item_of_the_law_and_a_file_that_loads(tmp_path: Path) -> None:
    with pytest.raises(StandardsError, match="M99-1"):
        template("M99-1.trial", load_standards())
    path = tmp_path / "自己的.toml"
    path.write_text(OWN.replace("LOCAL", "NOWHERE"), encoding="utf-8")
    with pytest.raises(StandardsError, match=r"自己的\.toml.*NOWHERE"):
        pack_with(path)


def test_decided_cases_the_screener_sees_otherwise_are_named(shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    bad, good = "外地企业在本市承接工程，必须先在本市设立子公司，否则不予受理。", "为了规范管理，制定本办法。"

    def told(*rows: tuple[str, str, str]) -> Any:
        path = tmp_path / "案例.jsonl"
        lines = [json.dumps({"id": i, "text": t, "label": label, "trap": "因"}) for i, t, label in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
        return shuangshen("rules", "test", load_rules().rules[0].id, "--cases", path, "--json")

    agreed = told(("甲", bad, "violation"), ("乙", good, "compliant"))
    assert (agreed.code, agreed.json["contradicted"]) == (0, [])
    otherwise = told(("甲", bad, "compliant"), ("乙", good, "violation"))
    assert otherwise.code == 1
    assert [(one["case"], one["finding"] != "") for one in otherwise.json["contradicted"]] == [
        ("甲", True),
        ("乙", False),
    ]
    (tmp_path / "坏.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    refused = shuangshen("rules", "test", "--cases", tmp_path / "坏.jsonl")
    assert (refused.code, "第 1 行" in refused.err) == (2, True)
