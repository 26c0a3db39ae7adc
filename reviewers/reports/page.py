"""One document as a web page: its text with the doubtful words marked, the findings beside it.

A single file that asks for nothing from anywhere and says so in its content security policy; it reads the same with
scripts switched off, where links and the level filter still work. Keys: J and K go from finding to finding.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

from engine.model import Clause, ClauseKind, Considered, Finding, Level
from engine.standards import Standards
from reviewers.reports import LEVEL_NAMES, Screened
from reviewers.reports.aids import CHECK_AGAIN, cut, patch_name

_FILTERS = (("all", "全部"), ("block", "须处理"), ("attention", "请核对"))
_DOCUMENT_NUMBER = re.compile(r"[〔\[［]\d{4}[〕\]］]\s*\d+\s*号$")
_PLAIN_KINDS = {ClauseKind.PARAGRAPH, ClauseKind.ITEM}


def as_page(screened: Screened, standards: Standards) -> bytes:
    """The whole page in UTF-8; equal input gives equal bytes."""
    document, findings = screened.document, screened.screening.findings
    title = escape(document.title or screened.path)
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_source(style)}'; script-src '{_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        (
            '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title} · 公平竞争筛查</title><style>{style}</style></head><body>",
            *(_radio(name) for name, _ in _FILTERS),
            _header(title, screened),
            f'<main><article class="text">{"".join(_lines(document.text, document.clauses, findings))}</article>',
            f"<aside>{_aside(screened, standards)}</aside></main>",
            _footer(screened),
            f"<script>{script}</script></body></html>\n",
        )
    ).encode("utf-8", "replace")


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _source(inline: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()


def _radio(name: str) -> str:
    checked = " checked" if name == "all" else ""
    return f'<input class="pick" type="radio" name="level" id="{name}"{checked}>'


def _header(title: str, screened: Screened) -> str:
    total = len(screened.screening.findings)
    counts = {"all": total, "block": screened.blocking, "attention": total - screened.blocking}
    labels = "".join(f'<label for="{name}">{words}<b>{counts[name]}</b></label>' for name, words in _FILTERS)
    return (
        f"<header><h1>{title}<small>{escape(screened.path)}</small></h1>"
        f'<div class="filter">{labels}</div><div class="steps"></div></header>'
    )


def _lines(text: str, clauses: Sequence[Clause], findings: Sequence[Finding]) -> Iterator[str]:
    """Every line of the text as a paragraph in the manner of its clause, the findings' words marked."""
    kinds = _kinds(text, clauses)
    begun: set[int] = set()
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        end = start + len(line)
        marked = "".join(_pieces(text, start, end, findings, begun))
        kind = kinds.get(start)
        name = "number" if kind is ClauseKind.TITLE and _DOCUMENT_NUMBER.search(line) else kind
        css = f' class="{name}"' if name and name not in _PLAIN_KINDS else ""
        if line.strip():
            yield f'<p{css} data-line="{number}">{marked}</p>\n'
        start = end + 1


def _kinds(text: str, clauses: Sequence[Clause]) -> dict[int, ClauseKind]:
    """What each line is, by its first offset: a clause of several lines gives its kind to all of them."""
    kinds: dict[int, ClauseKind] = {}
    for clause in clauses:
        place = text.rfind("\n", 0, clause.start) + 1
        while place <= clause.start or place < clause.end:
            kinds.setdefault(place, clause.kind)
            following = text.find("\n", place, clause.end)
            if following < 0:
                break
            place = following + 1
    return kinds


def _pieces(text: str, start: int, end: int, findings: Sequence[Finding], begun: set[int]) -> Iterator[str]:
    inside = [(n, f) for n, f in enumerate(findings, 1) if f.start < end and f.end > start]
    cuts = sorted({start, end, *(min(max(edge, start), end) for _, f in inside for edge in (f.start, f.end))})
    for left, right in pairwise(cuts):
        over = [(n, f) for n, f in inside if f.start < right and f.end > left]
        words = escape(text[left:right])
        yield _mark(words, over, right, begun) if over else words


