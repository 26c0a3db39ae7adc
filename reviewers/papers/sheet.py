"""The sheet every paper is printed on: one self-contained HTML page, A4 when printed, the trail head in its foot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from engine.calendar.zone import LOCAL_ZONE

STYLE = """
@page { size: A4; margin: 25mm 22mm; }
body { font-family: "FangSong", "仿宋", "Noto Serif CJK SC", "Noto Serif SC", serif; font-size: 12pt; line-height: 1.7;
  color: #111; max-width: 180mm; margin: 12mm auto; padding: 0 6mm; }
h1 { font-family: "SimSun", "Noto Serif CJK SC", serif; font-size: 20pt; text-align: center; margin: 0 0 8mm; }
h2 { font-family: "SimHei", "Noto Sans CJK SC", sans-serif; font-size: 13pt; margin: 7mm 0 2mm; }
table { border-collapse: collapse; width: 100%; font-size: 10.5pt; }
th, td { border: 0.5pt solid #555; padding: 1.2mm 2mm; text-align: left; vertical-align: top; }
th { background: #f3f1ec; font-weight: normal; white-space: nowrap; }
td:first-child { white-space: nowrap; }
p { overflow-wrap: anywhere; }
.mark { background: #fde3df; color: #9b1c10; }
.no { color: #666; } .yes { color: #9b1c10; font-weight: bold; }
footer { margin-top: 10mm; border-top: 0.5pt solid #999; font-size: 8.5pt; color: #555; word-break: break-all; }
"""


def page(title: str, body: Iterable[str], trail_head: str) -> bytes:
    """A whole page in UTF-8; `body` is HTML already escaped by the functions below."""
    parts = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{parts}\n"
        f"<footer>留痕链首摘要 {escape(trail_head)}。本页由双审系统据留痕生成，与案卷内 trail.jsonl 互相印证。</footer>"
        "</body></html>\n"
    ).encode()


def heading(text: str) -> str:
    """A second-level heading."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, css: str = "") -> str:
    """A paragraph; line feeds become line breaks."""
    told = escape(text).replace("\n", "<br>")
    return f'<p class="{css}">{told}</p>' if css else f"<p>{told}</p>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A two-column table of names and values."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{_cell(value)}</td></tr>" for name, value in pairs)
    return f"<table>{rows}</table>"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], marks: Sequence[str] = ()) -> str:
    """A table; `marks` names a CSS class for each row, empty for none."""
    head = "".join(f"<th>{escape(name)}</th>" for name in headings)
    body = ""
    for number, row in enumerate(rows):
        css = f' class="{marks[number]}"' if number < len(marks) and marks[number] else ""
        body += f"<tr{css}>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def local_time(instant: datetime) -> str:
    """The instant as people here write it: date and minute in China standard time."""
    return instant.astimezone(LOCAL_ZONE).strftime("%Y年%m月%d日 %H:%M")


def _cell(text: str) -> str:
    return escape(text).replace("\n", "<br>")
