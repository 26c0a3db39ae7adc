"""Which answers still stand on a new version: never one whose clause changed, never one a change could bear on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import read_text
from engine.model import (
    Answer,
    AnswerValue,
    Case,
    CaseFile,
    Disposition,
    Document,
    DraftKind,
    Finding,
    Gate,
    Level,
    Redo,
    Review,
    Route,
    Screening,
    Treatment,
    Trigger,
    Version,
)
from engine.standards import load_standards
from reviewers.carrying import Carried, carried, carried_form, carried_gaps, touched
from reviewers.checklist import filled_form, load_checklist, parse_answers
from reviewers.versions import clause_keys, keys_of

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
CHECKLIST = load_checklist(Gate.JOINT_REVIEW, DraftKind.POLICY_DOCUMENT, NOW.date())
CLUED = [question.item for question in CHECKLIST.questions if question.clue_words]
HEAD = "某市物流业管理办法"
# words that hold no clue of any item, so that only the clauses named decide
PLAIN = (
    "本办法适用于全市。",
    "部门按照职责分工负责。",
    "相关信息每月汇总。",
    "咨询电话向社会公布。",
    "由市局负责解释。",
)


def draft(provisions: Sequence[str]) -> Document:
    numbers = "一二三四五六七八九十"
    return read_text("\n".join([HEAD, *(f"第{numbers[i]}条 {words}" for i, words in enumerate(provisions))]), "a.txt")


def review(
    round_: int, document: Document, *answers: Answer, reviewer: str = "a", said: Sequence[Disposition] = ()
) -> Review:
    bound = tuple(replace(a, clause_keys=keys_of(document, a.clauses)) for a in answers)
    return Review(
        Gate.JOINT_REVIEW, round_, round_, document.text_sha256, reviewer, "u", "c", bound, tuple(said), "", NOW
    )


def filed(reviews: Sequence[Review], *documents: Document, findings: Sequence[Finding] = ()) -> CaseFile:
    last = len(documents)
    case = Case(
        "2026-0001", HEAD, "u", DraftKind.POLICY_DOCUMENT, Trigger.GOVERNMENT_ISSUED, Route.GOVERNMENT, "co_review",
        last, last, "d", NOW, "", b"", 1,
    )  # fmt: skip
    versions = tuple(
        Version(n, "a.txt", "", d.text_sha256, d.title, "", (), "d", NOW, clause_keys(d))
        for n, d in enumerate(documents, 1)
    )
    screening = Screening(documents[-1].text_sha256, "p", tuple(findings))
    return CaseFile(case, versions=versions, reviews=tuple(reviews), screenings=(screening,))


def carry(reviews: Sequence[Review], *documents: Document, findings: Sequence[Finding] = ()) -> Carried:
    file = filed(reviews, *documents, findings=findings)
    return carried(file, Gate.JOINT_REVIEW, CHECKLIST, dict(enumerate(documents, 1)))


def finding(document: Document, index: int, *articles: str, name: str = "F-1") -> Finding:
    clause = document.clauses[index]
    return Finding(
        name,
        Level.BLOCK,
        "r",
        articles,
        clause.number,
        clause.key,
        clause.line,
        clause.start,
        clause.end,
        clause.text,
        "",
        "",
    )


def no(item: str) -> Answer:
    return Answer(item, AnswerValue.NO_HIT)


def hit(item: str, *clauses: str) -> Answer:
    return Answer(item, AnswerValue.HIT, clauses, "", "理由", "删除")


# ---------------------------------------------------------------- the rule in general


provisions = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=5, unique=True)


@settings(deadline=None)
@given(old=provisions, new=provisions, cited=st.data())
def test_a_carried_answer_never_survives_a_change_of_its_clause(
    old: list[str], new: list[str], cited: st.DataObject
) -> None:
    before, after = draft(old), draft(new)
    numbers = [clause.number for clause in before.clauses if clause.number]
    chosen = cited.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=3, unique=True))
    found = carry([review(1, before, hit(CLUED[0], *chosen))], before, after)
    words = [old[numbers.index(number)] for number in chosen]
    if all(word in new for word in words):
        assert [after.clauses[1 + new.index(word)].number for word in words] == list(found.answers[CLUED[0]].clauses)
    else:
        assert CLUED[0] not in found.answers


@settings(deadline=None)
@given(old=provisions, new=provisions)
def test_what_is_touched_is_the_same_seen_from_either_side(old: list[str], new: list[str]) -> None:
    forth, back = touched(draft(old), draft(new)), touched(draft(new), draft(old))
    assert ([c.key for c in forth.new], [c.key for c in forth.old]) == (
        [c.key for c in back.old],
        [c.key for c in back.new],
    )
    assert {c.text[4:] for c in forth.new if c.number} == set(new) - set(old)


@settings(deadline=None)
@given(provisions, st.sampled_from([item for item in CLUED if item.startswith("M")]), st.booleans())
def test_no_answer_survives_a_clue_in_a_changed_clause(kept: list[str], item: str, adding: bool) -> None:
    clue = load_standards().item(item).clue_words[0]
    plain, clued = draft(kept), draft([*kept, f"另行规定{clue}事项。"])
    before, after = (plain, clued) if adding else (clued, plain)
    found = carry([review(1, before, no(item))], before, after)
    assert (item in found.answers, item in found.again) == (False, True)
    assert carry([review(1, before, no(item))], before, before).answers == {item: replace(no(item), carried_from=1)}


# ---------------------------------------------------------------- each part of the rule


def test_a_renumbered_clause_keeps_its_answer_under_its_new_number() -> None:
    before, after = draft(PLAIN[:3]), draft((PLAIN[3], *PLAIN[:3]))
    found = carry([review(1, before, hit(CLUED[0], "第二条", "第4行"))], before, after)
    assert found.answers[CLUED[0]].clauses == ("第三条", "第四条")


def test_words_under_another_lead_in_are_another_clause() -> None:
    lead = "企业不得有下列行为：", "企业应当具备下列条件："
    before, after = (read_text(f"{HEAD}\n第一条 {words}\n（一）连续经营。\n第二条 完。", "a.txt") for words in lead)
    found = carry([review(1, before, hit(CLUED[0], "第一条（一）"))], before, after)
    assert (found.answers, CLUED[0] in found.again) == ({}, True)
    assert carry([review(1, before, hit(CLUED[0], "第一条（一）"))], before, before).answers.keys() == {CLUED[0]}


def test_a_row_under_another_table_header_is_another_clause() -> None:
    tables = [f"{HEAD}\n附件\n评分表\n{head}\n服务方案 | 30\n报价 | 20" for head in ("项目 | 分值", "项目 | 扣分")]
    before, after = (read_text(text, "a.txt") for text in tables)
    assert [clause.number for clause in touched(before, after).new] == ["附件 表1表头", "附件 表1行1", "附件 表1行2"]
    assert touched(before, before).new == ()


def test_a_finding_on_a_changed_clause_opens_its_items_again() -> None:
    before, after = draft(PLAIN[:2]), draft(PLAIN[:3])
    given = [review(1, before, no(CLUED[0]), no(CLUED[1]))]
    assert carry(given, before, after).answers.keys() == {CLUED[0], CLUED[1]}
    found = carry(given, before, after, findings=[finding(after, 3, CLUED[0])])
    assert (found.answers.keys(), found.again[CLUED[0]]) == ({CLUED[1]}, "请看 第三条")
    old = carry(given, before, after, findings=[finding(after, 1, CLUED[0])])
    assert old.answers.keys() == {CLUED[0], CLUED[1]}


@pytest.mark.parametrize("item", ["M24", "M9-6", "P-12"])
def test_items_without_clue_words_are_always_asked_again(item: str) -> None:
    text = draft(PLAIN)
    assert item not in carry([review(1, text, no(item))], text, text).answers


def test_an_opinion_on_the_whole_text_is_not_carried() -> None:
    text = draft(PLAIN)
    assert carry([review(1, text, hit(CLUED[0], "全文"))], text, text).answers == {}
    assert carry([review(1, text, hit(CLUED[0], "第一条"))], text, text).answers.keys() == {CLUED[0]}


def test_reviewers_who_disagreed_answer_again() -> None:
    text = draft(PLAIN)
    agreed = [review(1, text, no(CLUED[0])), review(1, text, no(CLUED[0]), reviewer="b")]
    split = [agreed[0], review(1, text, hit(CLUED[0], "第一条"), reviewer="b")]
    assert carry(agreed, text, text).answers.keys() == {CLUED[0]}
    assert carry(split, text, text).again[CLUED[0]] == "第1轮各审查人答复不一致"


def test_answers_of_the_other_gate_and_of_a_review_sent_back_are_not_carried() -> None:
    text = draft(PLAIN)
    file = filed([review(1, text, no(CLUED[0]))], text, text)
    asked = file, Gate.JOINT_REVIEW, CHECKLIST, {1: text, 2: text}
    assert carried(*asked).answers.keys() == {CLUED[0]}
    assert carried(file, Gate.SELF_REVIEW, *asked[2:]) == Carried()
    sent_back = replace(file, redos=(Redo(Gate.JOINT_REVIEW, 1, "漏审", "lead", "u", NOW),))
    assert carried(sent_back, *asked[1:]).answers == {}


def test_an_answer_carried_twice_is_held_against_the_round_it_was_given_in() -> None:
    first, third = draft(PLAIN[:2]), draft(PLAIN[:3])
    again = replace(no(CLUED[0]), carried_from=1)
    found = carry([review(1, first, no(CLUED[0])), review(2, first, again)], first, first, third)
    assert (found.round, found.answers[CLUED[0]].carried_from) == (2, 1)


def test_an_answer_on_a_text_that_no_longer_reads_is_not_carried() -> None:
    text = draft(PLAIN)
    file = filed([review(1, text, hit(CLUED[0], "第一条"))], text, text)
    assert carried(file, Gate.JOINT_REVIEW, CHECKLIST, {2: text}).answers == {}


def test_what_was_said_of_a_finding_stands_while_its_clause_stands() -> None:
    before, after = draft(PLAIN[:2]), draft((PLAIN[0], PLAIN[2]))
    said = Disposition("F-1", Treatment.REJECTED, "一视同仁")
    given = [review(1, before, said=[said])]
    kept = carry(given, before, after, findings=[finding(after, 1, CLUED[0])])
    assert kept.dispositions == {"F-1": replace(said, carried_from=1)}
    assert carry(given, before, after, findings=[finding(after, 2, CLUED[0])]).dispositions == {}
    promised = [review(1, before, said=[replace(said, treatment=Treatment.REVISE)])]
    assert carry(promised, before, after, findings=[finding(after, 1, CLUED[0])]).dispositions == {}


# ---------------------------------------------------------------- the form and its filing


def test_the_form_holds_what_is_carried_and_says_so_beside_it() -> None:
    before, after = draft(PLAIN[:2]), draft(PLAIN[:3])
    found = carry([review(1, before, no(CLUED[0]), hit(CLUED[1], "第一条"), no("M24"))], before, after)
    form, remarks = carried_form(found)
    text = filled_form(CHECKLIST, "案", (), form, remarks)
    assert parse_answers(text, "表.yaml").answers == form.answers == tuple(found.answers.values())
    lines = {line.split(":")[0].strip(): line for line in text.splitlines() if line.startswith("  M")}
    assert lines[CLUED[0]].startswith(f"  {CLUED[0]}: {{答: 否, 沿用: 1}}  # 沿用第1轮，条款未变  ")
    assert lines["M24"].startswith("  M24:  # 须重新作答：本项须结合全文判断  ")
    assert "# 须重新审看：第三条" in text.splitlines()


def test_a_first_round_has_nothing_to_carry() -> None:
    text = draft(PLAIN)
    form, remarks = carried_form(carry([], text))
    assert (form.answers, remarks.head) == ((), ())


def test_only_what_may_be_carried_is_taken_as_carried() -> None:
    before, after = draft(PLAIN[:2]), draft((PLAIN[0], PLAIN[2]))
    found = carry([review(1, before, no(CLUED[0]), hit(CLUED[1], "第二条"))], before, after)
    honest = tuple(found.answers.values())
    assert carried_gaps(found, honest, ()) == ()
    altered = replace(honest[0], reason="另有理由")
    assert carried_gaps(found, [altered], ()) == (
        f"{CLUED[0]} 不能沿用第1轮的答复：与此前的答复不同；重新作答的请删去“沿用”",
    )
    changed = replace(hit(CLUED[1], "第二条"), carried_from=1)
    assert carried_gaps(found, [changed], ()) == (f"{CLUED[1]} 不能沿用第1轮的答复：请看 原第二条",)
    assert carried_gaps(found, [replace(altered, carried_from=0)], ()) == ()
    said = Disposition("F-9", Treatment.REJECTED, "误报", carried_from=1)
    assert carried_gaps(found, (), [said]) == ("F-9 的处置不能沿用第1轮：条款或者处置已有变化",)
