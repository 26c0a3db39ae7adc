"""screen() as others call it: pure, stable ids, exact slices, whole documents, and text that tries to dodge."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import read_text
from engine.model import Level, Screening
from engine.screening import screen, screen_text
from engine.screening.sketch import load_sketcher
from engine.screening.weighing import load_weights
from engine.standards import load_standards

LAW = load_standards()
DAY = date(2026, 1, 5)
CORPUS = Path(__file__).parents[3] / "bench" / "corpus"

DRAFT = """云澜县人民政府办公室关于印发《云澜县建筑市场管理办法》的通知
云政办发〔2025〕8号
各乡镇人民政府，县政府各部门：
现将《云澜县建筑市场管理办法》印发给你们，请认真贯彻执行。
云澜县人民政府办公室
2025年12月1日
云澜县建筑市场管理办法
第一章 总则
第一条 为了规范建筑市场秩序，根据有关法律、法规，制定本办法。
第二条 任何单位不得限制外地企业参加本县工程投标。
第二章 投标管理
第三条 投标人应当符合下列条件：
（一）具有国家规定的施工资质；
（二）在云澜县设有分公司，并在云澜县缴纳社会保险满一年。
第四条 招标文件不得含有下列内容：
（一）要求投标人在本县设有分公司；
（二）对本县注册的企业加分。
第五条 外地施工企业进入我县承接业务的，应当先向县住建局缴纳信用保证金十万元，未缴纳的不得投标。
第六条 本办法自2026年1月1日起施行。
"""


def screened(text: str) -> Screening:
    return screen(read_text(text, "draft.txt"), LAW, DAY)


def blocked(text: str) -> list[str]:
    return [found.text for found in screened(text).findings if found.level is Level.BLOCK]


def test_a_draft_is_blocked_where_it_breaks_the_standards_and_nowhere_else() -> None:
    assert blocked(DRAFT) == [
        "（二）在云澜县设有分公司，并在云澜县缴纳社会保险满一年。",
        "第五条 外地施工企业进入我县承接业务的，应当先向县住建局缴纳信用保证金十万元，未缴纳的不得投标。",
    ]


def test_a_finding_says_where_why_by_which_provision_and_what_instead() -> None:
    document = read_text(DRAFT, "draft.txt")
    found = next(one for one in screen(document, LAW, DAY).findings if one.level is Level.BLOCK)
    assert found.text == document.text[found.start : found.end]
    assert found.clause == "第二章第三条(二)"
    assert document.text.split("\n")[found.line - 1].strip() == found.text
    assert "R9-3" in found.articles or "R9-2" in found.articles
    assert LAW.citation(found.articles[0]) in found.why
    assert found.advice.endswith("。")
    assert any("导语" in line for line in found.evidence)


def test_a_measures_item_is_cited_with_its_parent_before_it() -> None:
    for found in screened(DRAFT).findings:
        for place, item in enumerate(found.articles):
            parent = LAW.parent_of(item)
            assert parent is None or parent.id in found.articles[:place]


def test_what_polarity_let_go_is_shown_with_its_reason() -> None:
    considered = [one for one in screened(DRAFT).considered if "第四条" in one.clause]
    assert considered
    assert all(one.reason.startswith("考虑过") for one in considered)


def test_equal_input_gives_an_equal_screening_in_another_process() -> None:
    program = (
        "import sys,json;from datetime import date;from engine.screening import screen;"
        "from engine.documents import read_text;"
        "from engine.standards import load_standards;"
        "print(json.dumps([repr(f) for f in screen(read_text(sys.stdin.read(),'draft.txt'),load_standards(),"
        "date(2026,1,5)).findings]))"
    )
    root = Path(__file__).parents[3]
    ran = [
        subprocess.run(
            [sys.executable, "-c", program],
            input=DRAFT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert ran[0] == ran[1]
    assert json.loads(ran[0]) == [repr(found) for found in screened(DRAFT).findings]


def test_ids_survive_changes_elsewhere() -> None:
    moved = DRAFT.replace("第二条 任何单位", "第二条 县住建局负责建筑市场监督管理。任何单位")
    kept = {found.id for found in screened(DRAFT).findings if found.level is Level.BLOCK}
    assert kept == {found.id for found in screened(moved).findings if found.level is Level.BLOCK}


def test_only_items_in_force_are_cited() -> None:
    before = screen(read_text(DRAFT, "draft.txt"), LAW, date(2024, 12, 1))
    assert before.findings
    assert [item for found in before.findings for item in found.articles if item.startswith("M")] == []


BREACH = "各部门采购办公家具的，同等条件下应当优先采购本市企业的产品。"


@pytest.mark.parametrize("mark", [" ", "\u200b", "·", "*", "　"])
def test_marks_between_the_words_do_not_dodge(mark: str) -> None:
    plain = screen_text(BREACH, LAW, DAY).findings
    dodged = screen_text(mark.join(BREACH), LAW, DAY).findings
    assert [found.level for found in dodged] == [found.level for found in plain] == [Level.BLOCK]
    assert dodged[0].text == mark.join(BREACH)
    assert any("还原后匹配" in line for line in dodged[0].evidence)


def test_full_width_and_half_width_read_alike() -> None:
    half = BREACH.replace("，", ",")
    assert [f.articles for f in screen_text(half, LAW, DAY).findings] == [
        f.articles for f in screen_text(BREACH, LAW, DAY).findings
    ]


def test_a_table_row_is_read_with_its_column_heads() -> None:
    table = """云澜县采购评分办法
