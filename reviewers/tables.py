"""Reading hand-written TOML strictly: every value is asked for by key and kind, every fault names file and key.

Used by the files people edit with no program to help them (the roster, local practice, the samples' index).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from engine.errors import StandardsError

MAX_COUNT = 1000
_Word = TypeVar("_Word", bound=StrEnum)
_Absent = object()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file: `place` is its key path for messages, empty for the file itself."""

    file: str
    place: str
    values: Mapping[str, object]

    def fault(self, key: str, what: str) -> StandardsError:
        """The refusal to raise: file, key, what is wrong."""
        place = f"{self.place}.{key}" if self.place else key
        return StandardsError(f"{self.file}：{place}：{what}。", "请改正后重试。")

    def only(self, *known: str) -> None:
        """Raises StandardsError on the first key that is not one of `known`."""
        for key in self.values:
            if key not in known:
                raise self.fault(key, f"不认识的键，可用的键为 {'、'.join(known)}")

    def new_id(self, value: str, seen: Container[str], key: str = "id") -> None:
        """Raises StandardsError when `value` was given before."""
        if value in seen:
            raise self.fault(key, f"“{value}”重复")

    def text(self, key: str, default: str | None = None) -> str:
        """A string that is not blank, or `default` when the key is absent and a default is given."""
        value = self._value(key, default)
        if not isinstance(value, str) or (value != default and not value.strip()):
            raise self.fault(key, "应为非空文字")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of one or more different strings."""
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
            raise self.fault(key, "应为非空的文字列表")
        if len(set(value)) != len(value):
            raise self.fault(key, "列表中有重复")
        return tuple(value)

    def all_texts(self) -> Mapping[str, str]:
        """The whole table, every value a string."""
        return MappingProxyType({key: self.text(key) for key in self.values})

    def all_counts(self) -> Mapping[str, int]:
        """The whole table, every value a whole number from 1 to MAX_COUNT."""
        return MappingProxyType({key: self.count(key) for key in self.values})

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false, or `default` when the key is absent and a default is given."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.fault(key, "应为 true 或 false")
        return value

    def count(self, key: str) -> int:
        """A whole number from 1 to MAX_COUNT."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_COUNT:
            raise self.fault(key, f"应为 1 至 {MAX_COUNT} 的整数")
        return value

    def day(self, key: str) -> date:
        """A TOML date without a time."""
        value = self._value(key)
        if isinstance(value, datetime) or not isinstance(value, date):
            raise self.fault(key, "应为日期，如 2026-07-13（不加引号）")
        return value

    def member(self, key: str, value: str, words: type[_Word]) -> _Word:
        """`value` as one of a closed vocabulary."""
        try:
            return words(value)
        except ValueError:
            raise self.fault(key, f"“{value}”不在可用的词中：{'、'.join(words)}") from None

    def table(self, key: str) -> Table:
        """The sub-table under `key`."""
        value = self._value(key)
        if not isinstance(value, dict):
            raise self.fault(key, f"应为 [{key}] 表")
        return Table(self.file, f"{self.place}.{key}" if self.place else key, value)

    def tables(self, key: str, required: bool = True) -> tuple[Table, ...]:
        """The rows under `[[key]]`, placed "key[1]", "key[2]" …; none only when not `required`."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or (required and not value) or not all(isinstance(row, dict) for row in value):
            raise self.fault(key, f"应为一组 [[{key}]] 表")
        return tuple(self._rows(key, value))

    def _rows(self, key: str, rows: list[dict[str, object]]) -> Iterator[Table]:
        for index, row in enumerate(rows, start=1):
            yield Table(self.file, f"{self.place + '.' if self.place else ''}{key}[{index}]", row)

    def _value(self, key: str, default: object = None) -> object:
        value = self.values.get(key, _Absent if default is None else default)
        if value is _Absent:
            raise self.fault(key, "缺少这一项")
        return value
