"""Rule packs and what became of them: decided cases exported, the impact of a change, the pack signed and verified."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import Conflict, DocumentUnreadable, InvalidInput, Refused, TrailBroken
from reviewers.desk.counter import (
    As,
    Home,
    Json,
    database,
    emit,
    home_directory,
    open_database,
    open_office,
    open_profile,
)
from reviewers.desk.signing import MAX_PUBLIC_KEY, Key, signing_office
from reviewers.policy import may_read

if TYPE_CHECKING:
    from engine.model import Document, Version
    from engine.store import UnitOfWork
    from reviewers.impact import Change
    from reviewers.office import Office

PAGE = 200
Overlay = Annotated[
    Path | None, typer.Option("--overlay", metavar="文件|目录", help="加用这份本地规则，见 docs/guide/screening.md")
]
LEVELS = {"block": "须处理", "attention": "请核对"}


def export_rejections(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="写到哪个 JSONL 文件")],
    officer: As = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """把驳回的疑似问题和机器漏掉的条款导出为检验案例，供 rules test --cases 使用；只含经办人可以查阅的案卷。"""
    from reviewers.desk.reporting import deliver
    from reviewers.reports.contract import jsonl_lines

    if output.exists():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个文件名。")
    rows, closed = learned(open_office(home, officer))
    deliver(jsonl_lines(rows), output)
    counts = {label: sum(row["label"] == label for row in rows) for label in ("compliant", "violation")}
    if as_json:
        emit({"path": str(output), **counts, "closed": closed})
    else:
        unread = f"另有 {closed} 个案卷无权查阅，未导出。" if closed else ""
        print(f"已导出到 {output}：驳回 {counts['compliant']} 条，漏掉 {counts['violation']} 条。{unread}")


def rules_impact(
    old: Annotated[str, typer.Argument(metavar="[旧规则包]", help="只看用这一规则包筛查过的文本，缺省为全部")] = "",
    overlay: Overlay = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """现在的规则包会使库中哪些文本新增、消除或升降疑似问题；缺省按机构配置里的本地规则，--overlay 试用另一份。"""
    found, unread = impact(home, old, overlay)
    if as_json:
        emit({"changes": [asdict(change) for change in found], "unread": unread})
        return
    words = {"": "未提示", **LEVELS}
    rows: list[tuple[str, ...]] = [
        (c.case, f"第{c.version}稿", c.clause, f"{words[c.before]} 改为 {words[c.now]}", c.text) for c in found
    ]
    print_rows(("案件", "文本", "条款", "变化", "原文"), rows)
    print(f"共 {len(found)} 处变化；{len(unread)} 份文本未能按原样重读。")


def impact(home: Path | None, old: str, overlay: Path | None = None) -> tuple[list[Change], list[str]]:
    """Every change the installed pack makes on stored texts screened with another, and the texts not comparable."""
    from engine.calendar.zone import local_day
    from engine.screening import screen
    from engine.screening.overlay import load_pack
    from engine.standards import load_standards
    from reviewers.impact import changes

    found: list[Change] = []
    unread: list[str] = []
    rules = load_pack(overlay or open_profile(home).overlay)
    with open_database(home).work() as work:
        for name in sorted(_case_ids(database(home))):
            file = work.case_file(name)
            screened = {screening.text_sha256: screening for screening in file.screenings}
            for version in {version.number: version for version in file.versions}.values():
                before = screened.get(version.text_sha256)
                if before is None or (old and before.pack != old):
                    continue
                document = _reread(work, version)
                if document is None:
                    unread.append(f"{name} 第{version.number}稿")
                else:
                    now = screen(document, load_standards(), local_day(version.filed_at), rules)
                    found += changes(name, version.number, before, now)
    return found, unread


def learned(office: Office) -> tuple[list[dict[str, Any]], int]:
    """The rows of every case the officer may read, in the order of the cases, and how many are closed to him.

    Raises Refused when all are.
    """
    from reviewers.feedback import missed_rows, rejected_rows

    rows: list[dict[str, Any]] = []
    refusals: list[Refused] = []
    names = sorted(_case_ids(office.store.path))
    with office.store.work() as work:
        for name in names:
            file = work.case_file(name)
            try:
                may_read(office.officer, file.case, office.profile)
            except Refused as refusal:
                refusals.append(refusal)
                continue
            rows += rejected_rows(file)
            rows += missed_rows(file, lambda version: _reread(work, version))
    if refusals and len(refusals) == len(names):
        raise refusals[0]
    return rows, len(refusals)


def _case_ids(store: Path) -> Iterator[str]:
    """The cases whose file is still there."""
    from engine.store.disposal import destroyed
    from engine.store.reads import find_cases

    before, gone = None, {each.case for each in destroyed(store)}
    while page := find_cases(store, limit=PAGE, before=before):
        yield from (row["id"] for row in page if row["id"] not in gone)
        before = page[-1]["id"]


def _reread(work: UnitOfWork, version: Version) -> Document | None:
    """The version as it was screened; None when today's reader makes another text of the file."""
    from engine.documents import read_bytes

    try:
        document = read_bytes(work.content(version.sha256), version.filename)
    except DocumentUnreadable:
        return None
    return document if document.text_sha256 == version.text_sha256 else None


