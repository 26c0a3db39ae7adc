"""The supervision commands: ledger add, list, progress, close, monthly; supervise misses, strikes."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.calendar.zone import local_day
from engine.errors import InvalidInput
from reviewers.desk import counter
from reviewers.desk.counter import As, Command, Home, Json, database, emit, open_office, open_profile, upload
from reviewers.lines import one_line

if TYPE_CHECKING:
    from engine.store import Receipt
    from reviewers.supervision.ledger import Entry
    from reviewers.supervision.misses import Rate, Round

SCHEMA = "shuangshen.ledger/1"
STRIKES_SCHEMA = "shuangshen.strikes/1"
Id = Annotated[str, typer.Argument(metavar="台账编号", help="如 TZ-2026-0001")]
ledger = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
supervise = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@ledger.command("add")
def ledger_add(
    problem: Annotated[str, typer.Option(metavar="问题", help="发现的问题")] = "",
    measure: Annotated[str, typer.Option(metavar="措施", help="整改措施")] = "",
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="日期", help="完成时限")] = None,
    source: Annotated[str, typer.Option(metavar="来源", help="抽查、督查、举报等")] = "",
    unit: Annotated[str, typer.Option(metavar="单位", help="责任单位编号；写明案件的缺省为起草单位")] = "",
    case: Annotated[str, typer.Option(metavar="案件编号", help="有关的案件")] = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记整改台账。"""
    from engine.store import reads
    from reviewers.supervision.ledger import add

    if due is None:
        raise InvalidInput("没有写明完成时限。", "请加上 --due 日期。")
    responsible = unit or (reads.case_row(database(home), case)["unit"] if case else "")
    if not responsible:
        raise InvalidInput("没有写明责任单位。", "请加上 --unit 单位编号，或 --case 案件编号。")
    receipt = add(open_office(home, officer, command), responsible, case, problem, measure, due.date(), source)
    tell(receipt, "已登入台账。", as_json)


@ledger.command("list")
def ledger_list(
    only_open: Annotated[bool, typer.Option("--open", help="只列未销号的")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="只列超期的")] = False,
    unit: Annotated[str, typer.Option(metavar="单位", help="只列一个责任单位")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="以 CSV 输出（Excel、WPS 可直接打开）")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """查看整改台账。"""
    from reviewers.supervision.ledger import entries

    today = local_day(counter.now())
    found = [each for each in entries(database(home)) if not unit or each.entry.unit == unit]
    found = [e for e in found if (not only_open or e.open_on(today)) and (not overdue or e.overdue_on(today))]
    rows = [_entry(each, today) for each in found]
    if as_json:
        emit({"schema": SCHEMA, "on": today, "entries": rows})
    elif as_csv:
        write_csv(LEDGER_HEADINGS, [_cells(row) for row in rows])
    else:
        profile = open_profile(home)
        for row in rows:
            named, problem = profile.unit(row["unit"]).name, one_line(row["problem"])
            print(f"{row['id']}  {named}  限期 {row['due_on']}  {_state(row)}  {problem}")
        print(f"共 {len(rows)} 项。")


