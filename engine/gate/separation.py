"""Who acted on which gate of a case: what the separation of the two reviews is judged by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from engine.model import CaseFile, Gate


def who_acted(case_file: CaseFile) -> Mapping[str, Set[Gate]]:
    """For every officer who appears in the file: the gates of this case on which he acted.

    Opening, filing, reviewing, signing and sending back count, as do confirming 'out of scope', accepting the packet,
    asking for materials, rejecting a finding, giving an opinion, answering one and settling one, deciding who reviews,
    answering for a department, recording an evaluation and deciding that a change is only one of wording.
    """
    acted: defaultdict[str, set[Gate]] = defaultdict(set)
    for officer, gate in _acts(case_file):
        acted[officer].add(gate)
    return dict(acted)


def _acts(file: CaseFile) -> Iterator[tuple[str, Gate]]:
    yield file.case.opened_by, Gate.SELF_REVIEW
    yield from ((version.filed_by, Gate.SELF_REVIEW) for version in file.versions)
    yield from ((scope.confirmed_by, Gate.JOINT_REVIEW) for scope in file.scope_decisions if scope.confirmed_by)
    yield from ((review.reviewer, review.gate) for review in file.reviews)
    yield from ((redo.sent_back_by, redo.gate) for redo in file.redos)
    yield from ((acceptance.accepted_by, Gate.JOINT_REVIEW) for acceptance in file.acceptances)
    yield from ((correction.requested_by, Gate.JOINT_REVIEW) for correction in file.corrections)
    yield from ((rejection.rejected_by, Gate.JOINT_REVIEW) for rejection in file.rejections)
    yield from ((conclusion.signed_by, conclusion.gate) for conclusion in file.conclusions)
    yield from ((opinion.author, opinion.gate) for opinion in file.opinions)
    yield from ((adoption.answered_by, Gate.SELF_REVIEW) for adoption in file.adoptions)
    yield from ((settlement.recorded_by, settlement.gate) for settlement in file.settlements)
    yield from ((staffing.ordered_by, staffing.gate) for staffing in file.staffings)
    yield from ((answer.answered_by, Gate.JOINT_REVIEW) for answer in file.department_answers)
    yield from ((evaluation.recorded_by, Gate.JOINT_REVIEW) for evaluation in file.evaluations)
    yield from ((editorial.decided_by, editorial.gate) for editorial in file.editorials)
