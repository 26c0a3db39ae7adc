"""The command that plays a made-up year through the real process: simulate."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import InvalidInput
from engine.model import Role
from reviewers.desk.counter import Json, emit

if TYPE_CHECKING:
    from reviewers.simulation import Plan, Rates, Result, Staff

SCHEMA = "shuangshen.simulation/1"
NAMES: Mapping[str, str] = {
    "confirm_scope": "确认范围", "self_check": "自审", "sign_off": "签署初审意见", "accept": "核对材料",
    "correct_materials": "补正", "co_review": "会审", "conclude": "作出会审结论", "revise": "修改",
}  # fmt: skip
STAGES: Mapping[str, str] = {
    "passed": "通过", "withdrawn": "撤回", "out_of_scope": "不属于审查范围", "must_not_issue": "不得出台",
    "returned": "退回",
}  # fmt: skip
MEMORY = Path("/dev/shm")  # noqa: S108  a private directory is made in it
"""Where it exists, the temporary database is kept in memory: nobody needs it to be durable."""


def simulate(
    cases: Annotated[int, typer.Option("--cases", metavar="件数", help="一共报送多少件")] = 300,
    seed: Annotated[int, typer.Option("--seed", metavar="种子", help="随机种子：同一种子结果相同")] = 1,
    days: Annotated[int, typer.Option("--days", metavar="天数", help="在多少天（自然日）内报送")] = 365,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", metavar="角色=人数[:投入比例]", help="如 regulator=4:0.5；可重复"),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option("--rate", metavar="名称=比例", help="如 blocked=0.5；可重复，名称见使用说明"),
    ] = None,
    as_json: Json = False,
) -> None:
    """用虚构草案模拟一年：各角色积压、各环节用时、超期比例。"""
    from reviewers.simulation import Plan
    from reviewers.simulation import simulate as play

    usual = Plan()
    plan = replace(
        usual,
        cases=cases,
        seed=seed,
        days=days,
        staff={**usual.staff, **_staff(staff or ())},
        rates=_rates(rate or (), usual.rates),
    )
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="shuangshen-", dir=memory) as room:
        result = play(plan, Path(room))
    if as_json:
        emit({"schema": SCHEMA, **asdict(result), "plan": _plan(plan)})
        return
    _print(result)


def _staff(words: Iterable[str]) -> dict[Role, Staff]:
    from reviewers.simulation import SIMULATED, Staff

    known = {str(role): role for role in SIMULATED}
    found = {}
    for word in words:
        told = re.fullmatch(r"(\w+)=(\d{1,3})(?::(\d(?:\.\d+)?))?", word)
        if told is None or told[1] not in known:
            raise InvalidInput(
                f"--staff “{word}”看不懂。",
                f"应写成 角色=人数[:投入比例]，角色为 {'、'.join(known)}，如 regulator=4:0.5。",
            )
        found[known[told[1]]] = Staff(int(told[2]), float(told[3] or 1))
    return found


def _rates(words: Iterable[str], usual: Rates) -> Rates:
    known = asdict(usual)
    for word in words:
        told = re.fullmatch(r"(\w+)=(0(?:\.\d+)?|1(?:\.0+)?)", word)
        if told is None or told[1] not in known:
            raise InvalidInput(
                f"--rate “{word}”看不懂。", f"应写成 名称=比例（0 至 1），名称为 {'、'.join(known)}，如 blocked=0.5。"
            )
        known[told[1]] = float(told[2])
    return replace(usual, **known)


def _plan(plan: Plan) -> dict[str, object]:
    staff = {str(role): asdict(each) for role, each in plan.staff.items()}
    return {**asdict(replace(plan, staff={})), "staff": staff}


def _print(result: Result) -> None:
    from reviewers.roster import ROLE_NAMES

    plan = result.plan
    print(f"模拟：{plan.cases} 件虚构草案，{plan.days} 天内报送，种子 {plan.seed}。流程、数据库、日历和筛查是真实的；")
    print("人员、各项工作用时和比例是假设，不是预测。")
    print(
        "结果："
        + "，".join(f"{STAGES.get(stage, f'在办（{stage}）')} {count} 件" for stage, count in result.ends.items())
    )
    print(
        f"平均 {result.rounds} 轮；每件用时（工作日）中位数 {result.case_median:g}，九成以内 {result.case_p90:g}；"
        f"超期 {result.overdue:.1%}；留痕 {result.events} 条，已校验。"
    )
    print("\n环节用时（工作日；含等待）\n环节\t次数\t中位数\t九成以内\t超期")
    for step in result.steps:
        name = NAMES.get(step.element, step.element)
        print(f"{name}\t{step.times}\t{step.median:g}\t{step.p90:g}\t{step.overdue:.1%}")
    roles = list(dict.fromkeys(queue.role for queue in result.queues))
    print("\n每月待办（日终平均／最多）\n月份\t" + "\t".join(ROLE_NAMES[role] for role in roles))
    for month in dict.fromkeys(queue.month for queue in result.queues):
        own = [f"{queue.mean:g}／{queue.most}" for queue in result.queues if queue.month == month]
        print(f"{month}\t" + "\t".join(own))
