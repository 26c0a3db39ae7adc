"""Screening: the clauses of a draft meet the standards, and what looks like a breach is reported with its reason.

`screen` is pure: no clock, no file but the packs read once a process, no database; equal document, day and packs give
an equal `Screening`. The machine finds, people conclude. Called by the reviewers' acts and by the command line.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache

from engine.documents import fold, read_text, squeezed
from engine.model import Clause, ClauseKind, Considered, Document, Finding, Level, Screening
from engine.screening import awards, explain
from engine.screening.attribution import RANKED, cited_items
from engine.screening.context import own_places, sets_prices_by_law
from engine.screening.exceptions import ADVICE as EXCEPTION_ADVICE
from engine.screening.exceptions import CLAIM, claims_exception
from engine.screening.reading import statements
from engine.screening.references import read_together
from engine.screening.rules import RulePack, load_rules
from engine.screening.score import load_score
from engine.screening.sketch import PACK as SKETCH_PACK
from engine.screening.sketch import load_sketcher, read_sketch_table
from engine.screening.verdict import MAX_TOGETHER, Judgement, Tables, governed, judge, local_items
from engine.screening.weighing import load_weights
from engine.standards import Standards

__all__ = ["rescreen", "screen", "screen_text"]

MOST_CONSIDERED = 200
PRICE_BASIS = "文件载明定价目录和听证、成本监审等依据，降为提示"


def screen(document: Document, standards: Standards, as_of: date, rules: RulePack | None = None) -> Screening:
    """Every suspected breach in the document by the items in force on `as_of`, in reading order.

    One finding a statement; `considered` holds what matched a rule and was let go, with the reason. `rules` is a pack
    with a local overlay; without it the packaged ones are used. Raises StandardsError when a pack does not load.
    """
    return _read_through(document, standards, as_of, _in_hand(document), rules)


def rescreen(
    document: Document, mended: Document, standards: Standards, as_of: date, rules: RulePack | None = None
) -> Screening:
    """What is found in a mended copy, or a part of one, read in the manner of the whole it was taken from."""
    return _read_through(mended, standards, as_of, _in_hand(document), rules)


def _in_hand(document: Document) -> bool:
    """One clause, alone or as a stem with its list, short enough to be read as one: shown to us, not a document."""
    if len(document.clauses) < 2:
        return bool(document.clauses)
    first, *below = document.clauses
    stem = first.text.rstrip().endswith((":", "："))
    return stem and len(document.text) <= MAX_TOGETHER and all(clause.parent is not None for clause in below)


def _read_through(
    document: Document, standards: Standards, as_of: date, in_hand: bool, rules: RulePack | None = None
) -> Screening:
    """The screening of the document without what was put between its words, told in the original's places."""
    whole = squeezed(document)
    if whole is None:
        return _screened(document, standards, as_of, in_hand, rules)
    return whole.restored(_screened(whole.document, standards, as_of, in_hand, rules))


def _screened(
    document: Document, standards: Standards, as_of: date, in_hand: bool, rules: RulePack | None
) -> Screening:
    law = _law(standards, as_of)
    pack, tables = rules or load_rules(), load_tables()
    places = [(name, "LOCAL") for name in own_places(document)]
    said = statements(document)
    judged = judge(said, pack, tables, places, in_hand)
    if not in_hand:
        judged = read_together(document, said, judged, lambda one: judge([one], pack, tables, places, in_hand=True))
    priced = sets_prices_by_law(document)
    reported = [one for one in judged if one.level is not None]
    ranked = tables.score.rankings([governed(one.said, one.rest) for one in reported], RANKED)
    cited = [
        cited_items((*local_items(one, pack), *items), one.matches, law)
        for items, one in zip(ranked, reported, strict=True)
    ]
    findings = tuple(
        _finding(document, one, articles, law, priced) for one, articles in zip(reported, cited, strict=True)
    )
    considered = tuple(_considered(document, one) for one in judged if one.level is None and one.gone)
    local = pack.local.lines if pack.local else ()
    name = pack_name(pack, tables, standards)
    return Screening(document.text_sha256, name, findings, considered[:MOST_CONSIDERED], local)


