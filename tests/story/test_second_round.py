"""The second round: what changed is shown, what stands is carried over, opinions are answered, disagreement is kept."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from journey import Counter, Journey

from engine.model import Answer, AnswerValue, CaseFile, Disposition, Gate, Treatment
from reviewers.checklist import ReviewForm, parse_answers
from reviewers.samples import Sample
from reviewers.samples.forms import joint_form

CLAUSE = "第二章第十二条"
UNTOUCHED = "第二章第六条"


@pytest.fixture
def first(journey: Journey, samples: dict[str, Sample]) -> Journey:
    """The blocked draft, in joint review."""
    return journey.submitted().self_reviewed().signed().accepted()


@pytest.fixture
def second(first: Journey, samples: dict[str, Sample]) -> Journey:
    """The blocked draft revised: the second round's self-review is open."""
    return first.jointly_reviewed(samples["blocked"].expected).concluded("revise").revised(samples["revised"])


def prefilled(journey: Journey) -> ReviewForm:
    ran = journey.counter("form", journey.case)
    assert ran.code == 0, ran.err
    return parse_answers(ran.out, "表.yaml")


def completed(file: CaseFile, form: ReviewForm, gate: Gate) -> ReviewForm:
    """The pre-filled form with every open item answered 否 and every open finding answered."""
    whole = joint_form(file, None, ())  # type: ignore[arg-type]
    filled = {answer.item: answer for answer in form.answers}
    asked = [answer.item for answer in whole.answers] if gate is Gate.JOINT_REVIEW else []
    said = {disposition.finding: disposition for disposition in form.dispositions}
    treatment = Treatment.REJECTED if gate is Gate.JOINT_REVIEW else Treatment.OBJECTION
    answers = tuple(filled.get(item, Answer(item, AnswerValue.NO_HIT)) for item in asked)
    dispositions = tuple(said.get(f.id, Disposition(f.id, treatment, "一视同仁")) for f in file.screenings[-1].findings)
    return ReviewForm("符合", answers, dispositions, None, None, whole.interests if gate is Gate.JOINT_REVIEW else "")


# ---------------------------------------------------------------- the redline


def test_the_redline_tells_the_same_on_screen_as_json_and_on_paper(second: Journey, tmp_path: Path) -> None:
    counter, case = second.counter, second.case
    told = counter("diff", case, "--json").json
    assert (told["schema"], told["from"], told["to"]) == ("shuangshen.diff/1", 1, 2)
    changed = [row["new"]["clause"] for row in told["clauses"] if row["change"] == "changed"]
    assert changed == ["", "第一章第五条", CLAUSE, "第五章第二十四条", "第七章第三十一条", ""]
    pieces = next(row["pieces"] for row in told["clauses"] if row["new"] and row["new"]["clause"] == CLAUSE)
    assert [piece["text"] for piece in pieces if piece["part"] != "kept"] == [
        "任何部门和行业协会不得规定或者变相规定最低运价。"
    ]
    assert "{+任何部门和行业协会不得规定或者变相规定最低运价。+}" in "".join(counter("diff", case).out.split("\n"))
    assert counter("export", case, "-o", tmp_path / "卷.zip", by=second.people["auditor"]).code == 0
    paper = ZipFile(tmp_path / "卷.zip").read("papers/修改对照表-第1稿-第2稿.html").decode()
    assert paper.count("<ins") + paper.count("<del") == sum(
        piece["part"] != "kept" for row in told["clauses"] if row["change"] != "same" for piece in row["pieces"]
    )


def test_the_first_version_has_nothing_to_be_compared_with(first: Journey) -> None:
    ran = first.counter("diff", first.case)
    assert (ran.code, "只有第1稿" in ran.err) == (2, True)
    assert first.counter("diff", first.case, "--from", "1", "--to", "1").code == 0
    assert first.counter("diff", first.case, "--from", "1", "--to", "3").code == 4


# ---------------------------------------------------------------- answers carried over


def test_what_stands_is_carried_over_and_the_record_says_so(second: Journey, samples: dict[str, Sample]) -> None:
    counter = second.counter
    second.self_reviewed().signed().accepted()
    changes = counter("show", second.case, "--changes", "--json").json
    form = prefilled(second)
    assert sorted(answer.item for answer in form.answers) == changes["carried"]
    assert {CLAUSE, "原第二章第十三条（已改动或删除）"} <= set(changes["clauses"])
    assert UNTOUCHED not in changes["clauses"]
    filled = counter.form(second.case, Gate.JOINT_REVIEW, completed(counter.file(second.case), form, Gate.JOINT_REVIEW))
    for who in ("regulator", "second_regulator"):
        ran = counter("review", second.case, "--answers", filled, by=second.people[who])
        assert ran.code == 0, ran.err
    filed = counter.file(second.case).reviews[-1]
    assert sorted(a.item for a in filed.answers if a.carried_from == 1) == changes["carried"]
    assert {a.carried_from for a in filed.answers} == {0, 1}
    second.concluded("compliant")
    assert counter("gate", second.case).code == 0


