"""Events taken out for auditors: what is asked for and nothing else, in four forms, none of which runs anything."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from taken import Taken

from engine.documents import read_bytes
from engine.store import reads
from engine.store.extracts import items_of
from engine.trail.verifier import canonical, leaf_hash
from engine.trail.words import names_of
from reviewers.reports.trail import _harmless

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


@pytest.fixture
def export(taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path) -> Callable[..., Path]:
    def run(name: str, *words: str) -> Path:
        place = tmp_path / name
        ran = shuangshen("trail", "export", "-o", place, "--as", "kong.qing", "--home", taken.home, *words)
        assert ran.code == 0, ran.err
        return place

    return run


def events_in(place: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]


def test_json_lines_hold_every_event_as_it_was_hashed(taken: Taken, export: Callable[..., Path]) -> None:
    told = events_in(export("a.jsonl"))
    assert told == reads.events(taken.database, limit=10_000)
    assert sum(bool(names_of(event)) for event in told) > 5
    for event in told:
        beside = names_of(event)
        facts = {name: value for name, value in event["facts"].items() if name not in beside}
        payload = canonical({name: value for name, value in event.items() if name != "hash"} | {"facts": facts})
        assert leaf_hash(payload.encode()).hex() == event["hash"]


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        (["--act", "conclude"], lambda e: e["act"] == "conclude"),
        (["--officer", "lu.mingda"], lambda e: "lu.mingda" in (e["actor"], e["facts"].get("for"))),
        (["--unit", "gxj"], lambda e: e["unit"] == "gxj" or e["case"] == "2026-0002"),
        (["--case", "2026-0001"], lambda e: e["case"] == "2026-0001"),
        (["--from", "2026-03-02", "--to", "2026-03-02"], lambda e: "2026-03-01T16" <= e["at"] < "2026-03-02T16"),
        (["--to", "2026-03-01"], lambda e: e["at"] < "2026-03-01T16"),
        (["--from", "2026-03-03"], lambda e: e["at"] >= "2026-03-02T16"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_only_what_is_asked_for(
    taken: Taken, export: Callable[..., Path], words: list[str], fits: Callable[[dict[str, Any]], bool]
) -> None:
    everything = reads.events(taken.database, limit=10_000)
    found = [event["seq"] for event in events_in(export("a.jsonl", *words))]
    assert found == [event["seq"] for event in everything if fits(event)]


def test_an_item_brings_what_was_answered_found_or_claimed(taken: Taken, export: Callable[..., Path]) -> None:
    rows = [row for row in reads.case_records(taken.database, taken.case) if row["kind"] in ("review", "screening")]
    spoken = {row["id"]: items_of(row["kind"], row["body"]) for row in rows}
    hits = {answer["item"] for row in rows for answer in row["body"].get("answers", ()) if answer["value"] == "hit"}
    cited = {i for row in rows for finding in row["body"].get("findings", ()) for i in finding["articles"]}
    item = min(hits & cited)
    fitting = {row["event_seq"] for row in rows if item in spoken[row["id"]]}
    assert {row["kind"] for row in rows if item in spoken[row["id"]]} == {"review", "screening"}
    assert [event["seq"] for event in events_in(export("a.jsonl", "--item", item))] == sorted(fitting)
    assert events_in(export("b.jsonl", "--item", "M15-99")) == []


def test_the_table_reads_the_same_as_csv_and_as_a_workbook(taken: Taken, export: Callable[..., Path]) -> None:
    raw = export("a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(table) == len(reads.events(taken.database, limit=10_000)) + 1
    (row,) = [row for row in table if row[6] == "conclude"]
    assert row[2:8] == [taken.case, table[5][3], "市交通运输局", "签署会审结论", "conclude", "陆明达"]
    assert (row[14], row[15], row[16]) == (
        "须修改后重新审查", "须修改后重新审查；第十二条须修改后再审", "已签名",
    )  # fmt: skip
    book = read_bytes(export("a.xlsx").read_bytes(), "a.xlsx").text
    for cell in (cell for line in table for cell in line if cell):
        assert cell in book
    assert export("b.xlsx").read_bytes() == export("c.xlsx").read_bytes()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "＠x", "\r=1"])
def test_a_text_that_a_spreadsheet_would_compute_is_kept_a_text(cell: str) -> None:
    assert _harmless(cell) == f"'{cell}"
    assert (_harmless("第1条=2"), _harmless(-3)) == ("第1条=2", -3)


def test_the_page_needs_no_network_and_draws_the_way_of_one_case(export: Callable[..., Path]) -> None:
    page = export("a.html", "--case", "2026-0001").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert re.findall(r"(?:src|href)\s*=|@import|url\((?!#)|https?://(?!www\.w3\.org)", page) == []
    assert page.count("<svg") == 4
    assert 'class="gone"' in page
    whole = export("b.html").read_text(encoding="utf-8")
    assert (whole.count("<svg"), "<script>alert" in whole) == (0, False)


@pytest.mark.parametrize(
    ("words", "code", "saying"),
    [
        (["-o", "{room}/a.jsonl", "--as", "luo.dan"], 3, "只有审计人员和市场监管部门可以"),
        (["-o", "{room}/a.jsonl"], 2, "没有指明经办人"),
        (["-o", "{room}/a.txt", "--as", "kong.qing"], 2, "看不出格式"),
        (["-o", "{room}/there.csv", "--as", "kong.qing"], 5, "已存在"),
        (["-o", "{room}/a.csv", "--as", "kong.qing", "--act", "fly"], 4, "没有“fly”这种操作"),
        (["-o", "{room}/a.csv", "--as", "kong.qing", "--unit", "moon"], 4, "moon"),
        (["-o", "{room}/a.csv", "--as", "kong.qing", "--from", "2026-03-05", "--to", "2026-03-01"], 2, "早于起日"),
    ],
)  # fmt: skip
def test_what_is_not_given_out(
    taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path, words: list[str], code: int, saying: str
) -> None:
    (tmp_path / "there.csv").write_text("", encoding="utf-8")
    healthy = shuangshen(
        "trail", "export", "-o", tmp_path / "good.csv", "--as", "qin.yu", "--home", taken.home, "--json"
    )
    assert (healthy.code, healthy.json["format"]) == (0, "csv")
    ran = shuangshen("trail", "export", *(word.format(room=tmp_path) for word in words), "--home", taken.home)
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
