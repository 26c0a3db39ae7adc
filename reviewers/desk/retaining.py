"""How long, held by what, destroyed when: retention list, due, set, hold, release, dispose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.calendar.zone import local_day
from engine.errors import InvalidInput, NotFound
from engine.model import RetentionTerm
from reviewers.desk import counter
from reviewers.desk.counter import (
    As,
    CaseId,
    Command,
    Home,
    Json,
    Why,
    answer,
    database,
    emit,
    home_directory,
    open_office,
    open_profile,
)

if TYPE_CHECKING:
    from engine.store.disposal import Destroyed
    from reviewers.retention import Keeping

SCHEMA = "shuangshen.retention/1"
TERMS = {RetentionTerm.PERMANENT: "永久", RetentionTerm.THIRTY_YEARS: "30年", RetentionTerm.TEN_YEARS: "10年"}
retention = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@retention.command("list")
def list_(
    case: Annotated[str, typer.Argument(metavar="案件编号", help="只看这一件；已销毁的列出销毁清单")] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """各案件的保管期限、届满日、是否暂缓，以及已销毁的案件。"""
    from engine.store.disposal import destroyed

    gone = [each for each in destroyed(database(home)) if case in ("", each.case)]
    kept = [each for each in _kept(home) if case in ("", each["case"])]
    if case and not gone and not kept:
        raise NotFound(f"没有编号为“{case}”的案件。", "请核对编号。")
    if as_json:
        emit({"schema": SCHEMA, "kept": kept, "destroyed": [_list_json(each) for each in gone]})
        return
    for each in kept:
        _print_kept(each)
    for one in gone:
        _print_list(one, home, whole=bool(case))


@retention.command("due")
def due(home: Home = None, as_json: Json = False) -> None:
    """保管期限已满、没有暂缓、可以鉴定销毁的案件。"""
    today = local_day(counter.now()).isoformat()
    found = [each for each in _kept(home) if each["due_on"] and each["due_on"] <= today and not each["held"]]
    if as_json:
        emit({"schema": SCHEMA, "due": found})
        return
    for each in found:
        _print_kept(each)
    if not found:
        print("没有保管期限已满的案件。")


@retention.command("set")
def set_(
    case: CaseId,
    term: Annotated[str, typer.Option("--term", metavar="期限", help="永久、30年或者10年")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """调整一个案件的保管期限（会审负责人，须说明理由）。"""
    from reviewers.retention import set_term

    known = {word: each for each, word in TERMS.items()} | {each.value: each for each in TERMS}
    if term not in known:
        raise InvalidInput(f"没有“{term}”这种保管期限。", f"可用：{'、'.join(TERMS.values())}。")
    receipt = set_term(open_office(home, officer, command), case, known[term], reason)
    answer(receipt, f"保管期限已改为{TERMS[known[term]]}。", as_json)


@retention.command("hold")
def hold(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """暂缓销毁：诉讼、举报、巡视用卷等（会审负责人，须说明理由）。"""
    from reviewers import retention as acts

    answer(acts.hold(open_office(home, officer, command), case, reason), "已暂缓销毁。", as_json)


@retention.command("release")
def release(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """解除暂缓销毁（会审负责人，须说明理由）。"""
    from reviewers import retention as acts

    answer(acts.release(open_office(home, officer, command), case, reason), "已解除暂缓。", as_json)


@retention.command("dispose")
def dispose(
    case: CaseId,
    proposing: Annotated[bool, typer.Option("--propose", help="只鉴定、提出销毁，由另一人批准")] = False,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """销毁保管期限已满的案卷：一人提出（--propose），另一人批准并执行；印出销毁清单。"""
    from engine.store.destroying import settle
    from engine.store.disposal import destroyed
    from reviewers import retention as acts
    from reviewers.desk.reviewing import drop_unfinished

    office = open_office(home, officer, command)
    if proposing:
        answer(acts.propose(office, case, reason), "已提出销毁，请另一位会审负责人批准。", as_json)
        return
    receipt = acts.dispose(office, case, reason)
    settle(office.store.path)
    drop_unfinished(home_directory(home), case)
    listed = next(each for each in destroyed(database(home)) if each.case == case)
    if as_json:
        emit({"schema": SCHEMA, "event_seq": receipt.event_seq, "destroyed": _list_json(listed)})
        return
    answer(receipt, "案卷已销毁，流水保留。", as_json)
    _print_list(listed, home, whole=True)
    print("备份、导出的案卷包里仍有副本，请一并清点销毁。")
    print("PostgreSQL 请管理员对 record、content、case_ 三表执行 VACUUM FULL。")


def told_destroyed(each: Destroyed) -> str:
    """One destroyed case on one line."""
    out = each.disposal
    return (f"{each.case} 的案卷已于 {each.at[:10]} 依法销毁（留痕第 {each.seq} 号）："
            f"记录 {len(out.records)} 条、文件 {len(out.contents)} 份，以流水登记的摘要为准")  # fmt: skip


def _kept(home: Any) -> list[dict[str, Any]]:
    from reviewers.retention import all_kept, load_rules

    rules = load_rules(home_directory(home) / "profile")
    return [_kept_json(file.case.id, file.case.title, kept) for file, kept in all_kept(database(home), rules)]


def _kept_json(case: str, title: str, kept: Keeping) -> dict[str, Any]:
    ended, due_on = (day.isoformat() if day else None for day in (kept.ended_on, kept.due_on))
    told = {"case": case, "title": title, "term": kept.term.value, "by_rule": kept.by_rule}
    return {**told, "ended_on": ended, "due_on": due_on, "held": kept.held, "proposed_by": kept.proposed_by or None}


def _list_json(each: Destroyed) -> dict[str, Any]:
    from engine.store.records import plain

    return {"case": each.case, "seq": each.seq, "at": each.at, "list": plain(each.disposal)}


def _print_kept(each: dict[str, Any]) -> None:
    if each["ended_on"] is None:
        when = "在办"
    elif each["due_on"] is None:
        when = f"{each['ended_on']} 办结"
    else:
        when = f"{each['ended_on']} 办结，{each['due_on']} 届满"
    marks = [word for word, told in (("暂缓销毁", each["held"]), ("已提出销毁", each["proposed_by"])) if told]
    term = TERMS[RetentionTerm(each["term"])] + ("" if each["by_rule"] else "（个别调整）")
    print("  ".join([each["case"], term, when, *marks, each["title"]]))


def _print_list(each: Destroyed, home: Any, whole: bool) -> None:
    from reviewers.deed_words import RECORDS

    print(told_destroyed(each))
    if not whole:
        return
    profile, out = open_profile(home), each.disposal
    names = {one: profile.officers[one].name if one in profile.officers else one for one in
             (out.proposed_by, out.disposed_by)}  # fmt: skip
    print(f"销毁清单  保管期限 {TERMS[out.term]}  {out.ended_on} 办结  {out.due_on} 届满")
    print(f"提出 {names[out.proposed_by]}  批准 {names[out.disposed_by]}  理由 {out.reason}")
    for number, record in enumerate(out.records, 1):
        print(f"{number:>4}  {RECORDS.get(record.kind, record.kind)}  {record.id}  {record.digest}")
    for number, content in enumerate(out.contents, len(out.records) + 1):
        print(f"{number:>4}  文件  {content.size} 字节  {content.sha256}")
