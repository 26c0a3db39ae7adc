"""What reviewers are asked, what is missing from their answers, and the form between them and the record."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reviewers
from engine.errors import InvalidInput, StandardsError
from engine.model import (
    Answer,
    AnswerValue,
    Basis,
    BasisRank,
    Clause,
    ClauseKind,
    Consultation,
    Disposition,
    Document,
    DraftKind,
    ExceptionClaim,
    Finding,
    Gate,
    Hearing,
    Level,
    Treatment,
)
from engine.standards import Series, load_standards
from reviewers.checklist import (
    Checklist,
    ReviewForm,
    blank_form,
    filled_form,
    load_checklist,
    parse_answers,
    problems,
    unanswered,
)

DAY = date(2026, 11, 23)
SELF = load_checklist(Gate.SELF_REVIEW, DraftKind.POLICY_DOCUMENT, DAY)
JOINT = load_checklist(Gate.JOINT_REVIEW, DraftKind.POLICY_DOCUMENT, DAY)
TENDER = load_checklist(Gate.JOINT_REVIEW, DraftKind.TENDER_DOCUMENT, DAY)
PACKAGED = Path(reviewers.__file__).parent / "checklists"
MEASURES = [item.id for item in load_standards().items.values() if item.series is Series.MEASURES]
BIDDING = [item.id for item in load_standards().items.values() if item.series is Series.BIDDING]

TEXT = "关于促进发展的通知\n一、本市业绩\n每项加2分。"
DOCUMENT = Document(
    filename="a.txt",
    sha256="",
    text=TEXT,
    text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
    title="关于促进发展的通知",
    document_number="",
    clauses=(
        Clause("t", "", ClauseKind.TITLE, 0, 0, 9, 1, TEXT[:9]),
        Clause("k", "三(二)5", ClauseKind.ITEM, 1, 10, len(TEXT), 2, TEXT[10:]),
    ),
)
FINDING = Finding("F-ab12cd", Level.BLOCK, "r", ("R9-3",), "三(二)5", "k", 2, 10, 16, "一、本市业绩", "为何", "建议")
HIT = Answer("M15-3", AnswerValue.HIT, ("三(二)5",), "本市业绩 每项", "地域加分", "删除")


def read(*lines: str) -> ReviewForm:
    return parse_answers("\n".join(lines) + "\n", "表.yaml")


def refusal(*lines: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(*lines)
    return str(refused.value)


# ---------------------------------------------------------------- what is asked


def test_each_gate_asks_the_66_the_catch_all_and_its_own_procedure_questions() -> None:
    assert [q.item for q in SELF.questions] == [*MEASURES, "P-02", "P-03"]
    assert [q.item for q in JOINT.questions] == [*MEASURES, "P-10", "P-12", "P-13"]


def test_tender_documents_add_the_bidding_module() -> None:
    assert [q.item for q in TENDER.questions] == [*MEASURES, *BIDDING, "P-10", "P-12", "P-13"]


def test_gates_ask_the_same_with_different_hints() -> None:
    theirs = {q.item: q for q in JOINT.questions}
    pairs = [(mine, theirs[mine.item]) for mine in SELF.questions if mine.item in theirs]
    assert [mine.text for mine, _ in pairs] == [other.text for _, other in pairs]
    assert [mine.item for mine, other in pairs if mine.hint == other.hint] == []


def test_every_question_is_a_question_in_both_languages() -> None:
    asked = [*SELF.questions, *TENDER.questions]
    assert [q.id for q in asked if not (q.text.endswith("？") and q.text_en.endswith("?"))] == []
    assert len({q.text for q in asked}) == len({q.id for q in asked}) == len(MEASURES) + len(BIDDING) + 5


def test_the_checklist_is_named_and_its_digest_stands_for_its_words() -> None:
    assert (SELF.id, JOINT.id) == ("self_review/2026-1", "joint_review/2026-1")
    assert len({SELF.digest, JOINT.digest, TENDER.digest}) == 3
    assert load_checklist(Gate.SELF_REVIEW, DraftKind.AGREEMENT, DAY, PACKAGED) == SELF


def test_there_is_no_checklist_before_the_measures() -> None:
    assert load_checklist(Gate.SELF_REVIEW, DraftKind.AGREEMENT, date(2025, 4, 20)).items == SELF.items
    with pytest.raises(StandardsError, match=r"self_review\.toml.*2025-04-19"):
        load_checklist(Gate.SELF_REVIEW, DraftKind.AGREEMENT, date(2025, 4, 19))


@pytest.mark.parametrize(
    ("filename", "old", "new", "said"),
    [
        ("questions.toml", "[M9-1]", "[M99-1]", ("M99-1", "M9-1")),
        ("questions.toml", "[M9-1]\ntext =", "[M9-1]\nwords =", ("questions.toml 的 M9-1", "“words”", "text")),
        ("questions.toml", "text_en = 'Does", "text_en = '是否' # '", ("questions.toml 的 M9-1", "“text_en”")),
        ("self_review.toml", "[guide.M9]", "[guide.M8]", ("self_review.toml 的 guide", "“M9”")),
        ("self_review.toml", "evidence = ", "proof = ", ("self_review.toml 的 guide.M9", "“proof”", "evidence")),
        ("self_review.toml", "[procedure.P-02]", "[procedure.P-21]", ("P-21", "P-20")),
        ("self_review.toml", "edition = ", "version = ", ("self_review.toml", "“version”", "edition")),
    ],
)
def test_a_checklist_that_does_not_hold_together_is_refused(
    tmp_path: Path, filename: str, old: str, new: str, said: tuple[str, ...]
) -> None:
    directory = shutil.copytree(PACKAGED, tmp_path / "checklists")
    assert load_checklist(Gate.SELF_REVIEW, DraftKind.AGREEMENT, DAY, directory) == SELF
    text = (directory / filename).read_text(encoding="utf-8")
    (directory / filename).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StandardsError) as refused:
        load_checklist(Gate.SELF_REVIEW, DraftKind.AGREEMENT, DAY, directory)
    assert [word for word in said if word not in str(refused.value)] == []


def test_a_missing_question_is_refused(tmp_path: Path) -> None:
    directory = shutil.copytree(PACKAGED, tmp_path / "checklists")
    path = directory / "questions.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[M24]")] + text[text.index("[B5-1]") :], encoding="utf-8")
    with pytest.raises(StandardsError, match=r"questions\.toml.*M24"):
        load_checklist(Gate.SELF_REVIEW, DraftKind.AGREEMENT, DAY, directory)


# ---------------------------------------------------------------- what is missing


def all_no(checklist: Checklist) -> list[Answer]:
    return [Answer(q.item, AnswerValue.NO_HIT) for q in checklist.questions]


def test_unanswered_questions_are_listed_in_the_order_of_the_law() -> None:
    answers = all_no(SELF)
    assert unanswered(SELF, answers) == ()
    assert [q.item for q in unanswered(SELF, [a for a in answers if a.item not in ("M24", "M9-2")])] == ["M9-2", "M24"]
    assert unanswered(SELF, []) == SELF.questions


def test_good_answers_have_no_problems() -> None:
    assert problems(SELF, [HIT, *(a for a in all_no(SELF) if a.item != "M15-3")], DOCUMENT) == ()


@pytest.mark.parametrize("clause", ["三(二)5", "三(二)5", " 三 (二) 5", "第3行", "全文"])
def test_clauses_may_be_named_as_a_reader_would(clause: str) -> None:
    assert problems(SELF, [replace(HIT, clauses=(clause,))], DOCUMENT) == ()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (replace(HIT, item="M15-33"), ["M15-33 不在本检查单内，相近的有：M15-3。"]),
        (replace(HIT, item="B5-1"), ["B5-1 不在本检查单内。"]),
        (replace(HIT, clauses=()), ["M15-3 答“是”，没有写“条款”。"]),
        (replace(HIT, reason=""), ["M15-3 答“是”，没有写“理由”。"]),
        (replace(HIT, change=""), ["M15-3 答“是”，没有写“修改”。"]),
        (replace(HIT, value=AnswerValue.UNSURE, change=""), []),
        (Answer("M15-3", AnswerValue.UNSURE), ["M15-3 答“存疑”，没有写“条款”。", "M15-3 答“存疑”，没有写“理由”。"]),
        (Answer("M15-3", AnswerValue.NOT_APPLICABLE), ["M15-3 答“不适用”，没有写“理由”。"]),
        (Answer("P-03", AnswerValue.HIT), ["P-03 答“是”，没有写“理由”。"]),
        (Answer("M15-3", AnswerValue.NO_HIT), []),
        (
            replace(HIT, clauses=("三(二)6",)),
            ["M15-3 所写条款“三(二)6”在文中找不到，相近的有：三(二)5；没有编号的可写“第12行”，涉及通篇的写“全文”。"],
        ),
        (
            replace(HIT, clauses=("第4行",)),
            ["M15-3 所写条款“第4行”在文中找不到；没有编号的可写“第12行”，涉及通篇的写“全文”。"],
        ),
        (replace(HIT, quote="外地业绩"), ["M15-3 的摘录“外地业绩”不是文中的原话。"]),
    ],
)
def test_problems_say_what_is_wrong(answer: Answer, said: list[str]) -> None:
    assert list(problems(SELF, [answer], DOCUMENT)) == said


def test_an_item_may_be_answered_once() -> None:
    assert problems(SELF, [HIT, replace(HIT, value=AnswerValue.UNSURE)], DOCUMENT) == ("M15-3 答了 2 次，只能答一次。",)


def test_without_a_document_its_words_are_not_compared() -> None:
    assert problems(SELF, [replace(HIT, clauses=("九",), quote="别处的话")], None) == ()


# ---------------------------------------------------------------- the form


def test_a_blank_form_answers_nothing() -> None:
    for checklist in (SELF, JOINT, TENDER):
        assert parse_answers(blank_form(checklist, "案件", [FINDING]), "表.yaml") == ReviewForm()


def test_a_blank_form_asks_every_question_beside_its_key() -> None:
    lines = [line.strip() for line in blank_form(TENDER, "案件", [FINDING]).splitlines()]
    missing = [q.id for q in TENDER.questions if not any(x.startswith(f"{q.id}:  # {q.text}") for x in lines)]
    assert missing == []
    assert 'F-ab12cd: {处置: "", 理由: ""}' in lines


def test_only_the_self_review_form_has_consultation_and_exception() -> None:
    sections = {
        gate.gate: [s for s in ("听取意见:", "例外:") if f"\n{s}" in blank_form(gate, "", [])] for gate in (SELF, JOINT)
    }
    assert sections == {Gate.SELF_REVIEW: ["听取意见:", "例外:"], Gate.JOINT_REVIEW: []}


def test_a_form_filled_in_by_hand_is_read_as_meant() -> None:
    form = read(
        '意见: "总体可行"',
        "答复:",
        "  M9-1:             # 没有答",
        "  M9-2: 否",
        '  M9-3: ""',
        "  M9-4: ~",
        '  M9-5: {答: "", 条款: [], 理由: ""}',
        "  M10-1: no_hit",
        "  M10-2: no",
        "  M10-3: {答: 不适用, 理由: 不涉及特许经营}",
        '  M15-3: {答: 是, 条款: [三(二)5, 3], 摘录: "本市业绩", 理由: "地域", 修改: "删去"}',
        "  M15-4:",
        "    答: 存疑",
        "    条款: 一、第12行",
        "    理由: |",
        "      两行",
        "      理由",
        "疑似问题处置:",
        '  F-1: {处置: 修改, 理由: "删"}',
        '  F-2: {处置: 依据, 理由: "有", 依据: {文件: 价格法, 条款: 第十八条, 位阶: 法律}}',
        '  F-3: {处置: "", 理由: ""}',
        "听取意见:",
        "  涉及公共利益: 是",
        "  听取:",
        "    - {名称: 某公司, 类型: 经营者, 日期: 2026-10-01, 意见: 同意, 采纳: 采纳}",
        "例外:",
        "  情形: 三",
        "  适用项目: [M11-1]",
        "  截止: 2027-12-31",
    )
    assert form == ReviewForm(
        opinion="总体可行",
        answers=(
            Answer("M9-2", AnswerValue.NO_HIT),
            Answer("M10-1", AnswerValue.NO_HIT),
            Answer("M10-2", AnswerValue.NO_HIT),
            Answer("M10-3", AnswerValue.NOT_APPLICABLE, reason="不涉及特许经营"),
            Answer("M15-3", AnswerValue.HIT, ("三(二)5", "3"), "本市业绩", "地域", "删去"),
            Answer("M15-4", AnswerValue.UNSURE, ("一", "第12行"), reason="两行\n理由"),
        ),
        dispositions=(
            Disposition("F-1", Treatment.REVISE, "删"),
            Disposition("F-2", Treatment.BASIS, "有", Basis("价格法", "第十八条", BasisRank.LAW)),
        ),
        consultation=Consultation((Hearing("某公司", "operator", date(2026, 10, 1), "同意", "采纳"),), True),
        exception_claim=ExceptionClaim(3, "", "", "", "", "", ("M11-1",), date(2027, 12, 31)),
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["答复:", "  其余: 否"], ["第 2 行", "“其余”", "每一项都要单独作答"]),
        (["答复:", "  M9-1: 没有"], ["第 2 行", "“没有”", "否、是、存疑、不适用"]),
        (["答复:", "  M9-1: true"], ["第 2 行", "“true”"]),
        (["答复:", "  M9-1: {条款: [一]}"], ["第 2 行", "“答”"]),
        (["答复:", "  M9-1: {答: 是, 原因: 有}"], ["第 2 行", "“原因”", "理由"]),
        (["答复:", "  M9-1: [是]"], ["第 2 行", "栏目: 内容"]),
        (["答复:", "  M9-1: 否", "  M9-1: 是"], ["第 3 行", "“M9-1”", "第 2 行"]),
        (["答复:", "  M9-1:否", "  M9-2: 是"], ["第 2 行", "“M9-1:否”", "冒号用半角"]),
        (["答复:", "  M9-1:否", "  M9-2: 是"], ["第 2 行", "“M9-1:否”", "冒号用半角"]),
        (["答复:", "  M9-1:否", "  M9-2:是"], ["第 2 行", "冒号用半角"]),
        (["答案:", "  M9-1: 否"], ["第 1 行", "“答案”", "答复"]),
        (["疑似问题处置:", "  F-1: {处置: 忽略, 理由: 无}"], ["第 2 行", "“忽略”", "修改"]),
        (["疑似问题处置:", "  F-1: {处置: 修改}"], ["第 2 行", "“理由”"]),
        (["疑似问题处置:", "  F-1: {处置: 依据, 理由: 有}"], ["第 2 行", "文件、条款、位阶"]),
        (
            ["疑似问题处置:", "  F-1: {处置: 修改, 理由: 有, 依据: {文件: 甲, 条款: 乙, 位阶: 法律}}"],
            ["第 2 行", "不是“依据”"],
        ),
        (["听取意见:", "  公众意见说明: 无"], ["第 2 行", "“涉及公共利益”"]),
        (["听取意见:", "  涉及公共利益: 否", "  听取: 问过某公司"], ["第 3 行", "“- ”"]),
        (
            ["听取意见:", "  涉及公共利益: 否", "  听取:", "    - {名称: 甲, 类型: 经营者, 日期: 10月1日}"],
            ["第 4 行", "“10月1日”", "2026-10-01"],
        ),
        (["例外:", "  情形: 5"], ["第 2 行", "“5”"]),
        (["例外:", "  影响: 有"], ["第 2 行", "“情形”"]),
        (["意见: &a 好", "答复: *a"], ["第 1 行", "&"]),
        (["意见: !!python/object:os.system 好"], ["第 1 行", "!"]),
        (["意见: 好", "---", "意见: 坏"], ["第 2 行", "一个文档"]),
        (["意见: " + "[" * 50], ["第 1 行", "嵌套"]),
        (["意见: '\x07'"], ["表.yaml", "控制字符"]),
        (["意见: {"], ["表.yaml 第", "行附近"]),
        (["? [甲]", ": 乙"], ["第 1 行", "一个词"]),
        (["x" * 1_000_001], ["表.yaml", "1000 KB"]),
    ],
)  # fmt: skip
def test_faults_name_file_line_and_the_words_typed(lines: list[str], said: list[str]) -> None:
    message = refusal(*lines)
    assert message.startswith("表.yaml")
    assert [word for word in said if word not in message] == []


def test_all_faults_are_told_at_once() -> None:
    message = refusal("答复:", "  M9-1: 没有", "  M9-2: 否", "  M9-3: 也没有")
    assert [line.partition("：")[0] for line in message.splitlines()[:2]] == ["表.yaml 第 2 行", "表.yaml 第 4 行"]


def test_faults_without_end_are_cut_short() -> None:
    message = refusal("答复:", *(f"  X{n}: 没有" for n in range(500)))
    assert message.count("\n") == 21
    assert "另有 480 处" in message


def test_a_title_or_finding_cannot_write_an_answer() -> None:
    hostile = replace(
        FINDING, id='F": {', clause="一\n答复:", text="x\n  M9-1: 否\r\u2028  M9-2: 否", why="\x85M9-3: 否"
    )
    form = parse_answers(blank_form(SELF, "题目\n答复:\n  M9-1: 否\n#", [hostile]), "表.yaml")
    assert form == ReviewForm()


# ---------------------------------------------------------------- round trip

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(str.strip)
filled = words.filter(bool)
bases = st.builds(Basis, filled, filled, st.sampled_from(BasisRank))
dispositions = st.builds(
    lambda treatment, reason, basis: Disposition(
        FINDING.id, treatment, reason, basis if treatment is Treatment.BASIS else None
    ),
    st.sampled_from(Treatment),
    filled,
    bases,
)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
hearings = st.builds(
    Hearing, filled, st.sampled_from(["operator", "association", "public", "expert", "department"]), days, words, words
)
claims = st.builds(
    ExceptionClaim, st.integers(1, 4), words, words, words, words, words,
    st.lists(filled, max_size=3).map(tuple), st.none() | days, words,
)  # fmt: skip


@st.composite
def answer_sets(draw: st.DrawFn) -> tuple[Answer, ...]:
    asked = draw(st.sets(st.sampled_from([q.item for q in TENDER.questions]), max_size=8))
    build = st.builds(
        Answer, st.just(""), st.sampled_from(AnswerValue), st.lists(filled, max_size=3).map(tuple), words, words, words
    )
    return tuple(replace(draw(build), item=q.item) for q in TENDER.questions if q.item in asked)


@settings(max_examples=40, deadline=None)
@given(
    form=st.builds(
        ReviewForm,
        words,
        answer_sets(),
        st.lists(dispositions, max_size=1).map(tuple),
        st.none() | st.builds(Consultation, st.lists(hearings, max_size=3).map(tuple), st.booleans(), words, words),
        st.none() | claims,
    ),
    title=words,
)
def test_what_is_written_is_read_back(form: ReviewForm, title: str) -> None:
    assert parse_answers(filled_form(TENDER, title, [FINDING], form), "表.yaml") == form


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("答复:意见 -\n[]{},\"'#&*!|>%@`?\t~M9-1是否\\"), max_size=60))
def test_any_text_is_a_form_or_refused(text: str) -> None:
    try:
        form = parse_answers(text, "表.yaml")
    except InvalidInput as refused:
        assert refused.message.startswith("表.yaml")
    else:
        assert all(answer.item for answer in form.answers)


def test_answers_outside_the_checklist_are_not_lost() -> None:
    form = ReviewForm(answers=(Answer("B5-1", AnswerValue.NO_HIT),))
    assert parse_answers(filled_form(SELF, "案件", [], form), "表.yaml") == form


def test_the_example_form_is_complete_and_says_what_it_seems_to_say() -> None:
    path = Path(__file__).parent / "forms" / "self_review_filled.yaml"
    form = parse_answers(path.read_text(encoding="utf-8"), path.name)
    assert unanswered(SELF, form.answers) == ()
    assert problems(SELF, form.answers, None) == ()
    assert {a.item: a.value for a in form.answers if a.value is not AnswerValue.NO_HIT} == {
        "M10-3": AnswerValue.NOT_APPLICABLE,
        "M15-3": AnswerValue.HIT,
        "M19-3": AnswerValue.UNSURE,
    }
    assert [d.finding for d in form.dispositions] == ["F-ab12cd"]
    assert form.consultation is not None
    assert [hearing.kind for hearing in form.consultation.hearings] == ["operator", "association"]
    assert form.exception_claim is None
