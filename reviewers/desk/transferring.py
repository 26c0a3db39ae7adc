"""Carrying cases between installations: transfer card, trust, peers, out, in, list, trail."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import Conflict, InvalidInput, NotFound, TrailBroken
from reviewers.desk.counter import As, CaseId, Command, Home, Json, answer, database, emit, open_office, open_profile

if TYPE_CHECKING:
    from engine.trail.transfers import Package
    from reviewers.operations.peers import Peer

transfer = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
PackageFile = Annotated[Path, typer.Argument(metavar="移送包", help="transfer out 制作的移送包（zip 或目录）")]


@transfer.command("card")
def transfer_card(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="名片放在哪里")],
    name: Annotated[str, typer.Option("--name", metavar="名称", help="本单位名称，缺省为市场监管部门的名称")] = "",
    sm2: Annotated[bool, typer.Option("--sm2", help="还没有本机密钥的，生成 SM2 密钥，而不是 Ed25519")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """制作本单位的名片（来源、名称、公钥），交给对方登记。"""
    from reviewers.operations.peers import card, key_of, own_key

    if output.exists() or output.is_symlink():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    path = database(home)
    made = card(path, name or open_profile(home).regulator_unit.full_name, sm2)
    output.write_bytes(made)
    fingerprint = key_of(own_key(path)).fingerprint
    if as_json:
        emit({"path": str(output), "fingerprint": fingerprint})
        return
    print(f"名片已写到 {output}\n公钥指纹 {fingerprint}\n请把名片交给对方，指纹用电话或者当面告知。")


@transfer.command("trust")
def transfer_trust(
    card: Annotated[Path, typer.Argument(metavar="名片", help="对方 transfer card 制作的名片")],
    tag: Annotated[str, typer.Option("--tag", metavar="代号", help="对方的代号，如 JTJ；其案件在本单位编号为 JTJ-…")],
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", metavar="指纹", help="对方用电话或者当面告知的公钥指纹（SHA256:…）")
    ],
    unit: Annotated[
        list[str] | None, typer.Option("--unit", metavar="单位", help="由哪些单位在对方的系统里办理（可多次）")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """登记对方：核对指纹，记下公钥、代号和在其系统里办理的单位。"""
    from reviewers.operations.peers import trust

    peer = trust(database(home), open_profile(home), card, tag, fingerprint, tuple(unit or ()))
    if as_json:
        emit(_shown(peer))
        return
    print(f"已登记 {peer.tag} {peer.name}，其案件在本单位编号为 {peer.tag}-年份-序号。")


@transfer.command("peers")
def transfer_peers(home: Home = None, as_json: Json = False) -> None:
    """登记过的外单位。"""
    from reviewers.operations.peers import peers

    known = peers(database(home))
    if as_json:
        emit([_shown(peer) for peer in known])
        return
    for peer in known:
        print(f"{peer.tag}  {peer.name}  {peer.origin}  {peer.fingerprint}  {'、'.join(peer.units)}")
    if not known:
        print("还没有登记外单位。")


@transfer.command("out")
def transfer_out(
    case: CaseId,
    to: Annotated[str, typer.Option("--to", metavar="外单位", help="移送给谁：登记的代号或者来源")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="移送包放在哪里（.zip，不覆盖）")],
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """移送：案件交给外单位，移回以前本单位不能再办理；同一去向重复办理的只重新制作移送包。"""
    from reviewers.transferring import send

    if output.exists() or output.is_symlink():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    if not output.parent.is_dir():
        raise InvalidInput(f"没有目录 {output.parent}，移送包无处可放。", "请先建立目录，或换一个位置。")
    sent = send(open_office(home, officer, command), case, to, output)
    if as_json:
        emit({**asdict(sent.receipt), "path": str(sent.path), "manifest": sent.manifest})
        return
    answer(sent.receipt, f"案件 {case} 已移送 {to}，移送包在 {sent.path}", False)
    print(f"清单摘要 {sent.manifest}\n请送交对方；丢失的，重复同一命令可以重新制作。")


@transfer.command("in")
def transfer_in(
    file: PackageFile,
    process: Annotated[
        list[str] | None, typer.Option("--process", metavar="哈希", help="认可本单位没有的这个流程版本（可多次）")
    ] = None,
    officer: As = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """移入：校验移送包，把案件连同在外单位的全部记录和留痕并入本单位；同一份重复移入不会重复。"""
    from reviewers.transferring import receive

    receipt = receive(open_office(home, officer), _package(file), process or ())
    answer(receipt, f"案件已移入，本单位编号 {receipt.case_id}。", as_json)


@transfer.command("list")
def transfer_list(
    case: Annotated[str, typer.Argument(metavar="[案件编号]", help="只看一个案件，缺省为全部")] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """移送和移入的记录，按先后。"""
    from engine.store.reads import case_row
    from engine.store.whereabouts import crossings

    path = database(home)
    if case:
        case_row(path, case)
    found = crossings(path, case)
    if as_json:
        emit(found)
        return
    for each in found:
        print(crossing_line(each))
    if not found:
        print("没有移送或移入的案件。")


@transfer.command("trail")
def transfer_trail(case: CaseId, home: Home = None, as_json: Json = False) -> None:
    """一案的全部留痕，按先后，跨各单位：哪个系统、第几号、谁办的。"""
    from engine.store.one_trail import one_trail

    told = one_trail(database(home), case)
    if as_json:
        emit(told)
        return
    from reviewers.deed_words import DEEDS

    for each in told:
        act = DEEDS.get(each["act"], each["act"])
        at = each["at"][:19].replace("T", " ")
        print(f"{each['name']}  第 {each['seq']} 号  {at}  {act}  {each['actor']}  {each['hash'][:12]}")


def crossing_line(each: dict[str, Any]) -> str:
    """One crossing, as a line: when, which case, to or from whom."""
    where = (
        f"移送{each['name']}"
        if each["direction"] == "out"
        else f"从{each['name']}移入（对方编号 {each['their_case']}）"
    )
    at = each["at"][:16].replace("T", " ")
    return f"{each['case']}  {where}  第 {each['hop']} 次  {at} UTC  留痕第 {each['seq']} 号"


def print_package(package: Package, as_json: bool) -> None:
    """What a package that holds says of itself; whose key it is remains to be compared."""
    from engine.trail.verifier import told_signatures
    from reviewers.operations.peers import key_of

    segment = package.segment
    told = {
        "sound": True,
        "case": segment.case,
        "from": segment.origin,
        "to": package.to,
        "hop": segment.handover["hop"],
    }
    told |= {"events": len(segment.events), "records": len(package.records), "files": len(package.contents)}
    told |= {"key": key_of(segment.key).fingerprint, "verified": package.signed}
    if as_json:
        emit({**told, **segment.signatures._asdict()})
        return
    print(
        f"移送包完好：案件 {told['case']}，{told['events']} 条留痕，{told['records']} 项记录，{told['files']} 个文件\n"
        f"由 {told['from']} 移送给 {told['to']}，第 {told['hop']} 次\n"
        f"签名密钥 {told['key']}，请与移送单位核对\n{told_signatures(segment.signatures)}"
    )
    if not package.signed:
        print("本机没有校验签名的工具，移送包的签名未校验。")


def _package(file: Path) -> Package:
    from engine.trail.transfers import read_package
    from engine.trail.verifier import Broken

    if not file.exists():
        raise NotFound(f"没有移送包 {file}。", "请检查路径。")
    try:
        return read_package(file)
    except Broken as broken:
        raise TrailBroken(
            f"{file.name} 不可信，第一处问题在 {broken}，什么都没有移入。", "请移送单位重新制作，并报告此事。"
        ) from broken


def _shown(peer: Peer) -> dict[str, Any]:
    return {**asdict(peer), "fingerprint": peer.fingerprint}