def test_an_answer_is_not_carried_over_a_changed_clause(second: Journey) -> None:
    counter = second.counter
    second.self_reviewed().signed().accepted()
    form = prefilled(second)
    honest = completed(counter.file(second.case), form, Gate.JOINT_REVIEW)
    item = next(a.item for a in honest.answers if a.carried_from == 0 and a.item == "M11-1")
    forged = tuple(Answer(a.item, a.value, carried_from=1) if a.item == item else a for a in honest.answers)
    words = [honest, ReviewForm(honest.opinion, forged, honest.dispositions, None, None, honest.interests)]
    right, wrong = (counter.form(second.case, Gate.JOINT_REVIEW, form) for form in words)
    by = second.people["regulator"]
    assert counter("review", second.case, "--answers", right, by=by, home=counter.copy()).code == 0
    ran = counter("review", second.case, "--answers", wrong, by=by)
    assert (ran.code, f"{item} 不能沿用第1轮的答复：请看 原第二章第十条" in ran.err) == (2, True), ran.err


# ---------------------------------------------------------------- opinions


def comment(journey: Journey, by: str, *words: str) -> str:
    ran = journey.counter("comment", journey.case, *words, "--json", by=journey.people[by])
    assert ran.code == 0, ran.err
    return str(ran.json["opinion"])


def open_opinions(counter: Counter, case: str) -> list[str]:
    reasons = counter("gate", case).json["reasons"]
    return [reason["message"].split()[0] for reason in reasons if reason["code"] == "OPINION"]


def test_a_blocking_opinion_blocks_until_the_clause_is_changed_and_the_unit_has_answered(
    first: Journey, samples: dict[str, Sample]
) -> None:
    counter, case = first.counter, first.case
    suggestion = "任何部门和行业协会不得规定或者变相规定最低运价"
    one = comment(
        first,
        "regulator",
        "--clause",
        "第十二条",
        "--text",
        "须写明不得规定最低运价",
        "--suggest",
        suggestion,
        "--blocking",
    )
    two = comment(first, "second_regulator", "--clause", UNTOUCHED, "--text", "建议引用最新规定")
    assert (one, two, open_opinions(counter, case)) == ("O-1", "O-2", ["O-1"])
    early = counter("answer", case, one, "--adopted", "yes", by=first.people["drafter"])
    assert (early.code, "未改动" in early.err) == (2, True)
    first.jointly_reviewed(samples["blocked"].expected).concluded("revise").revised(samples["revised"])
    assert open_opinions(counter, case) == ["O-1"]
    assert counter("answer", case, one, "--adopted", "yes", by=first.people["drafter"]).code == 0
    assert open_opinions(counter, case) == []
    rows = counter("opinions", case, "--json").json["opinions"]
    assert [(row["opinion"]["id"], row["seen"], row["blocks"]) for row in rows] == [
        ("O-1", "as_suggested", False),
        ("O-2", "unchanged", False),
    ]


def test_what_is_not_adopted_goes_to_the_coordination_meeting(first: Journey, samples: dict[str, Sample]) -> None:
    counter, case, people = first.counter, first.case, first.people
    opinion = comment(first, "regulator", "--clause", UNTOUCHED, "--text", "许可条件须列明", "--blocking")
    decided = [
        "escalate",
        case,
        opinion,
        "--decision",
        "cleared",
        "--meeting",
        "第3次联席会议",
        "--reason",
        "已有上位法规定",
    ]
    early = counter(*decided, by=people["lead"])
    assert (early.code, "尚未反馈" in early.err) == (2, True)
    assert (
        counter("answer", case, opinion, "--adopted", "no", "--reason", "上位法已有规定", by=people["drafter"]).code
        == 0
    )
    assert open_opinions(counter, case) == [opinion]
    upheld = [*decided[:4], "upheld", *decided[5:]]
    copy = counter.copy()
    assert counter(*upheld, by=people["lead"], home=copy).code == 0
    kept = counter("gate", case, home=copy).json["reasons"]
    assert [r["message"].split("：")[1].split("——")[0] for r in kept if r["code"] == "OPINION"] == [
        "会审意见经联席会议维持，条款尚未修改"
    ]
    assert counter(*decided, by=people["lead"]).code == 0
    assert open_opinions(counter, case) == []


