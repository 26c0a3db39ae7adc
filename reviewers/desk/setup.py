"""Setting up and looking things up: init, officers, law."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import Conflict
from engine.store.place import FILE, SETTING, require_url, shown
from reviewers.desk.counter import Home, Json, emit, home_directory, open_profile


def init(
    profile: Annotated[str, typer.Option("--profile", metavar="名称", help="采用的配置样例")] = "qingyang",
    url: Annotated[
        str,
        typer.Option(
            "--database",
            metavar="地址",
            help="用 PostgreSQL：postgresql://用户@主机/库名；缺省在数据目录里建 SQLite 文件",
        ),
    ] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """建立数据库和本地配置（单位、经办人、期限）。"""
    directory = initialise(home_directory(home), profile, url)
    if as_json:
        emit({"home": str(directory), "profile": profile})
        return
    if url:
        print(f"数据库 {shown(url)}，地址记在 {directory / SETTING}")
    print(
        f"已建立 {directory}\n本地配置在 {directory / 'profile'}，请按本单位情况修改 officers.toml 和 practice.toml。"
    )


def initialise(directory: Path, profile: str, url: str = "") -> Path:
    """The directory holds an empty database and a profile: the one it had, else a copy of the shipped one.

    With a URL the database is made there, in PostgreSQL. Raises Conflict if there is one already.
    """
    from engine.store import create_store
    from reviewers.roster import shipped_profile

    source = shipped_profile(profile)
    if url:
        require_url(url)
    if (directory / FILE).exists() or (directory / SETTING).exists():
        raise Conflict(f"{directory} 中已有数据库，不会覆盖。", "请换一个目录，或直接使用现有数据库。")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(directory, 0o700)  # noqa: PTH101  also when the directory was there before
    if not (directory / "profile").exists():
        shutil.copytree(source, directory / "profile")
    create_store(directory / (SETTING if url else FILE), url)
    return directory


def officers(home: Home = None, as_json: Json = False) -> None:
    """单位和经办人名单。"""
    profile = open_profile(home)
    people = list(profile.officers.values())
    if as_json:
        emit([{"id": p.id, "name": p.name, "unit": p.unit, "roles": [str(role) for role in p.roles]} for p in people])
        return
    from reviewers.desk.printing import print_officers

    print_officers(people, profile)


def law(
    items: Annotated[list[str] | None, typer.Argument(metavar="项目...", help="如 M15-3，缺省列出全部")] = None,
    as_json: Json = False,
) -> None:
    """审查项目的含义和出处。"""
    from engine.standards import load_standards

    standards = load_standards()
    wanted = [standards.item(item) for item in items] if items else list(standards.items.values())
    if as_json:
        emit([{"id": i.id, "citation": standards.citation(i.id), "text": i.text, "parent": i.parent} for i in wanted])
        return
    from reviewers.desk.printing import print_items

    print_items([(item.id, standards.citation(item.id), item.text) for item in wanted])
