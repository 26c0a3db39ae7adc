"""The rules as their keepers see them: do they hold against their own examples, which items do they cover, how is a
new one begun, and does the screener still agree with what people have decided. Called by the rules commands.
"""

from __future__ import annotations

import difflib
import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine.documents import fold
from engine.errors import InvalidInput, NotFound, StandardsError
from engine.model import Clause, ClauseKind, Document, Level
from engine.screening import screen_text
from engine.screening.lexicon import RULES
from engine.screening.polarity import read_polarity
from engine.screening.reach import reached
from engine.screening.reading import statements
from engine.screening.rules import Rule, RulePack, load_rules, read_rules
from engine.screening.score import load_score
from engine.screening.verdict import asserted
from engine.standards import Series, Standards

COVERAGE = "coverage.toml"
RULE_ID = re.compile(r"([RMB]\d{1,2}-\d{1,2})\.[a-z0-9]+(?:-[a-z0-9]+)*")
ASKED = (Series.MEASURES, Series.BIDDING)


@dataclass(frozen=True, slots=True)
class Failed:
    """An example a rule does not hold against: it should match and does not (`missed`), or the other way round."""

    rule: str
    missed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Covered:
    """How an item is looked for: by rules, by the score, and if by no rule, why only people can judge it."""

    item: str
    rules: tuple[str, ...]
    reason: str
    scored: bool


@dataclass(frozen=True, slots=True)
class Contradicted:
    """A decided case the screener now sees otherwise: `finding` is what it says of lawful words, empty for a miss."""

    case: str
    text: str
    because: str
    finding: str = ""


def rule_named(name: str, pack: RulePack) -> Rule:
    """The rule with this id; raises NotFound with the nearest ids."""
    names = [rule.id for rule in pack.rules]
    if name in names:
        return pack.rules[names.index(name)]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    raise NotFound(f"没有规则“{name}”。", f"相近的：{'、'.join(near)}。" if near else "用 shuangshen rules list 查看。")


def failing(rules: Sequence[Rule], pack: RulePack) -> list[Failed]:
    """The examples the rules do not hold against, in their order; rules and examples as given."""
    return [
        Failed(rule.id, wanted, text)
        for rule in rules
        for wanted, examples in ((True, rule.hit), (False, rule.ok))
        for text in examples
        if fires(rule, pack, text) is not wanted
    ]


def fires(rule: Rule, pack: RulePack, text: str) -> bool:
    """Whether the rule matches the text and its act stands as an order."""
    folded = fold(text)
    clause = Clause("", "", ClauseKind.PARAGRAPH, 0, 0, len(folded), 1, folded)
    told = statements(Document("", "", folded, "", "", "", (clause,)))
    far = reached(told)
    for said in told:
        polarity = read_polarity(said, far.get(said.start, ()))
        matches = pack.matches(pack.lexicon.hits(said.text))
        if any(match.rule.id == rule.id and asserted(match, polarity) for match in matches):
            return True
    return False


def pack_with(file: Path) -> tuple[Rule, RulePack]:
    """A rule file of one's own, read with the packaged lexicon; raises StandardsError as the packaged rules would."""
    if not file.is_file():
        raise NotFound(f"没有规则文件 {file}。", "请检查路径。")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(RULES / "lexicon.toml", folder)
        shutil.copy(file, Path(folder, "own.toml"))
        try:
            pack = read_rules(Path(folder))
        except StandardsError as error:
            raise StandardsError(error.message.replace("own.toml", file.name), error.advice) from error
    return pack.rules[0], pack


def coverage(standards: Standards) -> list[Covered]:
    """Every item that can be found in words, in the order of the law; none is without a rule or a reason."""
    reasons: dict[str, str] = tomllib.loads((RULES / COVERAGE).read_text(encoding="utf-8"))["people"]
    cited: dict[str, list[str]] = {}
    for rule in load_rules().rules:
        for item in rule.cites:
            cited.setdefault(item, []).append(rule.id)
    scored = set(load_score().articles("甲", limit=len(standards.items)))
    return [
        Covered(item.id, tuple(cited.get(item.id, ())), reasons.get(item.id, ""), item.id in scored)
        for item in standards.items.values()
        if item.series in ASKED
    ]


def template(name: str, standards: Standards) -> str:
    """The text of a new rule file for this id; raises InvalidInput or StandardsError when it is none of an item."""
    named = RULE_ID.fullmatch(name)
    if named is None:
        raise InvalidInput(f"“{name}”不是规则编号。", "请写成 项目.英文短名，例如 M15-3.local-scoring。")
    item = standards.item(named.group(1))
    parent = f', "{item.parent}"' if item.parent else ""
    return _TEMPLATE.format(name=name, item=item.id, parent=parent, text=item.text)


def decided(path: Path) -> Iterator[dict[str, Any]]:
    """The decided cases in a JSONL file; raises InvalidInput naming the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"无法读取 {path}。", "请检查路径、权限，内容应为 UTF-8。") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            yield {"id": str(row["id"]), "text": str(row["text"]), "bad": row["label"] == "violation", "row": row}
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"{path} 第 {number} 行不是案例。", "每行应有 id、text、label。") from error


def contradicted(path: Path, standards: Standards, as_of: date, rules: RulePack | None = None) -> list[Contradicted]:
    """The decided cases the screener sees otherwise: lawful words it would block, violations it says nothing of."""
    found = []
    for case in decided(path):
        findings = screen_text(case["text"], standards, as_of, rules).findings
        blocking = [one for one in findings if one.level is Level.BLOCK]
        because = str(case["row"].get("trap", ""))
        if case["bad"] and not findings:
            found.append(Contradicted(case["id"], case["text"], because))
        elif not case["bad"] and blocking:
            found.append(Contradicted(case["id"], case["text"], because, blocking[0].why))
    return found


_TEMPLATE = """\
# {item}：{text}
# 写好后用 shuangshen rules test 本文件 检查，再放进规则目录。词类名用大写，见 lexicon.toml；自己的词写在 [slots]。
id = "{name}"
cites = ["{item}"{parent}]
title = "一句话说明这种写法"
level = "block"                 # block 须处理；attention 请核对
order = [["PREFER", "LOCAL"]]   # 词类出现的先后，可写几种
within = 20                     # 相邻两个词最多隔多少字
unless = []                     # 同句出现这些词类就不算
act = ["PREFER"]                # 由哪个词类判断肯定还是否定
because = "该条款以“{{LOCAL}}”为条件给予优先"
advice = "怎样改才合法"

[slots]
# 自己的词类 = ["词", "词"]

[tests]
hit = [
  # 至少 5 条应当提示的写法
]
ok = [
  # 至少 5 条不应当提示的写法，其中至少 2 条与 hit 只差肯定、否定
]
"""
