"""Labelled examples near a finding: the same item first, then likeness; a lawful twin only when it is near."""

from __future__ import annotations

import hashlib
import json
import lzma
import shutil
from pathlib import Path

import pytest

from engine.errors import StandardsError
from engine.model import Finding, Level
from engine.screening.examples import FEWEST, NEAR, PACK, Example, Examples, load_examples, read_examples
from engine.standards import load_standards


def finding(text: str, *articles: str) -> Finding:
    return Finding("F-1", Level.BLOCK, "r", articles, "", "k", 1, 0, len(text), text, "因", "改")


def example(number: int, text: str, violation: bool, *articles: str) -> Example:
    return Example(f"E-{number}", text, violation, articles, "", "通知", "")


FAR = "供热期结束以后锅炉房依照计划检修。"
SAID = "各学校体检统一到康宁体检中心办理。"


def test_the_same_item_comes_before_a_likeness_under_another() -> None:
    known = Examples(
        "p",
        "c",
        (
            example(1, "各学校体检统一到康宁体检中心办理，其他无效。", True, "R9-3", "M15-2"),
            example(2, "各中学体检统一到安和体检中心办理。", True, "R8-3", "M11-1"),
            example(3, FAR, True, "R8-3", "M11-1"),
            example(4, "各学校体检由学校自主选择体检中心办理。", False, "R8-3", "M11-1"),
            example(5, FAR, False, "R8-3", "M11-1"),
        ),
    )
    near = known.near(finding(SAID, "R8-3", "M11-1", "R9-3", "M15-2"))
    assert [one.example.id for one in near] == ["E-2", "E-1", "E-4"]
    assert all(NEAR <= one.similarity <= 1 for one in near)
    assert known.near(finding(SAID, "R10-1", "M18-1")) == ()
    assert known.near(finding(FAR[: FEWEST - 1], "R8-3", "M11-1")) == ()


def test_the_packaged_examples_are_those_of_their_card_and_of_the_law() -> None:
    card = json.loads((PACK / "examples.json").read_text(encoding="utf-8"))
    known = load_examples()
    bad = [row for row in known.rows if row.violation]
    assert (len(bad), len(known.rows) - len(bad)) == (card["violations"], card["lawful"])
    assert {item for row in known.rows for item in row.articles} - set(load_standards().items) == set()
    assert len({row.id for row in known.rows}) == len(known.rows)
    one = known.near(finding(bad[0].text, *bad[0].articles))
    assert (one[0].example.id, one[0].similarity) == (bad[0].id, 1.0)
    assert one == known.near(finding(bad[0].text, *bad[0].articles))


def test_altered_or_damaged_examples_do_not_load(tmp_path: Path) -> None:
    for name in ("examples.json", "examples.jsonl.xz"):
        shutil.copy(PACK / name, tmp_path)
    assert read_examples(tmp_path).rows
    packed = tmp_path / "examples.jsonl.xz"
    packed.write_bytes(lzma.compress(b"[]"))
    with pytest.raises(StandardsError, match="摘要不符"):
        read_examples(tmp_path)
    card = json.loads((tmp_path / "examples.json").read_text(encoding="utf-8"))
    card["sha256"] = hashlib.sha256(packed.read_bytes()).hexdigest()
    (tmp_path / "examples.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(StandardsError, match="读不出"):
        read_examples(tmp_path)
