"""Any sequence of acts, repeats, stale saves and aborted works leaves a store that verifies and tells what was done."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from store_cases import a_case, a_conclusion, a_turn, an_act

from engine.errors import Conflict
from engine.model import Case
from engine.store import Receipt, create_store, verify_store
from engine.store.reads import events
from engine.store.verify import checkpoint_of


class History(RuleBasedStateMachine):
    commands = Bundle("commands")
    loaded = Bundle("loaded")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = create_store(Path(self.folder.name) / "review.db")
        self.done: list[Receipt] = []
        self.revisions: dict[str, int] = {}
        self.known = checkpoint_of(self.store.path)

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(target=commands)
    def open(self) -> tuple[str, Receipt]:
        with self.store.work() as work:
            case_id = work.next_case_id(2026)
            receipt = work.save(a_case(case_id), an_act(case_id), turns=[a_turn()])
        return self.keep(case_id, receipt)

    def keep(self, command: str, receipt: Receipt) -> tuple[str, Receipt]:
        self.done.append(receipt)
        self.revisions[receipt.case_id] = receipt.revision
        return command, receipt

    @rule(target=loaded, command=commands)
    def load(self, command: tuple[str, Receipt]) -> Case:
        with self.store.work() as work:
            return work.case(command[1].case_id)

    @rule(case=consumes(loaded), filed=st.booleans(), holder=st.sampled_from(["", "li"]), kept=st.booleans())
    def act(self, case: Case, filed: bool, holder: str, kept: bool) -> None:
        """Saved if the case is fresh and the work is not left with an error; refused or forgotten otherwise."""
        fresh = case.revision == self.revisions[case.id]
        command = f"act {len(self.done)} on {case.id}"
        try:
            with self.store.work() as work:
                records = [a_conclusion()] if filed else []
                receipt = work.save(case, an_act(command), records=records, turns=[a_turn(holder=holder)])
                if not kept:
                    raise InterruptedError
            assert fresh
            self.keep(command, receipt)
        except Conflict:
            assert not fresh
        except InterruptedError:
            assert fresh

    @rule(command=commands)
    def repeat(self, command: tuple[str, Receipt]) -> None:
        name, receipt = command
        with self.store.work() as work:
            assert work.repeated(name, f"digest of {name}") == replace(receipt, repeated=True)

    @rule()
    def keep_a_checkpoint(self) -> None:
        self.known = checkpoint_of(self.store.path)

    @invariant()
    def the_trail_tells_what_was_done(self) -> None:
        head = verify_store(self.store.path, self.known)
        told = [(event["case"], event["revision"], event["seq"], event["hash"]) for event in events(self.store.path)]
        assert told == [(each.case_id, each.revision, each.event_seq, each.event_hash) for each in self.done]
        assert head.size == len(self.done)


History.TestCase.settings = settings(deadline=None, max_examples=12, stateful_step_count=15)
TestHistory = History.TestCase
