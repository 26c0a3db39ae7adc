"""The legal situations as data: one TOML file a situation, loaded, checked and matched.

A rule names word classes in order and a distance; it knows which items it stands for, why, and what would be lawful
instead. Its own examples are run by the test-suite, not at load. Called by `engine.screening.verdict`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import StandardsError
from engine.model import Level
from engine.screening.lexicon import RULES, Hit, Lexicon, Words, built, load_words, read_words
from engine.screening.matching import find_chains
from engine.screening.rewording import Template, checked, named_lists, template_of
from engine.standards.kept import keep, read_toml

_KEYS = {
    "id", "cites", "title", "level", "order", "within", "unless", "act", "because", "advice", "slots", "tests", "sure",
    "patch",
}  # fmt: skip
_NEEDED = {"id", "cites", "title", "order", "act", "because", "advice", "tests"}
MAX_WITHIN = 60
COMMON = 30
"""A word one character shorter is taken to be so many times as common: enough to tell which class is rarely met."""
NOT_RULES = {"lexicon.toml", "coverage.toml", "patches.toml"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One situation. `orders` are alternatives; `acts` name the slots whose polarity decides; `unless` vetoes.

    `sure` marks a rule whose match alone speaks for a violation; the others want the score's agreement.
    """

    id: str
    cites: tuple[str, ...]
    title: str
    level: Level
    orders: tuple[tuple[str, ...], ...]
    within: int
    unless: tuple[str, ...]
    acts: tuple[str, ...]
    because: str
    advice: str
    sure: bool
    hit: tuple[str, ...]
    ok: tuple[str, ...]
    todo_hit: tuple[str, ...]
    todo_ok: tuple[str, ...]
    patches: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Local:
    """What an overlay did: its name and digest, its places, the rules it added, and all of it in Chinese lines."""

    name: str
    digest: str
    places: tuple[str, ...]
    rules: frozenset[str]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's words as found: `chain` in the rule's order, `act` the one whose polarity decides."""

    rule: Rule
    chain: tuple[Hit, ...]
    act: Hit

    @property
    def span(self) -> tuple[int, int]:
        """From the first to the last matched word."""
        return self.chain[0].start, self.chain[-1].end


class Gate(NamedTuple):
    """One order of one rule as places in the lexicon; the classes it needs and those that veto it, a bit each.

    Sorts by the rule's place in the pack.
    """

    rule: int
    alternative: int
    order: tuple[int, ...]
    need: int
    vetoes: int


@dataclass(frozen=True, slots=True)
class RulePack:
    """All rules with the lexicon they speak in."""

    rules: tuple[Rule, ...]
    lexicon: Lexicon
    gates: Mapping[int, tuple[Gate, ...]]
    """Every order under the rarest of its classes: most statements have none of these."""
    digest: str
    local: Local | None = None

    def matches(self, words: Words) -> list[Match]:
        """Every match of every rule among a statement's words, whatever its polarity, in the order of the pack."""
        present = sum([1 << name for name in words.classes])
        absent = ~present
        open_gates = [
            gate
            for name in self.gates.keys() & words.classes
            for gate in self.gates[name]
            if not gate.need & absent and not gate.vetoes & present
        ]
        if not open_gates:
            return []
        by_class = words.by_class({name for gate in open_gates for name in gate.order})
        return [match for gate in sorted(open_gates) for match in _of_rule(self.rules[gate.rule], gate.order, by_class)]


def _of_rule(rule: Rule, order: tuple[int, ...], by_class: dict[int, list[Hit]]) -> Iterator[Match]:
    for chain in find_chains(by_class, order, rule.within):
        act = next((hit for hit in chain if hit.name in rule.acts), chain[-1])
        yield Match(rule, chain, act)


def read_rules(folder: Path) -> RulePack:
    """Every rule in `folder`; raises StandardsError naming file and key for an unknown class, key or value."""
    return read_pack(_tables(folder), read_words(folder / "lexicon.toml"))


def packaged_tables() -> list[tuple[str, Mapping[str, Any]]]:
    """The packaged rules as they are written, by file name, for an overlay to be laid over them."""
    return _tables(RULES)