def rules_sign(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="文件", help="清单写到哪里，缺省为数据目录的 pack.json")
    ] = None,
    officer: As = "",
    key: Key = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """签署规则包：把现用的法规、规则、权重和本地规则逐个文件列成清单，由会审负责人用本人密钥签名。"""
    from reviewers.operations.pack_signing import FILE, NAMESPACE, sign_pack

    office = signing_office(home, officer, "", key, NAMESPACE)
    if office.signer is None:
        raise InvalidInput("签署须用本人的密钥。", "请加 --key 密钥文件，或设置 SHUANGSHEN_KEY，或启动 ssh-agent。")
    place = output or home_directory(home) / FILE
    signature = sign_pack(office, place, office.signer)
    if as_json:
        emit({"manifest": str(place), "signature": str(signature)})
        return
    print(f"规则包清单 {place}\n{office.officer.name}的签名 {signature}\n校验：shuangshen rules verify {place}")


def rules_verify(
    manifest: Annotated[
        Path | None, typer.Argument(metavar="[清单]", help="rules sign 写出的清单，缺省为数据目录的 pack.json")
    ] = None,
    public_key: Annotated[
        list[Path] | None, typer.Option("--public-key", metavar="公钥文件", help="没有数据库的机器上，签署人的公钥")
    ] = None,
    overlay: Overlay = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """校验规则包：现装的每个文件与签署的清单一致，签名是签署人的。退出码：0 相符；6 不符。"""
    from reviewers.operations.pack_signing import FILE, approvals, differences, registered

    place = manifest or home_directory(home) / FILE
    installed = (home_directory(home) / "shuangshen.db").is_file()
    local = overlay or (open_profile(home).overlay if installed else None)
    changed = differences(place, local)
    keys = registered(database(home)) if installed else {}
    signed = approvals(place, {**keys, **dict(_given(path) for path in public_key or [])})
    good = not changed and any(one.verified for one in signed)
    if as_json:
        emit({"sound": good, "changed": changed, "signatures": [asdict(one) for one in signed]})
        sys.exit(0 if good else TrailBroken.exit_code)
    for one in signed:
        print(f"签署人 {one.by}  {one.file}  {'校验无误' if one.verified else '未校验（没有其公钥）'}")
    if changed:
        raise TrailBroken(f"规则包与 {place} 不符：{'；'.join(changed[:5])}。", "请重新安装，或由会审负责人重新签署。")
    if not good:
        raise TrailBroken(f"{place} 没有可以校验的签名。", "请用 --public-key 给出签署人的公钥，或由会审负责人签署。")
    print("规则包与签署的清单一致。")


def _given(path: Path) -> tuple[str, tuple[str, str]]:
    """A public key from a file, by its fingerprint."""
    from engine.trail.signers import read_public_key

    if not path.is_file() or path.stat().st_size > MAX_PUBLIC_KEY:
        raise InvalidInput(f"没有可用的公钥文件 {path}。", "请检查路径。")
    key = read_public_key(path.read_text(encoding="utf-8", errors="replace"))
    return key.fingerprint, (path.name, key.line)


def print_rows(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table without lines; the last column folds."""
    from rich.table import Table

    from reviewers.desk.printing import console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading != headings[-1])
    for row in rows:
        table.add_row(*row)
    console().print(table)
