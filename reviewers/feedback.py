"""What people decided becomes what the screener is tested against.

A regulator's reasoned rejection of a finding is a lawful sentence the machine mistook; a hit of joint review that no
finding overlaps is a violation it missed. Both come out as labelled rows, named after the case they come from, so that
a mistake once corrected cannot come back unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.model import Answer, AnswerValue, CaseFile, Document, Finding, Gate, Screening, Version

Row = dict[str, Any]
Reread = Callable[[Version], Document | None]
"""Gives the text of a version as it was screened, None when it can no longer be read the same way."""


def rejected_rows(file: CaseFile) -> Iterator[Row]:
    """A row labelled compliant for every rejected finding, the latest reason where it was rejected again."""
    reasons = {rejection.finding: rejection for rejection in file.rejections}
    found = {finding.id: finding for screening in file.screenings for finding in screening.findings}
    for finding_id, rejection in reasons.items():
        finding = found.get(finding_id)
        if finding is not None:
            yield {
                "id": f"RJ-{file.case.id}-{finding.id}",
                "text": finding.text,
                "label": "compliant",
                "trap": rejection.reason,
                "articles": list(finding.articles),
                "rule": finding.rule,
                "source": f"案件 {file.case.id} 驳回的疑似问题",
                "origin": "rejection",
            }


def missed_rows(file: CaseFile, reread: Reread) -> Iterator[Row]:
    """A row labelled violation for every quoted hit of joint review that no finding overlaps, each quote once."""
    versions = {version.number: version for version in file.versions}
    screenings = {screening.text_sha256: screening for screening in file.screenings}
    seen: set[tuple[str, str]] = set()
    for review in file.reviews:
        screening = screenings.get(review.text_sha256)
        if review.gate is not Gate.JOINT_REVIEW or screening is None or review.version not in versions:
            continue
        document = reread(versions[review.version])
        for answer in review.answers:
            known = (answer.item, answer.quote)
            if known not in seen and _is_missed(answer, screening, document):
                seen.add(known)
                yield _missed(file.case.id, len(seen), answer)


def _is_missed(answer: Answer, screening: Screening, document: Document | None) -> bool:
    if answer.value is not AnswerValue.HIT or not answer.quote.strip():
        return False
    return not any(_overlaps(answer.quote, finding, document) for finding in screening.findings)


def _overlaps(quote: str, finding: Finding, document: Document | None) -> bool:
    """By place in the text when the quote is found there, else by one containing the other."""
    start = -1 if document is None else document.text.find(quote)
    if document is None or start < 0:
        return quote in finding.text or finding.text in quote
    while start >= 0:
        if finding.start < start + len(quote) and finding.end > start:
            return True
        start = document.text.find(quote, start + 1)
    return False


def _missed(case_id: str, number: int, answer: Answer) -> Row:
    return {
        "id": f"MS-{case_id}-{number}",
        "text": answer.quote,
        "label": "violation",
        "trap": answer.reason,
        "articles": [answer.item],
        "source": f"案件 {case_id} 会审查出、机器未提示",
        "origin": "missed",
    }
