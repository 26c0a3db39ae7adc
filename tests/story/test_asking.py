"""A checklist asked question by question on a real terminal: stopped, resumed, wrong words asked again."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from journey import Journey

from engine.model import AnswerValue, Treatment
from reviewers.checklist import parse_answers
from reviewers.samples import Sample

ROOT = Path(__file__).parents[2]


class Terminal:
    """One run of the command line on a terminal of its own."""

    def __init__(self, journey: Journey, officer: str) -> None:
        words = ["review", journey.case, "--as", journey.people[officer], "--home", str(journey.counter.home), "--json"]
        ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", "import cli; cli.main()", *words]
        self.run = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment)
        os.close(theirs)
        self.ours, self.seen = ours, ""
        self.guard = threading.Timer(60, self.run.kill)
        self.guard.start()

    def until(self, words: str) -> str:
        """What is shown up to the words, and after them what has already come."""
        while words not in self.seen:
            select.select([self.ours], [], [])
            try:
                self.seen += os.read(self.ours, 65536).decode("utf-8", "replace")
            except OSError:
                pytest.fail(f"never said {words!r}: {self.seen[-500:]}")
        before, _, self.seen = self.seen.partition(words)
        return before

    def type(self, words: str) -> None:
        os.write(self.ours, f"{words}\n".encode())

    def answers(self, *pairs: tuple[str, str]) -> None:
        for prompt, words in pairs:
            self.until(prompt)
            self.type(words)

    def left(self) -> tuple[int, str]:
        """The exit code, and what stood on stdout."""
        out, _ = self.run.communicate()
        self.guard.cancel()
        os.close(self.ours)
        return self.run.returncode, out.decode()


def test_a_review_is_stopped_and_resumed_and_wrong_words_are_asked_again(journey: Journey) -> None:
    journey.submitted()
    file, home = journey.counter.file(journey.case), journey.counter.home
    findings = file.screenings[-1].findings

    first = Terminal(journey, "reviewer")
    for finding in findings:
        first.answers((f"疑似问题 {finding.id}", "9"), ("不在可选范围内", "异议"), ("理由：", "属于正常管理要求"))
    first.answers(("[1/69] M9-1", "否"), ("[2/69] M9-2", "2"))
    first.answers(("条款", "第九百条"), ("修改意见", "删除"), ("理由：", "要求先备案"), ("请重新回答本题", "1"))
    first.until("[3/69]")
    first.run.send_signal(signal.SIGINT)
    first.until("尚未提交，已答内容暂存在")
    assert first.left() == (130, "")
    assert journey.counter.file(journey.case).reviews == ()
    drafts = list((home / "drafts").iterdir())
    assert [path.name for path in drafts] == [f"{journey.case}-1-self_review-{journey.people['reviewer']}.yaml"]

    again = Terminal(journey, "reviewer")
    again.until("接着上次填写：已答 2 项")
    for number in range(3, 70):
        again.answers((f"[{number}/69]", "1"))
    again.answers(("对象名称", "市物流协会"), ("类型", "行业协会"), ("日期", "昨天"), ("不是日期", "2026-10-09"))
    again.answers(
        ("意见：", "无异议"), ("采纳情况：", "采纳"), ("对象名称", ""), ("公共利益", "2"), ("公众意见情况", "不涉及")
    )
    again.answers(("总体意见", "未认定存在问题"))
    code, out = again.left()
    assert (code, '"case_id"' in out) == (0, True)
    review = journey.counter.file(journey.case).reviews[-1]
    assert {answer.value for answer in review.answers} == {AnswerValue.NO_HIT}
    assert [d.treatment for d in review.dispositions] == [Treatment.OBJECTION] * len(findings)
    assert list((home / "drafts").iterdir()) == []


def test_in_the_second_round_only_what_changed_is_asked(journey: Journey, samples: dict[str, Sample]) -> None:
    journey.submitted().self_reviewed().signed().accepted()
    journey.jointly_reviewed(journey.sample.expected).concluded("revise").revised(samples["revised"])
    terminal = Terminal(journey, "reviewer")
    terminal.until("沿用上一轮答复 ")
    carried = int(terminal.until(" 项，所依据的条款未变："))
    terminal.until("其余逐项询问")
    terminal.until("（1 ")
    terminal.run.send_signal(signal.SIGINT)
    terminal.until("已答内容暂存在")
    assert terminal.left() == (130, "")
    (draft,) = (journey.counter.home / "drafts").iterdir()
    kept = parse_answers(draft.read_text(encoding="utf-8"), draft.name).answers
    assert 0 < carried == len(kept) == sum(answer.carried_from == 1 for answer in kept) < 69


def test_whose_turn_it_is_not_is_told_before_the_first_question(journey: Journey) -> None:
    journey.submitted()
    terminal = Terminal(journey, "drafter")
    terminal.until("自审人员")
    assert terminal.left() == (3, "")