def _mark(words: str, over: Sequence[tuple[int, Finding]], right: int, begun: set[int]) -> str:
    number, finding = min(over, key=lambda each: (each[1].level is not Level.BLOCK, each[0]))
    anchor = "" if number in begun else f' id="m{number}"'
    begun.add(number)
    ended = "".join(f"<sup>{n}</sup>" for n, f in over if f.end == right)
    return f'<mark class="{finding.level}"{anchor}><a href="#f{number}">{words}{ended}</a></mark>'


def _aside(screened: Screened, standards: Standards) -> str:
    document, result = screened.document, screened.screening
    parts = []
    if notices := (*document.notices, *result.local):
        parts.append('<ul class="notices">' + "".join(f"<li>{escape(one)}</li>" for one in notices) + "</ul>")
    parts += [_card(screened, place, standards) for place in range(len(result.findings))]
    if not result.findings:
        parts.append('<p class="clean">未提示疑似排除、限制竞争的条款。机器筛查不代替审查结论。</p>')
    if result.considered:
        items = "".join(_considered(one) for one in result.considered)
        parts.append(
            f'<details class="considered"><summary>考虑过、未提示的 {len(result.considered)} 处</summary>'
            f"<ul>{items}</ul></details>"
        )
    return "\n".join(parts)


def _card(screened: Screened, place: int, standards: Standards) -> str:
    number, finding = place + 1, screened.screening.findings[place]
    where = f"{finding.clause} · 第{finding.line}行" if finding.clause else f"第{finding.line}行"
    cited = "<br>".join(_cited(finding.articles, standards))
    facts = "".join(
        f"<dt>{name}</dt><dd{css}>{words}</dd>"
        for name, words, css in (
            ("依据", cited, ""),
            ("原因", escape(finding.why), ""),
            ("建议", escape(finding.advice), ' class="advice"'),
        )
        if words
    )
    trace = "".join(f"<li>{escape(line)}</li>" for line in finding.evidence)
    how = f"<details><summary>判读过程，把握 {escape(finding.confidence)}</summary><ul>{trace}</ul></details>"
    aids = _patch(screened, place) + _examples(screened, place)
    return (
        f'<section class="card {finding.level}" id="f{number}"><h2><span class="level">{number} '
        f'{LEVEL_NAMES[finding.level]}</span><a href="#m{number}">{escape(where)}</a>'
        f"<code>{escape(finding.id)}</code></h2>"
        f"<blockquote>{escape(finding.text)}</blockquote><dl>{facts}</dl>{aids}{how}</section>"
    )


def _patch(screened: Screened, place: int) -> str:
    """The words taken out and put in, as an editor would mark them."""
    patch = screened.patches[place] if place < len(screened.patches) else None
    if patch is None:
        return ""
    put = f"<ins>{escape(patch.replacement)}</ins>" if patch.replacement else ""
    return (
        f'<div class="patch"><b>{patch_name(patch)}</b><p><del>{escape(patch.text)}</del>{put}</p>'
        f"<small>{escape(patch.note)}{CHECK_AGAIN}</small></div>"
    )


def _examples(screened: Screened, place: int) -> str:
    near = screened.examples[place] if place < len(screened.examples) else ()
    if not near:
        return ""
    lines = "".join(
        f'<li class="{"bad" if one.example.violation else "good"}"><b>{"违规" if one.example.violation else "合规"}</b>'
        f"{escape(cut(one.example.text))} <small>{escape(one.example.source)}</small></li>"
        for one in near
    )
    return f'<details class="near"><summary>与下列已标注示例相近</summary><ul>{lines}</ul></details>'


def _cited(articles: Sequence[str], standards: Standards) -> Iterator[str]:
    """The provisions one after the other; what stands in the same instrument as the one before leaves out its title."""
    before = ""
    for item in articles:
        title, end, place = standards.citation(item).rpartition("》")
        named = "" if title == before else f"{title}{end}"
        before = title
        yield f"{escape(named + place)} <span>{escape(item)}</span>"


def _considered(one: Considered) -> str:
    where = f"{one.clause}：" if one.clause else ""
    return f"<li>{escape(where)}<q>{escape(one.text)}</q><br>{escape(one.reason)}</li>"


def _footer(screened: Screened) -> str:
    return (
        f"<footer>机器提示仅为疑似，是否违反审查标准由审查人员判断。规则包 {escape(screened.screening.pack)}，"
        f"文件 SHA-256 {escape(screened.document.sha256)}，位置按提取文本的字符计。</footer>"
    )
