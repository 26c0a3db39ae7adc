"""The commands of those who are asked from outside: a department's answer, a third party's evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reviewers.desk.counter import As, CaseId, Command, Home, Json, answer, open_office, upload

Interests = Annotated[
    str, typer.Option(metavar="声明", help="利益冲突声明：没有的写“无”，有的写明情况（应当回避）", show_default=False)
]


def consult(
    case: CaseId,
    agree: Annotated[bool, typer.Option("--agree", help="没有不同意见")] = False,
    text: Annotated[str, typer.Option(metavar="意见", help="部门意见")] = "",
    clause: Annotated[str, typer.Option(metavar="条款", help="条款编号，如 三（二）5；缺省全文")] = "全文",
    suggest: Annotated[str, typer.Option(metavar="新文字", help="建议改成的文字")] = "",
    blocking: Annotated[bool, typer.Option("--blocking", help="须采纳：未采纳或者未经协调前不得出台")] = False,
    interests: Interests = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """会审部门答复征求的意见；对多个条款有意见的，先逐条用 comment 提出。"""
    from reviewers.consulting import Reply
    from reviewers.consulting import consult as reply
    from reviewers.opinions import Comment

    said = Comment(text, clause, suggest, blocking) if text else None
    receipt = reply(open_office(home, officer, command), case, Reply(agree, interests, said))
    answer(receipt, "部门意见已入卷。", as_json)


def evaluate(
    case: CaseId,
    by: Annotated[str, typer.Option(metavar="机构", help="第三方评估机构")],
    file: Annotated[Path, typer.Option(metavar="文件", help="评估报告")],
    summary: Annotated[str, typer.Option(metavar="结论", help="评估结论摘要")] = "",
    independence: Annotated[
        str, typer.Option(metavar="说明", help="独立性说明：与起草单位、所涉经营者有无利害关系")
    ] = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记第三方评估报告（会审人员），印在会审结论上。"""
    from reviewers.evaluation import Report
    from reviewers.evaluation import evaluate as record

    report = Report(by, independence, summary, upload(file))
    answer(record(open_office(home, officer, command), case, report), f"{by}的评估报告已入卷。", as_json)
