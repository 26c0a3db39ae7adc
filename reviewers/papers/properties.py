"""四性检测报告: what was checked of this very export for authenticity, integrity, usability and security, and what not.

In the manner of DA/T 70-2018: each check is carried out on the files that are about to be written and says what it
found; what a program cannot know is named as not checked instead of being counted as passed. Called last of all
papers, by `reviewers.dossiers`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from json import loads
from pathlib import PurePosixPath

from engine.process.bundle import bundle_hash
from engine.trail.bundles import CONTENTS, RECORDS, Findings
from engine.trail.container import safe_name
from reviewers.deed_words import SYSTEM
from reviewers.papers import Dossier
from reviewers.papers.basis import CALENDAR, PROCESS, calendar_version
from reviewers.papers.sheet import heading, page, paragraph, table

LASTING = frozenset(
    {".pdf", ".ofd", ".txt", ".md", ".html", ".xml", ".json", ".jsonl", ".svg", ".csv", ".toml", ".png"}
)
"""Formats that stay readable without one maker's program. Source: DA/T 47-2009 asks for such."""
OUTSIDE = re.compile(
    rb"""(?:src|href)\s*=\s*["'](?!#|\.\./|data:|[^"':]*\.html["'])|@import|url\(\s*["']?(?!data:|#)""", re.I
)
SCRIPTED = re.compile(rb"<script(?! type=\"text/plain\")|\son\w+\s*=|javascript:", re.I)


class Result(StrEnum):
    """What a check came to; `notice` is sound but to be known."""

    PASSED = "通过"
    NOTICE = "提示"
    FAILED = "未通过"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, the result, and the figures behind it."""

    name: str
    result: Result
    told: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks look at: the files as they will be written, and what verifying them gave."""

    dossier: Dossier
    files: Mapping[str, bytes]
    found: Findings

    def under(self, prefix: str) -> Mapping[str, bytes]:
        return {name: data for name, data in self.files.items() if name.startswith(prefix)}


def papers(tested: Examined) -> Mapping[str, bytes]:
    """The report, with the digest of the list of the files it is about."""
    listed = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(tested.files.items()))
    body = [
        paragraph(f"{tested.dossier.subject}。"),
        paragraph(
            "参照 DA/T 70-2018《文书类电子档案检测一般要求》，对本次导出的文件逐项实际检测；不是该标准的符合性认证。"
        ),
        paragraph(
            f"检测对象：本案卷除本报告、卷内目录、说明和清单以外的 {len(tested.files)} 个文件，"
            f"共 {sum(map(len, tested.files.values())):,} 字节；"
            "其 SHA-256 列表（每行“摘要、两个空格、文件名”，按名排序）的摘要 "
            f"{hashlib.sha256(listed.encode()).hexdigest()}。"
        ),
    ]
    for title, checks, unchecked in report(tested):
        rows = [(check.name, check.result, check.told) for check in checks]
        marks = ["yes" if check.result is Result.FAILED else "" for check in checks]
        body += [heading(title), table(("检测项", "结果", "实际情况"), rows, marks, widths=(34, 12, 54))]
        body.append(paragraph("未检测：" + "；".join(unchecked) + "。"))
    return {"四性检测报告.html": page("案卷四性检测报告", body, tested.dossier.trail_head)}


def report(tested: Examined) -> tuple[tuple[str, Sequence[Check], Sequence[str]], ...]:
    """The four properties, each with its checks and what could not be checked."""
    return tuple((title, [check(tested) for check in checks], unchecked) for title, checks, unchecked in PROPERTIES)


def _check(name: str, faults: Sequence[str], told: str, worst: Result = Result.FAILED) -> Check:
    """Passed without faults; else `worst`, naming the first few."""
    named = "、".join(faults[:5]) + (f"等 {len(faults)} 处" if len(faults) > 5 else "")
    return Check(name, worst if faults else Result.PASSED, f"{told}{'；' if faults else ''}{named}")


# ---------------------------------------------------------------- 真实性


