"""Which words may be put in place of which: templates with gaps and word lists, read from data.

A template is literal text with `{NAME}` for a word of a list, `(a|b|)` for alternatives and `…` for up to twelve
characters within a segment, `～` for up to twenty-four within a sentence; every such part counts, and `by` may take it
up as `{1}`, `{2}`. A template cannot loop, and one that is not packaged has few parts: none is costly. `drop` takes
out whole segments between commas; `rest` keeps what the sentence is about and replaces all that follows. Called by
`engine.screening.patches`, and by the rules for their own `patch`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from engine.documents import fold
from engine.errors import StandardsError
from engine.patterns import pattern_of
from engine.screening.context import named_firms

FILE = "patches.toml"
RULES = Path(__file__).parent.parent / "standards" / "rules"
GAP = r"([^,;:。!?|\n“”]{0,12}?)"
WIDE_GAP = r"([^;。!?|\n]{0,24}?)"
LONGEST = 200
SHIPPED = (3, 12)
"""Gaps and other parts a packaged template may have."""
CARRIED = (2, 4)
"""Gaps and other parts of one that a rule carries: it may be anybody's, so its worst case must be cheap."""
HERE = "HERE"
FIRM = "FIRM"
_PART = pattern_of(r"\{(\w+)\}|\(([^(){}…]*\|[^(){}…]*)\)|(…)|(~)")
_TAKEN = pattern_of(r"\{(\d+)\}")
_EDGE = ",;:。!?|\n"
LONGEST_NAME = 14
_NO_NAME = pattern_of("[内设有的在或]|以上|各类|符合|分公司|子公司")
"""What is no part of a firm's name, so that 县内设有分公司 is not taken for one."""
_HANGS = pattern_of("方可|方能|才可|才能|否则|并|且|也不|也未")
"""How a segment begins that means nothing without the one before it."""
_CLOSING = "。;,!? \n"
_MARKS = ",;:"
_TURN = pattern_of(
    r"[,;:](?!$)|(?<![供相对适响反感])应|(?<![必无])须|必须|(?<![自理缘事])由|(?<!不得)统一|一律|不得|不准|禁止|暂停|暂缓|暂不|不再|优先|首选|仅限|限于|只限"
    r"|方可|未经|(?<!可)按(?!时|期)|可按|给予|授予|授权|交由|委托|集中[到在]|定点|指定|核定|定为|不超过|不低于|不高于|免征|减半|减征|免收|缓征|缓缴|免缴"
    r"|延长|顺延|自动|直接|原则上|可以|享受|执行|只[能可]|控制在|最[高低]"
)
SHORTEST_TOPIC = 4
"""Code points a sentence must say before its rest is replaced."""


class Way(StrEnum):
    """What is done with the words found: replaced, their segments taken out, or all from there replaced."""

    REPLACE = "find"
    DROP = "drop"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Edit:
    """`words[start:end]` becomes `by`."""

    start: int
    end: int
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Template:
    """One way to say the same lawfully; `items` are the items or groups it is for, `rule` the rule that carries it."""

    items: tuple[str, ...]
    find: str
    by: str
    way: Way
    note: str
    rule: str = ""
    without: tuple[str, ...] = ()
    """Words that must not stand in what is kept before the rest."""
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Lists of its own, by name."""

    def fits(self, rule: str, articles: Sequence[str]) -> bool:
        """Whether it is meant for a finding of this rule that cites these items."""
        return rule == self.rule if self.rule else _meant(self.items, articles)


@dataclass(frozen=True, slots=True)
class Model:
    """A lawful sentence for an item, to stand for the whole; without `by` the item's sentences are to be taken out."""

    items: tuple[str, ...]
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Wordings:
    """All templates, model sentences and word lists, in their order: what stands first is tried first."""

    words: Mapping[str, tuple[str, ...]]
    templates: tuple[Template, ...]
    clauses: tuple[Model, ...]
    deletions: tuple[Model, ...]
    item_deletion: str

    def clause(self, articles: Sequence[str]) -> Model | None:
        """The model sentence of the finding's main Measures or tender item."""
        return _model(self.clauses, articles)

    def deletion(self, articles: Sequence[str], governed: bool) -> str:
        """Why the sentence is best taken out, empty where it is not."""
        found = _model(self.deletions, articles)
        return found.note if found else self.item_deletion if governed else ""


