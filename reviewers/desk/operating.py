"""The operator's commands: backup, restore, doctor, db status, db upgrade, db reindex, db roles."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import Conflict, InvalidInput
from engine.store.place import FILE, SETTING, place_in
from reviewers.desk.counter import Home, Json, database, emit, home_directory, now, open_profile

DOCTOR_SCHEMA = "shuangshen.doctor/1"
WORDS = {"good": "好", "notice": "注意", "bad": "不行"}
db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def backup(
    file: Annotated[Path, typer.Argument(metavar="文件", help="备份放在哪里（不覆盖已有文件）")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """备份数据库：复制、重新打开、校验留痕，之后才算数。"""
    from reviewers.operations.backups import back_up

    if not file.parent.is_dir():
        raise InvalidInput(f"没有目录 {file.parent}，备份无处可放。", "请先建立目录，或换一个位置。")
    head = back_up(database(home), file, now())
    if as_json:
        emit({"path": str(file), "events": head.size, "head": head.hash, "root": head.root})
        return
    print(f"已备份到 {file}，{head.size} 条留痕校验完好，链首 {head.hash}")
    print("本地配置（profile、calendar、checkpoints、keys、peers 目录）不在其中，请一并存放。")


def restore(
    file: Annotated[Path, typer.Argument(metavar="文件", help="shuangshen backup 制作的备份")],
    replace: Annotated[bool, typer.Option("--replace", help="替换现有数据库，原数据库移到旁边保留")] = False,
    url: Annotated[
        str, typer.Option("--database", metavar="地址", help="恢复到这个 PostgreSQL 库（也用来从 SQLite 迁过去）")
    ] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """从备份恢复数据库：先校验留痕，并与留存的检查点核对。"""
    from engine.store.disposal import destroyed
    from reviewers.desk.retaining import told_destroyed
    from reviewers.operations.backups import restore as put_back
    from reviewers.operations.backups import restore_to

    directory = home_directory(home)
    there = place_in(directory)
    if there and (url or not replace):
        raise Conflict(f"{directory} 中已有数据库，不会覆盖。", "确要替换的加 --replace，原数据库会移到旁边保留。")
    place = there or directory / (SETTING if url else FILE)
    done = restore_to(file, place, url, now()) if url else put_back(file, place, there is not None, now())
    if as_json:
        told = {"path": str(place), "events": done.head.size, "head": done.head.hash}
        gone_json = [{"case": each.case, "seq": each.seq, "at": each.at} for each in destroyed(place)]
        emit({**told, "aside": str(done.aside) if done.aside else None, "destroyed": gone_json})
        return
    print(f"已恢复到 {place}，{done.head.size} 条留痕校验完好，链首 {done.head.hash}")
    for each in destroyed(place):
        print(told_destroyed(each))
    if done.aside:
        print(f"原数据库保留在 {done.aside}")
    if not (directory / "profile").is_dir():
        print(f"还没有本地配置，请把 profile 目录放回 {directory}。")


def doctor(home: Home = None, as_json: Json = False) -> None:
    """检查安装：程序、数据库、权限、磁盘、时钟、日历、备份；有必须修复的问题时退出码为 1。"""
    from reviewers.operations.doctor import Patient, examined, must_be_repaired

    lines = examined(Patient(home_directory(home), database(home), now()))
    broken = must_be_repaired(lines)
    if as_json:
        emit({"schema": DOCTOR_SCHEMA, "healthy": not broken, "checks": [asdict(line) for line in lines]})
    else:
        for line in lines:
            mark = WORDS[line.level].ljust(2, "　")
            print(f"{mark}  {line.subject}：{line.found}" + (f"  → {line.advice}" if line.advice else ""))
    sys.exit(1 if broken else 0)


@db.command("status")
def db_status(home: Home = None, as_json: Json = False) -> None:
    """数据库在哪里、多大、各表多少行、最近的检查点和备份。"""
    from engine.store import reads
    from engine.store.connection import SCHEMA
    from engine.store.place import name_of
    from engine.store.upgrading import found
    from engine.trail import checkpoints
    from reviewers.operations.backups import last_backup
    from reviewers.operations.keeping import folder_of

    path = database(home)
    stands = found(path)
    pending = list(range(stands.schema + 1, SCHEMA + 1))
    rows = {} if pending else reads.sizes(path)
    kept, made = checkpoints.newest(folder_of(path)), last_backup(path)
    told = {"path": str(path), "bytes": stands.size, "schema": stands.schema, "pending": pending, "tables": rows}
    told |= {"database": name_of(path), **dict([stands.program]), "checkpoint": kept[1] if kept else None}
    told["backup"] = {"at": made[0], "file": made[1]} if made else None
    if as_json:
        emit(told)
        return
    print(f"{name_of(path)}  {stands.size >> 10} KiB  结构版本 {stands.schema}  {' '.join(stands.program)}")
    if pending:
        print(f"结构须升级到 {SCHEMA}：请运行 shuangshen db upgrade")
    print("  ".join(f"{name} {count}" for name, count in rows.items()))
    print(f"检查点 {int(kept[0].stem)} 条" if kept else "没有留存的检查点")
    print(f"备份 {made[0]:%Y-%m-%d %H:%M} UTC  {made[1]}" if made else "没有备份记录")


@db.command("upgrade")
def db_upgrade(
    backup_to: Annotated[
        Path | None, typer.Option("--backup", metavar="文件", help="升级前的备份放在哪里，缺省在数据目录里")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """把旧版程序的数据库升级到本程序的结构：先备份，一次完成，之后校验全部留痕。"""
    from engine.store.connection import SCHEMA
    from engine.store.upgrading import upgrade

    path = database(home)
    done = upgrade(path, backup_to or path.with_name(f"before-schema-{SCHEMA}-{now():%Y%m%dT%H%M%SZ}.db"))
    if as_json:
        kept = str(done.backup) if done.backup else None
        emit({"from": done.came_from, "to": SCHEMA, "backup": kept, "events": done.head.size, "head": done.head.hash})
        return
    print(f"结构版本 {done.came_from} 已升级到 {SCHEMA}，{done.head.size} 条留痕校验完好，链首 {done.head.hash}")
    print(f"升级前的数据库保留在 {done.backup}" if done.backup else "升级前请用 pg_dump 或本程序的备份留存一份。")


@db.command("reindex")
def db_reindex(home: Home = None, as_json: Json = False) -> None:
    """重建全文检索的索引：索引由案卷生成，不是留痕，随时可以重建。"""
    from engine.store import open_store

    count = open_store(database(home)).reindex()
    if as_json:
        emit({"passages": count})
        return
    print(f"索引已重建，共 {count} 段文字。")


@db.command("roles")
def db_roles(
    app: Annotated[list[str] | None, typer.Option("--app", metavar="登录", help="供本程序办理用的登录")] = None,
    auditor: Annotated[list[str] | None, typer.Option("--auditor", metavar="登录", help="只读全部的登录")] = None,
    drafter: Annotated[
        list[str] | None, typer.Option("--drafter", metavar="登录=单位", help="只读本单位案件的登录")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """PostgreSQL：建立办理、审计、起草单位三种角色，并把已有的登录归入其中。"""
    from engine.store.roles import ROLES, Logins, make_roles

    units = dict(_login_and_unit(each) for each in drafter or ())
    profile = open_profile(home)
    for unit in units.values():
        profile.unit(unit)
    make_roles(database(home), Logins(app or (), auditor or (), units))
    if as_json:
        emit({"roles": list(ROLES), "app": app or [], "auditor": auditor or [], "drafter": units})
        return
    print(f"角色已建立：{'、'.join(ROLES)}")
    for role, named in (("办理", app or ()), ("审计", auditor or ()), ("起草单位", units)):
        print(f"{role}：{'、'.join(named) or '还没有登录'}")


def _login_and_unit(text: str) -> tuple[str, str]:
    login, _, unit = text.partition("=")
    if not login or not unit:
        raise InvalidInput(f"“{text}”写法不对。", "请写成 登录=单位编号，如 jtj_wang=jtj。")
    return login, unit
