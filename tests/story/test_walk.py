"""Random walks over all acts of the flow: the program and a table written by hand agree after every step."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from deeds import DEEDS
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from walker import ACTS, Walker, settled
from walking import TABLE, WHO

from engine.process import load_bundle
from engine.store import verify_store
from reviewers.desk.setup import initialise


class Walks(RuleBasedStateMachine):
    """Every step is drawn as one number, so that a failing walk shrinks to its shortest."""

    @initialize(seed=st.integers(0, 2**32))
    def opens(self, seed: int) -> None:
        self.room = tempfile.TemporaryDirectory()
        city = settled(initialise(Path(self.room.name) / "home", "qingyang"))
        self.walker = Walker(city, Random(seed))  # noqa: S311  a walk, no secret

    @rule(seed=st.integers(0, 2**32))
    def step(self, seed: int) -> None:
        self.walker.random.seed(seed)
        self.walker.step()

    def teardown(self) -> None:
        if hasattr(self, "walker"):
            verify_store(self.walker.city.database)
            self.room.cleanup()


Walks.TestCase.settings = settings(
    max_examples=6, stateful_step_count=50, deadline=None, derandomize=True, database=None
)
TestWalks = Walks.TestCase


def test_the_table_knows_every_task_and_outcome_of_the_process() -> None:
    words = {(stage, word) for stage, _, word in TABLE}
    for element in load_bundle().elements.values():
        if element.role is not None and element.outcomes:
            assert any(stage == element.id for stage, _ in words), element.id
    assert set(ACTS) == set(DEEDS)
    assert WHO.keys() <= set(ACTS)
