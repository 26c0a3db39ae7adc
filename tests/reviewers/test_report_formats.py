"""JSON, JSON Lines, SARIF and CSV: what each says of the same findings, and that none can be mistaken for clean."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from reporting_cases import screened

from engine.screening.examples import Example, Near
from engine.screening.patches import Kind, Patch
from engine.standards import load_standards
from reviewers.reports import contract, sarif, spreadsheet
from reviewers.reports.aids import aid_lines
from reviewers.reports.page import as_page

UNREADABLE = contract.unreadable_json("扫描件.pdf", "没有文字。")


def test_the_contract_has_exactly_the_promised_keys() -> None:
    told = contract.document_json(screened())
    assert list(told) == ["path", "title", "sha256", "pack", "notices", "clauses", "findings"]
    assert list(told["findings"][0]) == [
        "id", "level", "rule", "articles", "clause", "line", "start", "end", "text", "why", "advice",
        "confidence", "evidence",
    ]  # fmt: skip


def test_offsets_cut_the_quoted_words_out_of_the_text() -> None:
    one = screened()
    found = contract.document_json(one)["findings"]
    assert [one.document.text[f["start"] : f["end"]] for f in found] == [f["text"] for f in found]


def test_considered_candidates_are_told_only_when_asked_for() -> None:
    told = contract.document_json(screened(), with_considered=True)
    assert [one["reason"] for one in told["considered"]] == ["考虑过“甲”，因“不得”未提示。"]


def test_json_leaves_an_unreadable_file_out_and_lines_name_it() -> None:
    documents = [contract.document_json(screened()), UNREADABLE]
    assert [one["path"] for one in json.loads(contract.as_json(documents))["documents"]] == ["办法 1.txt"]
    lines = [json.loads(line) for line in contract.as_jsonl(documents).splitlines()]
    assert lines[1] == {"path": "扫描件.pdf", "unreadable": "没有文字。"}
    assert [finding["id"] for finding in lines[0]["findings"]] == ["F-00000001", "F-00000002"]


def sarif_run(*documents: Any) -> dict[str, Any]:
    log = json.loads(sarif.as_sarif(documents, load_standards()))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_names_level_place_and_fingerprint_of_each_finding() -> None:
    one = screened()
    run = sarif_run(contract.document_json(one))
    results = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [r["level"] for r in results] == ["error", "warning"]
    assert [list(r["fingerprints"].values()) for r in results] == [["F-00000001"], ["F-00000002"]]
    region = results[1]["locations"][0]["physicalLocation"]["region"]
    text = one.document.text
    assert text[region["charOffset"] : region["charOffset"] + region["charLength"]] == region["snippet"]["text"]
    assert text.split("\n")[region["startLine"] - 1].endswith("全部运输,")


def test_sarif_indexes_point_at_the_rule_and_the_artifact_they_name() -> None:
    run = sarif_run(contract.document_json(screened("甲.txt")), contract.document_json(screened("乙 b.txt")))
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) == 2
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
        assert result["message"]["text"]
    assert run["artifacts"][1]["location"]["uri"] == "%E4%B9%99%20b.txt"
    assert rules[1]["properties"]["citations"][0] == load_standards().citation("M15-2")


def test_sarif_of_an_unreadable_file_is_an_unsuccessful_run() -> None:
    clean = sarif_run(contract.document_json(screened()))["invocations"]
    assert clean == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    (invocation,) = sarif_run(UNREADABLE)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [(n["level"], n["message"]["text"]) for n in invocation["toolExecutionNotifications"]] == [
        ("error", "没有文字。")
    ]


def csv_rows(*documents: Any) -> list[dict[str, str]]:
    data = spreadsheet.as_csv(documents, load_standards())
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_has_a_row_a_finding_and_no_cell_that_runs() -> None:
    rows = csv_rows(contract.document_json(screened("=办法.txt")))
    assert [(row["文件"], row["级别"], row["项目"], row["原因"]) for row in rows] == [
        ("'=办法.txt", "须处理", "M15-2、R9-3", "'=理由<script>"),
        ("'=办法.txt", "请核对", "M11-1、R8-3", "'=理由<script>"),
    ]
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


def test_csv_accounts_for_every_file() -> None:
    clean = {**contract.document_json(screened("无.txt")), "findings": []}
    twin = {"path": "副本.txt", "sha256": clean["sha256"], "duplicate_of": "无.txt"}
    rows = csv_rows(clean, twin, UNREADABLE)
    assert [(row["文件"], row["级别"]) for row in rows] == [
        ("无.txt", "未提示"),
        ("副本.txt", "内容相同"),
        ("扫描件.pdf", "未能读取"),
    ]


def test_the_command_writes_each_form_once_and_never_over_a_file(
    shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    draft = tmp_path / "办法.txt"
    draft.write_text("第一条 外地企业在本市承接工程，必须先在本市设立子公司，否则不予受理。", encoding="utf-8")
    whole = shuangshen("screen", draft, "--format", "json", "--as-of", "2026-03-01")
    for form in ("json", "jsonl", "sarif", "csv", "html", "docx"):
        out = tmp_path / f"结果.{form}"
        assert shuangshen("screen", draft, "--format", form, "-o", out, "--as-of", "2026-03-01").code == whole.code == 1
        first = out.read_bytes()
        again = shuangshen("screen", draft, "--format", form, "-o", out, "--as-of", "2026-03-01")
        assert (again.code, again.err.count("\n")) == (5, 1)
        assert "不会覆盖" in again.err
        assert out.read_bytes() == first
    assert (tmp_path / "结果.json").read_text(encoding="utf-8") == whole.out


def test_several_documents_go_into_a_folder(shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    for folder in ("甲", "乙"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "办法.txt").write_text("第一条 为了规范管理,制定本办法。", encoding="utf-8")
    drafts = [tmp_path / "甲" / "办法.txt", tmp_path / "乙" / "办法.txt"]
    refused = shuangshen("screen", *drafts, "--format", "html")
    assert (refused.code, refused.out) == (2, "")
    assert shuangshen("screen", *drafts, "--format", "html", "-o", tmp_path / "out").code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["办法-筛查-2.html", "办法-筛查.html"]


def test_the_terminal_tells_what_was_considered(shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    draft = tmp_path / "办法.txt"
    draft.write_text("第一条 不得优先选用本地企业生产的产品。", encoding="utf-8")
    assert "考虑过“" not in shuangshen("screen", draft).out
    assert "考虑过“" in shuangshen("screen", draft, "--considered").out.replace("\n", "")


def test_patches_and_examples_are_told_beside_their_findings() -> None:
    one = screened()
    first = one.screening.findings[0]
    patch = Patch(Kind.WORDS, first.start, first.end, first.text, "公平选用<各类>企业", "同等对待。")
    near = Near(Example("E-1", "优先选用本市企业", True, ("M15-2",), "", "办法", ""), 0.5)
    aided = replace(one, patches=(patch, None), examples=((near,), ()))
    told = contract.document_json(aided)
    assert told["findings"][0]["patch"] == {
        "kind": "words", "start": first.start, "end": first.end, "text": first.text,
        "replacement": "公平选用<各类>企业", "note": "同等对待。",
    }  # fmt: skip
    assert [[example["id"] for example in f["examples"]] for f in told["findings"]] == [["E-1"], []]
    assert told["findings"][1]["patch"] is None
    fixed, plain = sarif_run(told)["results"]
    (replaced,) = fixed["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replaced == {
        "deletedRegion": {"charOffset": first.start, "charLength": first.end - first.start},
        "insertedContent": {"text": "公平选用<各类>企业"},
    }
    assert "fixes" not in plain
    card = as_page(aided, load_standards()).decode()
    assert f"<del>{escape(first.text)}</del><ins>公平选用&lt;各类&gt;企业</ins>" in card
    assert card.count('class="near"') == card.count('class="patch"') == 1
    assert [name for name, _ in aid_lines(aided, 0)] == ["改写", "示例（违规）"]
    assert list(aid_lines(aided, 1)) == []


def test_the_command_gives_patches_where_people_read_and_on_demand_elsewhere(
    shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    draft = tmp_path / "办法.txt"
    draft.write_text("应急处置物资统一由清源物资公司承担配送。", encoding="utf-8")
    ran = shuangshen("screen", draft, "--json").json["documents"][0]["findings"][0]
    assert "patch" not in ran and "examples" not in ran
    asked = shuangshen("screen", draft, "--json", "--patches", "--examples").json["documents"][0]["findings"][0]
    assert asked["patch"]["text"] in draft.read_text(encoding="utf-8") and asked["examples"]
    assert {key: asked[key] for key in ran} == ran
    assert "改写：" in shuangshen("screen", draft).out
    assert "改写：" not in shuangshen("screen", draft, "--no-patches").out
    assert "示例（违规）" in shuangshen("screen", draft, "--examples").out
    refused = shuangshen("screen", tmp_path, "--patches")
    assert (refused.code, "--patches" in refused.err) == (2, True)
