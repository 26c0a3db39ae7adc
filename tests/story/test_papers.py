"""The papers of a dossier: what an official must find on them, and that no text of a draft becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

from journey import Journey

from engine.calendar.zone import local_day
from engine.model import Gate, Role
from reviewers.checklist import load_checklist
from reviewers.roster import load_profile
from reviewers.samples import Sample


def papers(journey: Journey, out: Path) -> dict[str, str]:
    """The dossier's papers by name, as they read without their markup."""
    journey.done("export", journey.case, "--output", out, by=journey.people["auditor"])
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (out / "papers").iterdir()}
    return {name: unescape(re.sub(r"<[^>]*>", "", page)) for name, page in pages.items()}


def one(found: dict[str, str], words: str) -> str:
    return next(text for name, text in sorted(found.items()) if words in name)


def test_the_review_form_has_the_official_fields_and_every_question(journey: Journey, tmp_path: Path) -> None:
    journey.submitted().self_reviewed().signed()
    case = journey.counter.file(journey.case).case
    form = one(papers(journey, tmp_path / "卷"), "审查表-01")
    official = ("日期", "政策措施名称", "涉及行业领域", "性质", "起草机构", "联系人、电话", "审查机构", "征求意见情况")
    official += ("咨询及第三方评估情况", "适用例外规定", "审查结论和审查机构主要负责人意见", "（印章）")
    assert [words for words in official if words not in form] == []
    questions = load_checklist(Gate.SELF_REVIEW, case.kind, local_day(case.opened_at)).questions
    assert [question.id for question in questions if question.text not in form] == []


def test_an_unsigned_review_form_says_so(journey: Journey, tmp_path: Path) -> None:
    journey.submitted().self_reviewed()
    assert "（尚未签署）" in one(papers(journey, tmp_path / "卷"), "审查表-01")


def test_the_conclusion_says_when_the_regulator_drafted_the_text(
    journey: Journey, samples: dict[str, Sample], tmp_path: Path
) -> None:
    profile, unit = load_profile(journey.counter.home / "profile"), "scjg.xyjg"
    own = {"drafter": Role.DRAFTER, "reviewer": Role.DRAFTING_REVIEWER, "head": Role.DRAFTING_HEAD}
    journey.sample = samples["revised"]
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    usual = one(papers(journey, tmp_path / "甲"), "会审意见书")
    journey.people |= {word: profile.officers_with(role, unit)[0].id for word, role in own.items()}
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    drafted = one(papers(journey, tmp_path / "乙"), "会审意见书")
    assert ("由市场监管部门自行起草" in usual, "由市场监管部门自行起草" in drafted) == (False, True)


def test_a_title_does_not_become_markup(journey: Journey, samples: dict[str, Sample], tmp_path: Path) -> None:
    title = "关于<script>alert(1)</script>的通知"
    draft = tmp_path / "<b>.txt"
    draft.write_text(samples["revised"].source.read_text(encoding="utf-8"), encoding="utf-8")
    journey.sample = replace(samples["revised"], draft=draft)
    words = ["submit", draft, "--trigger", "government_issued", "--title", title, "--json"]
    journey.case = journey.counter(*words, by=journey.people["drafter"]).json["case_id"]
    journey.self_reviewed().signed()
    journey.done("export", journey.case, "--output", tmp_path / "卷", by=journey.people["auditor"])
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "卷" / "papers").iterdir()]
    assert [page for page in pages if "<script" in page or "<b>" in page] == []
    assert sum("关于&lt;script&gt;alert(1)&lt;/script&gt;的通知" in page for page in pages) == len(pages)