一、评分标准
加分项|分值
投标人近三年获得云澜县优质工程奖|每项加3分
投标人在本县纳税五十万元以上|加5分
"""
    rows = [found for found in screened(table).findings if "表头" in "".join(found.evidence)]
    assert [found.text for found in rows if found.level is Level.BLOCK][-1:] == ["投标人在本县纳税五十万元以上|加5分"]


def test_a_condition_and_its_consequence_in_two_sentences_are_read_together() -> None:
    text = "评估机构应当从街道公布的名单中选定。名单三年调整一次，期间其他机构不予补入。"
    assert [found.level for found in screen_text(text, LAW, DAY).findings].count(Level.BLOCK) >= 1


def test_prices_fixed_by_the_catalogue_and_procedure_are_only_pointed_at() -> None:
    notice = """云澜县发展和改革局关于调整供热价格的通知
根据省定价目录，经成本监审、听证，现将有关事项通知如下：
一、居民供热价格由每平方米每月4.10元调整为4.35元，计量热价调整为每千瓦时0.17元。
二、非居民供热价格每平方米每月6.20元。
"""
    assert blocked(notice) == []


@pytest.mark.parametrize(
    "path", [CORPUS / "qingyang_2023_measures.txt", *sorted(CORPUS.glob("train/docs_clean/*.txt"))]
)
def test_lawful_documents_pass(path: Path) -> None:
    assert blocked(path.read_text(encoding="utf-8")) == []


def test_the_packs_were_trained_with_this_lexicon() -> None:
    assert load_weights().lexicon == load_sketcher().digest


PIECES = st.sampled_from(
    [
        "外地企业",
        "不得",
        "应当",
        "本市",
        "优先",
        "采购",
        "（一）",
        "一、",
        "：",
        "；",
        "。",
        "\n",
        "|",
        "“",
        "”",
        "》",
        "《",
        "1.",
        "\u200b",
        " ",
        "𠀀",
        "税收",
        "返还",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_screens_to_slices_of_itself(text: str) -> None:
    found = screen_text(text, LAW, DAY)
    assert all(one.text == text[one.start : one.end] for one in found.findings)
    assert found == screen_text(text, LAW, DAY)


def test_a_long_run_without_stops_is_read_in_bounded_pieces() -> None:
    run = "外地企业应当在本市设立分公司并优先采购本地产品" * 2000
    assert max(one.end - one.start for one in screen_text(run, LAW, DAY).findings) <= 1201


def test_empty_text_has_no_findings() -> None:
    assert screen_text("", LAW, DAY).findings == ()