def test_a_dissent_is_printed_on_the_conclusion_and_blocks_nothing(
    first: Journey, samples: dict[str, Sample], tmp_path: Path
) -> None:
    counter, case = first.counter, first.case
    before = counter("gate", case).json["reasons"]
    comment(first, "second_regulator", "--clause", UNTOUCHED, "--text", "本人认为该条仍有疑义", "--dissent")
    assert counter("gate", case).json["reasons"] == before
    first.jointly_reviewed(samples["blocked"].expected).concluded("revise")
    assert counter("export", case, "-o", tmp_path / "卷.zip", by=first.people["auditor"]).code == 0
    assert counter.run("verify", tmp_path / "卷.zip").code == 0
    archive = ZipFile(tmp_path / "卷.zip")
    letters = {name: archive.read(name).decode() for name in archive.namelist() if "轮.html" in name}
    assert {name[-13:-5].lstrip("-见书"): "本人认为该条仍有疑义" in text for name, text in letters.items()} == {
        "01-第1轮": False,
        "02-第1轮": True,
    }


@pytest.mark.parametrize(
    ("words", "right", "wrong", "saying"),
    [
        (["comment", "--clause", UNTOUCHED, "--text", "意见", "--blocking"], "regulator", "drafter", "不是案卷"),
        (["comment", "--clause", UNTOUCHED, "--text", "意见"], "lead", "auditor", "审计人员"),
        (["answer", "O-1", "--adopted", "no", "--reason", "理由"], "drafter", "regulator", "不能反馈"),
        (["answer", "O-1", "--adopted", "no", "--reason", "理由"], "drafter", "stranger", "起草单位"),
        (["comment", "--withdraw", "O-1", "--reason", "已说明"], "regulator", "second_regulator", "只能由提出人"),
    ],
    ids=["comment", "audit", "answer", "another unit", "withdraw"],
)
def test_opinions_are_for_those_they_belong_to(
    first: Journey, words: list[str], right: str, wrong: str, saying: str
) -> None:
    counter, case = first.counter, first.case
    comment(first, "regulator", "--clause", CLAUSE, "--text", "意见", "--blocking")
    spoken = [words[0], case, *words[1:]]
    healthy = counter(*spoken, by=first.people[right], home=counter.copy())
    assert healthy.code == 0, healthy.err
    ran = counter(*spoken, by=first.people[wrong])
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (3, True, 1), ran.err


def test_only_the_lead_records_the_meeting_and_not_on_his_own_opinion(first: Journey) -> None:
    counter, case, people = first.counter, first.case, first.people
    for by in ("regulator", "lead"):
        opinion = comment(first, by, "--clause", CLAUSE, "--text", "意见", "--blocking")
        words = ["answer", case, opinion, "--adopted", "no", "--reason", "理由"]
        assert counter(*words, by=people["drafter"]).code == 0
    ruled = ["--decision", "cleared", "--reason", "协调一致"]
    assert counter("escalate", case, "O-1", *ruled, by=people["lead"], home=counter.copy()).code == 0
    assert counter("escalate", case, "O-1", *ruled, by=people["regulator"]).code == 3
    ran = counter("escalate", case, "O-2", *ruled, by=people["lead"])
    assert (ran.code, "本人提出" in ran.err) == (3, True)


@pytest.mark.parametrize(
    ("words", "code", "saying"),
    [
        (["--clause", "第九十九条", "--text", "意见"], 2, "第九十九条"),
        (["--clause", CLAUSE], 2, "没有写明意见"),
        (["--clause", CLAUSE, "--text", "意见", "--blocking", "--dissent"], 2, "不阻断"),
        (["--withdraw", "O-7", "--reason", "x"], 4, "O-7"),
    ],
    ids=["clause", "text", "both", "unknown"],
)
def test_a_comment_that_makes_no_sense_is_refused(first: Journey, words: list[str], code: int, saying: str) -> None:
    ran = first.counter("comment", first.case, *words, by=first.people["regulator"])
    assert (ran.code, saying in ran.err) == (code, True), ran.err
    assert first.counter.file(first.case).opinions == ()


