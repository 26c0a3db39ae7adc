"""Words are found in both databases, wherever they stand, and nothing is found that is not there."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from databases import Database, SQLite
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import NOON, a_case, a_turn, a_version, an_act, conclude, submit

from engine.errors import InvalidInput
from engine.model import Finding, Gate, Level, Opinion, Screening
from engine.store import Store, open_store, verify_store
from engine.store.backup import back_up
from engine.store.marks import folded, marks_of, signs_of, sought
from engine.store.passages import LONGEST, OVERLAP, _cut
from engine.store.search import Asked, search
from engine.store.sqlite import sqlite3

TEXT = "若干措施\n第一条 本市企业优先参加招标投标。\n第二条 使用 ABC 平台的经营者，给予奖励。\n"


def filed(store: Store, case_id: str = "2026-0001", text: str = TEXT, unit: str = "jtj") -> None:
    with store.work() as work:
        work.put_bundle("b" * 64, b"<definitions/>")
        digest = work.put_content(text.encode())
        finding = Finding("F1", Level.BLOCK, "R", ("R9-3",), "一", "k", 2, 0, 4, "本市企业优先", "偏袒本地", "删去")
        screening = Screening(digest, "pack", (finding,))
        work.save(
            a_case(case_id, unit=unit),
            an_act(f"submit {case_id}", stage_to="self_review"),
            records=[a_version(digest, filename="措施.txt"), screening, opinion()],
            turns=[a_turn()],
            contents=[digest],
        )


def opinion() -> Opinion:
    return Opinion("O1", Gate.JOINT_REVIEW, 1, 1, "第二条", "k", "奖励没有依据", "删去该条", True, False, "li", "sjj",
                   NOON + timedelta(hours=1))  # fmt: skip


def found(path: Path, *words: str, **narrowed: str) -> list[tuple[str, str, list[str]]]:
    rows = search(path, Asked(words, **narrowed))
    return [(row["case_id"], row["kind"], [row["snippet"][a:b] for a, b in row["hits"]]) for row in rows]


def test_words_of_any_length_are_found(database: Database) -> None:
    store = database.new_store()
    filed(store)
    path = store.path
    for word in ("招", "招标", "招标投", "优先参加招标投标。"):
        assert [row for row in found(path, word) if row[1] == "draft"] == [("2026-0001", "draft", [word])]
    assert found(path, "abc") == [("2026-0001", "draft", ["ABC"])]
    assert found(path, "依据") == [("2026-0001", "opinion", ["依据"])]
    assert found(path, "偏袒") == [("2026-0001", "finding", ["偏袒"])]
    assert sorted(row[1] for row in found(path, "奖励")) == ["draft", "opinion"]
    assert found(path, "标招") == found(path, "优先参加投标") == found(path, "%") == found(path, "100%_") == []
    assert found(path, "企业", "投标") == [("2026-0001", "draft", ["企业", "投标"])]
    assert found(path, "企业", "依据") == []


def test_what_narrows_and_the_next_page(database: Database) -> None:
    store = database.new_store()
    filed(store)
    filed(store, "2026-0002", TEXT.replace("奖励", "补贴"), "gxj")
    path = store.path
    assert {row[0] for row in found(path, "招标")} == {"2026-0001", "2026-0002"}
    assert {row[0] for row in found(path, "招标", unit="gxj")} == {"2026-0002"}
    assert found(path, "招标", stage="joint_review") == []
    conclude(store, "2026-0002")
    assert {row[0] for row in found(path, "招标", stage="joint_review")} == {"2026-0002"}
    assert {row[1] for row in found(path, "优先", kind="finding")} == {"finding"}
    whole = search(path, Asked(["优先"]))
    first = search(path, Asked(["优先"]), limit=1)
    assert [*first, *search(path, Asked(["优先"]), after=first[0]["id"])] == whole
    assert len(whole) == 4


@pytest.mark.parametrize("words", [[], [" "], ["长" * 65], ["词"] * 9, ["\0"]])
def test_no_words_or_too_many_are_refused(words: list[str], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="没有要查的词"):
        search(tmp_path, Asked(words))


def test_the_index_is_made_anew_from_the_records(database: Database, tmp_path: Path) -> None:
    store = database.new_store()
    filed(store)
    submit(store, "2026-0002")  # a draft that cannot be read is not in the index, and stops nothing
    before = search(store.path, Asked(["优先"]))
    with database.raw(store.path) as raw:
        raw.execute("DELETE FROM passage")
    assert search(store.path, Asked(["优先"])) == []
    assert verify_store(store.path).size == 2  # nobody vouches for the index
    store.reindex()
    assert search(store.path, Asked(["优先"])) == before
    back_up(store.path, tmp_path / "backup.db")
    assert search(tmp_path / "backup.db", Asked(["优先"])) == before


def test_an_act_that_is_not_saved_is_not_found(database: Database) -> None:
    store = database.new_store()
    filed(store)
    with pytest.raises(RuntimeError), store.work() as work:
        work.save(work.case("2026-0001"), an_act("said", "comment"), records=[replace(opinion(), text="从未说过")])
        raise RuntimeError
    assert found(store.path, "从未说过") == []


def test_without_full_text_search_the_newest_passages_are_looked_through(tmp_path: Path) -> None:
    store = SQLite(tmp_path).new_store()
    filed(store)
    before = search(store.path, Asked(["招标"]))
    with closing(sqlite3.connect(store.path)) as raw:
        raw.execute("DROP TABLE passage_marks")
    assert search(store.path, Asked(["招标"])) == before
    filed(open_store(store.path), "2026-0002")
    assert {row[0] for row in found(store.path, "招标")} == {"2026-0001", "2026-0002"}


@settings(max_examples=60)
@given(
    st.text(alphabet="招标投企业A b，。𠀀", max_size=30),
    st.text(alphabet="招标投企业A b，。𠀀", min_size=1, max_size=4),
)
def test_what_holds_a_word_holds_its_marks(passage: str, word: str) -> None:
    if folded(word) in folded(passage):
        assert set(sought(word)) <= set(marks_of(passage))
        assert re.search(rf"\b{signs_of(word)}\b", signs_of(passage))


def test_a_long_passage_is_cut_so_that_no_word_is_lost() -> None:
    said = "".join(chr(0x4E00 + number % 20000) for number in range(LONGEST * 3))
    parts = list(_cut(said))
    assert {len(part) for part in parts[:-1]} == {LONGEST}
    assert all(any(said[at : at + OVERLAP] in part for part in parts) for at in range(0, len(said) - OVERLAP, 37))
