"""What people see in the terminal: Rich tables, panels and highlighted paragraphs. Only the command line calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.model import CaseFile, Document, Finding, Level, Officer, Verdict
from engine.trail.verifier import DECISIONS
from engine.trail.words import KIND as WORDS
from reviewers.desk.record_lines import OUTCOMES, officer_name, place_name, record_line
from reviewers.desk.wrapping import wrap
from reviewers.lines import one_line
from reviewers.reports import Screened
from reviewers.reports.aids import aid_lines
from reviewers.roster import ROLE_NAMES, Profile

MAX_WIDTH = 110
NARROW = 72
LEVEL_STYLES = {Level.BLOCK: ("须处理", "bold red"), Level.ATTENTION: ("请核对", "yellow")}
STAGES = {
    "confirm_scope": "待确认审查范围",
    "self_check": "自我审查中",
    "sign_off": "待签署初审意见",
    "accept": "待受理",
    "correct_materials": "补正中",
    "consult_departments": "征求部门意见中",
    "co_review": "会审中",
    "conclude": "待作出会审结论",
    "revise": "待修改",
    "passed": "已通过，待印发",
    "archived": "已印发归档",
    "returned": "已退回",
    "withdrawn": "已撤回",
    "must_not_issue": "不得出台",
    "out_of_scope": "不属于审查范围",
    "transferred": "已移送外单位",
}


def console() -> Console:
    """The terminal, never wider than a comfortable line; honours NO_COLOR. Brackets in a text stay brackets."""
    return Console(highlight=False, markup=False, emoji=False, width=min(Console().width, MAX_WIDTH))


def paragraph(
    text: str, width: int, spans: Iterable[tuple[int, int]] = (), style: str = "bold red", hang: int = 0
) -> Text:
    """The text broken for Chinese reading, with the spans (code points into `text`) marked.

    Lines after the first are set in by `hang` cells.
    """
    told = Text()
    marks = list(spans)
    for start, stop in wrap(text, width - hang):
        line = Text(text[start:stop])
        if start:
            told.append(" " * hang)
        for left, right in marks:
            if left < stop and right > start:
                line.stylize(style, max(left - start, 0), min(right, stop) - start)
        told.append_text(line).append("\n")
    told.rstrip()
    return told


def print_screening(path: Path, screened: Screened) -> None:
    """One screened document: heading, findings in their paragraphs, and what was asked for beside them."""
    out, document, result = console(), screened.document, screened.screening
    out.print(Text(document.title or path.name, style="bold"))
    blocking = sum(finding.level is Level.BLOCK for finding in result.findings)
    looked = len(result.findings) - blocking
    counts = f"须处理 {blocking}  请核对 {looked}  考虑过未提示 {len(result.considered)}"
    out.print(paragraph(f"{path}  条款 {len(document.clauses)}  {counts}", out.width), style="dim")
    for notice in (*document.notices, *result.local):
        out.print(paragraph(f"注意：{notice}", out.width), style="yellow")
    for place, finding in enumerate(result.findings):
        out.print(finding_block(finding, document, out.width, tuple(aid_lines(screened, place))))
    if not result.findings:
        out.print(Text("未发现疑似排除、限制竞争的条款。机器筛查不代替审查结论。", style="green"))


def finding_block(finding: Finding, document: Document, width: int, aids: Sequence[tuple[str, str]] = ()) -> Text:
    """One finding: the paragraph it stands in with the offending words marked, why, and what would be lawful.

    `aids` are further lines, named: a tried wording, labelled examples.

    No box around it: curly quotes are one cell wide in some terminals, two in others, and would break its right side.
    """
    label, style = LEVEL_STYLES[finding.level]
    clause = next((c for c in document.clauses if c.start <= finding.start < c.end), None)
    start, end = (clause.start, clause.end) if clause else (finding.start, finding.end)
    told = Text.assemble((f"\n【{label}】{finding.id}  {finding.clause or f'第{finding.line}行'}\n", style))
    body = paragraph(document.text[start:end], width - 2, [(finding.start - start, finding.end - start)], style)
    told_of = (("依据", "、".join(finding.articles)), ("原因", finding.why), ("建议", finding.advice), *aids)
    for name, words in told_of:
        if words:
            body.append("\n").append_text(paragraph(f"{name}：{words}", width - 2, [(0, len(name) + 1)], "cyan"))
    told.append_text(Text("  ").append_text(Text("\n  ").join(body.split("\n"))))
    return told


def print_queue(rows: Sequence[Mapping[str, Any]], profile: Profile) -> None:
    """The open tasks, most urgent first."""
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("期限", "案件", "环节", "标题", "起草单位", "领取人")
    shown = len(headings) if out.width >= NARROW else 4
    for heading in headings[:shown]:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("期限", "案件", "环节", "领取人"))
    for row in rows:
        holder = officer_name(profile, row["holder"]) if row["holder"] else "-"
        unit = unit_name(profile, row["unit"])
        cells = (row["due_on"] or "-", row["case_id"], row["name"], row["title"], unit, holder)
        table.add_row(*cells[:shown])
    out.print(table if rows else Text("没有待办任务。", style="green"))


def print_case(
    row: Mapping[str, Any], turns: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]], profile: Profile
) -> None:
    """One case: where it stands, who is to act, and what has been filed, oldest first."""
    out = console()
    out.print(Text(f"{row['id']}  {row['title']}", style="bold"))
    stage = STAGES.get(row["stage"], row["stage"])
    out.print(f"起草单位 {unit_name(profile, row['unit'])}  第{row['round']}轮  第{row['version']}稿  {stage}")
    for turn in turns:
        holder = officer_name(profile, turn["holder"]) if turn["holder"] else "未领取"
        place = f"（{place_name(profile, turn['instance'])}）" if turn["instance"] else ""
        out.print(f"  等待：{turn['name']}{place}  {holder}  期限 {turn.get('due_on') or '-'}", style="cyan")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("留痕", "内容", "摘要"):
        table.add_column(heading, overflow="fold")
    for record in records:
        if record["kind"] == WORDS:
            continue  # what was said in an act is told by the trail
        table.add_row(str(record["event_seq"]), *map(one_line, record_line(record, profile)))
    out.print(table)


def print_verdict(file: CaseFile, verdict: Verdict) -> None:
    """The gate's answer: every open reason with its provision and the next step."""
    out = console()
    out.print(Text(f"{file.case.id}  {file.case.title}", style="bold"))
    if verdict.may_issue and verdict.outcome:
        out.print(Text(OUTCOMES[verdict.outcome], style="bold green"))
        return
    out.print(Text(f"不得出台：{len(verdict.reasons)} 项理由未消除", style="bold red"))
    for number, reason in enumerate(verdict.reasons, 1):
        where = f"（{reason.clause}）" if reason.clause and reason.clause not in reason.message else ""
        out.print(paragraph(f"{number:>2}. {reason.message}{where}", out.width, hang=4))
        if reason.next_step:
            out.print(paragraph(f"    下一步：{reason.next_step}", out.width, hang=4), style="cyan")


