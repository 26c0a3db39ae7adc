"""The legal situations as data: one TOML file a situation, loaded, checked and matched.

A rule names word classes in order and a distance; it knows which items it stands for, why, and what would be lawful
instead. Its own examples are run by the test-suite, not at load. Called by `engine.screening.verdict`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import StandardsError
from engine.model import Level
from engine.screening.lexicon import RULES, Hit, Lexicon, read_lexicon
from engine.screening.matching import find_chains

_KEYS = {
    "id", "cites", "title", "level", "order", "within", "unless", "act", "because", "advice", "slots", "tests", "sure",
}  # fmt: skip
_NEEDED = {"id", "cites", "title", "order", "act", "because", "advice", "tests"}
MAX_WITHIN = 60
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
    """One order of one rule with the classes it needs as a mask; sorts by the rule's place in the pack."""

    rule: int
    alternative: int
    need: int
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulePack:
    """All rules with the lexicon they speak in."""

    rules: tuple[Rule, ...]
    lexicon: Lexicon
    gates: Mapping[str, tuple[Gate, ...]]
    """Every order under the class it starts with."""

    def matches(self, hits: list[Hit]) -> list[Match]:
        """Every match of every rule among a statement's words, whatever its polarity, in the order of the pack."""
        by_class: dict[str, list[Hit]] = {}
        for hit in hits:
            by_class.setdefault(hit.name, []).append(hit)
        bits = self.lexicon.bits
        present = 0
        for name in by_class:
            present |= bits[name]
        absent = ~present
        open_gates = sorted([gate for name in by_class for gate in self.gates.get(name, ()) if not gate.need & absent])
        return [match for gate in open_gates for match in self._through(gate, by_class)]

    def _through(self, gate: Gate, by_class: dict[str, list[Hit]]) -> Iterator[Match]:
        rule = self.rules[gate.rule]
        if by_class.keys().isdisjoint(rule.unless):
            yield from _of_rule(rule, gate.order, by_class)


def _of_rule(rule: Rule, order: tuple[str, ...], by_class: dict[str, list[Hit]]) -> Iterator[Match]:
    for chain in find_chains(by_class, order, rule.within):
        act = next((hit for hit in chain if hit.name in rule.acts), chain[-1])
        yield Match(rule, chain, act)


def read_rules(folder: Path) -> RulePack:
    """Every rule in `folder`; raises StandardsError naming file and key for an unknown class, key or value."""
    tables = [(path, _table(path)) for path in sorted(folder.glob("*.toml")) if path.name not in NOT_RULES]
    extra = [(f"{table['id']}:{name}", words) for _, table in tables for name, words in table.get("slots", {}).items()]
    lexicon = read_lexicon(folder / "lexicon.toml", extra)
    rules = tuple(_rule(path, table, lexicon) for path, table in tables)
    gates: dict[str, tuple[Gate, ...]] = {}
    for place, rule in enumerate(rules):
        for alternative, order in enumerate(rule.orders):
            gate = Gate(place, alternative, lexicon.mask(order), order)
            gates[order[0]] = (*gates.get(order[0], ()), gate)
    return RulePack(rules, lexicon, gates)


@cache
def load_rules() -> RulePack:
    """The packaged rules, read once a process."""
    return read_rules(RULES)


def _table(path: Path) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"规则文件读不懂：{path.name}（{error}）。", "请检查该文件的写法。") from error
    if unknown := sorted(set(table) - _KEYS):
        raise StandardsError(
            f"规则文件 {path.name} 有不认识的键：{'、'.join(unknown)}。", f"可用的键：{'、'.join(sorted(_KEYS))}。"
        )
    if missing := sorted(_NEEDED - set(table)):
        raise StandardsError(f"规则文件 {path.name} 缺少：{'、'.join(missing)}。", "请补齐。")
    return table


def _rule(path: Path, table: Mapping[str, Any], lexicon: Lexicon) -> Rule:
    own = {name: f"{table['id']}:{name}" for name in table.get("slots", {})}
    orders = tuple(tuple(own.get(name, name) for name in order) for order in table["order"])
    unless = tuple(own.get(name, name) for name in table.get("unless", ()))
    acts = tuple(own.get(name, name) for name in table["act"])
    for name in {*unless, *acts, *(name for order in orders for name in order)}:
        if name not in lexicon.bits:
            raise StandardsError(
                f"规则文件 {path.name} 用了词表没有的词类：{name}。", "请先在 lexicon.toml 或者 slots 里写明。"
            )
    within = table.get("within", 20)
    if not 0 < within <= MAX_WITHIN:
        raise StandardsError(f"规则文件 {path.name} 的 within 是 {within}。", f"请写 1 至 {MAX_WITHIN} 的整数。")
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
    )
