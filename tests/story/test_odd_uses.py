"""Odd files, titles, terminals and homes: one line on stderr, a documented code, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journey import Counter, Journey

from engine.store.records import KINDS
from reviewers.desk.record_lines import RECORDS
from reviewers.desk.setup import initialise

TEXT = "关于促进发展的通知\n一、本通知自印发之日起施行。\n"


def submitted(counter: Counter, people: dict[str, str], draft: Path, *more: str | Path) -> Any:
    words = ["submit", draft, "--trigger", "government_issued", "--json", *more]
    return counter(*words, by=people["drafter"])


def test_brackets_escapes_and_line_feeds_in_names_reach_no_terminal(counter: Counter, people: dict[str, str]) -> None:
    folder = counter.room / "it's 资料"
    folder.mkdir()
    draft = folder / "办法 [bold]\n终版.txt"
    draft.write_text(TEXT, encoding="utf-8")
    title = "\x1b[31m关于[/]促进\n发展的[bold]通知"
    filed = submitted(counter, people, draft, "--note", draft, "--title", title)
    assert filed.code == 0, filed.err
    case = filed.json["case_id"]
    for words in (["queue"], ["show", case], ["trail", "show"], ["why", case], ["form", case]):
        ran = counter(*words)
        assert (ran.code, "\x1b" in ran.out) == (0, False), ran.err
    assert counter.file(case).case.title == "[31m关于[/]促进 发展的[bold]通知"
    assert counter.file(case).versions[0].filename == "办法 [bold] 终版.txt"


def test_a_title_longer_than_any_title_is_refused(counter: Counter, people: dict[str, str]) -> None:
    draft = counter.room / "办法.txt"
    draft.write_text(TEXT, encoding="utf-8")
    assert submitted(counter, people, draft, "--title", "长" * 300).code == 0
    assert submitted(counter, people, draft, "--title", "长" * 301).code == 2


def test_every_kind_of_record_has_a_name(journey: Journey, samples: Any) -> None:
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    journey.concluded("revise")
    shown = journey.counter("show", journey.case).out
    assert [word for word in KINDS if word in shown] == []
    assert {*RECORDS, "version", "review", "correction", "conclusion"} == {*KINDS, "words"}
    for words in ("blocked.docx 林鹏", "条款筛查", "初审审查表", "会审结论"):
        assert words in shown


@pytest.mark.parametrize(
    ("words", "code", "saying"),
    [
        (["form", "{case}", "-o", "{room}/nowhere/form.yaml"], 2, "没有这个文件或目录"),
        (["trail", "verify", "--checkpoint", "{room}/nowhere"], 2, "没有这个文件或目录"),
        (["trail", "verify", "--checkpoint", "{binary}"], 6, "不是检查点"),
        (["init", "--home", "{binary}"], 2, "已存在同名的文件"),
        (["init", "--home", "{binary}/home"], 2, "不是目录"),
        (["demo", "--output", "{binary}/demo"], 2, "不是目录"),
        (["export", "{case}", "-o", "{room}/nowhere/a.zip", "--as", "kong.qing"], 2, "没有目录"),
        (["trail"], 2, "缺少子命令"),
        (["submit", "{binary}", "--trigger", "x"], 2, "government_issued、executive_meeting"),
    ],
    ids=["form", "checkpoint", "binary", "init-on-a-file", "init-under-a-file", "demo", "export", "trail", "trigger"],
)
def test_what_cannot_be_used_is_one_line(journey: Journey, words: list[str], code: int, saying: str) -> None:
    journey.submitted()
    room = journey.counter.room
    binary = room / "binary"
    binary.write_bytes(bytes(range(256)))
    before = journey.counter("trail", "show", "--json").json
    ran = journey.counter.run(*(word.format(case=journey.case, room=room, binary=binary) for word in words))
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
    assert journey.counter("trail", "show", "--json").json == before


def test_a_refusal_in_json_is_one_object(shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"")
    ran = shuangshen("init", "--home", binary, "--json")
    assert (ran.out, json.loads(ran.err)["error"]["exit_code"]) == ("", 2)


def test_a_lost_database_is_made_anew_beside_the_profile_that_was_edited(tmp_path: Path) -> None:
    home = initialise(tmp_path / "数据 目录", "qingyang")
    (home / "shuangshen.db").unlink()
    edited = home / "profile" / "practice.toml"
    edited.write_text("# 本地\n" + edited.read_text(encoding="utf-8"), encoding="utf-8")
    initialise(home, "qingyang")
    assert (edited.read_text(encoding="utf-8").startswith("# 本地"), (home / "shuangshen.db").is_file()) == (True, True)


def test_an_ended_case_takes_no_more_rejections(journey: Journey) -> None:
    journey.submitted()
    counter, by = journey.counter, journey.people["regulator"]
    finding = counter.file(journey.case).screenings[-1].findings[0].id
    words = ["reject", journey.case, finding, "--reason", "误报"]
    assert counter(*words, by=by, home=counter.copy()).code == 0
    assert counter("withdraw", journey.case, "--reason", "暂缓", by=journey.people["drafter"]).code == 0
    assert counter(*words, by=by).code == 3
