"""听取意见记录 and 例外规定论证: what stakeholders said and what came of it; how an exception was argued."""

from __future__ import annotations

from collections.abc import Mapping

from reviewers.form.words import BOOLEAN_WORDS, HEARING_WORDS
from reviewers.papers import Dossier
from reviewers.papers.exception import exception_facts
from reviewers.papers.sheet import facts, heading, page, paragraph, table


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """One record for each consultation and each claim filed, in filing order; the last is the one in force."""
    made = {}
    for number, record in enumerate(dossier.file.consultations, 1):
        rows = [
            (each.name, HEARING_WORDS.get(each.kind, each.kind), str(each.heard_on), each.opinion, each.adopted)
            for each in record.hearings
        ]
        told = [
            ("涉及社会公众利益", BOOLEAN_WORDS[record.public_interest]),
            ("公开征求意见的说明", record.public_reason or "（无）"),
            ("涉密、小范围征求的说明", record.confidential_reason or "（无）"),
        ]
        body = [
            paragraph(f"《{dossier.file.case.title}》。出处：《公平竞争审查条例》第十六条，《实施办法》第二十八条。"),
            facts(told),
            heading("听取意见情况"),
            table(("对象", "类型", "日期", "意见", "采纳情况"), rows, widths=(20, 13, 17, 30, 20))
            if rows
            else paragraph("没有登记听取的意见。"),
        ]
        made[f"听取意见记录-{number:02d}.html"] = page("听取意见记录", body, dossier.trail_head)
    for number, claim in enumerate(dossier.file.exception_claims, 1):
        body = [paragraph(f"《{dossier.file.case.title}》。"), facts(exception_facts(claim))]
        made[f"例外规定论证-{number:02d}.html"] = page("适用例外规定的论证", body, dossier.trail_head)
    return made
