"""Whole directories: every file is accounted for, nothing is done twice, no single file can stop the run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Conflict, InvalidInput
from engine.standards import load_standards
from reviewers.bulk.cleaning import Plan, clean_up, in_shard, parse_shard
from reviewers.bulk.ledger import Ledger
from reviewers.bulk.scanning import UNKNOWN_YEAR, scan
from reviewers.bulk.summary import summary
from reviewers.bulk.walk import walk

DAY = date(2026, 3, 1)
BAD = "第一条 外地企业在本市承接工程，必须先在本市设立子公司，否则不予受理。\n"
GOOD = "第一条 为了规范管理，制定本办法。\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def stock(tmp_path: Path) -> Path:
    """Two departments: a bad document, a copy of it, a good one, and one that cannot be read."""
    for path, words in (
        ("住建局/门窗.txt", f"云岭市办法\n云政发〔2023〕5号\n{BAD}"),
        ("商务局/旧/门窗副本.txt", f"云岭市办法\n云政发〔2023〕5号\n{BAD}"),
        ("商务局/总则.txt", GOOD),
    ):
        (tmp_path / "存量" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "存量" / path).write_text(words, encoding="utf-8")
    (tmp_path / "存量" / "商务局" / "坏.docx").write_bytes(b"PK\x03\x04 broken")
    return tmp_path / "存量"


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def cleaned(ledger: Ledger, *roots: Path, **bounds: Any) -> int:
    return clean_up(Plan(roots, DAY, **{"jobs": 1, **bounds}), ledger, quiet).fresh


def told(ledger: Ledger, root: Path) -> dict[str, str]:
    """What the ledger says of each file: the number of findings, of what it is a copy, or why it cannot be read."""

    def gist(plain: Any) -> str:
        if "unreadable" in plain:
            return str(plain["unreadable"])
        if "duplicate_of" in plain:
            return "= " + os.path.relpath(plain["duplicate_of"], root)
        return str(len(plain["findings"]))

    return {os.path.relpath(plain["path"], root): gist(plain) for plain in ledger.results()}


def test_every_file_is_screened_a_copy_or_unreadable(stock: Path) -> None:
    with Ledger(None) as ledger:
        assert cleaned(ledger, stock) == 3
        found = told(ledger, stock)
    assert found.pop("商务局/坏.docx").startswith("文件“坏.docx”已损坏")
    assert found == {"住建局/门窗.txt": "1", "商务局/总则.txt": "0", "商务局/旧/门窗副本.txt": "= 住建局/门窗.txt"}


def test_the_summary_counts_files_by_department_and_findings_once_a_content(stock: Path) -> None:
    with Ledger(None) as ledger:
        cleaned(ledger, stock)
        counts = summary(ledger, load_standards())
    named = ("files", "documents", "unreadable", "pending", "with_blocking", "blocking")
    assert {name: counts[name] for name in named} == dict(zip(named, (4, 2, 1, 0, 1, 1), strict=True))
    assert [
        (row["department"], row["files"], row["unreadable"], row["blocking"]) for row in counts["by_department"]
    ] == [
        ("住建局", 1, 0, 1),
        ("商务局", 3, 1, 1),
    ]
    assert [(row["year"], row["documents"], row["blocking"]) for row in counts["by_year"]] == [
        ("2023", 1, 1),
        (UNKNOWN_YEAR, 1, 0),
    ]
    (item,) = counts["by_item"]
    assert (item["documents"], item["blocking"]) == (1, 1)
    assert item["citation"] == load_standards().citation(item["item"])


def test_a_resumed_run_reads_nothing_again_and_only_what_is_new(stock: Path, tmp_path: Path) -> None:
    with Ledger(tmp_path / "台账.db") as ledger:
        assert cleaned(ledger, stock) == 3
    (stock / "商务局" / "新.txt").write_text(BAD, encoding="utf-8")
    with Ledger(tmp_path / "台账.db") as ledger:
        assert cleaned(ledger, stock) == 1
        assert cleaned(ledger, stock) == 0
        assert cleaned(ledger, stock, retry=True) == 1
        assert told(ledger, stock)["商务局/新.txt"] == "1"


def test_another_day_of_the_law_is_other_work(stock: Path) -> None:
    with Ledger(None) as ledger:
        assert cleaned(ledger, stock) == 3
        assert clean_up(Plan([stock], date(2025, 6, 1), 1), ledger, quiet).fresh == 3


def test_a_run_killed_in_the_middle_goes_on_where_it_was(stock: Path, tmp_path: Path) -> None:
    for number in range(30):
        (stock / "商务局" / f"{number}.txt").write_text(f"第{number + 1}条 内容。\n{GOOD}", encoding="utf-8")
    path = tmp_path / "台账.db"
    program = (
        "import os\nfrom datetime import date\nfrom pathlib import Path\n"
        "from reviewers.bulk.cleaning import Plan, clean_up\nfrom reviewers.bulk.ledger import Ledger\n"
        "def tell(done, total):\n    if done == 12:\n        os._exit(9)\n"
        "if __name__ == '__main__':\n"
        f"    clean_up(Plan([Path({str(stock)!r})], date(2026, 3, 1), 2), Ledger(Path({str(path)!r})), tell)\n"
    )
    script = tmp_path / "run.py"
    script.write_text(program, encoding="utf-8")
    ran = subprocess.run([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert ran.returncode == 9
    kept = recorded(path)
    assert kept >= 11
    with Ledger(path) as ledger:
        assert cleaned(ledger, stock) == 33 - kept
        assert len(told(ledger, stock)) == 34


def test_an_interrupted_run_says_how_to_go_on_and_leaves_no_process(stock: Path, tmp_path: Path) -> None:
    for number in range(200):
        (stock / "商务局" / f"{number}.txt").write_text(f"第{number + 1}条 内容。\n{GOOD * 100}", encoding="utf-8")
    path = tmp_path / "台账.db"
    words = [sys.executable, str(ROOT / "cli.py"), "screen", str(stock), "--jobs", "1", "--ledger", str(path)]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (path.exists() and recorded(path)):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)  # ends when no process holds the pipes any more
    assert (running.returncode, out, err) == (130, "", "已中断，做完的记在台账里，再运行同一条命令接着做。\n")
    done = recorded(path)
    assert 0 < done < 203
    with Ledger(path) as ledger:
        assert clean_up(Plan([stock], ledger_day(path), 1), ledger, quiet).fresh == 203 - done


def recorded(path: Path) -> int:
    """How many documents the ledger holds; 0 while it is being made."""
    with closing(sqlite3.connect(path)) as sql:
        try:
            return int(sql.execute("SELECT count(*) FROM document").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def ledger_day(path: Path) -> date:
    with closing(sqlite3.connect(path)) as sql:
        return date.fromisoformat(sql.execute("SELECT as_of FROM basis").fetchone()[0])


def test_shards_part_the_stock_and_merge_to_the_whole(stock: Path, tmp_path: Path) -> None:
    parts = [tmp_path / f"{number}.db" for number in (1, 2, 3)]
    fresh = 0
    for number, part in enumerate(parts, 1):
        with Ledger(part) as ledger:
            fresh += cleaned(ledger, stock, shard=(number, 3))
    with Ledger(None) as whole, Ledger(None) as merged:
        assert cleaned(whole, stock) == fresh == 3
        for part in parts:
            merged.add(part)
        assert list(merged.results()) == list(whole.results())
        assert summary(merged, load_standards()) == summary(whole, load_standards())


def test_ledgers_of_different_days_are_not_merged(stock: Path, tmp_path: Path) -> None:
    for day in (1, 2):
        with Ledger(tmp_path / f"{day}.db") as ledger:
            clean_up(Plan([stock], date(2026, 3, day), 1), ledger, quiet)
    with Ledger(None) as merged:
        merged.add(tmp_path / "1.db")
        with pytest.raises(Conflict, match="不可比"):
            merged.add(tmp_path / "2.db")


def test_another_database_is_no_ledger(tmp_path: Path) -> None:
    other = tmp_path / "别的.db"
    with sqlite3.connect(other) as sql:
        sql.execute("CREATE TABLE kept (a)")
    sql.close()
    before = other.read_bytes()
    with pytest.raises(InvalidInput, match="别的数据库"):
        Ledger(other)
    (tmp_path / "文.db").write_text("不是数据库" * 100, encoding="utf-8")
    with pytest.raises(InvalidInput, match="不能作台账"):
        Ledger(tmp_path / "文.db")
    assert other.read_bytes() == before


def test_links_are_not_followed_and_system_files_left_out(stock: Path, tmp_path: Path) -> None:
    (tmp_path / "外面.txt").write_text(BAD, encoding="utf-8")
    (stock / "链接.txt").symlink_to(tmp_path / "外面.txt")
    (stock / "回环").symlink_to(stock)
    for name in (".隐藏.txt", "~$门窗.docx", "Thumbs.db"):
        (stock / name).write_text(BAD, encoding="utf-8")
    found = walk([stock])
    assert (len(found.entries), found.links) == (4, 2)
    assert [entry.department for entry in found.entries] == ["住建局", "商务局", "商务局", "商务局"]


def test_a_file_swapped_for_a_link_or_a_pipe_is_not_read(stock: Path, tmp_path: Path) -> None:
    target = tmp_path / "外面.txt"
    target.write_text(BAD, encoding="utf-8")
    (stock / "链接.txt").symlink_to(target)
    os.mkfifo(stock / "管道.txt")
    assert [one.sha256 != "" for one in scan(target, DAY)] == [True]
    for name in ("链接.txt", "管道.txt"):
        (one,) = scan(stock / name, DAY)
        assert (one.sha256, one.result, one.reason[:5]) == ("", "", "无法读取：")


def test_an_archive_is_opened_and_its_members_told_by_name(stock: Path) -> None:
    with zipfile.ZipFile(stock / "商务局" / "附件.zip", "w") as packed:
        packed.writestr("甲.txt", BAD)
        packed.writestr("图.png", b"\x89PNG\r\n\x1a\n0000")
    with Ledger(None) as ledger:
        assert cleaned(ledger, stock) == 4
        found = told(ledger, stock)
        assert cleaned(ledger, stock) == 0
    assert found["商务局/附件.zip/甲.txt"] == "1"
    assert found["商务局/附件.zip/图.png"] != "0"
    assert "商务局/附件.zip" not in found


OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)


@pytest.mark.parametrize(
    ("converter", "reason"),
    [
        ("exec sleep 600", "超过每个文件 2 秒的时限，已放弃。"),
        ("kill -SEGV $PPID; sleep 5", "读取时进程崩溃（信号 11），文件可能已损坏或者有意构造。"),
    ],
    ids=["hangs", "crashes"],
)
def test_a_file_that_hangs_or_kills_its_process_costs_one_line_and_not_the_run(
    stock: Path, tmp_path: Path, converter: str, reason: str
) -> None:
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{converter}\n", encoding="utf-8")
    program.chmod(0o755)
    (stock / "住建局" / "旧式.doc").write_bytes(OLD_WORD)
    words = ["screen", str(stock), "--jobs", "1", "--timeout", "2", "--format", "jsonl"]
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {os.path.relpath(line["path"], stock): line for line in map(json.loads, ran.stdout.splitlines())}
    assert (ran.returncode, ran.stderr) == (2, "")
    assert found["住建局/旧式.doc"] == {"path": str(stock / "住建局" / "旧式.doc"), "unreadable": reason}
    assert len(found["住建局/门窗.txt"]["findings"]) == 1
    assert len(found) == 5


def test_a_file_that_needs_too_much_memory_is_unreadable(stock: Path) -> None:
    (stock / "商务局" / "大.txt").write_text("第一条 内容。\n" * 2_000_000, encoding="utf-8")
    with Ledger(None) as ledger:
        assert cleaned(ledger, stock, memory=64) == 4
        found = told(ledger, stock)
    assert "内存" in found["商务局/大.txt"] or "进程" in found["商务局/大.txt"]
    assert found["住建局/门窗.txt"] == "1"


@pytest.mark.parametrize("words", ["0/2", "3/2", "1", "a/b", "1/2/3", "１/２", "1/20000"])
def test_a_wrong_shard_is_refused(words: str) -> None:
    assert parse_shard("1/2") == (1, 2)
    with pytest.raises(InvalidInput):
        parse_shard(words)


def test_every_content_is_in_exactly_one_shard() -> None:
    for digest in ("00000000ff", "ffffffff00", "1234567890"):
        assert sum(in_shard(digest, (number, 7)) for number in range(1, 8)) == 1


def test_the_commands_tell_the_same_as_the_ledger(shuangshen: Callable[..., Any], stock: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "台账.db"
    first = shuangshen("screen", stock, "--jobs", "1", "--ledger", ledger, "--format", "jsonl", "--as-of", "2026-03-01")
    assert first.code == 2
    lines = [json.loads(line) for line in first.out.splitlines()]
    assert [os.path.relpath(line["path"], stock) for line in lines] == [
        "住建局/门窗.txt", "商务局/坏.docx", "商务局/总则.txt", "商务局/旧/门窗副本.txt",
    ]  # fmt: skip
    single = shuangshen("screen", stock / "住建局" / "门窗.txt", "--format", "jsonl", "--as-of", "2026-03-01")
    assert json.loads(single.out) == lines[0]
    assert shuangshen("stock", "results", ledger).out == first.out
    whole = shuangshen("stock", "merge", ledger, "-o", tmp_path / "合并.db", "--json")
    assert (whole.json["files"], whole.json["documents"]) == (4, 2)
    merged = shuangshen("stock", "summary", tmp_path / "合并.db", "--json").json
    assert merged == shuangshen("stock", "summary", ledger, "--json").json
    again = shuangshen("stock", "merge", ledger, "-o", tmp_path / "合并.db")
    assert (again.code, again.err.count("\n")) == (5, 1)
    assert shuangshen("stock", "summary", tmp_path / "没有.db").code == 4


def test_each_department_gets_its_own_list_with_its_own_copies(
    shuangshen: Callable[..., Any], stock: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "台账.db"
    shuangshen("screen", stock, "--jobs", "1", "--ledger", ledger, "--as-of", "2026-03-01")
    own = shuangshen("stock", "results", ledger, "--department", "商务局").out
    told = {Path(line["path"]).name: line for line in map(json.loads, own.splitlines())}
    assert set(told) == {"坏.docx", "总则.txt", "门窗副本.txt"}
    assert len(told["门窗副本.txt"]["findings"]) == 1
    refused = shuangshen("stock", "results", ledger, "--department", "税务局")
    assert (refused.code, refused.out, "住建局" in refused.err) == (4, "", True)


def test_a_clean_folder_leaves_with_nothing_to_do(shuangshen: Callable[..., Any], stock: Path) -> None:
    shutil.rmtree(stock / "住建局")
    shutil.rmtree(stock / "商务局" / "旧")
    (stock / "商务局" / "坏.docx").unlink()
    clean = shuangshen("screen", stock, "--jobs", "1", "--as-of", "2026-03-01")
    assert (clean.code, "不重复文档 1" in clean.out) == (0, True)
    (stock / "商务局" / "门窗.txt").write_text(BAD, encoding="utf-8")
    assert shuangshen("screen", stock, "--jobs", "1", "--as-of", "2026-03-01").code == 1


@pytest.mark.parametrize("words", [("--format", "html"), ("--considered",), ("--shard", "9"), ("--jobs", "100")])
def test_what_cannot_be_done_to_a_folder_is_refused_before_any_work(
    shuangshen: Callable[..., Any], stock: Path, words: tuple[str, ...]
) -> None:
    refused = shuangshen("screen", stock, *words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
