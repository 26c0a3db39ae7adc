"""A document with known findings, for the tests of every format."""

from __future__ import annotations

from engine.documents import read_text
from engine.model import Considered, Document, Finding, Level, Screening
from reviewers.reports import Screened

TEXT = """云岭市物流管理办法
第一条 同等条件下优先选用本市企业<b>的车辆。
第二条 “=1+1”公司负责全部运输,
不得另行委托😀外地企业。
"""


def finding(document: Document, words: str, level: Level, number: int, articles: tuple[str, ...]) -> Finding:
    """A finding on the first place of `words`."""
    start = document.text.index(words)
    clause = next(one for one in document.clauses if one.start <= start < one.end)
    return Finding(
        id=f"F-0000000{number}",
        level=level,
        rule=f"{articles[0]}.example",
        articles=articles,
        clause=clause.number,
        clause_key=clause.key,
        line=document.text.count("\n", 0, start) + 1,
        start=start,
        end=start + len(words),
        text=words,
        why="=理由<script>",
        advice="建议&改正",
        evidence=("词语“本市”",),
    )


def screened(path: str = "办法 1.txt") -> Screened:
    """Two findings, one of them over two lines with a character outside the basic plane, and one candidate let go."""
    document = read_text(TEXT, path)
    told = (
        finding(document, "优先选用本市企业<b>", Level.BLOCK, 1, ("M15-2", "R9-3")),
        finding(document, "全部运输,\n不得另行委托😀外地", Level.ATTENTION, 2, ("M11-1", "R8-3")),
    )
    considered = (Considered("M15-2.example", "第一条", 10, 14, document.text[10:14], "考虑过“甲”，因“不得”未提示。"),)
    return Screened(path, document, Screening(document.text_sha256, "pack-1", told, considered))
