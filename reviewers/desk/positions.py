"""Where a case stands, as plain JSON: position."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.errors import Conflict
from reviewers.desk.counter import CaseId, Home, Json, database, emit


def position(
    case: CaseId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="文件", help="写成 JSON 文件，缺省只显示待办")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """案件走到哪里：待办、数据、期限和流程版本的 JSON，不用本程序也能接着办。"""
    from reviewers.positions import position_of

    told = position_of(database(home), case)
    if output is not None:
        from json import dumps

        if output.exists() or output.is_symlink():
            raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
        output.write_text(dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    if as_json:
        emit(told)
        return
    print(f"{case}  第 {told['revision']} 次修订  流程版本 {told['bundle'][:12]}  环节 {told['stage']}")
    due = {each["task"]: each["due_on"] for each in told["due"]}
    for token in told["tokens"]:
        waited = "、".join(token["messages"]) or token["role"]
        print(f"  等待：{token['name']}（{token['element']}）  {waited}  期限 {due.get(token['task']) or '-'}")
    if output is not None:
        print(f"已写到 {output}")
