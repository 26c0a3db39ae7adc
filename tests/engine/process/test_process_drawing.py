"""The picture of a process: every element of the file is in it, the waiting one is marked."""

from __future__ import annotations

from itertools import pairwise

import pytest
from lxml import etree

from engine.errors import NotFound
from engine.process import Bundle
from engine.process.drawing import draw

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("file", ["dual_review.bpmn", "review_round.bpmn", "self_review.bpmn", "joint_review.bpmn"])
def test_every_element_is_drawn_inside_the_picture(bundle: Bundle, file: str) -> None:
    root = etree.fromstring(draw(bundle, file).encode())
    process = file.removesuffix(".bpmn")
    assert {g.get("id") for g in root.iter(f"{SVG}g") if g.get("id")} == {
        e.id for e in bundle.elements.values() if e.process == process
    }
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {e.name for e in bundle.elements.values() if e.process == process} <= texts
    left, top, width, height = (float(n) for n in (root.get("viewBox") or "").split())
    points = [p.split(",") for line in root.iter(f"{SVG}polyline") for p in (line.get("points") or "").split()]
    assert all(left < float(x) < left + width and top < float(y) < top + height for x, y in points)


def test_the_waiting_element_is_marked(bundle: Bundle) -> None:
    root = etree.fromstring(draw(bundle, "joint_review.bpmn", {"accept"}).encode())
    assert [g.get("id") for g in root.iter(f"{SVG}g") if g.get("class") == "on"] == ["accept"]


def test_an_unknown_drawing_is_refused(bundle: Bundle) -> None:
    for file in ("other.bpmn", "lanes.toml"):
        with pytest.raises(NotFound, match=f"没有流程图 {file}"):
            draw(bundle, file)


def _segments(bundle: Bundle, file: str) -> list[tuple[int, float, float, float, float]]:
    root = etree.fromstring(draw(bundle, file).encode())
    found = []
    for number, line in enumerate(root.iter(f"{SVG}polyline")):
        points = [tuple(float(n) for n in p.split(",")) for p in (line.get("points") or "").split()]
        found += [(number, *a, *b) for a, b in pairwise(points)]
    return found


@pytest.mark.parametrize("file", ["dual_review.bpmn", "review_round.bpmn", "self_review.bpmn", "joint_review.bpmn"])
def test_no_two_flows_cross(bundle: Bundle, file: str) -> None:
    segments = _segments(bundle, file)
    assert all(x1 == x2 or y1 == y2 for _, x1, y1, x2, y2 in segments)
    across = [(n, min(x1, x2), max(x1, x2), y1) for n, x1, y1, x2, y2 in segments if y1 == y2]
    upright = [(n, x1, min(y1, y2), max(y1, y2)) for n, x1, y1, x2, y2 in segments if x1 == x2]
    crossings = [(a, u) for a in across for u in upright if a[0] != u[0] and a[1] < u[1] < a[2] and u[2] < a[3] < u[3]]
    assert crossings == []