def _proofs(tested: Examined) -> Check:
    found = tested.found
    told = f"{found.events} 条留痕的哈希和包含证明均通到第 {found.size} 条的检查点" if found.sound else ""
    return _check("留痕的哈希、次序和包含证明", [] if found.sound else [f"{found.place}：{found.what}"], told)


def _signatures(tested: Examined) -> Check:
    found = tested.found
    told = f"决定已签名并校验 {found.signed} 项，未签名 {found.unsigned} 项，未能校验 {found.unchecked} 项"
    return Check("决定的签名", Result.NOTICE if found.unsigned or found.unchecked else Result.PASSED, told)


def _checkpoints(tested: Examined) -> Check:
    found = tested.found
    told = f"由以前留存的 {found.kept} 份检查点增长而来，校验检查点签名 {found.vouched} 个"
    return Check("与以前留存的检查点一致", Result.PASSED if found.kept else Result.NOTICE, told)


def _officers(tested: Examined) -> Check:
    known = tested.dossier.profile.officers
    unknown = sorted({event["actor"] for event in tested.dossier.events} - {*known, SYSTEM})
    return _check("办理人在名册之中", unknown, "按导出时的名册", Result.NOTICE)


def _times(tested: Examined) -> Check:
    events = tested.dossier.events
    back = [str(b["seq"]) for a, b in pairwise(events) if b["at"] < a["at"]]
    return _check("办理时间不倒流", back, f"{len(events)} 条，容许一分钟以内", Result.NOTICE)


# ---------------------------------------------------------------- 完整性


def _numbers(tested: Examined) -> Check:
    revisions = [event["revision"] for event in tested.dossier.events]
    missing = sorted(set(range(1, len(revisions) + 1)) - set(revisions))
    return _check("动作编号连续", [f"缺第 {number} 个" for number in missing], f"第 1 至 {len(revisions)} 个动作")


def _records(tested: Examined) -> Check:
    listed = [record for event in tested.dossier.events for record in event["records"]]
    named = {f"{RECORDS}{record['id']}-{record['kind']}.json" for record in listed}
    return _check("记录与留痕登记一一对应", sorted(named ^ tested.under(RECORDS).keys()), f"{len(listed)} 份")


def _contents(tested: Examined) -> Check:
    listed = {digest for event in tested.dossier.events for digest in event["contents"]}
    carried = {hashlib.sha256(data).hexdigest() for data in tested.under(CONTENTS).values()}
    return _check("文件和附件与留痕登记一一对应", sorted(listed ^ carried), f"{len(carried)} 个")


def _versions(tested: Examined) -> Check:
    numbers = sorted({version.number for version in tested.dossier.file.versions})
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    return _check("稿次连续", [f"缺第{number}稿" for number in missing], f"共 {len(numbers)} 稿")


def _reviews(tested: Examined) -> Check:
    file = tested.dossier.file
    reviewed = {(review.gate, review.round) for review in file.reviews}
    bare = [f"第{c.round}轮" for c in file.conclusions if (c.gate, c.round) not in reviewed]
    return _check("每份结论都有同一轮的审查表", bare, f"结论 {len(file.conclusions)} 份，审查表 {len(file.reviews)} 份")


def _materials(tested: Examined) -> Check:
    required = tested.dossier.profile.practice.required_materials
    last = tested.dossier.file.versions[-1]
    missing = [name for kind, name in required.items() if kind not in {material.kind for material in last.materials}]
    return _check("最后一稿的随附材料", missing, f"本地规定 {len(required)} 种", Result.NOTICE)


def _basis(tested: Examined) -> Check:
    calendars = {str(e["facts"]["calendar"]) for e in tested.dossier.events if "calendar" in e["facts"]}
    sources = {n.removeprefix(PROCESS): d for n, d in tested.under(PROCESS).items() if not n.endswith(".svg")}
    other = [] if bundle_hash(sources) == tested.dossier.file.case.bundle else ["流程"]
    other += ["放假安排"] if calendars - {calendar_version(tested.under(CALENDAR))} else []
    return _check("流程和放假安排的文件与留痕所载版本相同", other, "重新计算版本", Result.NOTICE)