def _model(models: Sequence[Model], articles: Sequence[str]) -> Model | None:
    main = [item for item in articles if item[0] in "MB"][:1]
    return next((model for model in models if _meant(model.items, main)), None)


def _meant(items: Sequence[str], articles: Sequence[str]) -> bool:
    return not items or any(code == item or code.startswith(f"{item}-") for item in items for code in articles)


def reworded(
    words: str, rule: str, articles: Sequence[str], wordings: Wordings, places: Sequence[str] = ()
) -> Iterator[list[Edit]]:
    """Sets of changes to the folded sentence, to be tried in turn: first all single words, then what follows a topic.

    The changes of a set stand in reading order and apart. What is first in the file wins; `places` are the names of the
    issuer's own locality.
    """
    local = (*(place for place in places if place), *wordings.words.get(HERE, ()))
    named = (words[start:end] for start, end in named_firms(words))
    firms = tuple(dict.fromkeys(name for name in named if len(name) <= LONGEST_NAME and not _NO_NAME.search(name)))
    known = {**wordings.words, HERE: local, FIRM: firms}
    main = [item for item in articles if item[0] in "MB"][:1]
    found: list[Edit] = []
    rests: list[Edit] = []
    for template in wordings.templates:
        if not template.fits(rule, main if template.way is Way.REST else articles):
            continue
        for edit in _edits(template, words, known):
            if template.way is Way.REST:
                rests.append(edit)
            elif all(edit.end <= other.start or edit.start >= other.end for other in found):
                found.append(edit)
    if found:
        yield sorted(found, key=lambda edit: edit.start)
    yield from ([edit] for edit in sorted(rests, key=lambda edit: edit.start))


def _edits(template: Template, words: str, known: Mapping[str, Sequence[str]]) -> Iterator[Edit]:
    pattern = compiled(template.find, {**known, **dict(template.words)})
    if pattern is None:
        return
    if template.way is Way.REST:
        for place in (0, *_turns(words)) if template.by.startswith("{1}") else _turns(words):
            if any(word in words[:place] for word in template.without):
                return
            if match := pattern.match(words, place):
                yield Edit(place, len(words.rstrip(_CLOSING)), _taken(template.by, match), template.note)
                return
        return
    for match in pattern.finditer(words):
        if template.way is Way.DROP:
            yield Edit(*_segment(words, match.start(), match.end()), "", template.note)
        else:
            yield Edit(match.start(), match.end(), _taken(template.by, match), template.note)


def _turns(words: str) -> Iterator[int]:
    """Where a sentence may go on otherwise: after a mark, or at a word that begins what is ordered."""
    for turn in _TURN.finditer(words, SHORTEST_TOPIC):
        yield turn.end() if turn[0] in _MARKS else turn.start()


def _taken(by: str, match: re.Match[str]) -> str:
    return _TAKEN.sub(lambda part: match[int(part[1])] or "", by)


def _segment(words: str, start: int, end: int) -> tuple[int, int]:
    """The segments these words stand in, with the mark before them, or the one behind when none is before."""
    while start > 0 and words[start - 1] not in _EDGE:
        start -= 1
    while end < len(words) and (words[end] not in _EDGE or _HANGS.match(words, end + 1)):
        end += 1
    if start > 0 and words[start - 1] in ",;" and not (words[start - 1] == ";" and words[end : end + 1] == ","):
        return start - 1, end
    return start, end + (words[end : end + 1] in (",", ";"))


def compiled(find: str, known: Mapping[str, Sequence[str]]) -> re.Pattern[str] | None:
    """The template as a pattern; None when a list it needs has no word. Raises KeyError for an unknown list."""
    lists = tuple(tuple(known[name]) for name in named_lists(find))
    return _pattern(find, lists) if all(lists) else None


