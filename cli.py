"""The counter: parse, call one act, print, exit code. Nobody imports it.

Start-up is a feature: `--version` is answered before Typer is imported, and only the asked command's module is loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import typer

    from engine.errors import FairReviewError

__version__ = "0.1.0"

STOPPED = 130
DESK = "reviewers.desk."
COMMANDS = {
    "screen": ("screening", "screen", "筛查文件中的疑似排除、限制竞争条款"),
    "stock": ("stock", "stock", "存量清理：汇总、合并台账，导出结果"),
    "rules": ("rules", "rules", "筛查规则：查看、检验、覆盖情况，从审查结论学习"),
    "submit": ("filing", "submit", "报送草案，开始双审"),
    "queue": ("queue", "queue", "待办任务"),
    "show": ("queue", "show", "查看一个案件"),
    "search": ("searching", "search", "检索草案、意见和疑似问题的文字"),
    "diff": ("versions", "diff", "两稿逐条对照（修改标到字词）"),
    "claim": ("queue", "claim", "领取任务"),
    "release": ("queue", "release", "放回任务"),
    "reassign": ("staffing", "reassign", "改派审查人员（须说明理由）"),
    "reviewer": ("staffing", "reviewer", "增加或者跳过审查人员（须说明理由）"),
    "form": ("reviewing", "form", "生成空白审查表（YAML）"),
    "review": ("reviewing", "review", "提交审查表（初审或会审）"),
    "sign": ("filing", "sign", "起草单位负责人签署初审意见"),
    "redo": ("reviewing", "redo", "签署人退回审查人员重审"),
    "scope": ("regulating", "scope", "市场监管部门确认审查范围"),
    "accept": ("regulating", "accept", "受理：材料齐全，开始会审"),
    "correct": ("regulating", "correct", "要求补正材料"),
    "supply": ("filing", "supply", "补正材料"),
    "return": ("regulating", "return_", "退回"),
    "consult": ("consulting", "consult", "会审部门答复征求的意见"),
    "evaluate": ("consulting", "evaluate", "登记第三方评估报告"),
    "reject": ("regulating", "reject", "驳回机器提示的疑似问题（须说明理由）"),
    "conclude": ("regulating", "conclude", "签署会审结论"),
    "revise": ("filing", "revise", "报送修改稿，进入新一轮审查"),
    "withdraw": ("filing", "withdraw", "撤回"),
    "editorial": ("regulating", "editorial", "认定拟印发文本只作了文字性修改"),
    "issue": ("filing", "issue", "登记印发文本并归档"),
    "comment": ("opinions", "comment", "对条款提出审查意见"),
    "answer": ("opinions", "answer_opinion", "起草单位反馈意见采纳情况"),
    "escalate": ("opinions", "escalate", "登记联席会议对未采纳意见的决定"),
    "opinions": ("opinions", "opinions", "意见采纳情况"),
    "why": ("judging", "why", "为什么不得出台：逐条理由和下一步"),
    "what-if": ("versions", "what_if", "预演：报送此稿还会因何受阻，最少要改什么"),
    "gate": ("judging", "gate", "可否出台（供议题、印发环节的脚本调用）"),
    "due": ("deadlines", "due", "期限是怎么算出来的"),
    "extend": ("deadlines", "extend", "会审延期（会审负责人，每轮一次）"),
    "suspend": ("deadlines", "suspend", "第三方评估期间，审查期限暂停计时"),
    "resume": ("deadlines", "resume", "审查期限恢复计时"),
    "digest": ("deadlines", "digest", "本人到期、超期和须督促的任务"),
    "tick": ("deadlines", "tick", "到期提醒、超期标记和上报（定时运行）"),
    "calendar": ("deadlines", "calendar", "查看或导入放假调休安排"),
    "sunset": ("sunsetting", "sunset", "例外规定到期监测：到期清单、年度效果评估、到期重新送审"),
    "ledger": ("supervising", "ledger", "整改台账：登记、进展、销号、月调度"),
    "complaint": ("complaining", "complaint", "举报和社会监督线索：登记、受理、核查、办结"),
    "sample": ("spot_checking", "sample", "抽查：事先登记种子，月后抽取，任何人可复核"),
    "supervise": ("supervising", "supervise", "初审漏查统计、连续被会审挡回的单位"),
    "process": ("processes", "process", "流程版本：查看、发布、迁移、画图"),
    "incidents": ("processes", "incidents", "流程位置异常的案件：查出、登记、修复"),
    "position": ("positions", "position", "案件走到哪里：可据以接着办的 JSON"),
    "trail": ("auditing", "trail", "查看或校验审查留痕"),
    "replay": ("looking_back", "replay", "回看某日结束时的案卷和可否出台"),
    "export": ("taking_out", "export", "导出案卷（完整的，或者脱密的）"),
    "certificate": ("taking_out", "certificate", "出具审查结论凭证（一页，可脱机校验）"),
    "disclose": ("taking_out", "disclose", "开示脱密案卷里隐去的一个字段"),
    "verify": ("taking_out", "verify", "校验导出的案卷或凭证（不需要数据库）"),
    "transfer": ("transferring", "transfer", "跨网移送：案件连同留痕移送外单位、移入、移回"),
    "key": ("signing", "key", "经办人的签名密钥：登记、注销、名单"),
    "retention": ("retaining", "retention", "保管期限：清单、调整、暂缓和解除、到期、销毁"),
    "backup": ("operating", "backup", "备份数据库（校验后才算数）"),
    "restore": ("operating", "restore", "从备份恢复数据库"),
    "doctor": ("operating", "doctor", "检查安装是否可用"),
    "db": ("operating", "db", "数据库概况"),
    "law": ("setup", "law", "查看审查项目及出处"),
    "officers": ("setup", "officers", "查看单位和经办人"),
    "init": ("setup", "init", "建立数据库和本地配置"),
    "simulate": ("simulating", "simulate", "用虚构草案模拟一年：积压、用时、超期"),
    "demo": ("demo", "demo", "用样例文件走完双审全过程"),
}


def main() -> None:
    """Run one command and leave with its documented exit code."""
    words = sys.argv[1:]
    if words in (["--version"], ["-V"]):
        print(f"shuangshen {__version__}")
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    asked = next((word for word in words if not word.startswith("-")), "")
    asked = asked if asked in COMMANDS else ""
    if "SHUANGSHEN_LOG" not in os.environ:
        perform(words, asked)
        return
    from engine.errors import InvalidInput
    from reviewers.operations.journal import journalled

    try:
        with journalled(words, asked):
            perform(words, asked)
    except InvalidInput as refused:
        refuse(refused, words)


def perform(words: Sequence[str], asked: str) -> None:
    """Run the command; whatever a user can meet leaves with its documented exit code."""
    from engine.errors import FairReviewError

    try:
        run(list(words) or ["--help"], asked)
    except FairReviewError as refused:
        refuse(refused, words)
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        from reviewers.desk.counter import unusable

        refuse(unusable(error), words)
    except KeyboardInterrupt:
        sys.exit(STOPPED)


def refuse(refused: FairReviewError, words: Sequence[str]) -> NoReturn:
    """Leaves with the refusal's exit code, its words on stderr."""
    from reviewers.desk.counter import report

    report(refused, as_json="--json" in words)
    sys.exit(refused.exit_code)


