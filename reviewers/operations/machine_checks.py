"""What `doctor` asks of the machine: Python, SQLite, terminal, byte-code, whose the import names are.

The docstring of a check is its subject, shown when the check itself fails.
"""

from __future__ import annotations

import locale
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import distributions
from importlib.util import cache_from_source
from pathlib import Path

from engine.store.sqlite import sqlite3, wal_is_safe
from engine.trail.sm2 import knows_sm2
from reviewers.operations.doctor import Check, Checked, Patient, good, notice

OUR_NAMES = ("workflows", "engine", "reviewers", "cli")
OUR_DISTRIBUTION = "shuangshen"
RULER = ("12345678901234567890", "一二三四五六七八九十")


def python(_: Patient) -> Iterator[Checked]:
    """Python"""
    yield good("Python", f"{platform.python_version()}（{sys.executable}）")


def sqlite(_: Patient) -> Iterator[Checked]:
    """SQLite"""
    version = sqlite3.sqlite_version
    if wal_is_safe(sqlite3.sqlite_version_info):
        yield good("SQLite", f"{version}，可用 WAL 日志")
    else:
        yield notice(
            "SQLite",
            f"{version} 的 WAL 日志有可致损坏的缺陷，已改用回滚日志（DELETE+EXTRA）",
            "数据安全，写入稍慢；可装可选组件 shuangshen[wal]，或换用带 SQLite 3.51.3 以上的 Python。",
        )


def terminal(_: Patient) -> Iterator[Checked]:
    """终端"""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    ruler = f"下面两行应当一样宽：\n    {RULER[0]}|\n    {RULER[1]}|"
    if encoding == "utf8":
        yield good("终端", f"编码 UTF-8，区域 {locale.getlocale()[0] or '未设'}。{ruler}")
    else:
        yield notice("终端", f"编码 {sys.stdout.encoding}，中文可能显示不全。{ruler}", "请设置 LANG=zh_CN.UTF-8。")


def byte_code(_: Patient) -> Iterator[Checked]:
    """字节码"""
    sources = [Path(str(module.__file__)) for module in list(sys.modules.values()) if _ours(module.__name__, module)]
    missing = [path for path in sources if not Path(cache_from_source(str(path))).exists()]
    if missing:
        places = " ".join(
            str(Path(str(import_module(name).__file__))).removesuffix("/__init__.py") for name in OUR_NAMES
        )
        yield notice(
            "字节码",
            f"{len(missing)} 个模块没有编译，每次启动都要重新编译",
            f"请运行 {sys.executable} -m compileall -q {places}。",
        )
    else:
        yield good("字节码", "已编译")


def import_names(_: Patient) -> Iterator[Checked]:
    """模块名"""
    strangers = sorted(
        {
            distribution.name
            for distribution in distributions()
            for file in distribution.files or ()
            if file.parts[0] in (*OUR_NAMES, "cli.py") and distribution.name != OUR_DISTRIBUTION
        }
    )
    if strangers:
        yield notice(
            "模块名",
            f"{'、'.join(strangers)} 也装有名为 {'、'.join(OUR_NAMES)} 之一的模块",
            "请把双审装在单独的虚拟环境里。",
        )
    else:
        yield good("模块名", f"{'、'.join(OUR_NAMES)} 只属于双审")


def ssh_keygen(_: Patient) -> Iterator[Checked]:
    """签名工具"""
    found = shutil.which("ssh-keygen")
    if found:
        yield good("签名工具", found)
    else:
        yield notice("签名工具", "没有 ssh-keygen，不能签名，也不能校验签名", "需要时请安装 OpenSSH 8.9 以上。")


def openssl(_: Patient) -> Iterator[Checked]:
    """国密工具"""
    found = shutil.which("openssl")
    if found and knows_sm2(found):
        yield good("国密工具", f"{found}，可用 SM2、SM3")
    else:
        yield notice("国密工具", "没有支持 SM2 的 openssl，用不了 SM2 密钥", "需要时请安装 OpenSSL 3.0 以上。")


def _ours(name: str, module: object) -> bool:
    return name.partition(".")[0] in OUR_NAMES and bool(getattr(module, "__file__", None))


CHECKS: tuple[Check, ...] = (python, sqlite, terminal, byte_code, import_names, ssh_keygen, openssl)
