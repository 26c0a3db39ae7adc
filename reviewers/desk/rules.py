"""The rules commands: what the screener looks for, whether it holds, what it does not cover, how it learns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import InvalidInput
from reviewers.desk.counter import Json, emit
from reviewers.desk.rule_packs import (
    LEVELS,
    Overlay,
    export_rejections,
    print_rows,
    rules_impact,
    rules_sign,
    rules_verify,
)

if TYPE_CHECKING:
    from engine.screening.rules import Rule, RulePack

rules = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@rules.command("list")
def rules_list(
    item: Annotated[str, typer.Option("--item", metavar="项目", help="只看引用该项目的规则，如 M15-3")] = "",
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """列出筛查规则。"""
    from engine.standards import load_standards

    wanted = load_standards().item(item).id if item else ""
    pack = _pack(overlay)
    own = pack.local.rules if pack.local else frozenset[str]()
    found = [rule for rule in pack.rules if not wanted or wanted in rule.cites]
    if as_json:
        emit(
            [
                {"id": r.id, "cites": list(r.cites), "title": r.title, "level": str(r.level)}
                | ({"local": r.id in own} if overlay else {})
                for r in found
            ]
        )
        return
    rows: list[tuple[str, ...]] = [
        (r.id, LEVELS[r.level], "、".join(r.cites), f"{r.title}{'（本地增加）' if r.id in own else ''}") for r in found
    ]
    print_rows(("规则", "级别", "项目", "内容"), rows)
    _print_local(pack)


@rules.command("show")
def rules_show(
    rule: Annotated[str, typer.Argument(metavar="规则", help="规则编号，如 M15-3.local-scoring")],
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """查看一条规则：依据、写法、理由、建议和自带的例句。"""
    from engine.standards import load_standards
    from reviewers.rulebook import rule_named

    pack = _pack(overlay)
    found = rule_named(rule, pack)
    if as_json:
        emit(asdict(found))
        return
    own = "，本地增加" if pack.local and found.id in pack.local.rules else ""
    print(f"{found.id}  {found.title}（{LEVELS[found.level]}{own}）")
    for cited in found.cites:
        print(f"依据：{load_standards().citation(cited)}（{cited}）")
    for order in found.orders:
        print(f"写法：{' … '.join(name.rpartition(':')[2] for name in order)}，相隔不超过 {found.within} 字")
    print(f"原因：{found.because}\n建议：{found.advice}")
    for template in found.patches:
        print(
            f"改写：“{template.find}”改为“{template.by}”" if template.by else f"改写：删去含有“{template.find}”的小句"
        )
    for title, examples in (
        ("应当提示", found.hit),
        ("不应提示", found.ok),
        ("尚未做到", found.todo_hit + found.todo_ok),
    ):
        for text in examples:
            print(f"{title}：{text}")
    _print_local(pack)


def _pack(overlay: Path | None) -> RulePack:
    """The packaged rules, with the overlay when one is named."""
    from engine.screening.overlay import load_pack
    from engine.screening.rules import load_rules

    return load_pack(overlay) or load_rules()


def _print_local(pack: RulePack) -> None:
    for line in pack.local.lines if pack.local else ():
        print(line)


@rules.command("test")
def rules_test(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="规则|文件...", help="规则编号或自己的 .toml 文件，缺省为全部")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="文件", help="另用已有结论的案例（JSONL）检验")
    ] = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """用规则自带的例句检验规则；用已有结论的案例检验筛查。退出码：0 全部相符；1 有不符。"""
    from engine.screening.overlay import load_pack
    from engine.standards import load_standards
    from reviewers.rulebook import contradicted, failing

    chosen = list(_chosen(names or [], _pack(overlay)))
    failed = [one for some, pack in chosen for one in failing(some, pack)]
    today = date.today()  # noqa: DTZ011  the user's own calendar day
    against = contradicted(cases, load_standards(), today, load_pack(overlay)) if cases else []
    examples = sum(len(rule.hit) + len(rule.ok) for some, _ in chosen for rule in some)
    if as_json:
        emit(
            {
                "rules": sum(len(some) for some, _ in chosen),
                "examples": examples,
                "failed": [asdict(one) for one in failed],
                "contradicted": [asdict(one) for one in against],
            }
        )
    else:
        for one in failed:
            print(f"{one.rule} {'应当提示而没有' if one.missed else '不应提示而提示'}：{one.text}")
        for case in against:
            print(f"案例 {case.case} {'又被提示' if case.finding else '没有提示'}：{case.text}（{case.because}）")
        print(f"例句 {examples} 条，不符 {len(failed)} 条；案例不符 {len(against)} 条。")
    sys.exit(int(bool(failed or against)))


def _chosen(names: list[str], pack: RulePack) -> Iterator[tuple[list[Rule], RulePack]]:
    """The rules asked for, each with the pack it is read in; when none is named all of them, or all local ones."""
    from reviewers.rulebook import pack_with, rule_named

    if not names:
        local = pack.local.rules if pack.local else frozenset[str]()
        yield [rule for rule in pack.rules if not local or rule.id in local], pack
    for name in names:
        if name.endswith(".toml"):
            own, own_pack = pack_with(Path(name))
            if not own.hit or not own.ok:
                raise InvalidInput(f"{name} 还没有例句。", "请在 [tests] 的 hit 和 ok 里各写至少 5 条。")
            yield [own], own_pack
        else:
            yield [rule_named(name, pack)], pack


@rules.command("coverage")
def rules_coverage(as_json: Json = False) -> None:
    """逐项列出由哪些规则筛查，没有规则的为什么只能由人判断。"""
    from engine.standards import load_standards
    from reviewers.rulebook import coverage

    found = coverage(load_standards())
    if as_json:
        emit([asdict(one) for one in found])
        return
    print_rows(
        ("项目", "评分", "规则，或者只能由人判断的原因"),
        [(one.item, "有" if one.scored else "无", "、".join(one.rules) or f"由人判断：{one.reason}") for one in found],
    )
    covered = sum(bool(one.rules) for one in found)
    print(f"共 {len(found)} 项：有规则 {covered} 项，由人判断 {len(found) - covered} 项。")


@rules.command("new")
def rules_new(
    name: Annotated[str, typer.Argument(metavar="规则", help="新规则的编号，如 M15-3.local-scoring")],
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="文件", help="缺省为 编号.toml")] = None,
    as_json: Json = False,
) -> None:
    """写出一条新规则的模板。"""
    from engine.standards import load_standards
    from reviewers.desk.reporting import deliver
    from reviewers.rulebook import template

    path = output or Path(f"{name}.toml")
    deliver([template(name, load_standards()).encode()], path)
    if as_json:
        emit({"path": str(path)})
    else:
        print(f"已写出 {path}，写好后用 shuangshen rules test {path} 检验。")


rules.command("export-rejections")(export_rejections)
rules.command("impact")(rules_impact)
rules.command("sign")(rules_sign)
rules.command("verify")(rules_verify)
