"""Tables kept as parsed are the tables of the files, and never of files that have changed."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from engine.standards.kept import keep, read_toml

WORDS = 'title = "采购"\nlist = ["本地", "外地"]\nday = 2026-11-25\n[inner]\nwithin = 20\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "one.toml"
    path.write_text(WORDS, encoding="utf-8")
    return path


def kept_file(file: Path) -> Path:
    return file.parent / "__pycache__" / "tables.json"


def test_what_is_kept_reads_like_the_file(file: Path) -> None:
    first = read_toml(file)
    keep(file.parent)
    assert kept_file(file).exists()
    assert read_toml(file) == first == tomllib.loads(WORDS)


def test_the_kept_table_is_used_and_a_changed_file_is_not_taken_for_it(file: Path) -> None:
    read_toml(file)
    keep(file.parent)
    ((digest, table),) = json.loads(kept_file(file).read_text(encoding="utf-8")).items()
    kept_file(file).write_text(json.dumps({digest: {**table, "title": "别的"}}), encoding="utf-8")
    assert read_toml(file)["title"] == "别的"
    keep(file.parent)
    file.write_text(WORDS + "# 改过\n", encoding="utf-8")
    assert read_toml(file)["title"] == "采购"
    keep(file.parent)
    assert digest not in json.loads(kept_file(file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("damage", ["", "[1]", "{", '{"a": 1'])
def test_a_damaged_kept_file_is_passed_over(file: Path, damage: str) -> None:
    kept_file(file).parent.mkdir()
    kept_file(file).write_text(damage, encoding="utf-8")
    assert read_toml(file) == tomllib.loads(WORDS)
    keep(file.parent)
    assert len(json.loads(kept_file(file).read_text(encoding="utf-8"))) == 1


def test_nothing_is_written_where_python_may_keep_nothing_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    read_toml(file)
    keep(file.parent)
    assert not kept_file(file).parent.exists()


def test_a_bad_file_is_refused_each_time(file: Path) -> None:
    file.write_text("= 1", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(tomllib.TOMLDecodeError):
            read_toml(file)