def unit_name(profile: Profile, unit: str) -> str:
    """The unit's name, its id when the roster no longer lists it."""
    return profile.units[unit].name if unit in profile.units else unit


def print_officers(people: Sequence[Officer], profile: Profile) -> None:
    """The roster, by unit."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("经办人", "姓名", "单位", "职责"):
        table.add_column(heading, overflow="fold")
    for person in people:
        roles = "、".join(ROLE_NAMES[role] for role in person.roles)
        table.add_row(person.id, person.name, unit_name(profile, person.unit), roles)
    console().print(table)


def print_items(items: Sequence[tuple[str, str, str]]) -> None:
    """Review items with their citation and sense."""
    out = console()
    for item, citation, text in items:
        out.print(Text(f"{item}  {citation}", style="bold"))
        out.print(paragraph(text, out.width))


def print_events(rows: Sequence[Mapping[str, Any]], profile: Profile) -> None:
    """Trail entries, oldest first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("序号", "时间（UTC）", "案件", "操作", "经办人", "要点", "摘要"):
        table.add_column(heading, overflow="fold", no_wrap=heading.startswith(("时间", "操作")))
    for row in rows:
        facts = row["facts"]
        gist = str(facts.get("reason") or facts.get("title") or facts.get("stage_to") or "")
        who = _actor(row["actor"], facts.get("for"), profile)
        table.add_row(
            str(row["seq"]), row["at"][:19].replace("T", " "), row["case"], _signed(row), who, gist, row["hash"][:12]
        )
    console().print(table)


def _signed(event: Mapping[str, Any]) -> str:
    """The act, and of a decision whether its officer signed it with his own key."""
    if event["attested"]:
        return f"{event['act']}\n已签名"
    return f"{event['act']}\n未签名" if event["act"] in DECISIONS else str(event["act"])


def _actor(actor: str, principal: str | None, profile: Profile) -> str:
    """Who acted, and for whom when he stood in for somebody."""
    name = {"system": "系统"} | {officer.id: officer.name for officer in profile.officers.values()}
    return f"{name.get(actor, actor)}（代{name.get(principal, principal)}）" if principal else name.get(actor, actor)
