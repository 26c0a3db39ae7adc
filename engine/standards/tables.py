"""Reads a table of a data file and refuses, naming file, key and what is allowed there.

Used by the loader of the law and by the loader of the checklists, so that a wrong entry reads the same in both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import StandardsError
from engine.patterns import pattern_of
from engine.standards.kept import parsed

HAN = pattern_of(r"[\u4e00-\u9fff]")
LATIN = pattern_of(r"[A-Za-z]{2}")

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


def parse_toml(filename: str, content: bytes, folder: Path | None = None) -> dict[str, Any]:
    """The tables of a TOML file; StandardsError naming the file when it is not one (a key written twice included).

    `folder` is where its tables may be kept as parsed (see `engine.standards.kept`).
    """
    try:
        return tomllib.loads(content.decode("utf-8")) if folder is None else parsed(folder, content)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StandardsError(f"{filename} 不是合格的 TOML（同一编号写了两次也会如此）：{error}。") from error


class Table:
    """One table of a law file that remembers where it stands, so that every refusal can say so."""

    def __init__(self, filename: str, key: str, values: object, allowed: Collection[str]) -> None:
        self.place = f"{filename} 的 {key}" if key else filename
        if not isinstance(values, dict):
            raise StandardsError(f"{self.place} 应当是一张表。")
        self.values: Mapping[str, Any] = values
        unknown = [key for key in values if key not in allowed]
        if unknown:
            raise StandardsError(
                f"{self.place}：不认识的键“{unknown[0]}”。", f"可用的键：{'、'.join(sorted(allowed))}。"
            )

    def require(self, needs: Collection[str]) -> None:
        missing = sorted(need for need in needs if need not in self.values)
        if missing:
            raise StandardsError(f"{self.place}：缺少键“{missing[0]}”。", f"必填的键：{'、'.join(sorted(needs))}。")

    def refuse(self, key: str, said: str, advice: str = "") -> StandardsError:
        return StandardsError(f"{self.place}：键“{key}”{said}。", advice)

    def get(self, key: str, kind: type[Value], default: Value) -> Value:
        value = self.values.get(key, default)
        # bool is a kind of int in Python, not in a law file
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.refuse(key, f"的值“{value}”类型不对", f"应当是 {kind.__name__}。")
        return value

    def chinese(self, key: str) -> str:
        text = self.get(key, str, "").strip()
        if not HAN.search(text):
            raise self.refuse(key, "没有中文内容")
        return text

    def english(self, key: str) -> str:
        text = self.get(key, str, "").strip()
        if HAN.search(text) or not LATIN.search(text):
            raise self.refuse(key, "没有英文内容")
        return text

    def day(self, key: str) -> date | None:
        value = self.values.get(key)
        if value is not None and type(value) is not date:
            raise self.refuse(key, f"的值“{value}”不是日期", "日期写作 2024-08-01，不加引号。")
        return value

    def needed_day(self, key: str) -> date:
        value = self.day(key)
        if value is None:
            raise self.refuse(key, "缺少日期")
        return value

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        value = self.values.get(key, default)
        try:
            return words(value)
        except ValueError:
            allowed = f"可用的值：{'、'.join(words)}。"
            raise self.refuse(key, f"的值“{value or ''}”不在词表内", allowed) from None

    def strings(self, key: str) -> tuple[str, ...]:
        values = self.get(key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.refuse(key, "应当是字符串列表")
        return tuple(values)
