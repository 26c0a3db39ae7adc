"""What is taken out of the office and how it is judged: export, certificate, disclose, verify."""

from __future__ import annotations

import sys
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import Conflict, InvalidInput, NotFound, TrailBroken
from reviewers.desk.counter import As, CaseId, Command, Home, Json, database, emit, open_office, open_profile
from reviewers.lines import one_line

if TYPE_CHECKING:
    from engine.trail.bundles import Findings
    from engine.trail.transfers import Package

CERTIFICATES = (".json", ".html", ".txt")
VERIFIED = "导出的案卷（目录、zip，脱密的也可），或者凭证（html、json、二维码扫出的文字存成的 txt）"
REDACTED = "脱密导出：隐去标题、理由、姓名和文稿，只留加盐摘要，供外部监督核对件数、次序和单条"
FULL = "导出的完整案卷（目录或 zip），须在脱密导出以后导出"
Out = Annotated[Path, typer.Option("--output", "-o", metavar="路径", help="案卷位置：目录，或以 .zip 结尾的文件")]


def export(
    case: CaseId,
    output: Out,
    redacted: Annotated[bool, typer.Option("--redacted", help=REDACTED)] = False,
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """导出案卷：各稿、审查表、意见、结论、时间线、四性检测报告、留痕、证明和校验脚本。"""
    from reviewers.auditor import export_case, export_redacted

    if output.exists():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    if not output.parent.is_dir():
        raise InvalidInput(f"没有目录 {output.parent}，案卷无处可放。", "请先建立目录，或换一个位置。")
    taken = (export_redacted if redacted else export_case)(
        open_office(home, officer, command), case, database(home), output
    )
    if as_json:
        told = {"path": str(taken.path), "manifest": taken.manifest, "events": taken.checkpoint.size}
        emit({**told, "redacted": redacted})
        return
    what = "脱密案卷" if redacted else "案卷"
    print(f"{what}已导出到 {taken.path}\n清单摘要 {taken.manifest}\n校验：shuangshen verify {taken.path}")


def certificate(
    case: CaseId,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="凭证位置，以 .html 或 .json 结尾")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """出具审查结论凭证：一页写明结论，附二维码、包含证明和检查点，可脱机校验。"""
    from engine.store.certificate import certificate_of
    from engine.trail.verifier import canonical
    from reviewers.papers.certificate import certificate_page

    if output.suffix.lower() not in (".html", ".json"):
        raise InvalidInput(f"凭证文件“{output.name}”应以 .html 或 .json 结尾。", "请改写 --output。")
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    made = certificate_of(database(home), case)
    data = canonical(made).encode("utf-8")
    output.write_bytes(certificate_page(made, open_profile(home)) if output.suffix.lower() == ".html" else data)
    if as_json:
        emit({"path": str(output), "seq": made["events"][1]["seq"], "hash": made["events"][1]["hash"]})
        return
    print(f"凭证已写到 {output}\n校验：shuangshen verify {output}")


def disclose(
    bundle: Annotated[Path, typer.Argument(metavar="完整案卷", help=FULL)],
    seq: Annotated[int, typer.Option("--seq", metavar="留痕号", help="开示哪一条留痕")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="开示文件")],
    field: Annotated[str, typer.Option(metavar="字段", help="只开示一个字段，如 facts.reason；缺省为整条留痕")] = "",
    export_seq: Annotated[
        int, typer.Option("--export", metavar="留痕号", help="对哪一次脱密导出，缺省为最近一次", show_default=False)
    ] = 0,
    as_json: Json = False,
) -> None:
    """开示：从完整案卷取出一个字段的盐和值（或者一条留痕的原文），供持有脱密案卷的人核对。"""
    from engine.trail.container import read_bundle
    from engine.trail.disclosure import disclosed
    from engine.trail.verifier import Broken, canonical

    if not bundle.exists():
        raise NotFound(f"没有案卷 {bundle}。", "请检查路径。")
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    try:
        opening = disclosed(read_bundle(bundle), seq, field, export_seq)
    except Broken as broken:
        raise TrailBroken(f"{bundle.name} 不可信，第一处问题在 {broken}。", "请换用完好的案卷。") from broken
    output.write_bytes(canonical(opening).encode("utf-8"))
    if as_json:
        emit({"path": str(output), "seq": seq, "field": field})
        return
    print(f"开示文件已写到 {output}\n核对：shuangshen verify 脱密案卷 --opening {output}")


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="案卷", help=VERIFIED)],
    manifest: Annotated[str, typer.Option(metavar="摘要", help="纸面上打印的清单摘要")] = "",
    checkpoint: Annotated[Path | None, typer.Option(metavar="文件", help="自己留存的检查点，用来发现整体改写")] = None,
    opening: Annotated[
        list[Path] | None, typer.Option(metavar="文件", help="对脱密案卷：一并核对的开示文件，可以写多次")
    ] = None,
    as_json: Json = False,
) -> None:
    """校验导出的案卷、凭证或移送包；不需要数据库。"""
    package = _transferred(bundle)
    if package:
        from reviewers.desk.transferring import print_package

        print_package(package, as_json)
        return
    found = _found(bundle, manifest, checkpoint)
    openings = _opened(bundle, found, opening or [])
    if as_json:
        emit({**found._asdict(), **({"openings": openings} if opening else {})})
        sys.exit(0 if found.sound else TrailBroken.exit_code)
    if not found.sound:
        raise TrailBroken(
            f"{bundle.name} 不可信，第一处问题在 {found.place}：{found.what}。", "请向导出单位重新索取并报告。"
        )
    _tell(found)
    for each in openings:
        what = each.get("path", "全文")
        print(one_line(f"开示属实：留痕第 {each['seq']} 号 {what}：{each.get('value', each.get('payload'))}"))


