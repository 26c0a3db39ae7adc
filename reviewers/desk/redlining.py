"""Redlines on the terminal: removed wording red, added green; without colour in the marks [-删-] and {+增+}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.documents import ChangeKind
from engine.model import CaseFile
from reviewers.adoption import AdoptionRow
from reviewers.desk.printing import console, paragraph
from reviewers.desk.wrapping import wrap
from reviewers.papers.adoption_table import SEEN_WORDS, answered, settled
from reviewers.papers.redline import CHANGE_WORDS, place, summary
from reviewers.versions import ComparedClause, Part, Piece
from reviewers.what_if import Outlook

STYLES = {Part.KEPT: "", Part.REMOVED: "red strike", Part.ADDED: "green underline"}
MARKS = {Part.KEPT: ("", ""), Part.REMOVED: ("[-", "-]"), Part.ADDED: ("{+", "+}")}
HEADINGS = {
    ChangeKind.MOVED: "cyan",
    ChangeKind.CHANGED: "yellow",
    ChangeKind.ADDED: "green",
    ChangeKind.REMOVED: "red",
}


def print_redline(title: str, old: int, new: int, compared: Sequence[ComparedClause]) -> None:
    """The clauses that changed, in the order of the new version, each with where it stands and stood."""
    out = console()
    out.print(Text(f"{title}  第{old}稿 → 第{new}稿", style="bold"))
    out.print(Text(summary(compared), style="dim"))
    for clause in compared:
        if clause.is_open:
            out.print(Text(f"\n{CHANGE_WORDS[clause.change]}  {place(clause)}", style=HEADINGS[clause.change]))
            out.print(wording(clause.pieces, out))


def wording(pieces: Sequence[Piece], out: Console) -> Text:
    """The pieces broken into lines, each in its style; marked with brackets where the terminal shows no colour."""
    marks = MARKS if out.color_system is None or out.no_color else dict.fromkeys(Part, ("", ""))
    told = Text()
    for piece in pieces:
        before, after = marks[piece.part]
        told.append(before + piece.text + after, STYLES[piece.part])
    return Text("\n").join(told[start:stop] for start, stop in wrap(told.plain, out.width))


def print_opinions(file: CaseFile, rows: Sequence[AdoptionRow]) -> None:
    """Each opinion with what the redline shows, what was answered and whether it blocks; minority views last."""
    out = console()
    out.print(Text(f"{file.case.id}  {file.case.title}  意见采纳情况", style="bold"))
    for row in rows:
        opinion = row.opinion
        kind = "须采纳" if opinion.blocking else "参考"
        out.print(Text(f"\n{opinion.id}  {opinion.clause}  {kind}", style="bold red" if row.blocks else "green"))
        told = [("意见", opinion.text), ("建议", opinion.suggestion), ("对照", SEEN_WORDS[row.seen])]
        told += [("现文", row.now), ("反馈", answered(row)), ("了结", settled(row).replace("\n", "，"))]
        for name, words in told:
            if words:
                out.print(paragraph(f"  {name}：{words}", out.width, [(2, 5)], "cyan", hang=4))
    for opinion in (opinion for opinion in file.opinions if opinion.dissent):
        out.print(Text(f"\n{opinion.id}  {opinion.clause}  保留的不同意见", style="yellow"))
        out.print(paragraph(f"  {opinion.text}", out.width, hang=4))
    if not file.opinions:
        out.print(Text("没有意见。"))


def print_outlook(title: str, found: Outlook) -> None:
    """What would still block, numbered, then the fewest acts with the numbers they clear."""
    out = console()
    out.print(Text(f"预演  {title}  第{found.round}轮  第{found.version}稿（未作任何登记）", style="bold"))
    for gap in found.form_gaps:
        out.print(paragraph(f"审查表：{gap}", out.width, hang=4), style="yellow")
    if not found.reasons:
        out.print(Text("没有未消除的理由；另须按程序签署初审意见和会审结论。", style="green"))
        return
    out.print(Text(f"仍有 {len(found.reasons)} 项理由（现稿 {found.before} 项）", style="bold red"))
    for number, reason in enumerate(found.reasons, 1):
        out.print(paragraph(f"{number:>2}. {reason.message}", out.width, hang=4))
    out.print(Text(f"\n最少需要办理 {len(found.remedies)} 件事", style="bold"))
    for remedy in found.remedies:
        numbers = "、".join(str(index + 1) for index in remedy.clears)
        shared = "" if len(remedy.alone) == len(remedy.clears) else "；其中有的还须与其他事项一并办理"
        out.print(paragraph(f"  {remedy.act}：消除第 {numbers} 项{shared}", out.width, hang=4), style="cyan")
    if any(remedy.clause for remedy in found.remedies):
        out.print(Text("条款也可以不改而按 why 所列的下一步，依法附依据或者申请适用例外规定。", style="dim"))


def print_changes(told: Mapping[str, Any]) -> None:
    """What must be looked at again, as a short list."""
    out = console()
    if not told["since_round"]:
        out.print(Text("本环节没有更早的审查，全部条款和项目都要审查。"))
        return
    out.print(Text(f"{told['case']}  与第{told['since_round']}轮相比，须重新审看", style="bold"))
    for heading, lines in (
        ("条款", told["clauses"]),
        ("项目", [f"{row['item']}  {row['why']}" for row in told["items"]]),
        ("疑似问题", [f"{row['id']}  {row['clause'] or row['line']}：{row['text']}" for row in told["findings"]]),
    ):
        out.print(Text(f"\n{heading}（{len(lines)}）", style="cyan"))
        for line in lines:
            out.print(paragraph(f"  {line}", out.width, hang=4))
    out.print(Text(f"\n可沿用答复 {len(told['carried'])} 项（见 shuangshen form 预填的审查表）。", style="dim"))