def pack_name(pack: RulePack, tables: Tables, standards: Standards) -> str:
    """The name of everything a text is screened by; a local overlay shows in it."""
    parts = f"{tables.score.pack} {tables.weights.pack} {standards.digest} {pack.digest}"
    name = f"screening-{hashlib.sha256(parts.encode()).hexdigest()[:12]}"
    return f"{name}+local-{pack.local.digest[:8]}" if pack.local else name


@cache
def load_tables() -> Tables:
    """The learned tables, each read once a process."""
    weights = load_weights()
    return Tables(load_score(), load_sketcher(), read_sketch_table(SKETCH_PACK, weights.table), weights)


_LAWS: dict[tuple[str, date], Standards] = {}
"""The law of the few days a process screens by; rebuilding it would cost more than a short clause."""


def _law(standards: Standards, as_of: date) -> Standards:
    key = (standards.digest, as_of)
    if key not in _LAWS:
        if len(_LAWS) > 8:
            _LAWS.clear()
        _LAWS[key] = standards.in_force(as_of)
    return _LAWS[key]


def screen_text(text: str, standards: Standards, as_of: date, rules: RulePack | None = None) -> Screening:
    """One clause in hand, read as the only paragraph of a document; offsets are into `text`.

    Text of several lines is read with its lists, so that items keep their lead-in.
    """
    if "\n" in text.strip() and any(sign.isprintable() and not sign.isspace() for sign in text):
        return _read_through(read_text(text), standards, as_of, True, rules)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    clause = Clause(
        hashlib.sha256(fold(text).encode("utf-8", "surrogatepass")).hexdigest()[:12],
        "",
        ClauseKind.PARAGRAPH,
        0,
        0,
        len(text),
        1,
        text,
    )
    return screen(Document("", digest, text, digest, "", "", (clause,)), standards, as_of, rules)


def _finding(document: Document, judged: Judgement, articles: tuple[str, ...], law: Standards, priced: bool) -> Finding:
    said = judged.said
    clause = document.clauses[said.clause]
    level = judged.level or Level.ATTENTION
    rule = _rule_name(judged, articles)
    based = priced and not judged.matches and bool({"R11-2", "R11-3"} & set(articles[:2]))
    open_to_all = not judged.matches and "R10-2" in articles and awards.is_open_award(governed(said, said.text))
    excepted = level is Level.BLOCK and claims_exception(said.text + said.after)
    level = Level.ATTENTION if based or open_to_all or excepted else level
    told = ((PRICE_BASIS, based), (awards.NOTE, open_to_all), (CLAIM, excepted))
    notes = tuple(note for note, holds in told if holds)
    return Finding(
        id=_finding_id(rule, clause.key, said.lead + said.text),
        level=level,
        rule=rule,
        articles=articles,
        clause=clause.number,
        clause_key=clause.key,
        line=clause.line + document.text.count("\n", clause.start, said.start),
        start=said.start,
        end=said.end,
        text=document.text[said.start : said.end],
        why=explain.read_with(said, document) + explain.why(judged, level, articles, law),
        advice=explain.advice(judged, articles) + (EXCEPTION_ADVICE if excepted else ""),
        confidence=_confidence(judged),
        evidence=explain.evidence(judged) + notes,
    )


def _rule_name(judged: Judgement, articles: tuple[str, ...]) -> str:
    match = explain.main_match(judged, articles)
    if match is not None:
        return match.rule.id
    return f"score.{articles[0]}" if articles else "score"


def _finding_id(rule: str, key: str, words: str) -> str:
    digest = hashlib.sha256(f"{rule}\n{key}\n{words}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"F-{digest[:8]}"


def _confidence(judged: Judgement) -> str:
    """A: rule and score agree; B: a rule, or a score well over the cut; C: look at it."""
    if judged.level is Level.BLOCK and judged.matches:
        return "A"
    return "B" if judged.level is Level.BLOCK or judged.matches else "C"


def _considered(document: Document, judged: Judgement) -> Considered:
    match, said = judged.gone[0], judged.said
    reason = judged.polarity.reason(match.act.start, match.act.end) or judged.polarity.reason(*match.span)
    return Considered(
        rule=match.rule.id,
        clause=document.clauses[said.clause].number,
        start=said.start,
        end=said.end,
        text=document.text[said.start : said.end],
        reason=f"考虑过“{match.rule.title}”，因{reason}未提示。",
    )
