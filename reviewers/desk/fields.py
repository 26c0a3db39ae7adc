"""What a draft touches besides competition, as typed at the counter: in Chinese or by the stored word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.errors import InvalidInput
from engine.model import PolicyField
from reviewers.departments import FIELD_WORDS

Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="领域", help=f"涉及的领域（可多次）：{'/'.join(FIELD_WORDS.values())}"),
]


def fields_of(typed: Sequence[str] | None) -> tuple[PolicyField, ...]:
    """The fields named, each once; raises InvalidInput listing the known ones for any other word."""
    known = {word: field for field, word in FIELD_WORDS.items()} | {str(field): field for field in PolicyField}
    for word in typed or ():
        if word not in known:
            raise InvalidInput(f"没有领域“{word}”。", f"可以写：{'、'.join(FIELD_WORDS.values())}。")
    return tuple(dict.fromkeys(known[word] for word in typed or ()))
