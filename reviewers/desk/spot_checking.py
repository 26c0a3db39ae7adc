"""The spot check commands: sample commit, sample draw, sample list."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import TrailBroken
from reviewers.desk.counter import As, Command, Home, Json, database, emit, open_office
from reviewers.desk.supervising import tell

SCHEMA = "shuangshen.sample/1"
sample = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@sample.command("commit")
def sample_commit(
    seed_hash: Annotated[str, typer.Option("--seed-hash", metavar="摘要", help="种子的 SHA-256（64 位十六进制）")],
    period: Annotated[str, typer.Option("--period", metavar="月份", help="抽查哪个月审结的案件，如 2026-07")],
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """事先登记保密种子的摘要，月底以前办理。"""
    from reviewers.supervision.sampling import commit

    tell(commit(open_office(home, officer, command), seed_hash, period), "种子摘要已登记，请妥善保管种子。", as_json)


@sample.command("draw")
def sample_draw(
    seed: Annotated[str, typer.Option("--seed", metavar="种子", help="登记时的种子原文")],
    n: Annotated[int, typer.Option("--n", metavar="件数", min=1, help="抽取多少件")],
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """公开种子并抽取案件；任何人都可以重新计算。"""
    from reviewers.supervision.sampling import draw

    receipt = draw(open_office(home, officer, command), seed, n)
    if as_json:
        tell(receipt, "", as_json)
        return
    tell(receipt, "种子与登记相符，已抽取：", as_json)
    _print(database(home), receipt.case_id)


@sample.command("list")
def sample_list(home: Home = None, as_json: Json = False) -> None:
    """各月抽查：按留痕重新计算，不一致时退出码为 6。"""
    from reviewers.supervision.sampling import disagreement, samplings

    path = database(home)
    found = [(each, disagreement(path, each)) for each in samplings(path)]
    if as_json:
        emit({"schema": SCHEMA, "samplings": [{**asdict(each), "disagreement": wrong} for each, wrong in found]})
    for each, wrong in found:
        if not as_json:
            drawn = "未抽取" if each.draw is None else f"抽中 {'、'.join(each.draw.picked)}"
            print(f"{each.id}  {each.commitment.period}  {drawn}")
        if wrong:
            raise TrailBroken(f"{each.id}：{wrong}。", "请停止使用该抽查结果，并报告审计人员。")


def _print(path: Path, sampling: str) -> None:
    from reviewers.supervision.sampling import samplings, score

    (drawn,) = [each.draw for each in samplings(path) if each.id == sampling and each.draw]
    print(f"范围 {len(drawn.cases)} 件，信标 {drawn.beacon}")
    for case in drawn.picked:
        print(f"{case}  {score(drawn.seed, drawn.beacon, case)}")
    print("复核：对每个案件计算 printf '%s' '种子|信标|案件编号' | sha256sum，由小到大取前若干件。")
