"""修改对照表: two versions clause by clause, what was removed and what was added, for the next round's reviewers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from engine.documents import ChangeKind
from engine.model import Document
from reviewers.papers import Dossier
from reviewers.papers.sheet import page, paragraph
from reviewers.versions import ComparedClause, Part, Piece, compare, label

CHANGE_WORDS = {
    ChangeKind.SAME: "未变",
    ChangeKind.MOVED: "移动",
    ChangeKind.CHANGED: "修改",
    ChangeKind.ADDED: "新增",
    ChangeKind.REMOVED: "删除",
}
DELETED = "color:#9b1c10;background:#fde3df;text-decoration:line-through"
INSERTED = "color:#14532d;background:#dcf3e2;text-decoration:underline"


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """One table for each version and the one before it, where both texts are at hand."""
    made = {}
    for old, new in pairwise(sorted(dossier.documents)):
        name = f"修改对照表-第{old}稿-第{new}稿.html"
        made[name] = redline_page(dossier.file.case.title, dossier.documents, old, new, dossier.trail_head)
    return made


def redline_page(title: str, documents: Mapping[int, Document], old: int, new: int, trail_head: str) -> bytes:
    """The table of the changed clauses of two versions, with both texts' digests."""
    compared = compare(documents[old], documents[new])
    shown = [clause for clause in compared if clause.is_open]
    body = [
        paragraph(f"《{title}》第{old}稿与第{new}稿。{summary(compared)}"),
        paragraph(f"第{old}稿文本摘要 {documents[old].text_sha256}\n第{new}稿文本摘要 {documents[new].text_sha256}"),
        _table(old, new, shown) if shown else paragraph("各条款均未改动。"),
    ]
    return page("修改对照表", body, trail_head)


def summary(compared: Sequence[ComparedClause]) -> str:
    """How many clauses were changed, added, removed, moved, and how many stayed."""
    counts = {kind: sum(clause.change is kind for clause in compared) for kind in CHANGE_WORDS}
    order = (ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.MOVED, ChangeKind.SAME)
    return "，".join(f"{CHANGE_WORDS[kind]} {counts[kind]} 条" for kind in order) + "。"


def place(clause: ComparedClause) -> str:
    """Where the clause stands, and where it stood if that is another number."""
    if clause.old and clause.new and label(clause.old) != label(clause.new):
        return f"{label(clause.new)}（原{label(clause.old)}）"
    return clause.number


def _table(old: int, new: int, clauses: Iterable[ComparedClause]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("条款", "变动", f"第{old}稿", f"第{new}稿"))
    rows = "".join(
        f"<tr><td>{escape(place(clause))}</td><td>{CHANGE_WORDS[clause.change]}</td>"
        f"<td>{_wording(clause.pieces, Part.REMOVED)}</td><td>{_wording(clause.pieces, Part.ADDED)}</td></tr>"
        for clause in clauses
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _wording(pieces: Sequence[Piece], side: Part) -> str:
    tag, style = ("del", DELETED) if side is Part.REMOVED else ("ins", INSERTED)
    return "".join(
        f'<{tag} style="{style}">{escape(piece.text)}</{tag}>' if piece.part is side else escape(piece.text)
        for piece in pieces
        if piece.part in (Part.KEPT, side)
    ).replace("\n", "<br>")
