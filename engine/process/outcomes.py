"""What an act may write into the process: an outcome word of the element, and the few variables that come with it.

Task data carries routing words, ids and flags only; opinions, forms and reasons stay in the store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput, ProcessError
from engine.process.elements import Element

MAX_VARIABLES = 8 * 1024
FRESH = ("outcome", "conclusion")


def written(element: Element, outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The variables one act writes, the outcome word among them.

    Raises InvalidInput naming the words or variables the element takes instead.
    """
    word = _word(element, outcome)
    companions = element.words.get(word, {})
    _refuse_unknown(element, set(outcome) - {"outcome", *element.takes, *companions})
    given = {name: _allowed(element, name, outcome.get(name, ""), words) for name, words in companions.items()}
    return {**taken(element, {k: v for k, v in outcome.items() if k in element.takes}), **given, "outcome": word}


def taken(element: Element, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a message or an act that `element` takes. Raises InvalidInput for any other."""
    _refuse_unknown(element, set(payload) - set(element.takes))
    return {name: plain(name, value) for name, value in payload.items()}


def plain(name: str, value: Any) -> Any:
    """`value` as JSON keeps it, unshared. Raises InvalidInput when JSON would change it."""
    try:
        kept = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        kept = None
    if kept != value or value is None:
        raise InvalidInput(f"流程变量“{name}”只能是文字、数字、真假值或由它们组成的表。", "详细内容请存入案卷。")
    return kept


def check_size(variables: Mapping[str, Any]) -> None:
    """Raises ProcessError when the variables outgrow what a position may carry."""
    size = len(json.dumps(variables, ensure_ascii=False).encode())
    if size > MAX_VARIABLES:
        raise ProcessError(
            f"流程变量共 {size} 字节，超过 {MAX_VARIABLES} 字节。", "流程里只放编号和标志，内容请存入案卷。"
        )


def _word(element: Element, outcome: Mapping[str, Any]) -> str:
    only = element.outcomes[0] if len(element.outcomes) == 1 else ""
    word = outcome.get("outcome", only)
    if word not in element.outcomes:
        raise InvalidInput(f"“{element.name}”不能以“{word}”办结。", f"办理结果只能是：{'、'.join(element.outcomes)}。")
    return str(word)


def _allowed(element: Element, name: str, value: Any, words: tuple[str, ...]) -> str:
    choices = [word.rstrip("*") for word in words]
    preset = next((word.rstrip("*") for word in words if word.endswith("*")), "")
    chosen = value or preset
    if chosen not in choices:
        raise InvalidInput(
            f"办结“{element.name}”还要写明 {name}，“{value}”不在其中。", f"只能是：{'、'.join(choices)}。"
        )
    return str(chosen)


def _refuse_unknown(element: Element, unknown: set[str]) -> None:
    if unknown:
        raise InvalidInput(
            f"“{element.name}”不接受流程变量：{'、'.join(sorted(unknown))}。",
            "意见、理由等内容请存入案卷，不写进流程。",
        )