def _transferred(bundle: Path) -> Package | None:
    """The transfer package that lies there, if it is one and holds; None for anything else."""
    from engine.trail.container import read_bundle
    from engine.trail.transfers import is_package, judge
    from engine.trail.verifier import Broken

    if not bundle.exists() or bundle.suffix.lower() in CERTIFICATES:
        return None
    try:
        members = read_bundle(bundle)
    except (Broken, OSError):
        return None  # told by the judge of dossiers, who reads it in the same way
    try:
        return judge(members) if is_package(members) else None
    except Broken as broken:
        raise TrailBroken(f"{bundle.name} 不可信，第一处问题在 {broken}。", "请移送单位重新制作并报告。") from broken


def _found(bundle: Path, manifest: str, checkpoint: Path | None) -> Findings:
    from engine.trail.bundles import verify_bundle
    from engine.trail.certificates import verify_certificate

    if not bundle.exists():
        raise NotFound(f"没有案卷 {bundle}。", "请检查路径。")
    single = bundle.is_file() and bundle.suffix.lower() in CERTIFICATES
    if single and manifest:
        raise InvalidInput(f"{bundle.name} 是凭证，没有清单，不能与清单摘要核对。", "请去掉 --manifest。")
    known = checkpoint.read_text(encoding="utf-8", errors="replace") if checkpoint else ""
    return verify_certificate(bundle, known) if single else verify_bundle(bundle, manifest, known)


def _opened(bundle: Path, found: Findings, places: list[Path]) -> list[dict[str, Any]]:
    """What the disclosures say, each checked against the redacted bundle; raises TrailBroken for one that lies."""
    if not places or not found.sound:
        return []
    if not found.redacted:
        raise InvalidInput("开示文件只与脱密案卷核对。", "请给出脱密案卷。")
    from engine.trail.bundles import TRAIL
    from engine.trail.container import read_bundle
    from engine.trail.redaction import FIELDS, check_opening
    from engine.trail.verifier import Broken

    members = read_bundle(bundle)
    hashes = {entry["seq"]: entry["hash"] for entry in map(loads, members[TRAIL]().splitlines())}
    opened = []
    for place in places:
        try:
            opened.append(check_opening(place.read_bytes(), members[FIELDS](), found.case, hashes))
        except Broken as broken:
            raise TrailBroken(f"{place.name}：{broken}。", "请向开示单位重新索取并报告。") from broken
    return opened


def _tell(found: Findings) -> None:
    from engine.trail.verifier import told_signatures

    if found.decision:
        print(f"凭证完好，数据所载的决定如下，页面上的文字以此为准：\n{found.decision}")
        print(f"{told_signatures(found.signatures)}\n总流水 {found.size} 条，根哈希 {found.root}")
        return
    kind = "脱密案卷" if found.redacted else "案卷"
    print(f"{kind}完好：案件 {found.case}，{found.events} 条留痕，{found.files} 个文件\n清单摘要 {found.manifest}")
    if not found.redacted:
        print(told_signatures(found.signatures))
    print(f"由以前的 {found.kept} 份检查点增长而来，校验检查点签名 {found.vouched} 个。")