@lru_cache(maxsize=1024)
def _pattern(find: str, lists: tuple[tuple[str, ...], ...]) -> re.Pattern[str]:
    """The pattern of a template, `lists` in the order it names them."""
    pieces, place, given = [], 0, iter(lists)
    folded = fold(find)
    for part in _PART.finditer(folded):
        pieces.append(re.escape(folded[place : part.start()]))
        if part[1]:
            pieces.append(_any(next(given)))
        else:
            pieces.append(GAP if part[3] else WIDE_GAP if part[4] else _any(part[2].split("|")))
        place = part.end()
    return re.compile("".join((*pieces, re.escape(folded[place:]))))


def _any(words: Sequence[str]) -> str:
    return "(" + "|".join(re.escape(fold(word)) for word in sorted(words, key=len, reverse=True)) + ")"


def checked(
    find: str, by: str, known: Mapping[str, Sequence[str]], where: str, bounds: tuple[int, int] = CARRIED
) -> None:
    """Raises StandardsError unless the template is bounded, names known lists and takes up parts it has."""
    parts = list(_PART.finditer(fold(find)))
    gaps = sum(part[3] is not None or part[4] is not None for part in parts)
    if not find.strip() or len(find) > LONGEST or len(by) > LONGEST:
        raise StandardsError(f"{where}的改写模板为空或者过长。", f"每个模板不超过 {LONGEST} 字。")
    most_gaps, most_parts = bounds
    if gaps > most_gaps or len(parts) - gaps > most_parts:
        raise StandardsError(
            f"{where}的改写模板“{find}”太复杂。", f"“…”“～”最多 {most_gaps} 处，其他可变部分最多 {most_parts} 处。"
        )
    if unknown := [part[1] for part in parts if part[1] and part[1] not in known and part[1] != FIRM]:
        raise StandardsError(
            f"{where}的改写模板用了没有的词类：{'、'.join(unknown)}。", "请先在 words 或者 slots 里写明。"
        )
    if any(not 1 <= int(taken) <= len(parts) for taken in _TAKEN.findall(by)):
        raise StandardsError(f"{where}的改写模板“{by}”引用了没有的部分。", f"可用 {{1}} 至 {{{len(parts)}}}。")


def read_wordings(path: Path) -> Wordings:
    """The wordings in `path`; raises StandardsError naming the template that is not understood."""
    try:
        table: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        words = {name: tuple(listed) for name, listed in table["words"].items()}
        templates = tuple(template_of(row) for row in table["replace"])
        clauses = tuple(Model(tuple(row["items"]), row["by"], row.get("note", "")) for row in table["clause"])
        deletions = tuple(Model(tuple(row["items"]), "", row["note"]) for row in table["delete"])
        item_deletion = str(table["item_deletion"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise StandardsError(
            f"改写模板读不懂：{path}（{error}）。", "请检查该文件的写法，或者重新安装本软件。"
        ) from error
    for template in templates:
        checked(template.find, template.by, words, path.name, SHIPPED)
    return Wordings(words, templates, clauses, deletions, item_deletion)


def template_of(row: Mapping[str, Any], rule: str = "") -> Template:
    """The template written as this row; raises StandardsError when it says neither find, drop nor rest."""
    way = next((way for way in Way if way.value in row), None)
    words = [row.get(key, "") for key in (way.value if way else "", "by", "note")]
    if way is None or not all(isinstance(word, str) for word in words):
        raise StandardsError("改写模板没有写明 find、drop 或者 rest。", "请检查写法。")
    items, without = tuple(row.get("items", ())), tuple(row.get("without", ()))
    return Template(items, words[0], words[1], way, words[2], rule, without)


@cache
def named_lists(find: str) -> tuple[str, ...]:
    """The names of the word lists a template uses, in order."""
    return tuple(part[1] for part in _PART.finditer(fold(find)) if part[1])


@cache
def load_wordings() -> Wordings:
    """The packaged wordings, read once a process and only when a patch is asked for."""
    return read_wordings(RULES / FILE)
