"""What `doctor` asks of an installation: its files, its database, its clock, its calendar, its copies.

The docstring of a check is its subject, shown when the check itself fails.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from engine.calendar import load_calendar
from engine.calendar.zone import LOCAL_ZONE, local_day
from engine.store.connection import SCHEMA, reading, require_store
from engine.store.place import is_remote, name_of
from engine.store.reads import events, last_seq
from engine.store.upgrading import found
from engine.store.verify import changed_triggers
from engine.trail import checkpoints
from reviewers.operations.backups import last_backup
from reviewers.operations.doctor import Check, Checked, Patient, bad, good, notice
from reviewers.operations.keeping import folder_of, kept_on
from reviewers.operations.mounts import NETWORK, file_system_of
from reviewers.roster import load_profile

LITTLE, TOO_LITTLE = 1 << 30, 100 << 20
BACKUP_DAYS, CHECKPOINT_DAYS = 7, 7
SLACK = timedelta(minutes=1)


def schema(patient: Patient) -> Iterator[Checked]:
    """数据库"""
    require_store(patient.database)
    remote = is_remote(patient.database)
    with reading(patient.database) as connection:
        kept = connection.execute("SHOW server_version" if remote else "PRAGMA journal_mode").fetchone()[0]
    how = f"PostgreSQL {kept}" if remote else f"日志方式 {str(kept).upper()}"
    yield good("数据库", f"{name_of(patient.database)}，结构版本 {SCHEMA}，{how}")


def append_only(patient: Patient) -> Iterator[Checked]:
    """触发器"""
    with reading(patient.database) as connection:
        changed = changed_triggers(connection)
    if changed:
        yield bad(
            "触发器", f"{'、'.join(changed)} 被删除或改动", "请停止写入，运行 shuangshen trail verify，保全数据库。"
        )
    else:
        yield good("触发器", "齐全，未被改动")


def login(patient: Patient) -> Iterator[Checked]:
    """数据库登录"""
    if not is_remote(patient.database):
        return
    with reading(patient.database) as connection:
        asked = """SELECT current_user, pg_has_role(relowner, 'member') FROM pg_class
            WHERE relname = 'event' AND relnamespace = 'shuangshen'::regnamespace"""
        name, owns = connection.execute(asked).fetchone()
    if owns:
        advice = "请运行 shuangshen db roles，办理改用另外的登录。"
        yield notice("数据库登录", f"{name} 是表的所有者，能关掉触发器", advice)
    else:
        yield good("数据库登录", f"{name}，不能改已写的留痕")


def profile(patient: Patient) -> Iterator[Checked]:
    """本地配置"""
    loaded = load_profile(patient.home / "profile")
    yield good("本地配置", f"{loaded.practice.locality}，{len(loaded.officers)} 人，{len(loaded.units)} 个单位")


def permissions(patient: Patient) -> Iterator[Checked]:
    """权限"""
    if os.name == "nt":
        yield notice("权限", "此系统不按 0600/0700 管理权限", "请在文件夹属性中只授权给办理人员。")
        return
    places = [(patient.home, 0o700), (patient.database, 0o600)]
    places += [(patient.home / name, 0o700) for name in (checkpoints.FOLDER, "keys")]
    loose = [(place, mode) for place, mode in places if place.exists() and _mode(place) & ~mode]
    for place, mode in loose:
        yield bad("权限", f"{place} 是 {_mode(place):04o}，他人可读写", f"请运行 chmod {mode:o} {place}。")
    if not loose:
        yield good("权限", "数据目录和数据库只有本账户可读写")


def disk(patient: Patient) -> Iterator[Checked]:
    """文件系统"""
    kind = file_system_of(patient.home)
    if kind in NETWORK:
        yield bad("文件系统", f"数据目录在网络文件系统（{kind}）上，锁不可靠，可能损坏数据", "请移到本机磁盘。")
    elif kind:
        yield good("文件系统", f"本机磁盘（{kind}）")
    else:
        yield notice("文件系统", "识别不出文件系统的种类", "请确认数据目录不在网络盘上。")


def space(patient: Patient) -> Iterator[Checked]:
    """剩余空间"""
    free, size = shutil.disk_usage(patient.home).free, found(patient.database).size
    needed = size if is_remote(patient.database) else 3 * size
    found_here = f"{free >> 20} MiB（数据库 {size >> 20} MiB）"
    if free < TOO_LITTLE:
        yield bad("剩余空间", found_here, "写满后不能再办理，请立即腾出空间。")
    elif free < max(LITTLE, needed):
        yield notice("剩余空间", found_here, "备份和恢复需要相当于数据库三倍（PostgreSQL 一倍）的空间，请腾出空间。")
    else:
        yield good("剩余空间", found_here)


def clock(patient: Patient) -> Iterator[Checked]:
    """时钟"""
    latest = events(patient.database, after_seq=max(last_seq(patient.database) - 1, 0), limit=1)
    here = patient.now.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")
    if latest and datetime.fromisoformat(latest[0]["at"]) > patient.now + SLACK:
        then = datetime.fromisoformat(latest[0]["at"]).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")
        yield bad("时钟", f"本机 {here}，早于最后一条留痕 {then}", "请校准时间；此前什么都不能写入。")
    else:
        yield good("时钟", f"本机 {here}（北京时间），不早于最后一条留痕")


def calendar(patient: Patient) -> Iterator[Checked]:
    """工作日历"""
    load_calendar.cache_clear()
    known, today = load_calendar(patient.home / "calendar"), local_day(patient.now)
    wanted = [today.year] + ([today.year + 1] if today.month == 12 else [])
    missing = [str(year) for year in wanted if known.year(year).provisional]
    if missing:
        advice = "请按国务院办公厅的放假通知运行 shuangshen calendar import。"
        yield notice("工作日历", f"{'、'.join(missing)}年的放假安排没有录入，期限是暂定的", advice)
    else:
        yield good("工作日历", f"{'、'.join(map(str, wanted))}年已录入")


def backup(patient: Patient) -> Iterator[Checked]:
    """备份"""
    made, advice = last_backup(patient.database), "请运行 shuangshen backup 文件，并把文件存到别的机器上。"
    if made is None:
        yield notice("备份", "从未备份", advice)
    elif (days := (patient.now - made[0]).days) >= BACKUP_DAYS:
        yield notice("备份", f"最近一次在 {days} 天前（{made[1]}）", advice)
    else:
        yield good("备份", f"{local_day(made[0])}（{made[1]}）")


def checkpoint(patient: Patient) -> Iterator[Checked]:
    """检查点"""
    kept, size = checkpoints.newest(folder_of(patient.database)), last_seq(patient.database)
    if kept is None:
        if size:
            yield notice("检查点", "没有留存，删尾发现不了", "请每天定时运行 shuangshen tick。")
        else:
            yield good("检查点", "还没有留痕")
        return
    vouched, days = int(kept[0].stem), (local_day(patient.now) - kept_on(kept[0])).days
    if vouched > size:
        yield bad(
            "检查点", f"检查点记载 {vouched} 条留痕，现在只有 {size} 条", "留痕被删尾；请停止写入，保全数据库文件。"
        )
    elif days >= CHECKPOINT_DAYS and size > vouched:
        yield notice("检查点", f"最近的在 {days} 天前", "请每天定时运行 shuangshen tick。")
    else:
        yield good("检查点", f"{kept_on(kept[0])}，{vouched} 条")


def _mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


def rule_pack(patient: Patient) -> Iterator[Checked]:
    """规则包"""
    from reviewers.operations.pack_signing import FILE, approvals, differences, registered

    place = patient.home / FILE
    if not place.is_file():
        yield good("规则包", "没有签署的清单（可用 shuangshen rules sign 签署）")
        return
    changed = differences(place, load_profile(patient.home / "profile").overlay)
    signed = [one.by for one in approvals(place, registered(patient.database)) if one.verified]
    if changed:
        yield bad("规则包", f"与签署的清单不符：{'；'.join(changed[:3])}", "请重新安装，或由会审负责人重新签署。")
    elif signed:
        yield good("规则包", f"与 {'、'.join(signed)} 签署的清单一致")
    else:
        yield notice("规则包", "清单没有可以校验的签名", "请由会审负责人运行 shuangshen rules sign。")


CHECKS: tuple[Check, ...] = (
    schema,
    append_only,
    login,
    profile,
    rule_pack,
    permissions,
    disk,
    space,
    clock,
    calendar,
    backup,
    checkpoint,
)
