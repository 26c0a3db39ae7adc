"""What a clause inherits from where it stands: the lead-ins above it, the headings over it, the header of its table.

A list takes its meaning from its lead-in (不得有下列行为:, 存在以下问题:, 投标人须满足以下条件:), a table cell from its
header. Screening asks here before it judges an item that holds neither verb nor negation of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.model import Clause, ClauseKind, Document


def _clauses(source: Document | Sequence[Clause]) -> Sequence[Clause]:
    return source.clauses if isinstance(source, Document) else source


def lead_in(source: Document | Sequence[Clause], clause: Clause) -> tuple[Clause, ...]:
    """The clauses `clause` hangs under, outermost first, without itself; their texts are what it inherits."""
    clauses = _clauses(source)
    chain = []
    parent = clause.parent
    while parent is not None:
        chain.append(clauses[parent])
        parent = clauses[parent].parent
    return tuple(reversed(chain))


def path_headings(source: Document | Sequence[Clause], clause: Clause) -> tuple[str, ...]:
    """The texts of the headings over `clause`, outermost first (附件2, 负面清单, 二、清理内容)."""
    return tuple(above.text for above in lead_in(source, clause) if above.kind is ClauseKind.HEADING)


def table_header(source: Document | Sequence[Clause], clause: Clause) -> str:
    """The header row over a table row, its cells parted by |; empty for a header itself and where there is none."""
    if clause.kind is not ClauseKind.TABLE_ROW or clause.number.endswith("表头"):
        return ""
    clauses = _clauses(source)
    header_number = clause.number.rpartition("行")[0] + "表头"
    for index in range(_index(clauses, clause) - 1, -1, -1):
        if clauses[index].kind is not ClauseKind.TABLE_ROW:
            return ""
        if clauses[index].number == header_number:
            return clauses[index].text
    return ""


def _index(clauses: Sequence[Clause], clause: Clause) -> int:
    """Clauses stand in order of their starts, so the place of one is found by halving."""
    low, high = 0, len(clauses)
    while low < high:
        middle = (low + high) // 2
        if clauses[middle].start < clause.start:
            low = middle + 1
        else:
            high = middle
    return low
