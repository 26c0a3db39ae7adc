"""What people decided in a case becomes what the screener is tested against."""

from __future__ import annotations

import json
from pathlib import Path

from journey import Journey

from engine.model import ClauseKind, Document, Finding
from reviewers.samples import Situation

REASON = "该条对各类企业一视同仁。"


def unseen_words(document: Document, findings: tuple[Finding, ...]) -> str:
    """A clause the machine said nothing of."""
    return next(
        clause.text
        for clause in document.clauses
        if clause.kind in (ClauseKind.PARAGRAPH, ClauseKind.ITEM)
        and len(clause.text) > 20
        and document.text.count(clause.text) == 1
        and not any(finding.start < clause.end and finding.end > clause.start for finding in findings)
    )


def test_rejections_and_misses_of_a_case_become_decided_examples(journey: Journey, tmp_path: Path) -> None:
    journey.submitted().self_reviewed().signed().accepted()
    counter, case = journey.counter, journey.case
    (first, *_) = counter.file(case).screenings[-1].findings
    assert counter("reject", case, first.id, "--reason", REASON, by=journey.people["regulator"]).code == 0
    quote = unseen_words(counter.document(case), counter.file(case).screenings[-1].findings)
    missed = Situation(quote, ("M15-2",), "会审人员查出。")
    journey.jointly_reviewed((*journey.sample.expected, missed))

    out = tmp_path / "案例.jsonl"
    ran = counter("rules", "export-rejections", "-o", out, "--json", by=journey.people["regulator"])
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    rejected = {rejection.finding for rejection in counter.file(case).rejections}
    assert ran.json == {"path": str(out), "compliant": len(rejected), "violation": 1, "closed": 0}
    assert {row["id"] for row in rows if row["label"] == "compliant"} == {f"RJ-{case}-{name}" for name in rejected}
    assert [row for row in rows if row["id"] == f"RJ-{case}-{first.id}"] == [
        {
            "id": f"RJ-{case}-{first.id}",
            "text": first.text,
            "label": "compliant",
            "trap": REASON,
            "articles": list(first.articles),
            "rule": first.rule,
            "source": f"案件 {case} 驳回的疑似问题",
            "origin": "rejection",
        }
    ]
    assert [(row["text"], row["articles"]) for row in rows if row["label"] == "violation"] == [(quote, ["M15-2"])]

    again = counter("rules", "export-rejections", "-o", out, by=journey.people["regulator"])
    assert (again.code, again.err.count("\n")) == (5, 1)
    stranger = counter("rules", "export-rejections", "-o", tmp_path / "外.jsonl", by=journey.people["stranger"])
    assert (stranger.code, "不能查阅" in stranger.err, (tmp_path / "外.jsonl").exists()) == (3, True, False)
    nobody = counter("rules", "export-rejections", "-o", tmp_path / "外.jsonl")
    assert (nobody.code, "--as" in nobody.err) == (2, True)


def test_a_record_without_decisions_teaches_nothing(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    ran = journey.counter(
        "rules", "export-rejections", "-o", tmp_path / "空.jsonl", "--json", by=journey.people["auditor"]
    )
    assert (ran.code, ran.json["compliant"], ran.json["violation"]) == (0, 0, 0)
    assert (tmp_path / "空.jsonl").read_bytes() == b""
