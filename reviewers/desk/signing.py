"""Signing at the counter: which key signs, and the commands key add, key revoke, key list."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import InvalidInput
from engine.trail.verifier import NAMESPACE
from reviewers.desk.counter import As, Command, Home, Json, Why, answer, database, emit, open_office

if TYPE_CHECKING:
    from reviewers.office import Office

MAX_PUBLIC_KEY = 10_000
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        envvar="SHUANGSHEN_KEY",
        metavar="密钥文件",
        help="签名用的密钥：SSH（私钥，或由 agent 保管的 .pub）或 SM2（PEM 私钥）",
    ),
]
key = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def signing_office(
    home: Path | None, officer: str, command: str, key_file: Path | None, namespace: str = NAMESPACE
) -> Office:
    """The office the command acts in, signing with the key named, else with one of his the agent holds."""
    office = open_office(home, officer, command)
    return replace(office, signer=_signer(office, key_file, namespace))


def _signer(office: Office, key_file: Path | None, namespace: str) -> Callable[[bytes], str] | None:
    if key_file is not None:
        from engine.trail.signers import signer_with

        return lambda data: signer_with(key_file).sign(data, namespace)
    return _agent_signer(office, namespace) if os.environ.get("SSH_AUTH_SOCK") else None


def _agent_signer(office: Office, namespace: str) -> Callable[[bytes], str] | None:
    from engine.store.signing import keys_in_force
    from engine.trail.signatures import agent_keys, read_public_key, sign_by_agent

    own = {
        print_: known
        for print_, known in keys_in_force(office.store.path).items()
        if known.officer == office.officer.id
    }
    held = [print_ for print_ in agent_keys() if print_ in own] if own else []
    if not held:
        return None
    return partial(sign_by_agent, read_public_key(own[held[0]].line), namespace=namespace)


@key.command("add")
def key_add(
    owner: Annotated[str, typer.Argument(metavar="人员", help="密钥是谁的")],
    public_key: Annotated[
        Path, typer.Argument(metavar="公钥文件", help="公钥文件：ssh-keygen 的 .pub，或 SM2 公钥（PEM）")
    ],
    officer: As = "",
    key_file: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记一名人员的公钥（会审负责人当面核对指纹后办理）。"""
    from reviewers.operations.keys import add_key

    if not public_key.is_file() or public_key.stat().st_size > MAX_PUBLIC_KEY:
        raise InvalidInput(f"没有可用的公钥文件 {public_key}。", "请检查路径。")
    text = public_key.read_text(encoding="utf-8", errors="replace")
    receipt = add_key(signing_office(home, officer, command, key_file), owner, text)
    answer(receipt, f"已登记 {owner} 的公钥，请核对指纹：shuangshen key list。", as_json)


@key.command("revoke")
def key_revoke(
    which: Annotated[str, typer.Argument(metavar="密钥", help="编号（MY-2026-0001）或指纹（SHA256:…）")],
    reason: Why = "",
    officer: As = "",
    key_file: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """注销一把密钥：以前的签名仍然有效，以后不能再用。"""
    from reviewers.operations.keys import revoke_key

    answer(revoke_key(signing_office(home, officer, command, key_file), which, reason), "密钥已注销。", as_json)


@key.command("list")
def key_list(home: Home = None, as_json: Json = False) -> None:
    """登记过的密钥。"""
    from engine.calendar.zone import local_day
    from reviewers.operations.keys import keys

    found = keys(database(home))
    if as_json:
        emit([asdict(each) for each in found])
        return
    for each in found:
        grant, algorithm = each.grant, each.grant.public_key.partition(" ")[0]
        ended = f"，{local_day(each.revocation.revoked_at)} 注销：{each.revocation.reason}" if each.revocation else ""
        print(
            f"{each.id}  {grant.officer}  {algorithm}  {grant.fingerprint}  {local_day(grant.granted_at)} 登记{ended}"
        )
    if not found:
        print("还没有登记密钥；所有决定都是未签名的。")
