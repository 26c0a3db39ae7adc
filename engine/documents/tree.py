"""The growing numbering tree: which open clause a line hangs under, and how a reader would cite it.

A stack of open clauses, outermost first; a mark closes everything of its own or an inner rank. Paragraphs that end in
a colon stay open for the items they introduce. Only `clauses` grows one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.documents.layout import Role, Roles, attachment_label, is_short_heading
from engine.documents.lines import Line
from engine.documents.markers import (
    ARTICLE,
    ATTACHMENT,
    ATTACHMENT_TITLE,
    ENUMERATED,
    SECTION,
    Marker,
    chinese,
    follows,
    inline_run,
    marker_at,
)
from engine.model import ClauseKind
from engine.patterns import pattern_of

_KINDS = {
    Role.TITLE: ClauseKind.TITLE,
    Role.NUMBER: ClauseKind.TITLE,
    Role.ADDRESSEE: ClauseKind.ADDRESSEE,
    Role.CONTENTS: ClauseKind.CONTENTS,
    Role.ATTACHMENT_LIST: ClauseKind.CONTENTS,
    Role.SIGN_OFF: ClauseKind.SIGN_OFF,
}
_ROOT = -1
_DEEPEST_RUN = 3
LONGEST_HEADING = 40
_LONGEST_FIELD = 16  # "法定代表人(授权代表):" left blank introduces nothing
SENTENCE_MARK = pattern_of(r"[。;:!?]")
# "现将有关事项通知如下:" opens the whole body, not a list whose items it would colour.
_PREAMBLE = pattern_of(
    r"(?:如下|达成|订立|签订|制定|作出|提出|通知|公告|通告|报告|意见|措施|协议|约定|办法|规定|方案)[^。;,:]{0,12}[:]$"
)
_LISTING = pattern_of(r"下列|以下|不得|严禁|禁止|之一|情形|行为|问题|条件")
_CLOSING_PROVISION = pattern_of(r"本[^,。;]{1,14}自.{0,40}(?:施行|实施|执行|生效)")
_LABELLED = pattern_of(r"[^,。;:]{1,12}:.")


@dataclass(slots=True)
class Draft:
    """A clause while the tree grows; `body` is where its own words begin, behind its number."""

    start: int
    end: int
    body: int
    line: int
    kind: ClauseKind
    number: str
    level: int
    parent: int | None
    has_children: bool = False


@dataclass(slots=True)
class _Node:
    """An open clause that later ones may hang under."""

    rank: float
    draft: int
    label: str
    parts: tuple[int, ...] = ()
    cited: str = ""
    stem: bool = False
    inline: bool = False
    paragraphs: int = 0


class Tree:
    """Grows the tree line by line; `stack` holds the open clauses from the outermost in."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self.drafts: list[Draft] = []
        self.stack: list[_Node] = []
        self.table = 0
        self.row = 0
        self.decimal: tuple[int, ...] = ()

    def grow(self, lines: list[Line], found: Roles) -> None:
        for line, role in zip(lines, found, strict=True):
            if role is None:
                self._body(line)
            elif role is Role.ATTACHMENT:
                self._attachment(line)
            elif role is Role.TITLE_GOES_ON:
                self.drafts[-1].end = line.end
            elif role in _KINDS:
                self._frame(line, role)
            else:
                self._row(line, role)

    def _frame(self, line: Line, role: Role) -> None:
        if role is Role.TITLE:
            self.stack = [node for node in self.stack if node.rank == ATTACHMENT]
        self._add(line.start, line.end, line.start, line.number, _KINDS[role], "", None)

    def _attachment(self, line: Line) -> None:
        label, title = attachment_label(self.folded[line.start : line.end])
        draft = self._add(line.start, line.end, line.start + title, line.number, ClauseKind.HEADING, label, None)
        self.stack = [_Node(ATTACHMENT, draft, label, cited=f"{label} ")]
        self.table, self.decimal = 0, ()

    def _row(self, line: Line, role: Role) -> None:
        if role is not Role.TABLE_ROW:
            self.table, self.row = self.table + 1, 0
        if role is Role.TABLE_HEADER:
            place = f"表{self.table}表头"
        else:
            self.row += 1
            place = f"表{self.table}行{self.row}"
        self._leave_runs()
        number = _join(self.stack[0].cited, place) if self._in_attachment() else place
        self._add(line.start, line.end, line.start, line.number, ClauseKind.TABLE_ROW, number, self._top())

    def _body(self, line: Line) -> None:
        marker = marker_at(self.folded, line.start, line.end)
        if marker and not (marker.doubtful and not follows(marker, self.decimal)):
            self._numbered(line, marker)
        elif self._names_attachment(line):
            draft = self._add(line.start, line.end, line.start, line.number, ClauseKind.HEADING, "", self._top())
            self.stack.append(_Node(ATTACHMENT_TITLE, draft, "", cited=self.stack[0].cited))
        else:
            self._paragraph(line)

    def _names_attachment(self, line: Line) -> bool:
        """The first plain line of an attachment is its name when it is short and the attachment line gave none."""
        if len(self.stack) != 1 or self.stack[0].rank != ATTACHMENT or self.stack[0].paragraphs:
            return False
        opened = self.drafts[self.stack[0].draft]
        return (
            self.stack[0].draft == len(self.drafts) - 1
            and opened.body >= opened.end
            and is_short_heading(self.folded[line.start : line.end])
        )

    def _numbered(self, line: Line, marker: Marker) -> None:
        self._make_room(marker)
        if marker.parts:
            self.decimal = marker.parts
        kind = ClauseKind.HEADING if marker.rank <= SECTION and self._is_name(marker.end, line.end) else ClauseKind.ITEM
        number = self._cite(marker.label, marker.parts)
        node = _Node(marker.rank, len(self.drafts), marker.label, marker.parts, cited=number)
        self._clause_with_runs(line, marker.end, kind, number, node)
        node.paragraphs = int(not self._is_name(marker.end, self.drafts[node.draft].end))

    def _is_name(self, start: int, end: int) -> bool:
        """Whether the words of a numbered line only name what follows: short and without a sentence mark."""
        return end - start <= LONGEST_HEADING and not SENTENCE_MARK.search(self.folded, start, end)

    def _make_room(self, marker: Marker) -> None:
        """Close what the mark ends: back to its own rank if that is open, else everything of the same or inner rank.

        A first number right under a lead-in nests there whatever its rank: 1.…:(一)…(二)… stays inside 1.
        """
        ranks = [node.rank for node in self.stack]
        if marker.rank in ranks:
            del self.stack[ranks.index(marker.rank) :]
        elif not (marker.value == 1 and self.stack and self._adopts(self.stack[-1], marker)):
            self.stack = [node for node in self.stack if node.rank < marker.rank]
        while self.stack and self._is_bare_stem(self.stack[-1]) and not self._adopts(self.stack[-1], marker):
            self.stack.pop()

    def _adopts(self, node: _Node, marker: Marker) -> bool:
        """Whether an open lead-in takes the mark for the first item of its list."""
        if not node.stem or marker.rank <= ARTICLE:
            return False
        draft = self.drafts[node.draft]
        sentence = re.split(r"[。;]", self.folded[draft.start : draft.end])[-1]
        return marker.rank > ENUMERATED or not _PREAMBLE.search(sentence) or bool(_LISTING.search(sentence))

    def _paragraph(self, line: Line) -> None:
        words = self.folded[line.start : line.end]
        self._leave_runs()
        if not self._listed(words):
            self._leave_list(words)
        owner = self.stack[-1] if self.stack else None
        stem = words.endswith(":")
        if owner is None:
            node = _Node(_ROOT, len(self.drafts), "", stem=stem)
            self._clause_with_runs(line, line.start, ClauseKind.PARAGRAPH, "", node, keep=stem)
            return
        owner.paragraphs += 1
        label = "" if owner.stem and not owner.label else self._ordinal(owner)
        number = self._cite(label).strip()
        node = _Node(owner.rank + 0.5, len(self.drafts), "", stem=stem, cited=owner.cited)
        if label.endswith("款"):
            node.label, node.cited = label, number
        self._clause_with_runs(line, line.start, ClauseKind.PARAGRAPH, number, node, keep=stem)

    def _listed(self, words: str) -> bool:
        """Whether a plain line is an unnumbered item of the lead-in above it: labelled lines, or lines ending in ;"""
        if not self.stack or not self.stack[-1].stem or words.endswith(":"):
            return False
        last = self.drafts[-1]
        first = self.stack[-1].draft == len(self.drafts) - 1
        draft = self.drafts[self.stack[-1].draft]
        lead_in = self.folded[draft.start : draft.end]
        if first and not _PREAMBLE.search(lead_in) and (len(lead_in) > _LONGEST_FIELD or _LISTING.search(lead_in)):
            return True
        before = self.folded[last.start : last.end]
        return not first and (before.endswith(";") or bool(_LABELLED.match(before) and _LABELLED.match(words)))

    def _leave_list(self, words: str) -> None:
        """A plain line after a list belongs to what stood before the list; one that ends the document, to nothing."""
        ranks = [node.rank for node in self.stack]
        if ARTICLE in ranks:
            del self.stack[ranks.index(ARTICLE) + 1 :]
        elif _CLOSING_PROVISION.match(words):
            self.stack = [node for node in self.stack if node.rank in (ATTACHMENT, ATTACHMENT_TITLE)]
        else:
            while self.stack and (self._is_bare_stem(self.stack[-1]) or self._in_list()):
                self.stack.pop()

    def _is_bare_stem(self, node: _Node) -> bool:
        return node.stem and not node.label

    def _in_list(self) -> bool:
        return len(self.stack) >= 2 and self.stack[-2].stem

    def _ordinal(self, owner: _Node) -> str:
        if owner.rank == ARTICLE:
            return f"第{chinese(min(owner.paragraphs, 9999))}款"
        return f"第{owner.paragraphs}段"

    def _leave_runs(self) -> None:
        while self.stack and self.stack[-1].inline:
            self.stack.pop()

    def _clause_with_runs(
        self, line: Line, body: int, kind: ClauseKind, number: str, node: _Node, keep: bool = True
    ) -> None:
        """Add a clause and the items that run on inside it; leave it open when `keep` or it has such items."""
        run = inline_run(self.folded, body, line.end)
        end = self._trimmed(line.start, run[0][0]) if run else line.end
        self._add(line.start, end, body, line.number, kind, number, self._top())
        node.stem = node.stem or self.folded[end - 1] == ":"
        if keep or run:
            self.stack.append(node)
        if run:
            self._run(run, line, number, 1)

    def _run(self, run: list[tuple[int, Marker]], line: Line, number: str, depth: int) -> None:
        above = len(self.stack)
        ends = [*(at for at, _ in run[1:]), line.end][: len(run)]
        for (at, marker), end in zip(run, ends, strict=True):
            del self.stack[above:]
            inner = inline_run(self.folded, marker.end, end) if depth < _DEEPEST_RUN else []
            own_end = self._trimmed(at, inner[0][0] if inner else end)
            cited = _join(number, marker.label)
            start_line = line.number + self.folded.count("\n", line.start, at)
            draft = self._add(at, own_end, marker.end, start_line, ClauseKind.ITEM, cited, self._top())
            stem = self.folded[own_end - 1] == ":"
            self.stack.append(_Node(marker.rank, draft, marker.label, marker.parts, cited, stem, inline=True))
            if inner:
                self._run(inner, Line(line.start, end, line.number), cited, depth + 1)

    def _trimmed(self, start: int, end: int) -> int:
        while end > start and self.folded[end - 1].isspace():
            end -= 1
        return end

    def _add(
        self, start: int, end: int, body: int, line: int, kind: ClauseKind, number: str, parent: int | None
    ) -> int:
        level = 0
        if parent is not None:
            self.drafts[parent].has_children = True
            level = self.drafts[parent].level + 1
        self.drafts.append(Draft(start, end, body, line, kind, number, level, parent))
        return len(self.drafts) - 1

    def _top(self) -> int | None:
        return self.stack[-1].draft if self.stack else None

    def _in_attachment(self) -> bool:
        return bool(self.stack) and self.stack[0].rank == ATTACHMENT

    def _cite(self, label: str, parts: tuple[int, ...] = ()) -> str:
        """The label of a place under the open clauses; a decimal number already holds the numbers before its points."""
        above = len(self.stack) - 1
        while above >= 0 and len(parts) > 1 and self._is_held(self.stack[above], parts):
            above -= 1
        return _join(self.stack[above].cited if above >= 0 else "", label)

    def _is_held(self, node: _Node, parts: tuple[int, ...]) -> bool:
        return not node.label or bool(node.parts and parts[: len(node.parts)] == node.parts)


def _join(number: str, label: str) -> str:
    """Put a label behind a number so that no two digits or words run together: 三(二)5, 2·一是."""
    if (
        number
        and label
        and (
            label[-1] in "是要"
            or (number[-1].isascii() and number[-1].isalnum() and label[0].isalnum() and label[0] != "第")
        )
    ):
        return f"{number}·{label}"
    return number + label
