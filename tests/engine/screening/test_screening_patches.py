"""A wording is offered only when the clause with it no longer blocks; templates are bounded and stay what they say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from engine.documents import fold, read_text
from engine.errors import StandardsError
from engine.model import Document, Level, Screening
from engine.screening import screen
from engine.screening.lexicon import RULES
from engine.screening.patches import Bench, Kind, Patch, applied, patches
from engine.screening.pieces import MAX_STATEMENT
from engine.screening.rewording import (
    FILE,
    Edit,
    Model,
    Template,
    Way,
    Wordings,
    checked,
    compiled,
    load_wordings,
    read_wordings,
    reworded,
)
from engine.standards import load_standards

AS_OF = date(2026, 1, 1)
LAW = load_standards()
NOTHING = Wordings({}, (), (), (), "")


def found(document: Document) -> tuple[Screening, tuple[Patch | None, ...]]:
    result = screen(document, LAW, AS_OF)
    return result, patches(Bench(document, result, LAW, AS_OF))


def mended(document: Document, patch: Patch) -> Document:
    return read_text(document.text[: patch.start] + patch.replacement + document.text[patch.end :])


@pytest.mark.parametrize(
    ("clause", "kind", "gone"),
    [
        ("应急处置物资统一由清源物资公司承担配送。", Kind.WORDS, "清源物资公司"),
        ("近三年在本市完成类似绿化项目的，每个得2分；在市外完成的不得分。", Kind.WORDS, "在本市"),
        ("投标人应当在本市设有分公司。", Kind.WORDS, "本市"),
        ("对园区内企业免征城镇土地使用税。", Kind.WORDS, "免征"),
        ("重点企业所得税减半征收。", Kind.WORDS, "减半"),
    ],
)
def test_a_patched_clause_no_longer_blocks(clause: str, kind: Kind, gone: str) -> None:
    document = read_text(clause)
    result, (patch,) = found(document)
    assert [one.level for one in result.findings] == [Level.BLOCK]
    assert patch is not None
    assert (patch.kind, patch.text) == (kind, document.text[patch.start : patch.end])
    assert gone in patch.text and gone not in patch.replacement
    after = mended(document, patch)
    assert not after.text.strip() or not [f for f in screen(after, LAW, AS_OF).findings if f.level is Level.BLOCK]


DRAFT = """云岭市支持物流业发展若干措施
一、总体要求
坚持统一大市场，平等对待各类经营主体。
二、重点措施
（一）同等条件下优先采购本市物流企业的服务。
（二）各单位印刷品统一由清源印务公司承印，其他企业印制的不予报销。
"""


def test_every_finding_of_a_draft_is_mended_where_it_stands() -> None:
    document = read_text(DRAFT)
    result, offered = found(document)
    blocking = [finding for finding in result.findings if finding.level is Level.BLOCK]
    assert len(blocking) == 2
    for finding, patch in zip(result.findings, offered, strict=True):
        assert (patch is not None) is (finding.level is Level.BLOCK)
        if patch is not None:
            assert finding.start <= patch.start < patch.end <= finding.end
            left = [one for one in screen(mended(document, patch), LAW, AS_OF).findings if one.level is Level.BLOCK]
            assert [one.text for one in left] == [one.text for one in blocking if one is not finding]


def test_without_a_wording_that_clears_nothing_is_offered() -> None:
    document = read_text("应急处置物资统一由清源物资公司承担配送。")
    result = screen(document, LAW, AS_OF)
    useless = Template(("M11",), "应急处置", "紧急处置", Way.REPLACE, "")
    for wordings in (NOTHING, replace(NOTHING, templates=(useless,))):
        assert patches(Bench(document, result, LAW, AS_OF), wordings) == (None,)
    lawful = Template(("M11",), "统一由…承担配送", "由各单位自主选择", Way.REPLACE, "")
    assert patches(Bench(document, result, LAW, AS_OF), replace(NOTHING, templates=(lawful,))) != (None,)


def test_what_has_no_lawful_wording_is_taken_out() -> None:
    document = read_text("应急处置物资统一由清源物资公司承担配送。")
    result = screen(document, LAW, AS_OF)
    known = replace(NOTHING, deletions=(Model(("M11",), "", "无权规定。"),))
    (patch,) = patches(Bench(document, result, LAW, AS_OF), known)
    assert patch is not None
    assert (patch.kind, patch.text, patch.replacement) == (Kind.DELETE, document.text, "")


def test_only_the_changes_that_are_needed_are_made() -> None:
    document = read_text("为做好保障，应急处置物资统一由清源物资公司承担配送。")
    result = screen(document, LAW, AS_OF)
    needed = Template(("M11",), "统一由{FIRM}", "由依法通过公开竞争方式确定的单位", Way.REPLACE, "一")
    idle = Template(("M11",), "保障", "服务", Way.REPLACE, "二")
    (patch,) = patches(Bench(document, result, LAW, AS_OF), replace(NOTHING, templates=(idle, needed)))
    assert patch is not None and (patch.text, patch.note) == ("统一由清源物资公司", "一")


def test_edits_are_made_in_place() -> None:
    assert applied("甲乙丙丁", [Edit(0, 1, "子", ""), Edit(2, 3, "", "")]) == "子乙丁"


def edits(template: Template, words: str) -> list[tuple[str, str]]:
    known = replace(NOTHING, words={"HERE": ("本市",)}, templates=(template,))
    return [
        (words[e.start : e.end], e.by) for some in reworded(fold(words), "r", ("R9-3", "M15-2"), known) for e in some
    ]


def test_templates_take_up_what_they_found() -> None:
    template = Template(("M15",), "优先(选用|采购){HERE}…(企业|产品)", "公平{1}各地{4}", Way.REPLACE, "")
    assert edits(template, "优先采购本市生产的产品。") == [("优先采购本市生产的产品", "公平采购各地产品")]
    assert edits(template, "优先采购本市，外地的产品。") == []
    assert edits(replace(template, items=("M16",)), "优先采购本市生产的产品。") == []


def test_a_dropped_segment_goes_with_its_mark() -> None:
    template = Template((), "其他～不予", "", Way.DROP, "")
    assert edits(template, "由甲办理，其他企业出具的，不予认可。") == [("，其他企业出具的，不予认可", "")]
    assert edits(template, "其他企业不予办理，由甲办理。") == [("其他企业不予办理，", "")]


def test_the_rest_is_replaced_where_a_sentence_turns_and_never_within_a_word() -> None:
    template = Template((), "(应当|)同…办理", "依法办理", Way.REST, "", without=("税收",))
    assert edits(template, "各单位签订合同办理登记。") == []
    assert edits(template, "各单位签订后，应当同甲办理登记。") == [("应当同甲办理登记", "依法办理")]
    assert edits(template, "各单位的税收，应当同甲办理登记。") == []


def test_what_is_no_template_is_refused() -> None:
    known = {"HERE": ("本市",)}
    assert compiled("{HERE}…企业", known) is not None
    assert compiled("{FIRM}", {"FIRM": ()}) is None
    for find, by in (
        ("", "甲"),
        ("甲" * 201, "乙"),
        ("…甲…乙…", ""),
        ("(甲|乙)" * 5, ""),
        ("{NOWHERE}甲", ""),
        ("{HERE}甲", "{2}"),
    ):
        with pytest.raises(StandardsError, match="某文件"):
            checked(find, by, known, "某文件")


def test_hostile_templates_and_texts_stay_cheap() -> None:
    hostile = "(甲|)" * 4 + "…～乙"
    checked(hostile, "", {}, "某文件")
    pattern = compiled(hostile, {})
    assert pattern is not None and pattern.search("甲" * MAX_STATEMENT) is None


def test_the_packaged_wordings_are_lawful_by_themselves() -> None:
    known = load_wordings()
    assert len(known.templates) > 40
    for model in known.clauses:
        findings = screen(read_text(model.by), LAW, AS_OF).findings
        assert [one.text for one in findings if one.level is Level.BLOCK] == []
    items = {item for row in (*known.clauses, *known.deletions, *known.templates) for item in row.items}
    assert [i for i in items if not any(code == i or code.startswith(f"{i}-") for code in LAW.items)] == []


def test_a_damaged_file_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / FILE
    text = (RULES / FILE).read_text(encoding="utf-8")
    path.write_text(re.sub(r"\{HERE\}", "{HEERE}", text, count=1), encoding="utf-8")
    with pytest.raises(StandardsError, match="HEERE"):
        read_wordings(path)
    path.write_text("[[replace]]\nfind = 3", encoding="utf-8")
    with pytest.raises(StandardsError, match=FILE):
        read_wordings(path)
