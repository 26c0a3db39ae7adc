"""The way a case has taken, drawn: what lies between two tasks, in and out of called processes."""

from __future__ import annotations

import pytest

from engine.process import load_bundle
from engine.process.drawing import draw
from engine.process.way import way_taken


@pytest.mark.parametrize(
    ("move", "flows"),
    [
        (("self_check", "sign_off"), {"self_check_to_sign_off"}),
        (
            ("conclude", "revise"),
            {
                "conclude_to_after_conclude", "after_conclude_to_joint_review_done",
                "joint_review_to_joint_review_concludes", "round_to_round_outcome", "round_outcome_to_revise",
            },
        ),
        (("co_review", "withdrawn"), {"withdraw_round_to_withdrawn"}),
        (("revise", "withdrawn"), {"withdraw_revise_to_withdrawn_revising"}),
        (("accept", "correct_materials"), {"accept_to_after_accept", "after_accept_to_correct_materials"}),
        (("self_check", "nowhere"), set()),
    ],
)  # fmt: skip
def test_what_lies_between_two_stages(move: tuple[str, str], flows: set[str]) -> None:
    assert {passed for passed in way_taken(load_bundle(), [move]) if "_to_" in passed} == flows


def test_the_way_is_drawn_and_nothing_else_is() -> None:
    bundle = load_bundle()
    way = way_taken(bundle, [("revise", "withdrawn")])
    drawn, plain = draw(bundle, "dual_review.bpmn", (), way), draw(bundle, "dual_review.bpmn")
    assert (drawn.count('class="gone"'), plain.count('class="gone"')) == (1, 0)
    assert (drawn.count('class="past"'), plain.count('class="past"')) == (3, 0)