# ---------------------------------------------------------------- 可用性


def _readable(tested: Examined) -> Check:
    numbers = sorted({version.number for version in tested.dossier.file.versions})
    unread = [f"第{number}稿" for number in numbers if number not in tested.dossier.documents]
    return _check("各稿能重新读出，文本摘要相同", unread, f"共 {len(numbers)} 稿")


def _self_contained(tested: Examined) -> Check:
    pages = {name: data for name, data in tested.files.items() if name.startswith("papers/")}
    return _check("文书不引用外部资源", [n for n, data in pages.items() if OUTSIDE.search(data)], f"{len(pages)} 份")


def _json(tested: Examined) -> Check:
    broken, read = [], 0
    for name, data in tested.files.items():
        if name.endswith((".json", ".jsonl")) and not name.startswith(CONTENTS):
            read += 1
            try:
                for line in data.splitlines() if name.endswith(".jsonl") else (data,):
                    loads(line)
            except ValueError:
                broken.append(name)
    return _check("数据文件能解析", broken, f"{read} 个")


def _formats(tested: Examined) -> Check:
    kinds = {name: PurePosixPath(name).suffix.lower() for name in tested.under(CONTENTS)}
    other = [name.removeprefix(CONTENTS) for name, kind in kinds.items() if kind not in LASTING]
    told = "附件为通用格式" if not other else "下列附件建议另存 OFD 或 PDF/A 长期保存"
    return _check("附件的格式", other, told, Result.NOTICE)


# ---------------------------------------------------------------- 安全性


def _names(tested: Examined) -> Check:
    return _check("文件名不越出案卷", [n for n in tested.files if not safe_name(n)], f"{len(tested.files)} 个")


def _macros(tested: Examined) -> Check:
    found = [
        n for n, data in tested.under(CONTENTS).items() if b"vbaProject" in data or data[:4] == b"\xd0\xcf\x11\xe0"
    ]
    return _check("附件不含宏，不是旧式复合文档", found, f"{len(tested.under(CONTENTS))} 个", Result.NOTICE)


def _scripts(tested: Examined) -> Check:
    pages = {
        n: data for n, data in tested.files.items() if n.endswith((".html", ".svg")) and not n.startswith(CONTENTS)
    }
    return _check("文书网页和图不含脚本", [n for n, data in pages.items() if SCRIPTED.search(data)], f"{len(pages)} 个")


def _programs(tested: Examined) -> Check:
    found = [n for n, data in tested.files.items() if data[:2] == b"MZ" or data[:4] == b"\x7fELF"]
    return _check("除校验脚本外没有可执行程序", found, f"{len(tested.files)} 个")


def _secrets(tested: Examined) -> Check:
    found = [n for n, data in tested.files.items() if b"PRIVATE KEY-----" in data and n != "verify.py"]
    return _check("不含私钥", found, f"{len(tested.files)} 个")


PROPERTIES: Sequence[tuple[str, Sequence[Callable[[Examined], Check]], Sequence[str]]] = (
    (
        "真实性",
        (_proofs, _signatures, _checkpoints, _officers, _times),
        (
            "登记密钥时是否当面核对本人",
            "本机时间是否准确",
            "整包连同检查点一起被换掉（须与纸面的清单摘要或者他处留存的检查点核对）",
        ),
    ),
    (
        "完整性",
        (_numbers, _records, _contents, _versions, _reviews, _materials, _basis),
        ("没有登记进系统的线下材料",),
    ),
    (
        "可用性",
        (_readable, _self_contained, _json, _formats),
        ("附件在其他阅读软件中的版式", "纸面打印的效果"),
    ),
    (
        "安全性",
        (_names, _macros, _scripts, _programs, _secrets),
        ("病毒检测（请用本单位的杀毒软件）", "存储介质和传输线路", "涉密定级"),
    ),
)