def read_pack(
    tables: Sequence[tuple[str, Mapping[str, Any]]], words: Mapping[str, Sequence[str]], local: Local | None = None
) -> RulePack:
    """The pack of these rule tables over these word classes, `local` when an overlay had a hand in it."""
    extra = [(f"{table['id']}:{name}", listed) for _, table in tables for name, listed in _slots(table).items()]
    lexicon = built(words, extra, "lexicon.toml")
    rules = tuple(_rule(name, table, lexicon, words) for name, table in tables)
    digest = hashlib.sha256(json.dumps([words, *tables], ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return RulePack(rules, lexicon, _gates(rules, lexicon), digest, local)


def _tables(folder: Path) -> list[tuple[str, Mapping[str, Any]]]:
    return [(path.name, _table(path)) for path in sorted(folder.glob("*.toml")) if path.name not in NOT_RULES]


def _slots(table: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    slots: Mapping[str, Sequence[str]] = table.get("slots", {})
    return slots


def _gates(rules: Sequence[Rule], lexicon: Lexicon) -> dict[int, tuple[Gate, ...]]:
    gates = [
        Gate(number, alternative, tuple(lexicon.places[name] for name in order), lexicon.mask(order), vetoes)
        for number, rule in enumerate(rules)
        for vetoes in [lexicon.mask(rule.unless)]
        for alternative, order in enumerate(rule.orders)
    ]
    common = [0.0] * len(lexicon.names)
    for word, classes in zip(lexicon.words, lexicon.classes, strict=True):
        for name in classes:
            common[name] += COMMON ** -len(word)
    under: dict[int, list[Gate]] = {}
    for gate in gates:
        under.setdefault(min(gate.order, key=lambda name: (common[name], name)), []).append(gate)
    return {name: tuple(found) for name, found in under.items()}


@cache
def load_rules() -> RulePack:
    """The packaged rules, read once a process."""
    load_words()
    pack = read_rules(RULES)
    keep(RULES)
    return pack


def _table(path: Path) -> Mapping[str, Any]:
    try:
        table = read_toml(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"规则文件读不懂：{path.name}（{error}）。", "请检查该文件的写法。") from error
    checked_table(path.name, table)
    return table


def checked_table(file: str, table: Mapping[str, Any]) -> None:
    """Raises StandardsError unless the table has the keys of a rule, all that are needed and no other."""
    if unknown := sorted(set(table) - _KEYS):
        raise StandardsError(
            f"规则文件 {file} 有不认识的键：{'、'.join(unknown)}。", f"可用的键：{'、'.join(sorted(_KEYS))}。"
        )
    if missing := sorted(_NEEDED - set(table)):
        raise StandardsError(f"规则文件 {file} 缺少：{'、'.join(missing)}。", "请补齐。")


def _patch(file: str, table: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> Iterator[Template]:
    """The wordings the rule knows, with the lists they need; raises StandardsError for a bad one."""
    for row in table.get("patch", ()):
        template = template_of({**row, "items": ()}, table["id"])
        known = {**words, **_slots(table)}
        checked(template.find, template.by, known, f"规则文件 {file} ")
        lists = {name: tuple(known[name]) for name in named_lists(template.find) if name in known}
        yield replace(template, words=tuple(sorted(lists.items())))


def _rule(file: str, table: Mapping[str, Any], lexicon: Lexicon, words: Mapping[str, Sequence[str]]) -> Rule:
    own = {name: f"{table['id']}:{name}" for name in _slots(table)}
    orders = tuple(tuple(own.get(name, name) for name in order) for order in table["order"])
    unless = tuple(own.get(name, name) for name in table.get("unless", ()))
    acts = tuple(own.get(name, name) for name in table["act"])
    for name in {*unless, *acts, *(name for order in orders for name in order)}:
        if name not in lexicon.places:
            raise StandardsError(
                f"规则文件 {file} 用了词表没有的词类：{name}。", "请先在 lexicon.toml 或者 slots 里写明。"
            )
    within = table.get("within", 20)
    if not 0 < within <= MAX_WITHIN:
        raise StandardsError(f"规则文件 {file} 的 within 是 {within}。", f"请写 1 至 {MAX_WITHIN} 的整数。")
    tests = table["tests"]
    return Rule(
        id=table["id"],
        cites=tuple(table["cites"]),
        title=table["title"],
        level=Level(table.get("level", "block")),
        orders=orders,
        within=within,
        unless=unless,
        acts=acts,
        because=table["because"],
        advice=table["advice"],
        sure=table.get("sure", False),
        hit=tuple(tests.get("hit", ())),
        ok=tuple(tests.get("ok", ())),
        todo_hit=tuple(tests.get("todo_hit", ())),
        todo_ok=tuple(tests.get("todo_ok", ())),
        patches=tuple(_patch(file, table, words)),
    )
