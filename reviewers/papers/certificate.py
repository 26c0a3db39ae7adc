"""审查结论凭证: one decision on one page, with the data inside that proves it.

What is printed is for people; the data in the page is what `shuangshen verify` judges, and it tells the decision again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from json import loads
from typing import Any

from engine.trail.verifier import canonical, parse_checkpoint
from reviewers.papers.sheet import facts, heading, local_time, page, paragraph
from reviewers.roster import Profile

OUTCOMES = {
    "compliant": "符合公平竞争审查标准，可以出台",
    "exception": "适用例外规定，可以出台",
    "revise": "须修改后重新审查",
    "must_not_issue": "不得出台",
    "out_of_scope": "不属于审查范围",
}


def certificate_page(certificate: Mapping[str, Any], profile: Profile) -> bytes:
    """The page of this certificate (`engine.store.certificate`), its data inside."""
    opening, decision = (loads(entry["payload"]) for entry in certificate["events"])
    checkpoint = parse_checkpoint(certificate["checkpoint"])
    body = [
        facts([*_case(opening, profile), *_decision(decision, profile)]),
        heading("留痕"),
        facts(
            [
                ("留痕序号", f"第 {decision['seq']} 号"),
                ("本条摘要", certificate["events"][1]["hash"]),
                ("检查点", f"{checkpoint.origin}，共 {checkpoint.size} 条"),
                ("根哈希", checkpoint.root.hex()),
            ]
        ),
        paragraph("校验：shuangshen verify 本文件。以校验程序读出的内容为准。"),
        '<script type="text/plain" id="certificate">',
    ]
    data = base64.b64encode(canonical(certificate).encode("utf-8")).decode("ascii")
    body[-1] += f"{data}</script>"
    return page("公平竞争审查结论凭证", body, certificate["events"][1]["hash"])


def _case(opening: Mapping[str, Any], profile: Profile) -> list[tuple[str, str]]:
    return [
        ("案件编号", opening["case"]),
        ("政策措施名称", opening["facts"]["title"]),
        ("起草单位", _unit(opening["unit"], profile)),
    ]


def _decision(decision: Mapping[str, Any], profile: Profile) -> list[tuple[str, str]]:
    told, officer = decision["facts"], profile.officers.get(decision["actor"])
    return [
        ("结论", OUTCOMES.get(told["outcome"], told["outcome"])),
        ("理由", told["reason"]),
        ("轮次和文本", f"第{told['round']}轮，第{told['version']}稿"),
        ("签署人", f"{officer.name if officer else decision['actor']}（{_unit(decision['unit'], profile)}）"),
        ("签署时间", local_time(datetime.fromisoformat(decision["at"]))),
        ("签名", f"已签名，密钥 {decision['key']}" if decision["attested"] else "未签名"),
    ]


def _unit(unit: str, profile: Profile) -> str:
    return profile.units[unit].full_name if unit in profile.units else unit
