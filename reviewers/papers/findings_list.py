"""疑似问题清单: what the machine pointed at in each version, in the document's order."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Level, Screening, Version
from reviewers.papers import Dossier
from reviewers.papers.sheet import page, paragraph, short_citation, table

LEVELS = {Level.BLOCK: "〔须处理〕", Level.ATTENTION: "〔请核对〕"}


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """One list a screened version."""
    made = {}
    for version in {v.number: v for v in dossier.file.versions}.values():
        screening = next((s for s in dossier.file.screenings if s.text_sha256 == version.text_sha256), None)
        if screening:
            made[f"疑似问题清单-第{version.number}稿.html"] = _list(dossier, version, screening)
    return made


def _list(dossier: Dossier, version: Version, screening: Screening) -> bytes:
    rows = [
        (
            f"{finding.clause or '正文'}（第{finding.line}行）\n{LEVELS[finding.level]}\n{finding.id}",
            finding.text,
            "\n".join(short_citation(dossier.standards.citation(item)) for item in finding.articles),
            f"{finding.why}\n建议：{finding.advice}",
        )
        for finding in screening.findings
    ]
    body = [
        paragraph(f"《{dossier.file.case.title}》第{version.number}稿，文本摘要 {version.text_sha256}。"),
        paragraph(f"规则包 {screening.pack}。机器提示仅为疑似，是否违反审查标准由审查人员判断。"),
        *(paragraph(line) for line in screening.local),
        paragraph("“《条例》”指《公平竞争审查条例》，“《实施办法》”指《公平竞争审查条例实施办法》。"),
        table(("位置和编号", "条款原文", "对照标准", "原因和建议"), rows, widths=(18, 28, 25, 29))
        if rows
        else paragraph("未提示疑似问题。"),
    ]
    return page("疑似问题清单", body, dossier.trail_head)
