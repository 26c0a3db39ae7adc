"""Dull builders for store tests: one case, its acts, at a fixed clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from engine.model import (
    Case,
    Conclusion,
    DraftKind,
    Gate,
    Outcome,
    Role,
    Route,
    Trigger,
    Turn,
    Version,
)
from engine.store import Act, Receipt, Store

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def a_case(case_id: str = "2026-0001", **changes: object) -> Case:
    case = Case(
        id=case_id,
        title="青羊区促进预制菜产业发展的若干措施",
        unit="商务局",
        kind=DraftKind.POLICY_DOCUMENT,
        trigger=Trigger.GOVERNMENT_ISSUED,
        route=Route.GOVERNMENT,
        stage="self_review",
        round=1,
        version=1,
        opened_by="wang",
        opened_at=NOON,
        bundle="b" * 64,
        position=b"\x00position\xff",
        revision=0,
    )
    return replace(case, **changes)


def an_act(command: str, name: str = "submit", minute: int = 0, **facts: object) -> Act:
    return Act(
        name=name,
        actor="wang",
        unit="商务局",
        at=NOON + timedelta(minutes=minute),
        command=command,
        facts=facts,
        digest=f"digest of {command}",
    )


def a_turn(element: str = "self_review", **changes: object) -> Turn:
    turn = Turn(
        task=f"task-{element}",
        element=element,
        name="自我审查",
        role=Role.DRAFTING_REVIEWER,
        due_on=date(2026, 3, 9),
    )
    return replace(turn, **changes)


def a_version(sha256: str, **changes: object) -> Version:
    version = Version(
        number=1,
        filename="若干措施（送审稿）.docx",
        sha256=sha256,
        text_sha256=sha256,
        title="若干措施",
        document_number="",
        materials=(),
        filed_by="wang",
        filed_at=NOON,
    )
    return replace(version, **changes)


def a_conclusion(**changes: object) -> Conclusion:
    conclusion = Conclusion(
        gate=Gate.SELF_REVIEW,
        round=1,
        version=1,
        text_sha256="a" * 64,
        outcome=Outcome.COMPLIANT,
        reason="未发现违反审查标准的内容。",
        signed_by="li",
        unit="商务局",
        signed_at=NOON,
    )
    return replace(conclusion, **changes)


def submit(store: Store, case_id: str = "2026-0001", command: str = "") -> Receipt:
    """A case with a draft, a process definition and one open task."""
    with store.work() as work:
        work.put_bundle("b" * 64, b"<definitions/>")
        digest = work.put_content(f"第一条 本市企业优先。{case_id}".encode())
        return work.save(
            a_case(case_id),
            an_act(command or f"submit {case_id}", stage_to="self_review"),
            records=[a_version(digest)],
            turns=[a_turn()],
            contents=[digest],
        )


def conclude(store: Store, case_id: str = "2026-0001", command: str = "") -> Receipt:
    """The case goes on to joint review with a written conclusion."""
    with store.work() as work:
        case = replace(work.case(case_id), stage="joint_review")
        act = an_act(command or f"conclude {case_id}", "conclude", 5, stage_from="self_review", stage_to="joint_review")
        turns = [a_turn("joint_review", role=Role.REGULATOR, instance=unit) for unit in ("市监局", "司法局")]
        turns = [replace(turn, task=f"{turn.task}-{turn.instance}") for turn in turns]
        return work.save(case, act, records=[a_conclusion()], turns=turns)


def two_cases(store: Store) -> Path:
    """Two cases taking turns on the trail: five events."""
    submit(store, "2026-0001")
    submit(store, "2026-0002")
    conclude(store, "2026-0001")
    conclude(store, "2026-0002")
    with store.work() as work:
        work.save(work.case("2026-0001"), an_act("note", "note", 9))
    return store.path
