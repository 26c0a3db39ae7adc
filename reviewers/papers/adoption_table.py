"""意见采纳情况反馈表: every opinion, what the redline shows of it, and what the drafting unit answered."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Gate
from reviewers.adoption import AdoptionRow, Seen, adoption_rows
from reviewers.opinions import ADOPTED_WORDS
from reviewers.papers import Dossier
from reviewers.papers.opinion_letter import RULINGS
from reviewers.papers.sheet import page, paragraph, table

SEEN_WORDS = {
    Seen.NOT_YET_REVISED: "尚未报送修改稿",
    Seen.UNCHANGED: "未采纳：条款未改动",
    Seen.AS_SUGGESTED: "采纳：已按建议修改",
    Seen.CHANGED: "部分采纳：已修改，须说明",
    Seen.REMOVED: "条款已删除，须说明",
    Seen.UNREADABLE: "原稿无法重新读取，未作对照",
}
GATES = {Gate.SELF_REVIEW: "初审", Gate.JOINT_REVIEW: "会审"}


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """The table on the present version; none when no opinion was given."""
    rows = adoption_rows(dossier.file, dossier.documents)
    if not rows:
        return {}
    case = dossier.file.case
    blocking = sum(row.blocks for row in rows)
    body = [
        paragraph(f"《{case.title}》第{case.version}稿，意见 {len(rows)} 条，尚在阻断 {blocking} 条。"),
        table(
            ("意见", "条款", "内容和建议", "对照结果和现文", "起草单位反馈", "了结"),
            [_row(dossier, row) for row in rows],
            ["yes" if row.blocks else "" for row in rows],
        ),
        paragraph("“对照结果”由系统比对两稿得出；“起草单位反馈”为起草单位答复，二者不一致的，以文本为准。"),
    ]
    return {"意见采纳情况反馈表.html": page("意见采纳情况反馈表", body, dossier.trail_head)}


def answered(row: AdoptionRow) -> str:
    """The drafting unit's answer in words."""
    if row.answer is None:
        return "（未反馈）"
    return ADOPTED_WORDS[row.answer.adopted] + (f"：{row.answer.reason}" if row.answer.reason else "")


def settled(row: AdoptionRow) -> str:
    """How the opinion ended, or that it still blocks."""
    last = row.settlement
    told = f"{RULINGS[last.ruling]}（{last.meeting or last.reason}）" if last else ""
    return "\n".join(part for part in (told, "仍在阻断" if row.blocks else "") if part)


def _row(dossier: Dossier, row: AdoptionRow) -> tuple[str, ...]:
    opinion = row.opinion
    suggestion = f"\n建议：{opinion.suggestion}" if opinion.suggestion else ""
    return (
        f"{opinion.id}\n第{opinion.round}轮{GATES[opinion.gate]}\n{dossier.officer_name(opinion.author)}",
        opinion.clause,
        f"{'（须采纳）' if opinion.blocking else ''}{opinion.text}{suggestion}",
        SEEN_WORDS[row.seen] + (f"\n{row.now}" if row.now else ""),
        answered(row),
        settled(row),
    )
