"""Which refusals the hand-written table expects of an act: the act must succeed when there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from walking import DEPARTMENT, ENDS, JOINT, OF_A_TASK, OPEN, TABLE, TAKES, WHO, Table

from engine.errors import Blocked, Conflict, FairReviewError, InvalidInput, NotFound, NotYourTurn, Refused

Due = Iterator[type[FairReviewError]]
PASSING = ("compliant", "exception")


def refusals(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> set[type[FairReviewError]]:
    """Every refusal that is due; which of several is met first is the program's affair."""
    return set(DUE.get(act, _usual)(table, act, officer, told, on))


def _usual(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    words = [word for stage, moving, word in TABLE if (stage, moving) == (table.stage, act)]
    if not words:
        yield NotYourTurn
    elif told.get("word", "") not in words:
        yield InvalidInput
    if (words or act not in OF_A_TASK) and not table.may(officer, act, on):
        yield Refused
    if told.get("conflict"):
        yield Refused
    if told["wrong"]:
        yield InvalidInput


def _sign(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _usual(table, act, officer, told, on)
    if told["word"] == "exception" and table.claim_ends is None:
        yield InvalidInput
    deciding = act == "conclude" or table.department
    if deciding and told["word"] in PASSING and not table.passes(told["word"] == "exception", on):
        yield Blocked


def _accept(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _usual(table, act, officer, told, on)
    if not table.note:
        yield InvalidInput


def _return(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _usual(table, act, officer, told, on)
    if table.stage == "correct_materials" and (table.due is None or table.due >= on):
        yield Refused


def _issue(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _usual(table, act, officer, {**told, "wrong": False}, on)
    excepted = table.signed.get(table.decides) == "exception"
    if told["wrong"] or table.stage != "passed" or not table.passes(excepted, on):
        yield Blocked
    if told["mended"] and not table.mended:
        yield Blocked


def _editorial(table: Table, _: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if table.stage != "passed":
        yield NotYourTurn
    if not table.may_sign(officer, "sign" if table.department else "conclude", on):
        yield Refused
    if told["wrong"]:
        yield InvalidInput


def _claim(table: Table, _: str, officer: str, __: dict[str, Any], on: date) -> Due:
    if table.stage not in OPEN:
        yield NotYourTurn
    elif not table.may(officer, TAKES[table.stage], on):
        yield Refused
    elif officer in table.tasks:
        yield Conflict


def _release(table: Table, _: str, officer: str, __: dict[str, Any], ___: date) -> Due:
    if officer not in table.tasks:
        yield Refused


def _reject(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if not table.may(officer, act, on):
        yield Refused
    if table.stage not in OPEN:
        yield NotYourTurn
    if told["finding"] == "F-00000000":
        yield NotFound
    if told["wrong"]:
        yield InvalidInput


def _comment(table: Table, _: str, officer: str, told: dict[str, Any], on: date) -> Due:
    gate = table.gate_of(officer, on)
    if not gate:
        yield Refused
    if table.stage in ENDS or (told["blocking"] and gate in table.signed):
        yield NotYourTurn
    if told["wrong"]:
        yield InvalidInput


def _of_opinion(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if table.stage in ENDS:
        yield NotYourTurn
    if act in WHO and not table.may(officer, act, on):
        yield Refused
    if told["wrong"]:
        yield InvalidInput
    if told["number"] > len(table.opinions):
        yield NotFound
    elif table.opinions[told["number"] - 1].settled:
        yield InvalidInput


def _withdraw_opinion(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _of_opinion(table, act, officer, told, on)
    if any(said.author != officer for said in table.opinions[told["number"] - 1 :][:1]):
        yield Refused


def _answer(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    """Adopting is refused while the clause stands as it did; only not adopting needs a reason always."""
    yield from _of_opinion(table, act, officer, {**told, "wrong": told["wrong"] and told["adopted"] != "yes"}, on)
    if (
        any(said.version == table.round for said in table.opinions[told["number"] - 1 :][:1])
        and told["adopted"] != "no"
    ):
        yield InvalidInput


def _escalate(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _of_opinion(table, act, officer, told, on)
    for said in table.opinions[told["number"] - 1 :][:1]:
        if said.author == officer:
            yield Refused
        if not said.blocking or said.adopted in ("", "yes"):
            yield InvalidInput


def _clock(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if not table.evaluated:
        yield NotYourTurn
    elif not table.may_stop(officer, act, on):
        yield Refused
    if told["wrong"] and act == "suspend":
        yield InvalidInput
    if bool(table.suspended) is (act == "suspend"):
        yield Conflict


def _ask(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    """A further department, named by the lead while the joint review is under way, once a round."""
    heading = "sign" if table.stage == "self_check" else act
    if table.stage not in ("self_check", "consult_departments", *JOINT):
        yield NotYourTurn
    elif not table.in_role(officer, heading, on):
        yield Refused
    if table.stage == "self_check":
        yield NotFound
    if table.stage == "consult_departments" or table.answered:
        yield Conflict
    if told["wrong"]:
        yield InvalidInput


def _evaluate(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if table.stage not in OPEN:
        yield NotYourTurn
    if not table.may(officer, act, on):
        yield Refused
    if told["wrong"]:
        yield InvalidInput


def _extend(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if table.stage not in JOINT:
        yield NotYourTurn
    elif not table.may(officer, act, on):
        yield Refused
    if told["wrong"]:
        yield InvalidInput
    if table.extended or (table.due is not None and table.due < on):
        yield Refused
    if not 1 <= told["days"] <= 10:
        yield InvalidInput


def _watched(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    if not table.may(officer, act, on):
        yield Refused
    if table.stage not in ("passed", "archived") or table.signed.get(table.decides) != "exception":
        yield NotYourTurn
    if table.over:
        yield Conflict
    if told["wrong"]:
        yield InvalidInput


def _effect_check(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _watched(table, act, officer, told, on)
    if told["kept"] and table.expired(on):
        yield Conflict
    if not told["kept"] and not told["evidence"]:
        yield InvalidInput


def _reopen(table: Table, act: str, officer: str, told: dict[str, Any], on: date) -> Due:
    yield from _watched(table, act, officer, told, on)
    if not table.expired(on):
        yield Conflict


def _migrate(table: Table, _: str, officer: str, __: dict[str, Any], on: date) -> Due:
    if "joint_lead" not in table.roles(officer, on):
        yield Refused


def _export(table: Table, _: str, officer: str, __: dict[str, Any], on: date) -> Due:
    unit = table.profile.officer(officer).unit
    asked = table.stage == "consult_departments" and unit == DEPARTMENT
    if not (table.profile.in_regulator(unit) or unit == table.unit or asked or "auditor" in table.roles(officer, on)):
        yield Refused


DUE: dict[str, Callable[[Table, str, str, dict[str, Any], date], Due]] = {
    "sign": _sign,
    "conclude": _sign,
    "accept": _accept,
    "return": _return,
    "issue": _issue,
    "claim": _claim,
    "release": _release,
    "reject": _reject,
    "comment": _comment,
    "withdraw_opinion": _withdraw_opinion,
    "answer": _answer,
    "escalate": _escalate,
    "extend": _extend,
    "ask": _ask,
    "editorial": _editorial,
    "evaluate": _evaluate,
    "suspend": _clock,
    "resume": _clock,
    "effect_check": _effect_check,
    "reopen": _reopen,
    "migrate": _migrate,
    "export": _export,
}
