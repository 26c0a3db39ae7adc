"""How deadlines look in the terminal: the arithmetic of a case, an officer's digest, a calendar year, a tick's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from rich.text import Text

from engine.calendar import CalendarYear
from engine.model import Turn
from reviewers.desk.printing import console, paragraph, unit_name
from reviewers.firings import Fired
from reviewers.office import Office
from reviewers.reckoning import Counts, Reckoning

HEADINGS = {
    "overdue": ("已超期", "bold red"),
    "due_today": ("今日到期", "bold yellow"),
    "due_soon": ("即将到期", "yellow"),
    "to_press": ("须督促他人办理", "magenta"),
}
KINDS = {
    "remind": "到期前提醒",
    "last": "到期当日提醒",
    "overdue": "超期",
    "escalate": "上报",
    "reopen": "系统重新送审",
}


def print_due(case: str, found: Sequence[tuple[Turn, Reckoning | None]], today: date) -> None:
    """Each open task once, parallel ones together: due day, state, every step of the arithmetic, the sum."""
    out = console()
    if not found:
        out.print(f"案件 {case} 没有待办任务，也就没有期限。")
    for _, group in groupby(found, key=lambda pair: (pair[0].element, pair[0].due_on)):
        same = list(group)
        turn, reckoned = same[0]
        parallel = f"（{len(same)}份）" if len(same) > 1 else ""
        if reckoned is None:
            out.print(f"{case}  {turn.name}{parallel}：没有规定期限。")
            continue
        out.print(Text(f"{case}  {turn.name}{parallel}  {_state(reckoned, today)}", style="bold"))
        for step in (*reckoned.steps, _sum(reckoned.counts)):
            out.print(paragraph(f"  {step}", out.width, hang=2))
        if turn.due_on != reckoned.due_on:
            stored = turn.due_on or "暂停计时"
            told = f"  登记的期限为{stored}，与按现行日历计算的不同；用 shuangshen calendar import 导入年历后更新。"
            out.print(paragraph(told, out.width, hang=2), style="yellow")


def _state(reckoned: Reckoning, today: date) -> str:
    if reckoned.due_on is None:
        return "暂停计时"
    provisional = "（暂定）" if reckoned.provisional else ""
    late = "，已超期" if reckoned.due_on < today else "，今日到期" if reckoned.due_on == today else ""
    return f"期限 {reckoned.due_on}{provisional}{late}"


def _sum(counts: Counts) -> str:
    worked = f"{counts.worked}个工作日" + (f"（含调休上班{counts.make_up}天）" if counts.make_up else "")
    parts = [(counts.weekend, "周末"), (counts.holiday, "放假"), (counts.stopped, "暂停")]
    rest = "".join(f"＋{name}{number}天" for number, name in parts if number)
    return f"合计{counts.calendar}天＝{worked}{rest}。"


def print_digest(found: Mapping[str, Sequence[Mapping[str, Any]]], office: Office) -> None:
    """The officer's tasks by urgency."""
    out = console()
    out.print(Text(f"{office.officer.name}  {office.today}", style="bold"))
    for kind, (heading, style) in HEADINGS.items():
        if found[kind]:
            out.print(Text(f"{heading} {len(found[kind])}", style=style))
        for row in found[kind]:
            line = f"  {row['due_on']}  {row['case_id']}  {row['name']}  {unit_name(office.profile, row['unit'])}"
            out.print(paragraph(f"{line}  {row['title']}", out.width, hang=4))
    if not any(found.values()):
        out.print(Text("没有到期或者超期的任务。", style="green"))


def print_fired(fired: Iterable[Fired]) -> None:
    """One line for each event the clock wrote."""
    told = list(fired)
    for each in told:
        to = "、".join(each.to) or "无人"
        print(
            f"{KINDS[each.kind]}  {each.case_id}  {each.name}  期限 {each.due_on}  通知 {to}",
            f" 留痕第 {each.event_seq} 号",
        )
    if not told:
        print("没有新的提醒、超期或者上报。")


def print_year(year: CalendarYear, own: bool, version: str) -> None:
    """One year: the notice it rests on, holidays and make-up days by festival."""
    out = console()
    state = (
        "暂定：放假安排尚未公布，按周末和法定节假日计算"
        if year.provisional
        else f"{year.notice}（{year.announced_on}）"
    )
    out.print(Text(f"{year.year}年  {state}", style="bold"))
    for heading, days in (("放假", year.holidays), ("调休上班", year.make_up_days)):
        for name, group in groupby(sorted(days), key=lambda day: days[day]):
            listed = "、".join(f"{day.month}月{day.day}日" for day in group)
            out.print(paragraph(f"  {heading}  {name}  {listed}", out.width, hang=4))
    out.print(f"  来源 {'本单位导入' if own else '随程序附带'}  日历版本 {version[:16]}", style="dim")
