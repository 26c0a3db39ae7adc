"""Squeezing: what was put between the characters of a word is left out for matching, and every span leads back."""

import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import read_text, squeezed
from engine.documents.inserted import applied, edits_of
from engine.model import Document, Finding, Screening
from engine.screening import screen
from engine.standards import load_standards

VIOLATIONS = (
    "各单位采购办公设备时应当优先选用本市企业生产的产品。",
    "外地企业参与本区工程建设项目投标的，必须在本区注册成立子公司。",
    "对年纳税额超过五百万元的企业，按其缴纳增值税地方留成部分的百分之五十给予返还。",
    "全区中小学校服统一由区教育服务公司供应，其他企业不得参与。",
    "投标人具有本省业绩的，每项加五分，最高加十五分。",
    "外地建材进入本县销售的，须经县住建局另行检验并取得准入证后方可销售。",
    "县内所有企业应当通过指定的县融媒体公司发布广告。",
    "未在本市缴纳社会保险的企业，不得参加本市物业服务项目的招标投标。",
    "对外省车辆从事本市网约车经营的，收取高于本地车辆的管理费。",
    "区内商业银行应当限制向外地企业发放贷款，优先支持本地企业。",
)
SIMPLE = "优选产业对机标与国经须应当关区县给费贷务设项额销进银发会广"
TRADITIONAL = "優選產業對機標與國經須應當關區縣給費貸務設項額銷進銀發會廣"
WHOLE = "优限指投法进设注组供给得补保选"
PARTS = "亻尤 阝艮 扌旨 扌殳 氵去 辶井 讠殳 氵主 纟且 亻共 纟合 彳㝵 衤卜 亻呆 先辶"
PARTED = dict(zip(WHOLE, PARTS.split(" "), strict=True))


def is_chinese(character: str) -> bool:
    return "一" <= character <= "鿿"


def set_between(marks: str, every: int = 1) -> Callable[[str], str]:
    """Puts `marks` between Chinese characters, after every so many characters."""

    def dodge(words: str) -> str:
        pairs = zip(words, [*words[1:], ""], strict=True)
        return "".join(
            one + (marks if is_chinese(one) and is_chinese(following) and at % every == 0 else "")
            for at, (one, following) in enumerate(pairs, 1)
        )

    return dodge


def each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda words: "".join(change(one) if is_chinese(one) else one for one in words)


def look_alikes(*points: range) -> Callable[[str], str]:
    forms = {unicodedata.normalize("NFKC", chr(point)): chr(point) for some in points for point in some}
    return each(lambda one: forms.get(one, one))


DODGES = {
    "spaces": set_between(" "),
    "full-width spaces": set_between("\u3000"),
    "dots": set_between("·"),
    "slashes": set_between("/"),
    "stars": set_between("*"),
    "full stops": set_between("."),
    "hyphens": set_between("-"),
    "dots, every two": set_between("·", 2),
    "spaces, every three": set_between(" ", 3),
    "zero width": set_between("\u200b"),
    "zero width, every three": set_between("\u200d", 3),
    "zero width and dots": set_between("\u200b·\u200b"),
    "soft hyphens": set_between("\u00ad"),
    "right to left": set_between("\u202e\u202c", 3),
    "variation selectors": each(lambda one: one + "\ufe00"),
    "variation selectors, supplement": each(lambda one: one + "\U000e0101"),
    "combining marks": each(lambda one: one + "\u0336"),
    "traditional": each(lambda one: one.translate(str.maketrans(SIMPLE, TRADITIONAL))),
    "Kangxi radicals": look_alikes(range(0x2F00, 0x2FD6)),
    "compatibility ideographs": look_alikes(range(0xF900, 0xFAFF), range(0x2F800, 0x2FA1E)),
    "parts": each(lambda one: PARTED.get(one, one)),
    "half-width punctuation": lambda words: words.replace("，", ",").replace("。", "."),
}
SILENT = {"traditional", "Kangxi radicals", "compatibility ideographs", "half-width punctuation"}


def document(words: str) -> Document:
    return read_text(f"关于规范市场秩序的通知\n{words}\n各单位应当遵照执行。\n")


def screened(read: Document) -> Screening:
    whole = squeezed(read)
    law, as_of = load_standards(), date(2026, 1, 1)
    return screen(read, law, as_of) if whole is None else whole.restored(screen(whole.document, law, as_of))


@cache
def plain_finding(words: str) -> Finding:
    (finding,) = screened(document(words)).findings
    return finding


