"""The position of a case as plain JSON at the counter, and the case rebuilt from it."""

from __future__ import annotations

import json
from pathlib import Path

from journey import Journey

from engine import process
from engine.process.document import from_document
from engine.store import open_store

OWN = frozenset(
    {"case", "revision", "event", "state", "here", "bundle_sha256", "position_sha256", "due"}
)  # beside the document


def test_the_position_is_enough_to_rebuild_the_case(journey: Journey, tmp_path: Path) -> None:
    counter = journey.counter
    journey.submitted().self_reviewed().signed()
    place = tmp_path / "position.json"
    ran = counter("position", journey.case, "--json", "--output", place)
    assert ran.code == 0, ran.err
    told = json.loads(place.read_text(encoding="utf-8"))
    assert told == ran.json
    with open_store(counter.home / "shuangshen.db").work() as work:
        case, turns = work.case(journey.case), work.open_turns(journey.case)
        bundle = process.bundle_from_bytes(work.bundle(case.bundle))
    rebuilt = from_document(bundle, {name: value for name, value in told.items() if name not in OWN})
    assert rebuilt == case.position
    assert [(t.task, t.element, t.role) for t in process.open_turns(bundle, rebuilt)] == [
        (t.task, t.element, t.role) for t in turns
    ]
    assert [(each["element"], each["due_on"]) for each in told["due"]] == [
        (t.element, t.due_on.isoformat() if t.due_on else None) for t in turns
    ]
    assert (told["revision"], told["event"], told["here"]) == (3, 3, True)


def test_what_is_not_there_or_would_be_overwritten_is_refused(journey: Journey, tmp_path: Path) -> None:
    counter = journey.counter
    journey.submitted()
    place = tmp_path / "position.json"
    assert "等待：" in counter("position", journey.case, "--output", place).out
    assert counter("position", journey.case, "--output", place).code == 5
    assert counter("position", "2026-0009").code == 4
