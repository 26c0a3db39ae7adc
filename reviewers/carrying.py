"""Which answers of an earlier round still stand on a new version, and which must be given again.

A verdict is bound to clauses, not to the file: an answer is carried over only when every clause it names is unchanged
where it stands, and nothing that changed could bear on its item. A clause stands under its lead-ins: the same words
under another lead-in are another clause. The form is pre-filled from here, and filing checks by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.documents import fold, lead_in
from engine.gate import counting_reviews
from engine.model import Answer, CaseFile, Clause, ClauseKind, Disposition, Document, Finding, Gate, Review, Treatment
from reviewers.checklist import PROCEDURE_NEEDS, Checklist, Question, ReviewForm
from reviewers.form import Remarks
from reviewers.versions import label

Standing = tuple[str, ...]
HEADER = "表头"


@dataclass(frozen=True, slots=True)
class Touched:
    """The clauses of either version that do not stand unchanged in the other: what must be looked at again."""

    new: tuple[Clause, ...]
    old: tuple[Clause, ...]
    present: Mapping[str, Clause]

    @property
    def look(self) -> tuple[str, ...]:
        """What to look at again: the changed clauses of the present text, then what is gone from the old one."""
        here = dict.fromkeys(label(clause) for clause in self.new)
        words = {_words(clause.key) for clause in self.new}
        lost = [c for c in self.old if _words(c.key) not in words and label(c) not in here]
        return (*here, *dict.fromkeys(f"原{label(clause)}（已改动或删除）" for clause in lost))

    def named(self, clauses: Iterable[Clause]) -> tuple[str, ...]:
        """The clauses as a reviewer finds them; those of the old text are marked."""
        gone = {id(clause) for clause in self.old}
        return tuple(dict.fromkeys(("原" if id(c) in gone else "") + label(c) for c in clauses))


@dataclass(frozen=True, slots=True)
class Carried:
    """What one gate may carry over: answers by item, dispositions by finding, and why the others are open again."""

    round: int = 0
    answers: Mapping[str, Answer] = field(default_factory=dict)
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    again: Mapping[str, str] = field(default_factory=dict)
    touched: Touched = field(default_factory=lambda: Touched((), (), {}))

    def origins(self) -> dict[str, int]:
        """The round each carried answer and disposition comes from, by item and finding."""
        answers = {item: answer.carried_from for item, answer in self.answers.items()}
        return answers | {finding: said.carried_from for finding, said in self.dispositions.items()}


def touched(old: Document, new: Document) -> Touched:
    """What changed between two versions, lead-ins and table headers taken into account. Equal texts give nothing."""
    before, after = standings(old), standings(new)
    places = dict(zip(reversed(after), reversed(new.clauses), strict=True))
    known = set(before)
    return Touched(
        new=tuple(c for c, standing in zip(new.clauses, after, strict=True) if standing not in known),
        old=tuple(c for c, standing in zip(old.clauses, before, strict=True) if standing not in places),
        present={c.key: places[s] for c, s in zip(old.clauses, before, strict=True) if s in places},
    )


def standings(document: Document) -> tuple[Standing, ...]:
    """For each clause its own words and those it is read under, outermost last, as keys without numbers."""
    return tuple(
        (*(_words(c.key) for c in (clause, *reversed(lead_in(document, clause)))), *header)
        for clause, header in zip(document.clauses, _headers(document), strict=True)
    )


def _headers(document: Document) -> Iterator[tuple[str, ...]]:
    """For each clause the key of the header row over it, as `engine.documents.table_header` finds it, in one pass."""
    over: dict[str, str] = {}
    for clause in document.clauses:
        if clause.kind is not ClauseKind.TABLE_ROW:
            over = {}
        table = clause.number.rpartition("行")[0]
        yield (over[table],) if table in over else ()
        if clause.number.endswith(HEADER):
            over[clause.number.removesuffix(HEADER)] = _words(clause.key)


def carried(file: CaseFile, gate: Gate, checklist: Checklist, documents: Mapping[int, Document]) -> Carried:
    """What this gate's latest earlier round leaves standing on the present version; empty in a first round.

    `documents` are the versions by number; an answer given on one that is missing is not carried.
    """
    earlier = _latest_earlier(file, gate)
    present = documents.get(file.case.version)
    if not earlier or present is None:
        return Carried()
    carrying = _Carrying(file, gate, earlier, present, documents)
    again: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    for question in checklist.questions:
        given = [a for review in earlier for a in review.answers if a.item == question.item]
        why = carrying.why_again(question, given)
        if why:
            again[question.item] = why
        else:
            answers[question.item] = carrying.restated(given[0])
    return Carried(earlier[0].round, answers, carrying.dispositions(), again, carrying.since(earlier[0].round))


def _latest_earlier(file: CaseFile, gate: Gate) -> tuple[Review, ...]:
    rounds = [(r.round, r.version) for r in file.reviews if r.gate is gate and r.round < file.case.round]
    if not rounds:
        return ()
    last, version = max(rounds)
    return counting_reviews(replace(file, case=replace(file.case, round=last, version=version)), gate)


class _Carrying:
    """One gate's earlier answers held against the present text."""

    def __init__(
        self,
        file: CaseFile,
        gate: Gate,
        earlier: tuple[Review, ...],
        present: Document,
        documents: Mapping[int, Document],
    ) -> None:
        self.round = earlier[0].round
        self.earlier = earlier
        self.present = present
        self.documents = documents
        self.versions = {review.round: review.version for review in file.reviews if review.gate is gate}
        self.findings = next(
            (s.findings for s in reversed(file.screenings) if s.text_sha256 == present.text_sha256), ()
        )
        self._since: dict[int, Touched] = {}

    def since(self, origin: int) -> Touched:
        """What changed since the text of that round; everything when that text is not at hand."""
        if origin not in self._since:
            old = self.documents.get(self.versions.get(origin, 0))
            self._since[origin] = touched(old, self.present) if old else Touched(self.present.clauses, (), {})
        return self._since[origin]

    def why_again(self, question: Question, given: Sequence[Answer]) -> str:
        """Why the item must be answered again, in Chinese; empty when the earlier answers still stand."""
        if not given:
            return "上一轮没有答复"
        if len({answer.value for answer in given}) > 1:
            return f"第{self.round}轮各审查人答复不一致"
        if not question.clue_words:
            return "程序事项每轮重新核对" if question.needs == PROCEDURE_NEEDS else "本项须结合全文判断"
        for answer in given:
            change = self.since(answer.carried_from or self.round)
            lost = _lost(answer, change)
            bearing = change.named(self.bearing(question, change))
            if lost or bearing:
                return f"请看 {'、'.join(dict.fromkeys((*lost, *bearing)))}"
        return ""

    def bearing(self, question: Question, change: Touched) -> list[Clause]:
        """The changed clauses that could bear on the item: a clue word stands in them, or a finding on it."""
        clues = ["".join(fold(word).split()) for word in question.clue_words]
        found = {finding.clause_key for finding in self.findings if question.item in finding.articles}
        fresh = [clause for clause in change.new if clause.key in found or _holds(clause, clues)]
        return fresh + [clause for clause in change.old if _holds(clause, clues)]

    def restated(self, answer: Answer) -> Answer:
        """The answer in the present numbering, marked with the round it comes from."""
        origin = answer.carried_from or self.round
        now = self.since(origin).present
        clauses = tuple(label(now[key]) for key in answer.clause_keys)
        return replace(answer, clauses=clauses, clause_keys=(), carried_from=origin)

    def dispositions(self) -> dict[str, Disposition]:
        """What was said of findings whose clause stands unchanged; a promise to change them was not kept."""
        said: dict[str, list[Disposition]] = {}
        for review in self.earlier:
            for disposition in review.dispositions:
                said.setdefault(disposition.finding, []).append(disposition)
        return {f.id: self._same(said[f.id]) for f in self.findings if f.id in said and self._stands(f, said[f.id])}

    def _stands(self, finding: Finding, said: Sequence[Disposition]) -> bool:
        origins = {disposition.carried_from or self.round for disposition in said}
        if len({disposition.treatment for disposition in said}) > 1 or said[0].treatment is Treatment.REVISE:
            return False
        return all(finding.clause_key not in {c.key for c in self.since(origin).new} for origin in origins)

    def _same(self, said: Sequence[Disposition]) -> Disposition:
        return replace(said[0], carried_from=said[0].carried_from or self.round)


