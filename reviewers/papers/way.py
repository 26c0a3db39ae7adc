"""流程图: the process the case was run by, with the way it has taken marked; each drawing is also a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.process import Bundle
from engine.process.drawing import draw
from engine.process.way import way_taken
from reviewers.papers import Dossier
from reviewers.papers.sheet import heading, page, paragraph

TOP = "dual_review.bpmn"
FIT = "<style>svg{width:100%;height:auto;break-inside:avoid}</style>"


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """The drawings on one paper; none when the process version is not at hand."""
    if dossier.bundle is None:
        return {}
    body = [paragraph(f"{dossier.subject}。"), *way_body(dossier.bundle, dossier.events, dossier.file.case.stage)]
    return {"流程图.html": page("办理流程图", body, dossier.trail_head)}


def way_body(bundle: Bundle, events: Sequence[Mapping[str, Any]], stage: str) -> list[str]:
    """The drawings with their legend, as parts of a page."""
    body = [
        FIT,
        paragraph(f"流程版本 {bundle.hash}。绿色为本案走过的环节，橙色为现在所在的环节。"),
        paragraph("走过的环节取自留痕；两个环节之间的网关和自动步骤按图上最短的路径推定。"),
    ]
    for svg in drawings(bundle, events, stage).values():
        body += [heading(svg.partition("<title>")[2].partition("</title>")[0]), svg]
    return body


def drawings(bundle: Bundle, events: Sequence[Mapping[str, Any]], stage: str) -> Mapping[str, str]:
    """Each drawing of this process version as SVG by file name, the way of these events marked, the top one first."""
    way, here = taken(bundle, events), standing(bundle, stage)
    files = sorted((name for name in bundle.files if name.endswith(".bpmn")), key=lambda name: (name != TOP, name))
    return {name.replace(".bpmn", ".svg"): draw(bundle, name, here, way) for name in files}


def taken(bundle: Bundle, events: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The elements and flows these events have passed."""
    told = [(str(event["facts"].get("stage_from")), str(event["facts"].get("stage_to"))) for event in events]
    return way_taken(bundle, [move for move in told if move[0] != move[1]])


def standing(bundle: Bundle, stage: str) -> frozenset[str]:
    """The elements the case stands at now."""
    return frozenset(element.id for element in bundle.elements.values() if stage in (element.id, element.stage))
