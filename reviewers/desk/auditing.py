"""The auditor's commands: trail show, verify, checkpoint, witness; export; certificate; verify."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import Conflict, InvalidInput, NotFound, TrailBroken
from engine.store import reads
from engine.trail.checkpoints import NAMESPACE, signature_place
from reviewers.desk.counter import As, CaseId, Command, Home, Json, database, emit, open_office, open_profile
from reviewers.desk.signing import Key, signing_office
from reviewers.desk.stamping import authority_of, timestamp, told

CERTIFICATES = (".json", ".html", ".txt")
VERIFIED = "导出的案卷（目录、zip，脱密的也可）或者凭证（html、json、二维码扫出的文字 txt）"
trail = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
trail.command("timestamp")(timestamp)


@trail.command("show")
def trail_show(
    case: Annotated[str, typer.Argument(metavar="[案件编号]", help="只看一个案件，缺省为全部")] = "",
    after: Annotated[int, typer.Option("--after", metavar="序号", min=0, help="从此号之后开始")] = 0,
    limit: Annotated[int, typer.Option(metavar="条数", min=1, max=10_000, help="最多显示多少条")] = 100,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """查看留痕。"""
    rows = reads.events(database(home), case or None, after, limit)
    if as_json:
        emit(rows)
        return
    from reviewers.desk.printing import print_events

    print_events(rows, open_profile(home))


@trail.command("verify")
def trail_verify(
    checkpoint: Annotated[Path | None, typer.Option(metavar="文件", help="以前留存的检查点，用来发现删尾")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """校验全部留痕：链、树、记录、文本与案件状态互相一致，并与本机最近留存的检查点相符。"""
    from engine.store.signing import verify_signatures
    from engine.store.verify import checkpoint_of, verify_store
    from engine.trail.verifier import told_signatures
    from reviewers.operations.keeping import known_checkpoints
    from reviewers.operations.timestamping import stamp_beside
    from reviewers.operations.witnessing import vouched

    known = checkpoint.read_text(encoding="utf-8", errors="replace") if checkpoint else None
    path = database(home)
    head = verify_store(path, known, *known_checkpoints(path))
    signatures, vouching = verify_signatures(path), vouched(path, checkpoint) if checkpoint else ()
    stamped = stamp_beside(checkpoint, authority_of(path)) if checkpoint else None
    if as_json:
        emit(
            {
                "sound": True,
                "events": head.size,
                "head": head.hash,
                "root": head.root,
                "checkpoint": checkpoint_of(path),
                "signatures": signatures._asdict(),
                "vouched": [asdict(each) for each in vouching],
                "timestamp": told(stamped) if stamped else None,
            }
        )
        return
    print(f"留痕完好：{head.size} 条，链首 {head.hash}\n{told_signatures(signatures)}\n{checkpoint_of(path)}", end="")
    for each in vouching:
        print(f"检查点签名 {each.by}  {each.file}  {'校验无误' if each.verified else '未校验'}")
    if stamped:
        print(f"检查点时间戳 {told(stamped)['at']}  {stamped.file.name}  校验无误")


@trail.command("checkpoint")
def trail_checkpoint(
    sm2: Annotated[bool, typer.Option("--sm2", help="还没有本机密钥的，生成 SM2 密钥，而不是 Ed25519")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """留存一份检查点，用本机密钥签名，并显示其内容。"""
    from reviewers.operations.witnessing import signed_checkpoint

    place = signed_checkpoint(database(home), sm2)
    text, signature = place.read_text(encoding="utf-8"), signature_place(place)
    if as_json:
        emit({"checkpoint": text, "file": str(place), "signature": str(signature)})
        return
    print(f"{text}{place}\n{signature}\n请抄送审计人员和其他单位留存。")


@trail.command("witness")
def trail_witness(
    checkpoint: Annotated[Path, typer.Argument(metavar="文件", help="检查点文件")],
    officer: As = "",
    key: Key = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """见证一份检查点：核对本库留痕与它相符，用本人密钥签名，留存在文件旁边。"""
    from reviewers.operations.witnessing import witness

    office = signing_office(home, officer, "", key, NAMESPACE)
    if office.signer is None:
        raise InvalidInput("见证须用本人的密钥签名。", "请加 --key 密钥文件，或设置 SHUANGSHEN_KEY，或启动 ssh-agent。")
    signature = witness(office, checkpoint, office.signer)
    if as_json:
        emit({"file": str(checkpoint), "signature": str(signature)})
        return
    print(f"{office.officer.name}已见证 {checkpoint}，签名在 {signature}，请与检查点一并留存。")


def export(
    case: CaseId,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="路径", help="案卷位置：目录，或以 .zip 结尾的文件")
    ],
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """导出案卷：草案、审查表、疑似问题、结论、留痕和校验脚本。"""
    from reviewers.auditor import export_case

    if output.exists():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    if not output.parent.is_dir():
        raise InvalidInput(f"没有目录 {output.parent}，案卷无处可放。", "请先建立目录，或换一个位置。")
    bundle = export_case(open_office(home, officer, command), case, database(home), output)
    if as_json:
        emit({"path": str(bundle.path), "manifest": bundle.manifest, "events": bundle.checkpoint.size})
        return
    print(f"案卷已导出到 {bundle.path}\n清单摘要 {bundle.manifest}\n校验：shuangshen verify {bundle.path}")


def certificate(
    case: CaseId,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="凭证位置，以 .html 或 .json 结尾")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """出具审查结论凭证：一页写明结论，附包含证明和检查点，可脱机校验。"""
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


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="案卷", help=VERIFIED)],
    manifest: Annotated[str, typer.Option(metavar="摘要", help="纸面上打印的清单摘要")] = "",
    checkpoint: Annotated[Path | None, typer.Option(metavar="文件", help="自己留存的检查点，用来发现整体改写")] = None,
    as_json: Json = False,
) -> None:
    """校验导出的案卷或凭证；不需要数据库。"""
    from engine.trail.bundles import verify_bundle
    from engine.trail.certificates import verify_certificate
    from engine.trail.verifier import told_signatures

    if not bundle.exists():
        raise NotFound(f"没有案卷 {bundle}。", "请检查路径。")
    single = bundle.is_file() and bundle.suffix.lower() in CERTIFICATES
    if single and manifest:
        raise InvalidInput(f"{bundle.name} 是凭证，没有清单，不能与清单摘要核对。", "请去掉 --manifest。")
    known = checkpoint.read_text(encoding="utf-8", errors="replace") if checkpoint else ""
    found = verify_certificate(bundle, known) if single else verify_bundle(bundle, manifest, known)
    if as_json:
        emit(found._asdict())
        sys.exit(0 if found.sound else TrailBroken.exit_code)
    if not found.sound:
        raise TrailBroken(
            f"{bundle.name} 不可信，第一处问题在 {found.place}：{found.what}。", "请向导出单位重新索取并报告。"
        )
    if found.decision:
        print(f"凭证完好，数据所载的决定如下，页面上的文字以此为准：\n{found.decision}")
        print(f"{told_signatures(found.signatures)}\n总流水 {found.size} 条，根哈希 {found.root}")
        return
    kind = "脱密案卷" if found.redacted else "案卷"
    print(f"{kind}完好：案件 {found.case}，{found.events} 条留痕，{found.files} 个文件\n清单摘要 {found.manifest}")
    if not found.redacted:
        print(told_signatures(found.signatures))
    print(f"由以前的 {found.kept} 份检查点增长而来，校验检查点签名 {found.vouched} 个。")
