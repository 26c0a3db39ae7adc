"""The sheet every paper is printed on: one self-contained HTML page, A4 when printed, the trail head in its foot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from engine.calendar.zone import LOCAL_ZONE

STYLE = """
@page { size: A4; margin: 25mm 22mm; }
body { font-family: "FangSong", "仿宋", "Noto Serif CJK SC", "Noto Serif SC", serif; font-size: 12pt; line-height: 1.7;
  color: #111; max-width: 180mm; margin: 12mm auto; padding: 0 6mm; }
h1 { font-family: "SimSun", "Noto Serif CJK SC", serif; font-size: 20pt; text-align: center; margin: 0 0 8mm; }
h2 { font-family: "SimHei", "Noto Sans CJK SC", sans-serif; font-size: 13pt; margin: 7mm 0 2mm; break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin-bottom: 3mm; font-size: 10.5pt; line-height: 1.5; }
table.fixed { table-layout: fixed; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #555; padding: 1.2mm 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f3f1ec; font-weight: normal; white-space: nowrap; }
td:first-child { white-space: nowrap; }
.fixed td:first-child, td.group { white-space: normal; }
td.group { background: #faf9f6; }
p { overflow-wrap: anywhere; margin: 0 0 3mm; }
p.body { text-indent: 2em; }
p.number { text-align: center; margin: -5mm 0 8mm; }
p.signature { text-align: right; margin: 12mm 8mm 0 0; break-inside: avoid; line-height: 2.2; }
.digest { font-family: "DejaVu Sans Mono", Consolas, monospace; font-size: 7.5pt; word-break: break-all; color: #555; }
.mark { background: #fde3df; color: #9b1c10; }
.no { color: #666; } .yes { color: #9b1c10; font-weight: bold; }
footer { margin-top: 10mm; border-top: 0.5pt solid #999; font-size: 8.5pt; color: #555; word-break: break-all; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
"""
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def page(title: str, body: Iterable[str], trail_head: str) -> bytes:
    """A whole page in UTF-8; `body` is HTML already escaped by the functions below."""
    parts = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{parts}\n"
        f"<footer>留痕链首摘要 {_inline(trail_head)}。"
        "本页由双审系统据留痕生成，与案卷内 trail.jsonl 互相印证。</footer>"
        "</body></html>\n"
    ).encode()


def heading(text: str) -> str:
    """A second-level heading."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, css: str = "") -> str:
    """A paragraph; line feeds become line breaks, a SHA-256 is set small."""
    return f'<p class="{css}">{_inline(text)}</p>' if css else f"<p>{_inline(text)}</p>"


def signature(unit: str, person: str, instant: datetime) -> str:
    """Where the paper is signed and sealed: the unit with room for its seal, the person, the day."""
    day = instant.astimezone(LOCAL_ZONE)
    lines = f"{unit}（印章）\n签署人：{person}\n{day.year}年{day.month}月{day.day}日"
    return paragraph(lines, "signature")


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A two-column table of names and values."""
    return fields((pair,) for pair in pairs)


def fields(rows: Iterable[Sequence[tuple[str, str]]]) -> str:
    """A form: each row holds one or two names with their values."""
    told = ""
    for row in rows:
        span = ' colspan="3"' if len(row) == 1 else ""
        told += (
            "<tr>" + "".join(f"<th>{escape(name)}</th><td{span}>{_inline(value)}</td>" for name, value in row) + "</tr>"
        )
    return f"<table>{told}</table>"


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], marks: Sequence[str] = (), widths: Sequence[int] = ()
) -> str:
    """A table; `marks` names a CSS class for each row, empty for none; `widths` are shares of the width in per cent.

    A row of a single cell spans the table and heads the rows after it.
    """
    shares = "".join(f'<col style="width: {width}%">' for width in widths)
    head = "".join(f"<th>{escape(name)}</th>" for name in headings)
    body = ""
    for number, row in enumerate(rows):
        css = f' class="{marks[number]}"' if number < len(marks) and marks[number] else ""
        cells = "".join(f"<td>{_inline(cell)}</td>" for cell in row)
        if len(row) == 1 < len(headings):
            cells = f'<td class="group" colspan="{len(headings)}">{_inline(row[0])}</td>'
        body += f"<tr{css}>{cells}</tr>"
    fixed = ' class="fixed"' if widths else ""
    columns = f"<colgroup>{shares}</colgroup>" if widths else ""
    return f"<table{fixed}>{columns}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def short_citation(citation: str) -> str:
    """A citation with the two instruments every row cites by their short names."""
    return citation.replace("《公平竞争审查条例实施办法》", "《实施办法》").replace("《公平竞争审查条例》", "《条例》")


def local_time(instant: datetime) -> str:
    """The instant as people here write it: date and minute in China standard time."""
    return instant.astimezone(LOCAL_ZONE).strftime("%Y年%m月%d日 %H:%M")


def short_time(instant: datetime) -> str:
    """The instant for a narrow column: ISO day and minute in China standard time."""
    return instant.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")


def _inline(text: str) -> str:
    told = escape(text).replace("\n", "<br>")
    return DIGEST.sub(lambda found: f'<span class="digest">{found[0]}</span>', told)