@pytest.mark.parametrize("words", VIOLATIONS)
@pytest.mark.parametrize("name", DODGES)
def test_a_dodged_violation_is_found_where_it_stands(name: str, words: str) -> None:
    dodged = document(DODGES[name](words))
    (finding,) = screened(dodged).findings
    assert (finding.level, finding.rule) == (plain_finding(words).level, plain_finding(words).rule)
    assert finding.text == dodged.text[finding.start : finding.end]
    assert finding.text.rstrip("\ufe00\U000e0101\u0336") == DODGES[name](words).rstrip("\ufe00\U000e0101\u0336")
    assert finding.line == 2


@pytest.mark.parametrize("name", sorted(DODGES.keys() - SILENT))
def test_a_dodge_is_told_by_reading_and_by_the_finding(name: str) -> None:
    words = VIOLATIONS[9]
    dodged = document(DODGES[name](words))
    (finding,) = screened(dodged).findings
    assert len(finding.evidence) == len(plain_finding(words).evidence) + 1
    assert document(words).notices == () != dodged.notices


@pytest.mark.parametrize("name", ["traditional", "Kangxi radicals"])
def test_look_alikes_are_told_by_reading(name: str) -> None:
    assert document("".join(map(DODGES[name], VIOLATIONS))).notices


def test_one_character_a_line_is_read_as_a_line() -> None:
    read = read_text("关于规范市场秩序的通知\n" + "\n".join(VIOLATIONS[0]) + "\n各单位应当遵照执行。\n")
    assert read.text == document(VIOLATIONS[0]).text
    assert len(read.notices) == 1


@pytest.mark.parametrize(
    "words",
    [
        "推进“互联网+监管”，规范甲/乙两类事项，京-津两地互认。",
        "序号 | 指标 | 分值 | 说明",
        "项目|标准|受理窗口|办理时限|备注",
        "水、电、路、气、讯、网等设施一并建设。",
        "第一条 为了规范采购行为，制定本办法。",
        "二、支持创新 对新认定的企业给予奖励",
        "See https://example.org/a-b_c.html, v1.2.3 ~ 2.0.",
        "买买提·艾力、阿不都·热合曼参加会议。",
        "原木又称圆木，树木示范林，左耳又痛。",
        "2025.1.3-2025.12.31，3.5%/年",
    ],
)
def test_ordinary_text_is_left_alone(words: str) -> None:
    assert squeezed(read_text(words + "\n各单位遵照执行。")) is None


def test_parts_become_the_character_and_lead_back_to_both() -> None:
    whole = squeezed(read_text("甲亻尤先乙\n丙木又利丁"))
    assert whole is not None
    assert whole.document.text == "甲优先乙\n丙权利丁"
    assert whole.span(1, 3) == (1, 4)
    assert whole.span(6, 7) == (7, 9)


def test_wrapped_lines_of_a_clause_are_joined_and_not_told() -> None:
    line = "各单位采购办公设备的时候应当按照有关规定优先选用本市企业所生产"
    read = read_text("\n".join([line] * 6) + "。\n一、其他\n")
    whole = squeezed(read)
    assert whole is not None
    assert whole.document.clauses[0].text == line * 6 + "。"
    assert read.notices == ()


def is_readable(text: str) -> bool:
    return any(not one.isspace() and one not in "\u200b\ufe00" for one in text)


TEXTS = st.text(st.sampled_from("甲乙本地亻尤木又权利、，。. ·*|/\n\u200b\ufe00\u0336a1（一）"), max_size=60)


@given(TEXTS)
def test_edits_stand_in_order_apart_and_within_the_text(text: str) -> None:
    at = 0
    for edit in edits_of(text):
        assert at <= edit.start < edit.end <= len(text)
        at = edit.end


@given(TEXTS.filter(is_readable))
def test_every_character_that_stays_leads_back_to_itself(text: str) -> None:
    read = read_text(text)
    whole = squeezed(read)
    if whole is None:
        return
    assert whole.document.text == applied(read.text, whole.edits)
    made = {edit.start for edit in whole.edits if edit.words}
    for at, character in enumerate(whole.document.text):
        start, end = whole.span(at, at + 1)
        assert read.text[start:end] == character or start in made
    assert whole.span(0, len(whole.document.text))[1] <= len(read.text)


@given(TEXTS.filter(is_readable))
def test_clauses_keep_their_words(text: str) -> None:
    whole = squeezed(read_text(text))
    if whole is not None:
        read = whole.document
        assert [clause.text for clause in read.clauses] == [read.text[one.start : one.end] for one in read.clauses]
