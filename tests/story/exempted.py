"""A measure that passes under an exception, with an end date or an end condition chosen by the test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from journey import Journey

from engine.model import ExceptionClaim, Gate
from reviewers.samples import Sample
from reviewers.samples.forms import self_form


def claim(ends_on: date | None, end_condition: str = "") -> ExceptionClaim:
    return ExceptionClaim(
        ground=3,
        effect="限制了外地企业参加应急保供",
        ground_reason="为实现救灾救助的社会公共利益",
        least_harm="仅限应急期间，范围最小",
        period_reason="与应急期一致",
        other="无",
        items=("M15-1",),
        ends_on=ends_on,
        end_condition=end_condition,
    )


def passed_under_exception(journey: Journey, sample: Sample, claimed: ExceptionClaim) -> Journey:
    """Submitted, reviewed and concluded as an exception; the text itself raises no finding that blocks."""
    journey.sample = sample
    journey.submitted()
    counter, people = journey.counter, journey.people
    form = replace(self_form(counter.file(journey.case), sample.consultation), exception_claim=claimed)
    path = counter.form(journey.case, Gate.SELF_REVIEW, form)
    journey.done("review", journey.case, "--answers", path, by=people["reviewer"])
    return journey.signed().accepted().jointly_reviewed(()).concluded("exception")
