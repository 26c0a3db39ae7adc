"""卷宗封面: what this volume is about, its versions, and the papers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewers.papers import Dossier
from reviewers.papers.sheet import facts, heading, local_time, page, table


def papers(dossier: Dossier, contents: Sequence[str]) -> Mapping[str, bytes]:
    """The cover with the papers named; every file is in the table of contents."""
    case = dossier.file.case
    versions = {v.number: v for v in dossier.file.versions}
    body = [
        facts(
            [
                ("案件编号", case.id),
                ("政策措施名称", case.title),
                ("起草单位", dossier.unit_name(case.unit)),
                ("报送时间", local_time(case.opened_at)),
                ("轮次和文本", f"第{case.round}轮，第{case.version}稿"),
                ("流程定义摘要", case.bundle),
            ]
        ),
        heading("文本沿革"),
        table(
            ("稿次", "文件和摘要", "随附材料", "报送人", "时间"),
            [
                (
                    f"第{v.number}稿",
                    f"{v.filename}\n{v.sha256}",
                    "\n".join(material.filename for material in v.materials),
                    dossier.officer_name(v.filed_by),
                    local_time(v.filed_at),
                )
                for v in versions.values()
            ],
            widths=(10, 34, 24, 12, 20),
        ),
        heading("卷内文书"),
        table(
            ("序号", "文件"),
            [(str(number), name.removesuffix(".html")) for number, name in enumerate(contents, 1)],
            widths=(10, 90),
        ),
    ]
    return {"00-卷宗封面.html": page("公平竞争审查案卷", body, dossier.trail_head)}
