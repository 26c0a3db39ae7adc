"""What a changed rule pack would make of stored drafts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.model import Finding, Level, Screening
from reviewers.impact import Change, changes
from reviewers.samples import load_samples

FINDING = Finding("F-1", Level.BLOCK, "r", ("M11-1",), "三", "k", 3, 10, 14, "只用甲的", "因", "改")


def screened(*findings: Finding, pack: str = "old") -> Screening:
    return Screening("a" * 64, pack, findings)


def test_equal_screenings_change_nothing() -> None:
    assert list(changes("c", 1, screened(FINDING), screened(replace(FINDING, id="F-2", rule="s"), pack="new"))) == []


def test_new_cleared_and_lowered_findings_are_told_in_reading_order() -> None:
    later = replace(FINDING, start=30, end=34, text="优先本地")
    lowered = replace(FINDING, level=Level.ATTENTION)
    found = list(changes("c", 2, screened(FINDING), screened(lowered, later)))
    assert found == [
        Change("c", 2, "三", "只用甲的", "block", "attention"),
        Change("c", 2, "三", "优先本地", "", "block"),
    ]
    assert list(changes("c", 2, screened(FINDING), screened())) == [Change("c", 2, "三", "只用甲的", "block", "")]


def test_the_installed_pack_changes_nothing_on_what_it_screened(
    shuangshen: Callable[..., Any], installation: Path
) -> None:
    sample = load_samples()["agreement"]
    words = ["submit", sample.draft, "--trigger", sample.trigger, "--kind", sample.kind, "--as", "zheng.shuang"]
    assert shuangshen(*words).code == 0
    assert shuangshen("rules", "impact", "--json").json == {"changes": [], "unread": []}
