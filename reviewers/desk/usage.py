"""Usage errors and help pages in Chinese: Typer writes them in English and offers no catalogue for them."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand, TyperGroup

from engine.errors import InvalidInput

SENTENCES = (
    (r"Missing command\.", r"缺少子命令"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"Missing argument '(.+)'\.", r"缺少“\1”"),
    (r"Missing option '(.+?)'.*", r"缺少选项 \1"),
    (r"No such command '(.+?)'\..*", r"没有命令“\1”"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", r"多出了“\1”"),
    (r"Option '(.+)' requires an argument\.", r"选项 \1 后面缺少内容"),
    (r"Invalid value for '(.+?)': '(.+?)' is not one of (.+?)\.?", r"\1 不能是“\2”，可用：\3"),
    (r"Invalid value for '(.+?)': '?(.+?)'? is not in the range (.+?)\.", r"\1 不能是“\2”，范围：\3"),
    (
        r"Invalid value for '(.+?)': '(.+?)' does not match the formats? (.+?)\.",
        r"\1 不能是“\2”，日期请写成 2026-10-01",
    ),
    (r"Invalid value for '(.+?)': '(.+?)' is not a valid .+", r"\1 不能是“\2”"),
    (r"Invalid value for '(.+?)': (.+)", r"\1 的内容不合要求：\2"),
)
HEADINGS = (
    ("Usage: ", "用法："),
    ("\nArguments:", "\n参数："),
    ("\nOptions:", "\n选项："),
    ("\nCommands:", "\n命令："),
    ("[OPTIONS] COMMAND [ARGS]...", "命令 [选项]…"),
    ("[OPTIONS]", "[选项]"),
    ("Show this message and exit.", "显示本说明"),
    ("[default: ", "[缺省："),
    ("required]", "必填]"),
    ("env var: ", "环境变量："),
)


def refusal(error: Any, command: str) -> InvalidInput:
    """The usage error as a refusal in Chinese, saying where the right usage is to be read."""
    english = " ".join(error.format_message().split())
    if type(error).__name__ == "NoArgsIsHelpError":  # its message is the whole help page, its class is not public
        english = "Missing command."
    for pattern, chinese in SENTENCES:
        if found := re.fullmatch(pattern, english):
            english = found.expand(chinese).replace("', '", "、").replace("'", "")
            break
    where = f"shuangshen {command} --help" if command else "shuangshen --help"
    return InvalidInput(f"用法有误：{english}。", f"运行 {where} 查看用法。")


class ChineseCommand(TyperCommand):
    """A command whose help page has Chinese headings."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


class ChineseGroup(TyperGroup):
    """A group of commands whose help page has Chinese headings."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


def in_chinese(page: str) -> str:
    """The help page with Typer's own English words replaced, wherever its lines were broken."""
    for english, chinese in HEADINGS:
        page = re.sub(re.escape(english).replace(r"\ ", r"\s+"), chinese, page)
    return page