def test_a_blocking_opinion_comes_before_ones_own_conclusion(first: Journey, samples: dict[str, Sample]) -> None:
    words = ["comment", first.case, "--clause", CLAUSE, "--text", "意见", "--blocking"]
    first.jointly_reviewed(samples["blocked"].expected)
    assert first.counter(*words, by=first.people["regulator"], home=first.counter.copy()).code == 0
    first.concluded("revise")
    ran = first.counter(*words, by=first.people["regulator"])
    assert (ran.code, "已经签署" in ran.err) == (3, True)
    assert first.counter(*words[:-1], by=first.people["regulator"]).code == 0


# ---------------------------------------------------------------- what would still block


def on_disk(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(home.iterdir()) if path.is_file()}


def test_a_rehearsal_tells_what_would_still_block_and_writes_nothing(
    first: Journey, samples: dict[str, Sample]
) -> None:
    counter, case = first.counter, first.case
    first.jointly_reviewed(samples["blocked"].expected)
    before = on_disk(counter.home)
    ran = counter("what-if", case, "--file", samples["revised"].draft, "--json")
    assert on_disk(counter.home) == before
    assert (ran.code, ran.json["round"], ran.json["version"]) == (1, 2, 2)
    assert ran.json["before"] == len(
        [r for r in counter("gate", case).json["reasons"] if r["code"] not in ("P-08", "P-14")]
    )
    assert {reason["code"] for reason in ran.json["reasons"]} <= {"P-07", "ANSWER"}
    assert counter.file(case).case.round == 1


def test_one_change_is_asked_for_once_however_many_reasons_it_clears(
    first: Journey, samples: dict[str, Sample]
) -> None:
    counter, case = first.counter, first.case
    file, document = counter.file(case), counter.document(case)
    comment(first, "regulator", "--clause", "第七条", "--text", "取消备案前置", "--blocking")
    form = counter.form(case, Gate.JOINT_REVIEW, joint_form(file, document, samples["blocked"].expected))
    told = counter("what-if", case, "--answers", form, "--json").json
    remedies = {remedy["clause"]: remedy for remedy in told["remedies"]}
    cleared = [told["reasons"][index]["code"] for index in remedies["第二章第七条"]["clears"]]
    assert sorted(cleared) == ["FINDING", "OPINION", "P-15", "P-15"]
    assert remedies["第二章第七条"]["alone"] == remedies["第二章第七条"]["clears"]
    assert {index for remedy in told["remedies"] for index in remedy["clears"]} == set(range(len(told["reasons"])))
    assert counter.file(case).reviews[-1].gate is Gate.SELF_REVIEW


def test_a_rehearsed_form_that_leaves_nothing_open_is_the_one_that_passes(
    second: Journey, samples: dict[str, Sample]
) -> None:
    counter, case = second.counter, second.case
    second.self_reviewed().signed().accepted()
    form = counter.form(case, Gate.JOINT_REVIEW, completed(counter.file(case), prefilled(second), Gate.JOINT_REVIEW))
    rehearsed = counter("what-if", case, "--answers", form, "--json")
    assert (rehearsed.code, rehearsed.json["reasons"], rehearsed.json["form_gaps"]) == (0, [], [])
    for who in ("regulator", "second_regulator"):
        assert counter("review", case, "--answers", form, by=second.people[who]).code == 0
    second.concluded("compliant")


def test_a_rehearsal_of_nothing_is_refused(first: Journey) -> None:
    ran = first.counter("what-if", first.case)
    assert (ran.code, "--file" in ran.err) == (2, True)


def test_the_adoption_table_prints_both_what_is_seen_and_what_is_said(
    first: Journey, samples: dict[str, Sample], tmp_path: Path
) -> None:
    counter, case = first.counter, first.case
    opinion = comment(first, "regulator", "--clause", "第七条", "--text", "备案不得作为营业前提", "--blocking")
    first.jointly_reviewed(samples["blocked"].expected).concluded("revise").revised(samples["revised"])
    words = ["answer", case, opinion, "--adopted", "partly", "--reason", "改为自愿登记"]
    assert counter(*words, by=first.people["drafter"]).code == 0
    assert counter("export", case, "-o", tmp_path / "卷.zip", by=first.people["auditor"]).code == 0
    paper = ZipFile(tmp_path / "卷.zip").read("papers/意见采纳情况反馈表.html").decode()
    row = paper.split("<tbody>")[1].split("</tbody>")[0]
    told = [
        "备案不得作为营业前提",
        "部分采纳：已修改，须说明",
        "依法办理经营主体登记即可营业",
        "部分采纳：改为自愿登记",
    ]
    assert [words in row for words in told] == [True] * 4
    assert "意见 1 条，尚在阻断 0 条" in paper
