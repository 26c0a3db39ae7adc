"""卷内目录: every file of the volume with its number, what it is, its size and its SHA-256, linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from urllib.parse import quote

from engine.trail.bundles import CONTENTS, KEYS, RECORDS, SIGNED, SIGNERS, STATE, TRAIL
from engine.trail.vouching import GROWTH, INSTANCE, KEPT
from reviewers.papers import Dossier
from reviewers.papers.sheet import page, paragraph

PAPERS = "papers/"
GROUPS: tuple[tuple[str, str], ...] = (
    ("文书", PAPERS),
    ("送审稿和附件", CONTENTS),
    ("记录（数据）", RECORDS),
    ("决定和签名", SIGNED),
    ("以前留存的检查点", KEPT),
    ("流程定义和图", "process/"),
    ("依据：放假安排、法规数据、筛查规则", "basis/"),
    ("留痕、证明和校验", ""),
)
NAMED = {
    TRAIL: "全部留痕及包含证明",
    "checkpoint.txt": "导出时的检查点",
    GROWTH: "以前的检查点到现在的一致性证明",
    STATE: "导出时案件的状态",
    KEYS: "密钥登记和注销的留痕",
    SIGNERS: "签名人名单（OpenSSH 格式）",
    INSTANCE: "本机签检查点的公钥",
    "verify.py": "校验脚本",
}
STYLE = "<style>table.list td{font-size:9pt}table.list .digest{font-size:6.5pt}table.list a{color:inherit}</style>"


def papers(dossier: Dossier, files: Mapping[str, bytes], later: tuple[str, ...]) -> Mapping[str, bytes]:
    """The table of contents; files in `later` are made after it and are named without size and digest."""
    rows = "".join(_rows(dict(files) | dict.fromkeys(later, b""), set(later)))
    head = "".join(f"<th>{name}</th>" for name in ("件号", "题名", "字节", "SHA-256"))
    widths = "".join(f'<col style="width: {width}%">' for width in (8, 44, 12, 36))
    body = [
        STYLE,
        paragraph(f"{dossier.subject}。电子文件没有页号，以件号和摘要标识。"),
        f'<table class="fixed list"><colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead>',
        f"<tbody>{rows}</tbody></table>",
        paragraph("本目录、四性检测报告和说明的摘要见 SHA256SUMS；清单 manifest.json 的摘要由导出命令打印。"),
    ]
    return {"01-卷内目录.html": page("卷内目录", body, dossier.trail_head)}


def _rows(files: Mapping[str, bytes], later: set[str]) -> Iterator[str]:
    number, left = 0, dict(files)
    for title, prefix in GROUPS:
        names = sorted(name for name in left if name.startswith(prefix))
        if names:
            yield f'<tr><td class="group" colspan="4">{title}（{len(names)} 件）</td></tr>'
        for name in names:
            number += 1
            data = left.pop(name)
            size, digest = ("", "") if name in later else (f"{len(data):,}", sha256(data).hexdigest())
            shown = NAMED.get(name) or name.removeprefix(prefix).removesuffix(".html" if prefix == PAPERS else "")
            yield (
                f'<tr><td>{number}</td><td><a href="../{quote(name)}">{escape(shown)}</a></td><td>{size}</td>'
                f'<td><span class="digest">{digest}</span></td></tr>'
            )
