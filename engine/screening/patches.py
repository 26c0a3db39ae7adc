"""Lawful wording put in place of a finding's own, offered only when the clause so mended no longer blocks.

What may be put where is data (engine/standards/rules/patches.toml, and `patch` of a rule); this module tries it on a
copy, screens the copy again and keeps the smallest change that clears. Called by the reports and the terminal, never by
the verdict. A mended clause is lawful as far as the screener sees; people still decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from engine.documents import fold
from engine.model import Clause, Document, Finding, Level, Screening
from engine.screening import rescreen
from engine.screening.context import own_places
from engine.screening.explain import HEADER, LEAD
from engine.screening.ngrams import NUMBER
from engine.screening.rewording import Edit, Wordings, load_wordings, reworded
from engine.screening.rules import RulePack, load_rules
from engine.standards import Standards

HEAD = 12
"""Clauses at the head of a document that say where its issuer sits."""
MOST_FINDINGS = 100
"""Findings of one document for which a patch is sought."""
SHORTEST = 6
"""Code points of a sentence that is left; less says nothing."""
MARKS = "，。；：、, ;:\n"


class Kind(StrEnum):
    """How deep the change goes: some words, the whole sentence by a model clause, or the sentence taken out."""

    WORDS = "words"
    CLAUSE = "clause"
    DELETE = "delete"


KINDS = {Kind.WORDS: "改写", Kind.CLAUSE: "参考条文", Kind.DELETE: "删去"}


@dataclass(frozen=True, slots=True)
class Patch:
    """`document.text[start:end]` becomes `replacement`; the clause then no longer blocks. Offsets are code points."""

    kind: Kind
    start: int
    end: int
    text: str
    replacement: str
    note: str

    @property
    def sentence(self) -> str:
        """The patch in one line of Chinese."""
        if not self.replacement:
            return f"删去“{self.text}”。{self.note}"
        return f"将“{self.text}”改为“{self.replacement}”。{self.note}"


@dataclass(frozen=True, slots=True)
class Bench:
    """The document a patch is tried on, and by what it is screened again."""

    document: Document
    screening: Screening
    standards: Standards
    as_of: date
    rules: RulePack | None = None


def patches(bench: Bench, wordings: Wordings | None = None) -> tuple[Patch | None, ...]:
    """For every finding, in their order, the patch that clears it, or None; only blocking findings get one."""
    known = _with_those_of(bench.rules or load_rules(), wordings or load_wordings())
    blocking = [finding for finding in bench.screening.findings if finding.level is Level.BLOCK][:MOST_FINDINGS]
    local = bench.rules.local if bench.rules else None
    places = (*own_places(bench.document), *(local.places if local else ()))
    found = {id(finding): _patch(bench, finding, known, places) for finding in blocking}
    return tuple(found.get(id(finding)) for finding in bench.screening.findings)


def _with_those_of(rules: RulePack, wordings: Wordings) -> Wordings:
    """The wordings, those the rules carry before the common ones."""
    carried = tuple(template for rule in rules.rules for template in rule.patches)
    return replace(wordings, templates=(*carried, *wordings.templates))


def _patch(bench: Bench, finding: Finding, wordings: Wordings, places: Sequence[str]) -> Patch | None:
    number = _clause_at(bench.document, finding.start)
    label = NUMBER.match(finding.text)
    start = finding.start + (label.end() if label else 0)
    words = bench.document.text[start : finding.end]
    if number < 0 or finding.end > bench.document.clauses[number].end:
        return None
    trial = _Trial(bench, number)
    sets = list(reworded(fold(words), finding.rule, finding.articles, wordings, places))
    for strictly in (True, False):
        trial.strictly = strictly
        for edits in sets:
            if fewest := _fewest(trial, start, words, edits):
                return _of_words(start, words, fewest)
    for kind, replacement, note in _whole(finding, wordings):
        if trial.clears(start, finding.end, replacement):
            return Patch(kind, start, finding.end, words, replacement, note)
    return None


def _whole(finding: Finding, wordings: Wordings) -> Iterator[tuple[Kind, str, str]]:
    """What may stand in place of the whole sentence; an item under a stem or in a table can only be taken out."""
    governed = any(line.startswith((LEAD, HEADER)) for line in finding.evidence)
    if not governed and (model := wordings.clause(finding.articles)):
        yield Kind.CLAUSE, model.by, model.note
    if note := wordings.deletion(finding.articles, governed):
        yield Kind.DELETE, "", note


def _fewest(trial: _Trial, start: int, words: str, edits: list[Edit]) -> list[Edit]:
    """The edits that are needed to clear; none when all together do not."""
    if not edits or not trial.clears(start, start + len(words), applied(words, edits)):
        return []
    for edit in list(edits):
        fewer = [other for other in edits if other is not edit]
        if fewer and trial.clears(start, start + len(words), applied(words, fewer)):
            edits = fewer
    return edits


def applied(words: str, edits: Sequence[Edit]) -> str:
    """The words with the edits made; edits do not overlap and stand in reading order."""
    kept: list[str] = []
    place = 0
    for edit in edits:
        kept += (words[place : edit.start], edit.by)
        place = edit.end
    return "".join((*kept, words[place:]))


def _of_words(start: int, words: str, edits: Sequence[Edit]) -> Patch:
    first, last = edits[0].start, edits[-1].end
    inner = [Edit(edit.start - first, edit.end - first, edit.by, edit.note) for edit in edits]
    note = "".join(dict.fromkeys(edit.note for edit in edits))
    return Patch(Kind.WORDS, start + first, start + last, words[first:last], applied(words[first:last], inner), note)


def _clause_at(document: Document, place: int) -> int:
    return next((n for n, clause in enumerate(document.clauses) if clause.start <= place < clause.end), -1)


class _Trial:
    """A finding's clause in a small document with the clauses that say how it is to be read, ready to be mended.

    Tried `strictly`, a change must leave nothing to look at either; what only no longer blocks is the second choice.
    """

    def __init__(self, bench: Bench, number: int) -> None:
        self.bench = bench
        self.strictly = False
        whole = bench.document
        kept = sorted(_kept(whole, number))
        places = {old: new for new, old in enumerate(kept)}
        clauses: list[Clause] = []
        place = 0
        for old in kept:
            clause = whole.clauses[old]
            parent = None if clause.parent is None else places.get(clause.parent)
            clauses.append(replace(clause, start=place, end=place + len(clause.text), parent=parent))
            place += len(clause.text) + 1
        self.clauses = tuple(clauses)
        self.text = "\n".join(clause.text for clause in clauses)
        self.own = places[number]
        self.offset = self.clauses[self.own].start - whole.clauses[number].start
        span = whole.clauses[number].start, whole.clauses[number].end
        self.before = len(_blocks(bench.screening.findings, *span))

    def clears(self, start: int, end: int, replacement: str) -> bool:
        """With [start, end) so replaced nothing blocks there, and the clause has one blocking finding less."""
        if len(replacement.strip(MARKS)) < (SHORTEST if replacement else 0):
            return False
        start, end = start + self.offset, end + self.offset
        shift = len(replacement) - (end - start)
        text = self.text[:start] + replacement + self.text[end:]
        own = self.clauses[self.own]
        mended = replace(self.bench.document, text=text, clauses=tuple(_shifted(self.clauses, self.own, shift, text)))
        bench = self.bench
        found = rescreen(bench.document, mended, bench.standards, bench.as_of, bench.rules).findings
        left = _blocks(found, own.start, own.end + shift)
        there = [one for one in found if one.start < start + len(replacement) and one.end > start]
        return len(left) < self.before and not (there if self.strictly else any(one in left for one in there))


def _shifted(clauses: Sequence[Clause], own: int, shift: int, text: str) -> Iterator[Clause]:
    """The clauses of the text after the one at `own` has grown by `shift`."""
    for number, clause in enumerate(clauses):
        start = clause.start + (shift if number > own else 0)
        end = clause.end + (shift if number >= own else 0)
        yield replace(clause, start=start, end=end, text=text[start:end])


def _blocks(findings: Sequence[Finding], start: int, end: int) -> list[Finding]:
    return [one for one in findings if one.level is Level.BLOCK and one.start < end and one.end > start]


def _kept(document: Document, number: int) -> set[int]:
    """The clause, those above and below it, what follows its lists, its column heads, and the head of the document."""
    clauses = document.clauses
    kept = set(range(min(HEAD, len(clauses)))) | {number}
    step: int | None = number
    while step is not None:
        kept.add(step)
        siblings = [n for n, clause in enumerate(clauses) if clause.parent == clauses[step].parent]
        kept.update(siblings[siblings.index(step) + 1 :][:1])
        kept.update(siblings[-1:])
        step = clauses[step].parent
    kept.update(n for n, clause in enumerate(clauses) if clause.parent == number)
    heads = [n for n in range(number) if clauses[n].number.endswith(HEADER)]
    kept.update(heads[-1:])
    return kept
