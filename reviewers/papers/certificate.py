"""审查结论凭证: one decision on one page, with the data inside that proves it.

What is printed is for people; the data in the page is what `shuangshen verify` judges, and it tells the decision again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from json import loads
from typing import Any

from engine.trail.certificates import codes_of
from engine.trail.verifier import canonical, parse_checkpoint
from engine.trail.words import told
from reviewers.deed_words import OUTCOMES
from reviewers.papers.sheet import facts, heading, local_time, page, paragraph
from reviewers.roster import Profile

STYLE = """<style>
.codes { display: flex; flex-wrap: wrap; gap: 2mm 4mm; justify-content: center; margin: 3mm 0; }
.codes figure { margin: 0; width: 52mm; text-align: center; font-size: 8pt; line-height: 1.3; break-inside: avoid; }
.codes svg { width: 52mm; height: 52mm; display: block; }
.many figure, .many svg { width: 43mm; } .many svg { height: 43mm; }
@page { margin: 12mm 18mm; } h1 { font-size: 18pt; margin-bottom: 3mm; } h2 { font-size: 11pt; margin: 3mm 0 1mm; }
table { font-size: 9.5pt; line-height: 1.35; margin-bottom: 2mm; } th, td { padding: 0.8mm 2mm; }
p { font-size: 9pt; line-height: 1.5; } footer { margin-top: 2mm; }
</style>"""
A_ROW = 3
BORDER = 4
"""The quiet zone around a code, in modules. Source: ISO/IEC 18004."""


def certificate_page(certificate: Mapping[str, Any], profile: Profile) -> bytes:
    """The page of this certificate (`engine.store.certificate`), its data inside."""
    bodies = [certificate["words"], *(record["body"] for record in certificate["records"])]
    by_digest = {sha256(body.encode("utf-8")).hexdigest(): body for body in bodies}
    opening, decision = (told(loads(entry["payload"]), by_digest.get) for entry in certificate["events"])
    checkpoint = parse_checkpoint(certificate["checkpoint"])
    codes = codes_of(certificate)
    body = [
        STYLE,
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
        f'<div class="codes{" many" if len(codes) > A_ROW else ""}">'
        + "".join(_code(number, len(codes), text) for number, text in enumerate(codes, 1))
        + "</div>",
        paragraph(
            f"校验：shuangshen verify 本文件；只有纸面的，扫 {len(codes)} 个二维码，把文字存成一个 .txt 文件再校验，"
            "次序不限。以校验程序读出的内容为准，检查点请与他处留存的核对。"
        ),
        '<script type="text/plain" id="certificate">',
    ]
    data = base64.b64encode(canonical(certificate).encode("utf-8")).decode("ascii")
    body[-1] += f"{data}</script>"
    return page("公平竞争审查结论凭证", body, certificate["events"][1]["hash"])


def _code(number: int, total: int, text: str) -> str:
    """One code as a drawing, at the medium level of correction: a fold or a stamp does not spoil it."""
    import segno  # only certificates pay for it

    drawn = segno.make_qr(text, error="m", boost_error=False).svg_inline(border=BORDER, omitsize=True)
    return f"<figure>{drawn}<figcaption>{number} / {total}</figcaption></figure>"


def _case(opening: Mapping[str, Any], profile: Profile) -> list[tuple[str, str]]:
    return [
        ("案件编号", opening["case"]),
        ("政策措施名称", opening["facts"]["title"]),
        ("起草单位", _unit(opening["unit"], profile)),
    ]


def _decision(decision: Mapping[str, Any], profile: Profile) -> list[tuple[str, str]]:
    said, officer = decision["facts"], profile.officers.get(decision["actor"])
    return [
        ("结论", OUTCOMES.get(said["outcome"], said["outcome"])),
        ("理由", said["reason"]),
        ("轮次和文本", f"第{said['round']}轮，第{said['version']}稿"),
        ("签署人", f"{officer.name if officer else decision['actor']}（{_unit(decision['unit'], profile)}）"),
        ("签署时间", local_time(datetime.fromisoformat(decision["at"]))),
        ("签名", f"已签名，密钥 {decision['key']}" if decision["attested"] else "未签名"),
    ]


def _unit(unit: str, profile: Profile) -> str:
    return profile.units[unit].full_name if unit in profile.units else unit
