"""An act signed by the officer who does it, without anybody waiting while he types his passphrase.

The act is first done up to its last step and given up, which yields exactly what it would decide; that is signed with
nothing held; then it is done again with the signature, and refused if it would now decide anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from engine.errors import Conflict, Refused
from engine.store import Receipt
from engine.trail.verifier import DECISIONS

if TYPE_CHECKING:
    from reviewers.office import Office


class _Decided(Exception):
    """Carries the decision out of the unit of work, which is given up."""

    def __init__(self, decision: str) -> None:
        super().__init__(decision)
        self.decision = decision


def attested(office: Office, name: str, perform: Callable[[Office], Receipt]) -> Receipt:
    """The receipt of the act done by `perform`, signed if it is a decision and the office has a signer.

    Raises Refused when this installation requires a signature and there is none, or when the key is not the officer's;
    Conflict when the case changed while it was being signed. Nothing is written then.
    """
    if name not in DECISIONS:
        return perform(office)
    if office.signer is None:
        _require_none(office, name)
        return perform(office)
    try:
        return perform(replace(office, attest=_ask))
    except _Decided as asked:
        decision = asked.decision
    signature = office.signer(decision.encode("utf-8"))

    def answer(decided: str) -> str:
        if decided != decision:
            raise Conflict("签名期间案件有了变动，签的不是现在的决定，什么都没有写入。", "请重新查看后再办理。")
        return signature

    return perform(replace(office, attest=answer))


def _ask(decision: str) -> NoReturn:
    raise _Decided(decision)


def _require_none(office: Office, name: str) -> None:
    if not office.profile.practice.require_signatures:
        return
    from engine.store.signing import keys_in_force

    if name == "key_add" and not keys_in_force(office.store.path):
        return  # somebody has to enter the first key
    raise Refused(
        "本单位要求签名办理，此项决定没有签名，什么都没有写入。",
        "请加 --key 密钥文件，或设置 SHUANGSHEN_KEY，或启动 ssh-agent。",
    )
