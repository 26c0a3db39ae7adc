"""From stored JSON to a record: every value checked against the kind its field has, the first misfit named.

Loaders are made once a record type. A misfit learns its place on the way up, so that reading what fits costs nothing
for it: a case file has hundreds of values. Called by `engine.store.records` and by readers of stored columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

Loader = Callable[[Any], Any]
_PLAIN = frozenset({str, int, bool})
"""Kinds whose values are stored as they are: most of a record, and taken without a call."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Misfit(Exception):
    """What does not fit, and where below the record, innermost first."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.below: list[str] = []

    def place(self, record: str) -> str:
        """The place in words, from the record's own place on."""
        return "".join((record, *reversed(self.below)))


@cache
def loader_of(hint: Any) -> Loader:
    """What turns a stored value into one of this kind; it raises Misfit for any other value."""
    if is_dataclass(hint):
        return _record(hint)
    if get_origin(hint) is tuple:
        return _tuple(loader_of(get_args(hint)[0]))
    if get_origin(hint) is UnionType:
        return _optional(loader_of(next(part for part in get_args(hint) if part is not NoneType)))
    if issubclass(hint, StrEnum):
        return _parsed(hint, hint)
    if hint is datetime:
        return _parsed(datetime, read_instant)
    if hint is date:
        return _parsed(date, _read_day)
    return _exactly(hint)


def _record(record: Any) -> Loader:
    hints = get_type_hints(record)
    parts = {each.name: loader_of(hints[each.name]) for each in fields(record)}
    plain = {name: hint for name, hint in hints.items() if hint in _PLAIN}
    needed = {each.name for each in fields(record) if not _has_default(each)}

    def load(stored: Any) -> Any:
        if type(stored) is not dict:
            raise Misfit("应为一组字段")
        if stored.keys() != parts.keys():
            _require_known(stored, parts, needed)
        made, name = {}, ""
        try:
            for name, value in stored.items():
                made[name] = value if type(value) is plain.get(name) else parts[name](value)
        except Misfit as error:
            error.below.append(f" {name}")
            raise
        return record(**made)

    return load


def _require_known(stored: dict[str, Any], parts: dict[str, Loader], needed: set[str]) -> None:
    for name in sorted(stored.keys() - parts.keys()):
        raise Misfit(f"不认识的字段“{name}”")
    for name in sorted(needed - stored.keys()):
        raise Misfit(f"缺少字段“{name}”")


def _has_default(part: Field[Any]) -> bool:
    return part.default is not MISSING or part.default_factory is not MISSING


def _tuple(load_each: Loader) -> Loader:
    def load(stored: Any) -> Any:
        if type(stored) is not list:
            raise Misfit("应为列表")
        made: list[Any] = []
        try:
            for each in stored:
                made.append(load_each(each))
        except Misfit as error:
            error.below.append(f"[{len(made)}]")
            raise
        return tuple(made)

    return load


def _optional(load_some: Loader) -> Loader:
    return lambda stored: None if stored is None else load_some(stored)


def _parsed(kind: type, parse: Callable[[str], Any]) -> Loader:
    def load(stored: Any) -> Any:
        try:
            return parse(_text(stored))
        except ValueError as error:
            raise Misfit(f"不认识的值“{stored}”（{kind.__name__}）") from error

    return load


def _exactly(kind: type) -> Loader:
    def load(stored: Any) -> Any:
        if type(stored) is not kind:
            raise Misfit(f"值“{stored}”的类型不对")
        return stored

    return load


def _text(stored: Any) -> str:
    if type(stored) is not str:
        raise ValueError(stored)
    return stored


def read_instant(text: str) -> datetime:
    """The instant `engine.store.records.instant` wrote; raises ValueError for any other text."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def _read_day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)
