"""Sentences that grant or limit by reference are read with the items they refer to, and only with those."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from engine.documents import read_text
from engine.model import Document, Finding, Level
from engine.screening import screen
from engine.screening.reading import statements
from engine.screening.references import joined, ties
from engine.standards import load_standards

FRAMES = tomllib.loads(Path(__file__).with_name("reference_frames.toml").read_text(encoding="utf-8"))["frame"]
COUNTED = "一二三四五六七八九"
CASES = [(f["items"], words, kind) for f in FRAMES for kind in ("bad", "ok") for words in f[kind]]


def draft(body: str) -> Document:
    return read_text(
        "云岭市有关事项管理办法\n第一条 为规范管理，制定本办法。\n第二条 本办法适用于本市行政区域内的有关活动。\n"
        "第三条 坚持公开、公平、公正的原则。\n第四条 各部门按照职责分工负责。\n"
        f"{body}\n第七条 本办法自印发之日起施行。"
    )


def as_list(items: list[str], words: str) -> Document:
    lines = "；\n".join(f"（{COUNTED[place]}）{item}" for place, item in enumerate(items))
    return draft(f"第五条 申请单位的情况分为：\n{lines}。\n{words}")


def as_article(items: list[str], words: str) -> Document:
    line = "；".join(f"（{COUNTED[place]}）{item}" for place, item in enumerate(items))
    named = words.replace("前款", "第五条")
    return draft(f"第五条 申请单位的情况分为以下几项：{line}。\n第六条 {named}")


def blocking(document: Document) -> list[Finding]:
    found = screen(document, load_standards(), date(2026, 1, 1)).findings
    return [finding for finding in found if finding.level is Level.BLOCK]


def test_what_only_the_reference_makes_unlawful_blocks_and_its_twin_does_not() -> None:
    """In shares, because the weights are learned anew: what is missed or flagged is shown."""
    wrong = {
        kind: [
            document.text
            for items, words, known in CASES
            for document in (as_list(items, words), as_article(items, words))
            if known == kind and bool(blocking(document)) is not (kind == "bad")
        ]
        for kind in ("bad", "ok")
    }
    assert len(wrong["bad"]) <= len(CASES) // 10, wrong["bad"]
    assert len(wrong["ok"]) <= len(CASES) // 20, wrong["ok"]


def test_there_are_frames_enough_of_both_kinds() -> None:
    kinds = [kind for _, _, kind in CASES]
    assert min(kinds.count("bad"), kinds.count("ok")) >= 20


def test_the_reason_quotes_the_sentence_and_its_items_in_their_own_words() -> None:
    document = as_list(["市检测中心出具的报告", "其他检测机构出具的报告"], "第二项报告不予采信。")
    (found,) = [one for one in blocking(document) if one.text == "第二项报告不予采信。"]
    assert document.text[found.start : found.end] == found.text
    assert found.why.startswith("“第二项报告不予采信。”与所引的“（二）其他检测机构出具的报告。”合起来读，")
    assert found.evidence.count("连同所引条文读作“其他检测机构出具的报告不予采信。”") == 1


def referred(body: str) -> list[list[str]]:
    document = draft(body)
    said = statements(document)
    return [[said[item].text for item in tie.items] for tie in ties(document, said)]


LIST = "第五条 情况分为：\n（一）甲类单位甲类；\n（二）乙类单位乙类；\n（三）丙类单位丙类。\n"
A, B, C = "(一)甲类单位甲类;", "(二)乙类单位乙类;", "(三)丙类单位丙类。"


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ("符合第一、三项的给予支持。", [A, C]),
        ("符合第（一）项、第（三）项的给予支持。", [A, C]),
        ("符合第一至三项的给予支持。", [A, B, C]),
        ("符合第1项的给予支持。", [A]),
        ("符合前两项的给予支持支持。", [B, C]),
        ("具备上述条件之一的给予支持。", [A, B, C]),
        ("第五条第二项规定的单位给予支持。", [B]),
    ],
)
def test_references_are_resolved_to_the_items_they_name(words: str, items: list[str]) -> None:
    assert referred(LIST + words) == [items]


@pytest.mark.parametrize(
    "words",
    [
        "第四条第二项规定的单位给予支持。",
        "符合第九项的给予支持。",
        "规模以上企业给予支持。",
        "年底前各项工作时间紧、任务重。",
        "给予三项支持。",
    ],
)
def test_what_refers_to_nothing_in_the_list_is_left_alone(words: str) -> None:
    assert referred(LIST + words) == []


def test_a_list_without_its_first_item_is_no_list() -> None:
    assert referred("（二）乙类单位乙类；\n（三）丙类单位丙类。\n符合第二项的给予支持。") == []


def test_what_grows_too_long_is_not_joined() -> None:
    document = draft("情况分为：\n（一）" + "甲类单位" * 250 + "；\n（二）乙类单位乙类。\n符合第一项的给予支持。")
    said = statements(document)
    (tie,) = ties(document, said)
    assert joined(said, tie) is None


def test_a_hostile_run_of_references_stays_within_bounds() -> None:
    document = draft(
        "情况分为：\n（一）甲类单位甲类；\n" + "符合第一、一、一、一至九十九项和前述各项的单位给予。\n" * 400
    )
    assert len(list(ties(document, statements(document)))) <= 60
