"""Between two rounds a case may go over to another process version; in the middle of one it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from process_walk import Walk

from engine.errors import ProcessError
from engine.process import Bundle, load_bundle, open_turns, to_plain, variables
from engine.process.examples import require_examples
from engine.process.migration import kept_turns, migrate


def version(directory: Path, base: Bundle, **changes: tuple[str, str]) -> Bundle:
    """The base with a word replaced in some of its files; `review_round_bpmn=("old", "new")`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in base.files.items():
        old, new = changes.get(name.replace(".", "_"), ("", ""))
        text = data.decode()
        assert old in text
        (directory / name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return load_bundle(directory)


@pytest.fixture(scope="session")
def newer(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The joint review asks for another word in its drawing and another deadline."""
    where = tmp_path_factory.mktemp("newer")
    return version(
        where, bundle, joint_review_bpmn=("核对送审材料", "核对材料"), deadlines_toml=("days = 10", "days = 12")
    )


def at_revise(bundle: Bundle) -> Walk:
    walk = Walk(bundle)
    walk.self_review("revise")
    assert walk.stage == "revise"
    return walk


def test_a_case_between_rounds_goes_on_under_the_new_version(bundle: Bundle, newer: Bundle) -> None:
    walk = at_revise(bundle)
    before = walk.last
    position = migrate(bundle, before.position, newer)
    assert open_turns(newer, position) == before.turns
    assert variables(newer, position) == before.variables
    told = to_plain(newer, position)
    assert told | {"bundle": ""} == to_plain(bundle, before.position) | {"bundle": ""}
    walk.bundle, walk.last = newer, type(before)(position, before.turns, "revise", False, (), before.variables)
    assert walk.act("revise") == "self_check"
    walk.self_review()
    assert [turn.name for turn in walk.last.turns] == ["核对材料"]
    assert walk.joint_review() == "passed"
    assert walk.tell("archive") == "archived"


def test_fifty_positions_move_and_move_back(bundle: Bundle, newer: Bundle) -> None:
    positions = [at_revise(bundle).last.position for _ in range(25)]
    for _ in range(25):
        walk = Walk(bundle)
        walk.resubmit()
        walk.self_review("revise")
        positions.append(walk.last.position)
    for position in positions:
        moved = migrate(bundle, position, newer)
        back = migrate(newer, moved, bundle)
        assert to_plain(bundle, back) == to_plain(bundle, position)
        assert migrate(bundle, back, newer) == migrate(bundle, back, newer)


def test_a_case_that_waits_to_be_issued_moves_too(bundle: Bundle, newer: Bundle) -> None:
    walk = Walk(bundle)
    walk.self_review()
    assert walk.joint_review() == "passed"
    position = migrate(bundle, walk.last.position, newer)
    assert to_plain(newer, position)["messages"] == ["archive", "text_changed"]
    assert open_turns(newer, position) == ()


def test_a_case_in_the_middle_of_a_round_stays(bundle: Bundle, newer: Bundle) -> None:
    walk = Walk(bundle)
    with pytest.raises(ProcessError, match="一轮审查没有办完"):
        migrate(bundle, walk.last.position, newer)
    walk.self_review("revise")
    assert migrate(bundle, walk.last.position, newer)


def test_an_ended_case_stays(bundle: Bundle, newer: Bundle) -> None:
    walk = at_revise(bundle)
    assert migrate(bundle, walk.last.position, newer)
    walk.tell("withdraw")
    with pytest.raises(ProcessError, match="已经结束"):
        migrate(bundle, walk.last.position, newer)


def test_a_position_of_a_third_version_is_refused(bundle: Bundle, newer: Bundle) -> None:
    moved = migrate(bundle, at_revise(bundle).last.position, newer)
    with pytest.raises(ProcessError, match="按流程版本"):
        migrate(bundle, moved, newer)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dual_review_bpmn": ("round_outcome", "outcome_of_round")}, "没有本案经过的环节“本轮结果”"),
        ({"dual_review_bpmn": ('value="resubmitted"', 'value="sent_again"')}, "试办下一步时出错"),
        ({"lanes_toml": ('"起草人" = "drafter"', '"起草人" = "drafting_head"')}, "由另外的人员办理"),
    ],
    ids=["an element gone", "another outcome", "another role"],
)
def test_a_version_that_does_not_fit_is_refused_with_the_reason(
    bundle: Bundle, newer: Bundle, tmp_path: Path, change: dict[str, tuple[str, str]], why: str
) -> None:
    position = at_revise(bundle).last.position
    assert migrate(bundle, position, newer)
    other = version(tmp_path / "other", bundle, **change)
    with pytest.raises(ProcessError, match=why):
        migrate(bundle, position, other)


def test_an_open_task_keeps_its_number_and_takes_the_new_name(bundle: Bundle, tmp_path: Path) -> None:
    walk = at_revise(bundle)
    renamed = version(tmp_path / "renamed", bundle, dual_review_bpmn=("修改草案", "修改并重报"))
    position = migrate(bundle, walk.last.position, renamed)
    ((stored, named),) = kept_turns(walk.last.turns, renamed, position)
    assert (stored.task, stored.name, named.name) == (named.task, "修改草案", "修改并重报")


# ---------------------------------------------------------------- examples


def test_the_shipped_examples_hold(bundle: Bundle) -> None:
    assert require_examples(bundle, Path(__file__).parents[3] / "workflows") >= 5


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (",S2,", ",S9,", r"scope\.csv 第 2 行（.+）：scope_rule 应为“S9”，流程给出“S2”"),
        ("scope_rule", "rule", "列不对"),
        (
            ",finance none",
            ",finance",
            r"routing\.csv 第 6 行（涉及政府采购）：routing 应为“finance”，流程给出“finance none”",
        ),
        (",true,false,natural", ",false,false,natural", r"routing 应为“natural_resources none”，流程给出“none”"),
    ],
)
def test_an_example_that_does_not_hold_is_named(bundle: Bundle, tmp_path: Path, old: str, new: str, why: str) -> None:
    shipped, copied = Path(__file__).parents[3] / "workflows" / "examples", tmp_path / "examples"
    copied.mkdir()
    with pytest.raises(ProcessError, match=r"读不到示例 examples/routing\.csv"):
        require_examples(bundle, tmp_path)
    tables = {path.name: path.read_text(encoding="utf-8") for path in shipped.glob("*.csv")}
    for name, table in tables.items():
        (copied / name).write_text(table, encoding="utf-8")
    assert require_examples(bundle, tmp_path) == sum(len(table.splitlines()) - 1 for table in tables.values())
    for name, table in tables.items():
        (copied / name).write_text(table.replace(old, new), encoding="utf-8")
    with pytest.raises(ProcessError, match=why):
        require_examples(bundle, tmp_path)
