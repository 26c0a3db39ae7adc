"""One draft from submission to archive: blocked at first, revised, passed, exported, verified."""

from __future__ import annotations

from pathlib import Path

from journey import Journey

from engine.model import Outcome
from reviewers.samples import Sample


def test_a_draft_is_blocked_revised_passed_issued_and_exported(
    journey: Journey, samples: dict[str, Sample], tmp_path: Path
) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    case = journey.case

    refused = counter("conclude", case, "--outcome", "compliant", "--reason", "符合", by=people["lead"])
    assert refused.code == 1
    assert "不得出台" in refused.err

    gate = counter("gate", case)
    assert gate.code == 1
    hit = {item for situation in samples["blocked"].expected for item in situation.items}
    assert hit <= {item for reason in gate.json["reasons"] for item in reason["articles"]}

    journey.concluded("revise").revised(samples["revised"])
    assert counter.file(case).case.round == 2
    journey.self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")

    passed = counter("gate", case, "--file", samples["revised"].draft)
    assert (passed.code, passed.json["outcome"], passed.json["reasons"]) == (0, Outcome.COMPLIANT, [])
    assert counter("issue", case, samples["revised"].draft, by=people["drafter"]).code == 0
    assert counter.file(case).case.stage == "archived"

    bundle = tmp_path / "案卷.zip"
    assert counter("export", case, "--output", bundle, by=people["auditor"]).code == 0
    assert counter.run("verify", bundle).code == 0
    assert counter("trail", "verify").code == 0


def test_the_queue_follows_the_case(journey: Journey, samples: dict[str, Sample]) -> None:
    counter, people = journey.counter, journey.people

    def waiting(officer: str) -> list[str]:
        return [row["element"] for row in counter("queue", "--json", by=people[officer]).json]

    journey.submitted()
    assert (waiting("reviewer"), waiting("head"), waiting("regulator")) == (["self_check"], [], [])
    journey.self_reviewed()
    assert (waiting("reviewer"), waiting("head"), waiting("regulator")) == ([], ["sign_off"], [])
    journey.signed()
    assert (waiting("head"), waiting("regulator"), waiting("lead")) == ([], ["accept"], [])
    journey.accepted()
    assert (waiting("regulator"), waiting("lead")) == (["co_review", "co_review"], [])
    journey.jointly_reviewed(samples["blocked"].expected)
    assert (waiting("regulator"), waiting("lead")) == ([], ["conclude"])


def test_missing_materials_are_asked_for_and_supplied(journey: Journey, samples: dict[str, Sample]) -> None:
    counter, people, sample = journey.counter, journey.people, samples["blocked"]
    words = ["submit", sample.draft, "--trigger", sample.trigger, "--kind", sample.kind, "--json"]
    journey.case = case = counter(*words, by=people["drafter"]).json["case_id"]
    journey.self_reviewed().signed()

    refused = counter("accept", case, by=people["regulator"])
    assert (refused.code, "起草说明" in refused.err) == (2, True)
    asked = counter("correct", case, "--missing", "起草说明", "--reason", "未附起草说明", by=people["regulator"])
    assert asked.code == 0, asked.err
    supplied = counter("supply", case, "--note", sample.drafting_note, by=people["drafter"])
    assert supplied.code == 0, supplied.err
    assert counter("accept", case, by=people["regulator"]).code == 0


def test_the_same_command_id_is_done_once(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted()
    words = ["claim", journey.case, "--command-id", "once", "--json"]
    first, again = (counter(*words, by=people["reviewer"]).json for _ in range(2))
    assert (first["event_seq"], again["event_seq"]) == (2, 2)
    assert (first["repeated"], again["repeated"]) == (False, True)
    other = counter("release", journey.case, "--command-id", "once", by=people["reviewer"])
    assert other.code == 5
