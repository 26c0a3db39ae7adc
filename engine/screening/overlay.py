"""Local overlays: what an authority adds to the packaged rules or takes out of them, without copying them.

One TOML file, or a directory with `overlay.toml` and one file a rule. It may add and remove words of named classes, add
names of places, add rules and switch rules off; switching off needs a reason, which every output shows. Nothing in it
is trusted: sizes are bounded, names are checked against the pack, no path leads out of the directory. The pack with its
overlay has a name of its own, so the trail tells by what a text was screened. Called by the screen command and Office.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import StandardsError
from engine.patterns import pattern_of
from engine.screening.lexicon import RULES, read_words
from engine.screening.rules import Local, RulePack, checked_table, packaged_tables, read_pack
from engine.standards import load_standards

FILE = "overlay.toml"
MAX_FILE = 256 * 1024
MAX_FILES = 200
MAX_WORDS = 5_000
MAX_RULES = 100
MAX_NAME = 40
MAX_REASON = 300
MAX_ORDERS = 20
MAX_SLOTS = 5
"""Word classes in a row: the time to match grows with every one."""
_PATCH = frozenset({"find", "drop", "rest", "by", "note", "without"})
EXAMPLES = 5
"""Examples an added rule must bring of each kind; the packaged ones have as many."""
WORD = pattern_of(r"[^\s\x00-\x1f]{2,20}")
RULE_ID = pattern_of(r"[RMB]\d{1,2}-\d{1,2}\.[a-z0-9]+(?:-[a-z0-9]+)*")
_KEYS = frozenset({"name", "places", "add", "remove", "off", "rule"})
_ADVICE = "请按 docs/guide/screening.md“本地规则”一节改正。"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A checked overlay, not yet laid over a pack. `off` are rule and reason; `tables` the added rules by file name."""

    name: str
    digest: str
    places: tuple[str, ...]
    add: Mapping[str, tuple[str, ...]]
    remove: Mapping[str, tuple[str, ...]]
    off: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, Mapping[str, Any]], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What differs from the packaged rules, in Chinese: shown with every screening."""
        told = [f"本地规则“{self.name}”（{self.digest[:12]}）"]
        told += [f"停用规则 {rule}，理由：{reason}" for rule, reason in self.off]
        told += [f"增加规则 {table['id']}" for _, table in self.tables]
        for verb, changes in (("增加", self.add), ("去掉", self.remove)):
            told += [f"词类 {name} {verb} {len(words)} 个词" for name, words in changes.items() if words]
        return tuple([*told, f"增加本地地名 {'、'.join(self.places)}"] if self.places else told)


def load_pack(overlay: Path | None) -> RulePack | None:
    """The packaged rules with the overlay in this file or directory; None without one.

    Raises StandardsError naming what the overlay may not say.
    """
    if overlay is None:
        return None
    return _pack(tuple(_contents(overlay)))


def _contents(place: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files of an overlay, within bounds, the main file first."""
    if place.is_dir():
        files = [place / FILE, *sorted(path for path in place.glob("*.toml") if path.name != FILE)]
    else:
        files = [place]
    if len(files) > MAX_FILES:
        raise StandardsError(f"本地规则目录 {place} 有 {len(files)} 个文件，上限 {MAX_FILES} 个。", _ADVICE)
    for path in files:
        if path.is_symlink() and place.is_dir():
            raise StandardsError(f"本地规则 {path} 是符号链接，不予读取。", "请把文件本身放进目录。")
        try:
            with path.open("rb") as file:
                data = file.read(MAX_FILE + 1)
        except OSError as error:
            raise StandardsError(f"本地规则读不到：{path}（{error.strerror}）。", "请检查路径和权限。") from error
        if len(data) > MAX_FILE:
            raise StandardsError(f"本地规则文件 {path} 超过 {MAX_FILE // 1024} KB。", _ADVICE)
        yield path.name, data


