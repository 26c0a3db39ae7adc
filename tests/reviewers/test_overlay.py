"""A local overlay changes the rules by little and openly: in the pack's name, in every output, in the trail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.documents import read_text
from engine.errors import StandardsError
from engine.model import Level, Screening
from engine.screening import screen
from engine.screening.overlay import MAX_FILE, load_pack
from engine.standards import load_standards
from engine.store import open_store
from reviewers.samples import load_samples

LAW = load_standards()
RULE = """
id = "M11-1.trial-tea"
cites = ["M11-1"]
title = "指定茶叶"
order = [["only", "tea"]]
act = ["only"]
sure = true
because = "该条款只许用“{tea}”"
advice = "由使用者自主选择"
patch = [{ find = "一律用{tea}", by = "自主选用各类茶叶", note = "不指定品牌。" }]
[slots]
only = ["一律用"]
tea = ["石窟春毫", "北塬毛尖"]
[tests]
hit = [
  "会议一律用石窟春毫。", "接待一律用北塬毛尖。", "各科室一律用石窟春毫。",
  "培训一律用石窟春毫招待。", "来客一律用北塬毛尖。",
]
ok = [
  "不得规定会议一律用石窟春毫。", "茶叶自选。", "石窟春毫可以参加采购。",
  "北塬毛尖不作要求。", "清理“一律用石窟春毫”等规定。",
]
"""
OFF = '[[off]]\nrule = "M11-1.designated-dealing"\nreason = "本地正在集中整改，另有专人核查。"\n'
PLAIN = 'name = "北石市"\n'
CLAUSE = "会议室接待一律用石窟春毫。"


def place(folder: Path, text: str, name: str = "overlay.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def with_rule(folder: Path, main: str = PLAIN) -> Path:
    home = folder / "本地"
    home.mkdir(exist_ok=True)
    place(home, main)
    place(home, RULE, "M11-1.trial-tea.toml")
    return home


def screened(text: str, overlay: Path | None) -> Screening:
    return screen(read_text(text), LAW, date(2026, 1, 1), load_pack(overlay))


def levels(text: str, overlay: Path | None) -> list[Level]:
    return [finding.level for finding in screened(text, overlay).findings]


def test_an_added_rule_finds_names_and_mends_what_the_packaged_ones_let_pass(
    tmp_path: Path, shuangshen: Callable[..., Any]
) -> None:
    draft = place(tmp_path, CLAUSE, "办法.txt")
    local = with_rule(tmp_path)
    assert Level.BLOCK not in levels(CLAUSE, None)
    found = screened(CLAUSE, local)
    assert [(one.level, one.rule) for one in found.findings] == [(Level.BLOCK, "M11-1.trial-tea")]
    assert found.pack != screened(CLAUSE, None).pack and "+local-" in found.pack
    shown = shuangshen("screen", draft, "--overlay", local)
    assert (shown.code, "自主选用各类茶叶" in shown.out, "增加规则 M11-1.trial-tea" in shown.out) == (1, True, True)
    assert shuangshen("screen", draft).code == 0


def test_a_rule_switched_off_is_told_in_every_output(tmp_path: Path, shuangshen: Callable[..., Any]) -> None:
    draft = place(tmp_path, "各单位印刷品统一由清源印务公司承印，其他企业印制的不予报销。", "办法.txt")
    local = place(tmp_path, PLAIN + OFF)
    line = "停用规则 M11-1.designated-dealing，理由：本地正在集中整改，另有专人核查。"
    before = screened(draft.read_text(encoding="utf-8"), None).findings[0]
    assert before.rule == "M11-1.designated-dealing"
    assert all(one.rule != before.rule for one in screened(draft.read_text(encoding="utf-8"), local).findings)
    words = ("screen", draft, "--overlay", local)
    assert line in shuangshen(*words).out.replace("\n", "")
    (document,) = shuangshen(*words, "--json").json["documents"]
    assert line in document["local"] and document["pack"].partition("+local-")[2]
    (run,) = json.loads(shuangshen(*words, "--format", "sarif").out)["runs"]
    assert line in run["properties"]["localRules"]
    rows = list(csv.reader(io.StringIO(shuangshen(*words, "--format", "csv").out)))
    assert any(row[2] == "本地规则" and line in row[11] for row in rows)
    assert line in shuangshen(*words, "--format", "html").out
    assert "local" not in shuangshen("screen", draft, "--json").json["documents"][0]
    lines = place(tmp_path, json.dumps({"id": 1, "text": "采用公开招标。"}), "行.jsonl")
    assert line in shuangshen("screen", "--jsonl", lines, "--overlay", local).json["local"]


def test_words_and_places_are_added_and_removed(tmp_path: Path) -> None:
    clause = "同等条件下优先选用陇东企业。"
    pack = load_pack(place(tmp_path, PLAIN + 'places = ["陇东"]\n[remove]\nPREFER = ["优先选用"]\n'))
    assert pack is not None
    named = {(hit.name, clause[hit.start : hit.end]) for hit in pack.lexicon.hits(clause)}
    assert ("LOCAL", "陇东") in named and ("PREFER", "优先选用") not in named
    without = load_pack(place(tmp_path, PLAIN))
    assert without is not None
    plain = {(hit.name, clause[hit.start : hit.end]) for hit in without.lexicon.hits(clause)}
    assert ("LOCAL", "陇东") not in plain and ("PREFER", "优先选用") in plain


def test_an_overlay_that_changes_nothing_finds_what_the_packaged_rules_find(tmp_path: Path) -> None:
    text = load_samples()["agreement"].draft.read_text(encoding="utf-8")
    local = place(tmp_path, PLAIN)
    assert screened(text, local).findings == screened(text, None).findings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 3", "name"),
        ("", "name"),
        (PLAIN + "nmae = 1", "nmae"),
        (PLAIN + '[[off]]\nrule = "M11-1.designated-dealing"', "没有说明理由"),
        (PLAIN + '[[off]]\nrule = "M11-1.none"\nreason = "五个字的理由"', "M11-1.none"),
        (PLAIN + '[add]\nNOWHERE = ["某某"]', "NOWHERE"),
        (PLAIN + '[add]\nLOCAL = ["' + "长" * 21 + '"]', "add.LOCAL"),
        (PLAIN + '[add]\nLOCAL = ["一"]', "add.LOCAL"),
        (PLAIN + '[remove]\nPREFER = ["没有这个词"]', "没有这个词"),
        (PLAIN + "places = [1]", "places"),
        (PLAIN + "places = ['" + "','".join(f"甲{n}" for n in range(5001)) + "']", "太多"),
        (PLAIN + "rule = [" + "[" * 5000 + "]", "TOML"),
        (PLAIN + "#" * MAX_FILE, "KB"),
        (PLAIN + "[[rule]]\n" + RULE.replace("[slots]", "[rule.slots]").replace("[tests]", "[rule.tests]") * 2, "TOML"),
    ],
)
def test_what_an_overlay_may_not_say_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StandardsError, match=said):
        load_pack(place(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "M11-1.trial-tea"', 'id = "../M11-1.x"', "编号"),
        ('id = "M11-1.trial-tea"', 'id = "M11-1.designated-dealing"', "同名"),
        ('cites = ["M11-1"]', 'cites = ["M99-1"]', "M99-1"),
        ('cites = ["M11-1"]', 'cites = ["M11-2"]', "不符"),
        ('"茶叶自选。", ', "", "不足 5 条"),
        ('order = [["only", "tea"]]', 'order = [["only", "tea", "tea", "tea", "tea", "tea"]]', "order"),
        ("sure = true", 'sure = "是"', "sure"),
        ("sure = true", 'level = "fatal"', "level"),
        ("sure = true", "within = 99", "within"),
        ('"tea"]]', '"NOWHERE"]]', "NOWHERE"),
        ("一律用{tea}", "一律用{TEE}", "TEE"),
        ("一律用{tea}", "…甲…乙…", "太复杂"),
    ],
)
def test_an_added_rule_is_checked_like_any_other(tmp_path: Path, old: str, new: str, said: str) -> None:
    home = with_rule(tmp_path)
    assert load_pack(home) is not None
    assert old in RULE
    place(home, RULE.replace(old, new), "M11-1.trial-tea.toml")
    with pytest.raises(StandardsError, match=said):
        load_pack(home)


def test_a_link_out_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    home = with_rule(tmp_path)
    (home / "外.toml").symlink_to(place(tmp_path, RULE, "外面.toml"))
    with pytest.raises(StandardsError, match="符号链接"):
        load_pack(home)


def test_the_rules_commands_know_the_overlay(tmp_path: Path, shuangshen: Callable[..., Any]) -> None:
    local = with_rule(tmp_path, PLAIN + OFF)
    listed = shuangshen("rules", "list", "--overlay", local, "--json").json
    assert [row["id"] for row in listed if row["local"]] == ["M11-1.trial-tea"]
    assert "M11-1.designated-dealing" not in {row["id"] for row in listed}
    assert "停用规则 M11-1.designated-dealing" in shuangshen("rules", "list", "--overlay", local).out
    shown = shuangshen("rules", "show", "M11-1.trial-tea", "--overlay", local)
    assert (shown.code, "一律用{tea}" in shown.out, "本地增加" in shown.out) == (0, True, True)
    assert shuangshen("rules", "show", "M11-1.trial-tea").code == 4
    tested = shuangshen("rules", "test", "--overlay", local, "--json")
    assert (tested.code, tested.json["rules"], tested.json["examples"], tested.json["failed"]) == (0, 1, 10, [])


def test_the_profile_names_its_overlay_and_the_trail_keeps_what_it_changed(
    tmp_path: Path, shuangshen: Callable[..., Any], installation: Path
) -> None:
    profile = installation / "profile"
    practice = profile / "practice.toml"
    with_rule(tmp_path, PLAIN + OFF).rename(profile / "local")
    text = practice.read_text(encoding="utf-8")
    practice.write_text(text.replace("[practice]", '[practice]\noverlay = "local"', 1), encoding="utf-8")
    sample = load_samples()["agreement"]
    words = ["submit", sample.draft, "--trigger", sample.trigger, "--kind", sample.kind, "--as", "zheng.shuang"]
    case = shuangshen(*words, "--json").json["case_id"]
    with open_store(installation / "shuangshen.db").work() as work:
        (screening,) = work.case_file(case).screenings
    assert "停用规则 M11-1.designated-dealing，理由：本地正在集中整改，另有专人核查。" in screening.local
    off = "停用规则 M11-1.designated-dealing，理由：本地正在集中整改，另有专人核查。"
    assert "".join(off.split()) in "".join(shuangshen("show", case).out.split())
    assert screening.pack.endswith("+local-" + screening.local[0].partition("（")[2][:8])
    assert shuangshen("rules", "impact", "--json").json == {"changes": [], "unread": []}
    other = place(tmp_path, PLAIN + '[[off]]\nrule = "M11-2.tied-by-kind"\nreason = "试一试的理由"\n', "另.toml")
    assert shuangshen("rules", "impact", "--overlay", other, "--json").code == 0
    practice.write_text(text.replace("[practice]", '[practice]\noverlay = "../local"', 1), encoding="utf-8")
    refused = shuangshen(*words)
    assert (refused.code != 0, "overlay" in refused.err) == (True, True)


def test_a_stock_is_screened_by_the_overlay_too(tmp_path: Path, shuangshen: Callable[..., Any]) -> None:
    stock = tmp_path / "存量"
    stock.mkdir()
    place(stock, CLAUSE, "办法.txt")
    local = with_rule(tmp_path)
    words = ("screen", stock, "--jobs", "1", "--format", "jsonl")
    assert shuangshen(*words).code == 0
    told = shuangshen(*words, "--overlay", local)
    assert (told.code, [one["rule"] for one in told.json["findings"]]) == (1, ["M11-1.trial-tea"])
    assert told.json["local"][1] == "增加规则 M11-1.trial-tea"
