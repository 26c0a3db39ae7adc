"""What the machine points at: findings, and what it considered and let pass."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`block` must be dealt with before the draft may pass; `attention` must be looked at and answered."""

    BLOCK = "block"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspected clause (疑似问题): the machine's word, never a conclusion.

    `text == document.text[start:end]`; `line` is 1-based; `articles` cite items ("R9-3", "M15-3", "B6-2"), the main
    one first; `evidence` is the trace of words and decisions that led here, in Chinese.
    """

    id: str
    level: Level
    rule: str
    articles: tuple[str, ...]
    clause: str
    clause_key: str
    line: int
    start: int
    end: int
    text: str
    why: str
    advice: str
    confidence: str = "B"
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate that was looked at and not reported, with the reason (考虑过,因…未提示)."""

    rule: str
    clause: str
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Screening:
    """What screening one document with one rule pack gave; equal input and pack give an equal Screening.

    `local` are the lines that say what a local overlay changed in the rules, rules switched off with their reasons.
    """

    text_sha256: str
    pack: str
    findings: tuple[Finding, ...]
    considered: tuple[Considered, ...] = ()
    local: tuple[str, ...] = ()