@ledger.command("progress")
def ledger_progress(
    entry: Id,
    text: Annotated[str, typer.Option(metavar="进展", help="整改进展")] = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记整改进展（责任单位或市场监管部门）。"""
    from reviewers.supervision.ledger import progress

    tell(progress(open_office(home, officer, command), entry, text), "进展已登记。", as_json)


@ledger.command("close")
def ledger_close(
    entry: Id,
    evidence: Annotated[list[Path] | None, typer.Option(metavar="文件", help="整改证据（可多次）")] = None,
    text: Annotated[str, typer.Option(metavar="说明", help="销号说明")] = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """销号：须附整改证据。"""
    from reviewers.supervision.ledger import close

    files = tuple(upload(path) for path in evidence or ())
    tell(close(open_office(home, officer, command), entry, files, text), "已凭证据销号。", as_json)


@ledger.command("monthly")
def ledger_monthly(
    period: Annotated[str, typer.Argument(metavar="月份", help="如 2026-07")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """月调度：各单位当月新增、销号，月末未销号和超期数。"""
    from reviewers.supervision.ledger import entries, monthly
    from reviewers.supervision.periods import month

    first, last = month(period)
    lines = monthly(entries(database(home)), first, last, local_day(counter.now()))
    if as_json:
        emit({"schema": SCHEMA, "period": period, "units": [asdict(line) for line in lines]})
        return
    profile = open_profile(home)
    print(f"{period} 整改月调度")
    for line in lines:
        counts = f"新增 {line.added}  销号 {line.closed}  未销号 {line.open}  超期 {line.overdue}"
        print(f"{profile.unit(line.unit).name}  {counts}")
    if not lines:
        print("没有台账事项。")


@supervise.command("strikes")
def supervise_strikes(home: Home = None, as_json: Json = False) -> None:
    """自审认为没有问题、会审连续两次以上没有通过的单位，须提请负责人约谈。"""
    from reviewers.supervision.misses import strikes

    found = strikes(_rounds(home))
    if as_json:
        told = [{"unit": s.unit, "in_a_row": s.in_a_row, "rounds": [_round(r) for r in s.rounds]} for s in found]
        emit({"schema": STRIKES_SCHEMA, "strikes": told})
        return
    profile = open_profile(home)
    for each in found:
        cases = "、".join(f"{r.case} 第{r.round}轮" for r in each.rounds)
        print(f"{profile.unit(each.unit).name}  连续 {each.in_a_row} 次  {cases}")
    if not found:
        print("没有连续两次被会审挡回的单位。")


@supervise.command("misses")
def supervise_misses(home: Home = None, as_json: Json = False) -> None:
    """初审漏查：自审认为没有、会审认定存在的项目，按单位和项目统计，附 95% 区间。"""
    from reviewers.supervision.misses import rates

    found = rates(_rounds(home))
    if as_json:
        emit({"schema": STRIKES_SCHEMA, "interval": "wilson95", "misses": [asdict(rate) for rate in found]})
        return
    profile = open_profile(home)
    for rate in found:
        print(_rate(rate, profile.unit(rate.unit).name))
    if not found:
        print("还没有经过会审结论的案件。")


def tell(receipt: Receipt, sentence: str, as_json: bool) -> None:
    """The receipt of an act on a matter: a sentence for people, the same facts as JSON for scripts."""
    if as_json:
        emit(asdict(receipt))
        return
    again = "（此前已办理，未重复）" if receipt.repeated else ""
    print(f"{sentence}{again}\n编号 {receipt.case_id}  留痕第 {receipt.event_seq} 号  摘要 {receipt.event_hash[:16]}")


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout as bytes that Excel and WPS open in Chinese, no cell of which runs as a formula."""
    from reviewers.reports.spreadsheet import harmless

    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([headings, *([harmless(cell) for cell in row] for row in rows)])
    sys.stdout.write(codecs.BOM_UTF8.decode() + out.getvalue())


LEDGER_HEADINGS = (
    "编号", "责任单位", "案件", "问题", "整改措施", "完成时限", "来源", "举报", "登记日期", "状态", "销号日期",
    "最新进展",
)  # fmt: skip


def _entry(each: Entry, today: date) -> dict[str, Any]:
    kept = {name: getattr(each.entry, name) for name in ("unit", "case", "problem", "measure", "source", "complaint")}
    return {
        "id": each.id,
        **kept,
        "due_on": each.entry.due_on,
        "added_on": each.added_on,
        "open": each.open_on(today),
        "overdue": each.overdue_on(today),
        "closed_on": each.closed_on,
        "evidence": list(each.closure.evidence) if each.closure else [],
        "progress": [{"on": local_day(p.reported_at), "by": p.reported_by, "text": p.text} for p in each.progress],
    }


def _cells(row: dict[str, Any]) -> list[str]:
    latest = row["progress"][-1]["text"] if row["progress"] else ""
    names = ("id", "unit", "case", "problem", "measure", "due_on", "source", "complaint", "added_on")
    return [*(str(row[name]) for name in names), _state(row), str(row["closed_on"] or ""), latest]


def _state(row: dict[str, Any]) -> str:
    return "超期" if row["overdue"] else "未销号" if row["open"] else "已销号"


def _rounds(home: Path | None) -> list[Round]:
    from engine.store.holdings import case_files
    from reviewers.supervision.misses import KINDS, rounds_of

    files = case_files(database(home), holding="conclusion", kinds=KINDS)
    return [each for file in files for each in rounds_of(file)]


def _round(each: Round) -> dict[str, Any]:
    on = local_day(each.concluded_at)
    return {"case": each.case, "round": each.round, "concluded_on": on, "missed": sorted(each.missed)}


def _rate(rate: Rate, unit: str) -> str:
    item = rate.item or "合计"
    span = f"{rate.low:.1%} 至 {rate.high:.1%}"
    cases = f"  案件 {'、'.join(rate.cases)}" if rate.cases else ""
    return f"{unit}  {item}  漏查 {rate.missed}/{rate.compared}（95% 区间 {span}）{cases}"
