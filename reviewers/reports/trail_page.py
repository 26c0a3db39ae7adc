"""Events as a web page: sorted and searched without any network, with the way a case has taken drawn above.

A single file that asks for nothing from anywhere and says so in its content security policy; with scripts switched off
the table still reads, in the order of the trail.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from engine.errors import InvalidInput
from engine.store.extracts import Extract
from engine.trail.verifier import DECISIONS
from reviewers.reports.trail import HEADINGS, Cell

MOST_ROWS = 20_000
SHOWN = (
    "留痕号",
    "时间",
    "案件或事项",
    "标题",
    "操作",
    "办理人",
    "办理单位",
    "现环节",
    "轮次",
    "稿次",
    "要点",
    "签名",
    "摘要",
)
"""What fits a screen; the other forms hold all columns."""


def as_page(found: Sequence[Extract], rows: Sequence[Sequence[Cell]], asked: str, drawings: Mapping[str, str]) -> bytes:
    """The whole page in UTF-8; `asked` says in words what was asked for. Raises InvalidInput beyond 20,000 events."""
    if len(rows) > MOST_ROWS:
        raise InvalidInput(f"共 {len(rows)} 条，一页最多 {MOST_ROWS} 条。", "请缩短期间，或者改用 --format csv、xlsx。")
    style, script = _asset("trail_page.css"), _asset("trail_page.js")
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        (
            '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>审查留痕</title><style>{style}</style></head><body>",
            f"<header><h1>审查留痕</h1><p>{escape(asked)}</p></header>",
            f"<main>{_figures(found)}{_drawn(drawings)}",
            '<div class="tools"></div>',
            f'<div class="frame">{_table(rows)}</div></main>',
            "<footer>时间为北京时间。摘要是该条留痕的 SHA-256，可与案卷、检查点核对；导出的表格本身不是证据。</footer>",
            f"<script>{script}</script></body></html>\n",
        )
    ).encode("utf-8", "replace")


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _source(inline: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()


def _figures(found: Sequence[Extract]) -> str:
    """Counts at a glance: events, cases, people, decisions signed."""
    people = {each.event["actor"] for each in found}
    marks = Counter(bool(each.event["attested"]) for each in found if each.event["act"] in DECISIONS)
    told = (
        ("留痕", str(len(found))),
        ("案件和事项", str(len({each.event["case"] for each in found}))),
        ("办理人", str(len(people))),
        ("已签名的决定", f"{marks[True]} / {marks.total()}"),
    )
    return '<dl class="figures">' + "".join(f"<div><dt>{n}</dt><dd>{v}</dd></div>" for n, v in told) + "</dl>"


def _drawn(drawings: Mapping[str, str]) -> str:
    if not drawings:
        return ""
    first, *others = drawings.values()
    more = "".join(others)
    folded = f"<details><summary>各环节内部的走法</summary>{more}</details>" if more else ""
    note = "绿色为走过的环节，橙色为现在所在的环节；两个环节之间按图上最短的路径推定。"
    return f'<section class="way">{first}{folded}<p>{note}</p></section>'


def _table(rows: Sequence[Sequence[Cell]]) -> str:
    places = [HEADINGS.index(name) for name in SHOWN]
    head = "".join(f'<th scope="col">{name}</th>' for name in SHOWN)
    body = "".join(f"<tr>{''.join(_cell(HEADINGS[place], row[place]) for place in places)}</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _cell(name: str, cell: Cell) -> str:
    text = escape(str(cell))
    if name == "摘要":
        return f'<td class="hash" title="{text}">{text[:12]}</td>'
    return f'<td class="number">{text}</td>' if isinstance(cell, int) else f"<td>{text}</td>"