@lru_cache(maxsize=4)
def _pack(contents: tuple[tuple[str, bytes], ...]) -> RulePack:
    """The pack of an overlay of these contents; equal contents give the pack made before."""
    overlay = read_overlay(contents)
    off = {rule for rule, _ in overlay.off}
    shipped = packaged_tables()
    known = {table["id"] for _, table in shipped}
    if unknown := sorted(off - known):
        raise StandardsError(f"本地规则要停用的规则不存在：{'、'.join(unknown)}。", "编号见 shuangshen rules list。")
    if twice := sorted(known & {table["id"] for _, table in overlay.tables}):
        raise StandardsError(f"本地规则与随软件的规则同名：{'、'.join(twice)}。", "请换一个编号；不用的规则可以停用。")
    tables = [(name, table) for name, table in shipped if table["id"] not in off]
    words = _changed(read_words(RULES / "lexicon.toml"), overlay)
    own = frozenset(table["id"] for _, table in overlay.tables)
    local = Local(overlay.name, overlay.digest, overlay.places, own, overlay.lines)
    return read_pack([*tables, *overlay.tables], words, local)


def read_overlay(contents: Sequence[tuple[str, bytes]]) -> Overlay:
    """The overlay in these files, checked; the first is the main file, every further one a rule."""
    digest = hashlib.sha256()
    for name, data in contents:
        digest.update(f"{name} {len(data)}\n".encode() + data)
    (main, data), *further = contents
    table = _parsed(main, data)
    if unknown := sorted(set(table) - _KEYS):
        raise StandardsError(
            f"本地规则 {main} 有不认识的键：{'、'.join(unknown)}。", f"可用的键：{'、'.join(sorted(_KEYS))}。"
        )
    tables = [(main, row) for row in _list(main, table, "rule", dict)]
    tables += [(name, _parsed(name, more)) for name, more in further]
    overlay = Overlay(
        name=_words(main, "name", [table.get("name", "")], MAX_NAME)[0],
        digest=digest.hexdigest(),
        places=_words(main, "places", _list(main, table, "places", str)),
        add=_classes(main, table, "add"),
        remove=_classes(main, table, "remove"),
        off=tuple(_off(main, row) for row in _list(main, table, "off", dict)),
        tables=tuple((name, _own_rule(name, row)) for name, row in tables),
    )
    _bounded(main, overlay)
    return overlay


def _bounded(main: str, overlay: Overlay) -> None:
    count = len(overlay.places) + sum(map(len, (*overlay.add.values(), *overlay.remove.values())))
    count += sum(len(words) for _, table in overlay.tables for words in table.get("slots", {}).values())
    if count > MAX_WORDS or len(overlay.tables) > MAX_RULES:
        raise StandardsError(
            f"本地规则 {main} 太多：{count} 个词、{len(overlay.tables)} 条规则。",
            f"上限 {MAX_WORDS} 个词、{MAX_RULES} 条规则。",
        )
    ids = [table["id"] for _, table in overlay.tables]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise StandardsError(f"本地规则的编号重复：{'、'.join(twice)}。", _ADVICE)


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise StandardsError(f"本地规则 {name} 不是有效的 TOML 文件（{error}）。", "请按提示的行列改正。") from error


def _list(main: str, table: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, kind) for row in rows):
        raise StandardsError(f"本地规则 {main} 的 {key} 写法不对。", _ADVICE)
    return rows


def _words(main: str, key: str, words: Sequence[Any], longest: int = 20) -> tuple[str, ...]:
    for word in words:
        if not isinstance(word, str) or not WORD.match(word) or len(word) > longest or word != word.strip():
            raise StandardsError(f"本地规则 {main} 的 {key} 里“{str(word)[:20]}”不能用。", f"应为二至{longest}个字。")
    return tuple(dict.fromkeys(words))


