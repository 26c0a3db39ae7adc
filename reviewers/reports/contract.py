"""The contract scripts rely on: `shuangshen.screen/1` as one JSON object, and one document a line.

Everything here is stable; docs/contracts.md says what each key means.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from engine.model import Considered, Finding
from reviewers.reports import Plain, Screened, readable
from reviewers.reports.aids import example_json, patch_json

SCREEN_SCHEMA = "shuangshen.screen/1"
SHOWN = ("level", "rule", "articles", "clause", "line", "start", "end", "text", "why", "advice")
CONSIDERED = ("rule", "clause", "start", "end", "text", "reason")


def document_json(screened: Screened, with_considered: bool = False) -> dict[str, Any]:
    """One document of the contract; `considered`, `patch`, `examples`, `local` are keys only when there are."""
    document, result = screened.document, screened.screening
    told: dict[str, Any] = {
        "path": screened.path,
        "title": document.title,
        "sha256": document.sha256,
        "pack": result.pack,
        "notices": list(document.notices),
        "clauses": len(document.clauses),
        "findings": [finding_json(finding) for finding in result.findings],
    }
    for finding, patch in zip(told["findings"], screened.patches, strict=False):
        finding["patch"] = patch_json(patch)
    for finding, near in zip(told["findings"], screened.examples, strict=False):
        finding["examples"] = [example_json(one) for one in near]
    if result.local:
        told["local"] = list(result.local)
    if with_considered:
        told["considered"] = [considered_json(each) for each in result.considered]
    return told


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding of the contract: its keys, and what explains them."""
    told = {name: getattr(finding, name) for name in SHOWN}
    told["articles"] = list(finding.articles)
    return {"id": finding.id, **told, "confidence": finding.confidence, "evidence": list(finding.evidence)}


def considered_json(considered: Considered) -> dict[str, Any]:
    """A candidate that was looked at and not reported, with the reason."""
    return {name: getattr(considered, name) for name in CONSIDERED}


def unreadable_json(path: str, reason: str) -> dict[str, Any]:
    """A file that could not be read: it has a reason and no findings, not even an empty list of them."""
    return {"path": path, "unreadable": reason}


def as_json(documents: Iterable[Plain]) -> bytes:
    """The whole answer as one JSON object; files that could not be read are absent, stderr names them."""
    answer = {"schema": SCREEN_SCHEMA, "documents": readable(documents)}
    return (json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode()


def as_jsonl(documents: Iterable[Plain]) -> bytes:
    """One document a line, in their order; a file that could not be read is a line with `unreadable`."""
    return b"".join(jsonl_lines(documents))


def jsonl_lines(documents: Iterable[Plain]) -> Iterator[bytes]:
    """The lines of `as_jsonl` one at a time."""
    for plain in documents:
        yield (json.dumps(plain, ensure_ascii=False) + "\n").encode()
