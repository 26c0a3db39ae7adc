"""What every command at the counter shares: its options, how it opens an office, how it answers and how it refuses."""

from __future__ import annotations

import errno
import json
import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from engine.errors import FairReviewError, InvalidInput, NotFound
from engine.store.place import FILE, place_in
from reviewers.lines import one_line

if TYPE_CHECKING:
    from engine.calendar import WorkCalendar
    from engine.model import Officer
    from engine.store import Receipt, Store
    from reviewers.office import Office, Upload
    from reviewers.roster import Profile

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
TROUBLES = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读，不能写入",
    errno.EEXIST: "已存在同名的文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "名称太长",
}

CaseId = Annotated[str, typer.Argument(metavar="案件编号", help="案件编号，如 2026-0001")]
As = Annotated[str, typer.Option("--as", envvar="SHUANGSHEN_AS", metavar="经办人", help="以哪位经办人的身份办理")]
Home = Annotated[
    Path | None, typer.Option("--home", envvar="SHUANGSHEN_HOME", metavar="目录", help="数据目录（数据库和本地配置）")
]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]
Why = Annotated[str, typer.Option("--reason", metavar="理由", help="理由")]
Command = Annotated[
    str, typer.Option("--command-id", metavar="编号", help="操作编号：同一编号重复提交只办理一次", show_default=False)
]


def now() -> datetime:
    """The present instant, aware UTC: the one clock of every command."""
    return datetime.now(UTC)


def home_directory(home: Path | None) -> Path:
    """The installation's directory: as given, else the user's data directory."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return home or Path(base) / "shuangshen"


def database(home: Path | None) -> Path:
    """The database of an installation, or the file that names it; raises NotFound when there is none yet."""
    path = place_in(home_directory(home))
    if path is None:
        raise NotFound(
            f"没有找到数据库 {home_directory(home) / FILE}。", "请先运行 shuangshen init，或用 --home 指明数据目录。"
        )
    return path


def open_profile(home: Path | None) -> Profile:
    """The installation's own profile."""
    from reviewers.roster import load_profile

    database(home)
    return load_profile(home_directory(home) / "profile")


def open_database(home: Path | None) -> Store:
    """The installation's store, ready for writing."""
    from engine.store import open_store

    return open_store(database(home))


def open_calendar(home: Path | None) -> WorkCalendar:
    """The shipped calendar with the installation's own year files laid over it."""
    from engine.calendar import load_calendar

    return load_calendar(home_directory(home) / "calendar")


def open_office(home: Path | None, officer_id: str, command: str = "") -> Office:
    """The office the command acts in; raises NotFound for an unknown officer, InvalidInput when nobody is named."""
    profile = open_profile(home)
    if not officer_id:
        raise InvalidInput(
            "没有指明经办人。", "请加 --as 经办人，或设置环境变量 SHUANGSHEN_AS；名单见 shuangshen officers。"
        )
    return office_of(home, profile, profile.officer(officer_id), command)


def office_of(home: Path | None, profile: Profile, officer: Officer, command: str = "") -> Office:
    """The office in which this officer acts now."""
    from engine.standards import load_standards
    from reviewers.office import Office

    return Office(
        store=open_database(home),
        profile=profile,
        standards=load_standards(),
        officer=officer,
        now=now(),
        command=command or str(uuid.uuid4()),
        calendar=open_calendar(home),
    )


def upload(path: Path) -> Upload:
    """The bytes of a file the user hands in; raises InvalidInput when it cannot be taken."""
    from reviewers.office import Upload

    if not path.is_file():
        raise InvalidInput(f"没有文件 {path}。", "请检查路径。")
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise InvalidInput(f"文件 {path} 超过 50 MB，不予接收。", "请拆分或压缩图片后重新提交。")
    return Upload(one_line(path.name), path.read_bytes())


def answer(receipt: Receipt, sentence: str, as_json: bool) -> None:
    """The receipt of an act: a sentence for people, the same facts as JSON for scripts."""
    if as_json:
        emit(asdict(receipt))
        return
    again = "（此前已办理，未重复）" if receipt.repeated else ""
    print(f"{sentence}{again}\n案件 {receipt.case_id}  留痕第 {receipt.event_seq} 号  摘要 {receipt.event_hash[:16]}")


def emit(value: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on stdout."""
    print(json_text(value, sys.stdout, indent=2))


def json_text(value: Mapping[str, Any] | list[Any], stream: TextIO, indent: int | None = None) -> str:
    """The value as JSON this stream can carry: Chinese as it is, or escaped where the stream has no place for it."""
    readable = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    try:
        readable.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, default=str)
    return readable


def unusable(error: OSError) -> InvalidInput:
    """A file or directory that cannot be used, as a refusal that names it."""
    what = TROUBLES.get(error.errno or 0, error.strerror or str(error))
    where = f" {error.filename} " if error.filename else ""
    return InvalidInput(f"读写文件或目录{where}失败：{what}。", "请检查路径、权限和磁盘空间。")


def report(refusal: FairReviewError, as_json: bool) -> None:
    """The refusal on stderr: one line, or one JSON object with the same code and words."""
    if as_json:
        told = {
            "code": refusal.code,
            "message": refusal.message,
            "advice": refusal.advice,
            "exit_code": refusal.exit_code,
        }
        print(json_text({"error": told}, sys.stderr), file=sys.stderr)
    else:
        print(one_line(str(refusal)), file=sys.stderr)
