"""Where a database is: a file of SQLite's, or a small file ending in `.url` that names a PostgreSQL database.

The small file is the installation's setting, owner-only, beside profile and checkpoints; so a place is a path for
everybody above the store, and only the store looks into it. A password may stand in it (libpq's own ways, `PGUSER`,
service and password files, are better); it is never shown.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from engine.errors import Conflict, InvalidInput, NotFound

SUFFIX = ".url"
FILE, SETTING = "shuangshen.db", "shuangshen.url"
"""What an installation calls its database, or the file that names it."""

MAX_URL = 4096
_URL = re.compile(r"postgres(?:ql)?://(?:[^\s@/?#]*@)?[^\s@/?#]*(?:[/?#]\S*)?")
_USER_PASSWORD = re.compile(r"(://[^:@/?#]*):(.*)@", re.S)
_QUERY_PASSWORD = re.compile(r"([?&](?:ssl)?password=)([^&]*)", re.I)


def is_remote(place: Path) -> bool:
    """Whether this place names a PostgreSQL database instead of being one of SQLite's."""
    return place.suffix == SUFFIX


def place_in(home: Path) -> Path | None:
    """The place of the database of the installation in this directory, None while it has none.

    Raises Conflict when it has two: nobody could tell which of them holds the cases.
    """
    places = [home / name for name in (FILE, SETTING) if (home / name).is_file()]
    if len(places) == 2:
        raise Conflict(f"{home} 中既有 {FILE} 又有 {SETTING}，不知道用哪一个。", "请移走不用的一个。")
    return places[0] if places else None


def url_at(place: Path) -> str:
    """The URL written at this place. Raises NotFound without it, InvalidInput when it is none."""
    try:
        with place.open("rb") as file:
            text = file.read(MAX_URL + 1)
    except FileNotFoundError as error:
        raise NotFound(f"找不到数据库设置“{place}”。", "请先运行 shuangshen init --database 建立数据库。") from error
    return require_url(text.decode("utf-8", "replace").strip())


def require_url(text: str) -> str:
    """The text, if it is the URL of a PostgreSQL database; raises InvalidInput without repeating it."""
    if len(text) > MAX_URL or not _URL.fullmatch(text):
        raise InvalidInput(
            "数据库地址写法不对。",
            "应如 postgresql://用户@主机:5432/库名，或 postgresql:///?service=服务名；密码中的 @ / ? # 须写成 %40 等。",
        )
    return text


def put_url(place: Path, url: str) -> None:
    """The URL stands at this place, readable by its owner only. Raises Conflict when something is there already."""
    try:
        handle = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise Conflict(f"“{place}”已经存在，没有覆盖。", "请换一个位置，或直接使用已有的数据库。") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{url}\n")


def shown(url: str) -> str:
    """The URL as people may see it: without passwords."""
    return _QUERY_PASSWORD.sub(r"\1***", _USER_PASSWORD.sub(r"\1:***@", url))


def without_secrets(text: str, url: str) -> str:
    """The text, in which no password of this URL stands any more."""
    secrets = [found.group(2) for pattern in (_USER_PASSWORD, _QUERY_PASSWORD) for found in pattern.finditer(url)]
    for secret in sorted({*secrets, *map(unquote, secrets)} - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def name_of(place: Path) -> str:
    """What people call this database: the file, or the URL without passwords."""
    return shown(url_at(place)) if is_remote(place) else str(place)