def run(words: list[str], asked: str) -> None:
    """Parse the words and call the asked command; raises InvalidInput, in Chinese, for a wrong usage."""
    import typer

    usage_error: type[Exception] = typer.BadParameter.__bases__[0]
    try:
        build(asked, alone=words[0] == asked)(words, prog_name="shuangshen", standalone_mode=False)
    except usage_error as error:
        from reviewers.desk.usage import refusal

        raise refusal(error, asked) from error
    except typer.Abort:
        sys.exit(STOPPED)


def build(asked: str, *, alone: bool) -> typer.Typer:
    """A Typer application that has loaded only the asked command; it knows the others by name, unless `alone`."""
    import typer

    from reviewers.desk.usage import ChineseCommand, ChineseGroup

    app = typer.Typer(
        cls=ChineseGroup,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="公平竞争审查“双审”：起草单位自我审查，市场监管部门会审，含排除、限制竞争内容的文件不得出台。",
    )
    app.callback()(_unloaded)  # a single command is still called by its name
    for name in [asked] if alone else COMMANDS:
        module, function, summary = COMMANDS[name]
        command = getattr(import_module(DESK + module), function) if name == asked else _unloaded
        if isinstance(command, typer.Typer):
            for each in command.registered_commands:
                each.cls = ChineseCommand
            app.add_typer(command, name=name, help=summary, cls=ChineseGroup)
        else:
            app.command(name, help=summary, cls=ChineseCommand)(command)
    return app


def _unloaded() -> None:
    """Stands in the list of commands for one that was not asked for."""


if __name__ == "__main__":
    main()
