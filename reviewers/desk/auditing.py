"""The auditor's commands on the trail: trail show, verify, checkpoint, witness, export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import InvalidInput
from engine.store import reads
from engine.trail.checkpoints import NAMESPACE, signature_place
from reviewers.desk.counter import As, Home, Json, database, emit, open_profile
from reviewers.desk.extracting import trail_export
from reviewers.desk.signing import Key, signing_office
from reviewers.desk.stamping import authority_of, timestamp, told
from reviewers.desk.usage import ChineseCommand

trail = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
trail.command("timestamp")(timestamp)
trail.command("export", cls=ChineseCommand)(trail_export)


@trail.command("show", cls=ChineseCommand)
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


@trail.command("verify", cls=ChineseCommand)
def trail_verify(
    checkpoint: Annotated[Path | None, typer.Option(metavar="文件", help="以前留存的检查点，用来发现删尾")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """校验全部留痕：链、树、记录、文本与案件状态互相一致，并与本机最近留存的检查点相符。"""
    from engine.store.disposal import destroyed
    from engine.store.signing import verify_signatures
    from engine.store.transfer import verify_crossings
    from engine.store.verify import checkpoint_of, verify_store
    from engine.trail.verifier import told_signatures
    from reviewers.desk.retaining import told_destroyed
    from reviewers.operations.keeping import known_checkpoints
    from reviewers.operations.second_heads import require_kept, require_second
    from reviewers.operations.timestamping import stamp_beside
    from reviewers.operations.witnessing import vouched

    known = checkpoint.read_text(encoding="utf-8", errors="replace") if checkpoint else None
    path = database(home)
    if checkpoint and known is not None and require_second(path, known, checkpoint):
        known = None
    second = require_kept(path)
    head = verify_store(path, known, *known_checkpoints(path))
    crossed, gone = verify_crossings(path), destroyed(path)
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
                "transfers": {**crossed._asdict(), "signatures": crossed.signatures._asdict()},
                "vouched": [asdict(each) for each in vouching],
                "timestamp": told(stamped) if stamped else None,
                "sm3": str(second) if second else None,
                "destroyed": [{"case": each.case, "seq": each.seq, "at": each.at} for each in gone],
            }
        )
        return
    print(f"留痕完好：{head.size} 条，链首 {head.hash}\n{told_signatures(signatures)}\n{checkpoint_of(path)}", end="")
    for one in gone:
        print(told_destroyed(one))
    if crossed.taken_in:
        told_there = told_signatures(crossed.signatures)
        print(f"移入 {crossed.taken_in} 次，外单位留痕 {crossed.events} 条与其检查点、本库记录相符；{told_there}")
    for each in vouching:
        print(f"检查点签名 {each.by}  {each.file}  {'校验无误' if each.verified else '未校验'}")
    if stamped:
        print(f"检查点时间戳 {told(stamped)['at']}  {stamped.file.name}  校验无误")


@trail.command("checkpoint", cls=ChineseCommand)
def trail_checkpoint(
    sm2: Annotated[bool, typer.Option("--sm2", help="还没有本机密钥的，生成 SM2 密钥，而不是 Ed25519")] = False,
    sm3: Annotated[bool, typer.Option("--sm3", help="另存一份 SM3 根哈希，由全部留痕、记录和文件重新算出")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """留存一份检查点，用本机密钥签名，并显示其内容。"""
    from reviewers.operations.second_heads import keep_second_head
    from reviewers.operations.witnessing import signed_checkpoint

    path = database(home)
    place = signed_checkpoint(path, sm2)
    second = keep_second_head(path) if sm3 else None
    text, signature = place.read_text(encoding="utf-8"), signature_place(place)
    if as_json:
        told_second = {"sm3": str(second)} if second else {}
        emit({"checkpoint": text, "file": str(place), "signature": str(signature), **told_second})
        return
    print(f"{text}{place}\n{signature}")
    if second:
        print(f"{second.read_text(encoding='utf-8')}{second}\n{signature_place(second)}")
    print("请抄送审计人员和其他单位留存。")


@trail.command("witness", cls=ChineseCommand)
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