def carried_form(found: Carried) -> tuple[ReviewForm, Remarks]:
    """The pre-filled form and its comments: which answers were carried over, and what to look at for the others."""
    if not found.round:
        return ReviewForm(), Remarks()
    beside = {item: f"须重新作答：{why}" for item, why in found.again.items()}
    for target, origin in found.origins().items():
        beside[target] = f"沿用第{origin}轮，条款未变"
    head = (
        f"与第{found.round}轮相比：沿用 {len(found.answers)} 项，须重新作答 {len(found.again)} 项。",
        "沿用的答复仍由您提交、由您负责；改动答复的，请删去其中的“沿用”。",
        *(f"须重新审看：{name}" for name in found.touched.look),
    )
    return ReviewForm(answers=tuple(found.answers.values()), dispositions=tuple(found.dispositions.values())), Remarks(
        head, beside
    )


def carried_gaps(found: Carried, answers: Sequence[Answer], dispositions: Sequence[Disposition]) -> tuple[str, ...]:
    """What is wrong with the answers marked as carried over, in Chinese; empty when each may be.

    A carried answer must be word for word the one the rule gives; changing it makes it a fresh answer.
    """
    gaps = []
    for answer in answers:
        if answer.carried_from and found.answers.get(answer.item) != answer:
            why = found.again.get(answer.item) or "与此前的答复不同；重新作答的请删去“沿用”"
            gaps.append(f"{answer.item} 不能沿用第{answer.carried_from}轮的答复：{why}")
    for disposition in dispositions:
        if disposition.carried_from and found.dispositions.get(disposition.finding) != disposition:
            gaps.append(f"{disposition.finding} 的处置不能沿用第{disposition.carried_from}轮：条款或者处置已有变化")
    return tuple(gaps)


def _lost(answer: Answer, change: Touched) -> tuple[str, ...]:
    """The clauses the answer names that do not stand unchanged, in the old numbering."""
    keys = answer.clause_keys or ("",) * len(answer.clauses)
    return tuple(f"原{name}" for name, key in zip(answer.clauses, keys, strict=True) if key not in change.present)


def _holds(clause: Clause, clues: Sequence[str]) -> bool:
    words = "".join(fold(clause.text).split())
    return any(clue in words for clue in clues)


def _words(key: str) -> str:
    """The key without the counter that tells equal clauses apart."""
    return key.partition("-")[0]