def _classes(main: str, table: Mapping[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    classes = table.get(key, {})
    if not isinstance(classes, dict):
        raise StandardsError(f"本地规则 {main} 的 [{key}] 写法不对。", _ADVICE)
    return {name: _words(main, f"{key}.{name}", _list(main, classes, name, str)) for name in classes}


def _off(main: str, row: Mapping[str, Any]) -> tuple[str, str]:
    rule, reason = row.get("rule"), row.get("reason")
    if set(row) - {"rule", "reason"} or not isinstance(rule, str) or not rule:
        raise StandardsError(f"本地规则 {main} 的 [[off]] 应当写明 rule 和 reason。", _ADVICE)
    if not isinstance(reason, str) or len(reason.strip()) < EXAMPLES or len(reason) > MAX_REASON or "\n" in reason:
        raise StandardsError(
            f"本地规则 {main} 停用 {rule} 没有说明理由。",
            f"请写明 reason，一行，不超过 {MAX_REASON} 字；理由会随每次筛查结果显示。",
        )
    return rule, reason.strip()


def _own_rule(name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """An added rule with a proper name, items of the law and examples enough."""
    checked_table(name, table)
    _typed(name, table)
    rule = table["id"]
    if not isinstance(rule, str) or not RULE_ID.fullmatch(rule):
        raise StandardsError(
            f"本地规则 {name} 的编号“{rule}”不对。", "请写成 项目.英文短名，例如 M15-3.local-scoring。"
        )
    items = load_standards().items
    if unknown := [item for item in table["cites"] if item not in items]:
        raise StandardsError(f"本地规则 {rule} 引用了没有的项目：{'、'.join(map(str, unknown))}。", _ADVICE)
    if rule.partition(".")[0] not in table["cites"]:
        raise StandardsError(f"本地规则 {rule} 的编号与引用的项目不符。", "编号以 cites 的第一项开头。")
    for key in ("hit", "ok"):
        if len(table["tests"].get(key, ())) < EXAMPLES:
            raise StandardsError(
                f"本地规则 {rule} 的例句 {key} 不足 {EXAMPLES} 条。", "应当提示、不应提示的各写至少 5 条。"
            )
    return table


_TEXTS = ("id", "title", "because", "advice")
_SHAPES: Mapping[str, Any] = {
    **{key: lambda value: isinstance(value, str) and 0 < len(value) <= MAX_REASON for key in _TEXTS},
    "level": lambda value: value in ("block", "attention"),
    "within": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "sure": lambda value: isinstance(value, bool),
    "cites": lambda value: _strings(value, MAX_ORDERS, 12) and bool(value),
    "act": lambda value: _strings(value, MAX_ORDERS, MAX_NAME) and bool(value),
    "unless": lambda value: _strings(value, MAX_ORDERS, MAX_NAME),
    "order": lambda value: (
        isinstance(value, list)
        and 0 < len(value) <= MAX_ORDERS
        and all(_strings(order, MAX_SLOTS, MAX_NAME) and order for order in value)
    ),
    "slots": lambda value: isinstance(value, dict) and all(_strings(words, MAX_WORDS, 20) for words in value.values()),
    "tests": lambda value: isinstance(value, dict) and all(_strings(some, MAX_WORDS, 600) for some in value.values()),
    "patch": lambda value: (
        isinstance(value, list)
        and len(value) <= MAX_ORDERS
        and all(isinstance(row, dict) and set(row) <= _PATCH for row in value)
    ),
}


def _strings(value: object, most: int, longest: int) -> bool:
    if not isinstance(value, list) or len(value) > most:
        return False
    return all(isinstance(word, str) and 0 < len(word) <= longest for word in value)


def _typed(name: str, table: Mapping[str, Any]) -> None:
    for key, value in table.items():
        if not _SHAPES[key](value):
            raise StandardsError(f"本地规则 {name} 的 {key} 写法不对，或者超过限度。", _ADVICE)


def _changed(words: Mapping[str, Sequence[str]], overlay: Overlay) -> dict[str, list[str]]:
    """The packaged word classes with the overlay's words; only classes that exist, only words that are there."""
    changed = {name: list(listed) for name, listed in words.items()}
    for verb, changes in (("add", overlay.add), ("remove", overlay.remove)):
        if unknown := sorted(set(changes) - set(changed)):
            raise StandardsError(f"本地规则 {verb} 的词类不存在：{'、'.join(unknown)}。", "词类见 lexicon.toml。")
    for name, removed in overlay.remove.items():
        if missing := [word for word in removed if word not in changed[name]]:
            raise StandardsError(f"词类 {name} 里没有要去掉的词：{'、'.join(missing)}。", "请检查写法。")
        changed[name] = [word for word in changed[name] if word not in removed]
        if not changed[name] and not overlay.add.get(name):
            raise StandardsError(f"本地规则把词类 {name} 的词全部去掉了。", "请停用有关规则，不要清空词类。")
    for name, added in (*overlay.add.items(), ("LOCAL", overlay.places)):
        changed[name] = [*changed[name], *(word for word in added if word not in changed[name])]
    return changed
