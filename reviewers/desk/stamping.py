"""The auditor's command trail timestamp: an outside authority's clock on a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import InvalidInput, NotFound
from reviewers.desk.counter import Home, Json, database, emit, open_profile

if TYPE_CHECKING:
    from reviewers.operations.timestamping import Stamped


def timestamp(
    request: Annotated[Path | None, typer.Option(metavar="文件", help="只写出请求文件，由人带到能上网的机器")] = None,
    reply: Annotated[Path | None, typer.Option(metavar="文件", help="收下带回来的回复文件")] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="文件", help="机构的根证书（PEM），缺省为 profile/timestamp-ca.pem")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """给检查点盖时间戳（RFC 3161）：向配置的机构联网请求，或者以文件往返。"""
    from reviewers.operations import timestamping

    if request and reply:
        raise InvalidInput("--request 和 --reply 不能同时写。", "请先 --request，带回回复后再 --reply。")
    path = database(home)
    if request:
        place = timestamping.asked(path, request)
        if as_json:
            emit({"checkpoint": str(place), "request": str(request)})
            return
        print(
            f"请求已写到 {request}，对应检查点 {place}\n请送交时间戳机构，带回回复后运行 trail timestamp --reply 文件。"
        )
        return
    authority = ca or authority_of(path)
    if reply:
        stamped = timestamping.filed(path, _read(reply), authority)
    else:
        stamped = timestamping.fetched(path, open_profile(home).practice.timestamp_url, authority)
    if as_json:
        emit(told(stamped))
        return
    print(f"{stamped.checkpoint} 已盖时间戳：{told(stamped)['at']}，存于 {stamped.file}")


def authority_of(path: Path) -> Path:
    """Where the authority's certificates lie in this installation."""
    from reviewers.operations.timestamping import AUTHORITY

    return path.parent / "profile" / AUTHORITY


def told(stamped: Stamped) -> dict[str, Any]:
    """A time stamp as scripts read it."""
    at = stamped.at.isoformat().replace("+00:00", "Z")
    return {"checkpoint": str(stamped.checkpoint), "file": str(stamped.file), "at": at}


def _read(reply: Path) -> bytes:
    from engine.trail.timestamps import MAX_REPLY

    if not reply.is_file():
        raise NotFound(f"没有回复文件 {reply}。", "请检查路径。")
    with reply.open("rb") as file:
        return file.read(MAX_REPLY + 1)
