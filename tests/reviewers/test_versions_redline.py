"""Two versions side by side: wording is never lost, and what is kept, moved, changed, added or removed is said so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import ChangeKind, align, read_text
from engine.errors import InvalidInput
from engine.model import Document
from reviewers.papers.redline import place, summary
from reviewers.versions import Part, Piece, compare, find_clause, keys_of, named_clause, pieces

WORDING = st.text(alphabet="第一二条补贴本地企业外A1。；，\n 　", max_size=60)
SUBJECTS = ("运输企业", "仓储企业", "配送企业", "冷链企业", "货代企业", "装卸企业", "信息企业", "快递企业")
DUTIES = ("应当公示收费标准", "可以自愿申请补助", "不得强制安装终端", "依法办理登记手续", "每年提交运营报告")


def draft(*provisions: str) -> Document:
    numbers = "一二三四五六七八九十"
    lines = [f"第{numbers[index]}条 {words}" for index, words in enumerate(provisions)]
    return read_text("\n".join(["某市物流业管理办法", *lines]), "草案.txt")


def drafts() -> st.SearchStrategy[Document]:
    provisions = st.builds(lambda a, b: f"{a}{b}。", st.sampled_from(SUBJECTS), st.sampled_from(DUTIES))
    return st.lists(provisions, min_size=1, max_size=8, unique=True).map(lambda chosen: draft(*chosen))


def said(found: tuple[Piece, ...], *parts: Part) -> str:
    return "".join(piece.text for piece in found if piece.part in parts)


@given(WORDING, WORDING)
def test_the_pieces_give_back_both_wordings(old: str, new: str) -> None:
    found = pieces(old, new)
    assert said(found, Part.KEPT, Part.REMOVED) == old
    assert said(found, Part.KEPT, Part.ADDED) == new


@given(WORDING)
def test_equal_wording_is_one_kept_piece(words: str) -> None:
    assert pieces(words, words) == ((Piece(Part.KEPT, words),) if words else ())


def test_numbers_and_articles_change_as_a_whole() -> None:
    assert pieces("第十三条 奖励百分之四十，连续三年。", "第十四条 奖励百分之十五，连续三年。") == (
        Piece(Part.REMOVED, "第十三条"),
        Piece(Part.ADDED, "第十四条"),
        Piece(Part.KEPT, " 奖励百分之"),
        Piece(Part.REMOVED, "四十"),
        Piece(Part.ADDED, "十五"),
        Piece(Part.KEPT, "，连续三年。"),
    )


def test_a_wording_too_long_to_compare_is_replaced_between_its_shared_ends() -> None:
    old, new = "甲" + "乙丙" * 1000 + "丁", "甲" + "丙乙" * 1000 + "丁"
    assert [piece.part for piece in pieces(old, new)] == [Part.KEPT, Part.REMOVED, Part.ADDED, Part.KEPT]


def test_wording_that_repeats_itself_is_compared_as_well() -> None:
    old, new = "甲" + "中国" * 300 + "乙", "丙" + "国中中" * 250 + "丁"
    found = pieces(old, new)
    assert (said(found, Part.KEPT, Part.REMOVED), said(found, Part.KEPT, Part.ADDED)) == (old, new)
    assert len(said(found, Part.KEPT)) > 0


@settings(deadline=None)
@given(drafts(), drafts())
def test_alignment_tells_the_same_of_equal_clauses_in_both_directions(old: Document, new: Document) -> None:
    equal = (ChangeKind.SAME, ChangeKind.MOVED)
    forth, back = align(old, new), align(new, old)
    assert {(c.old, c.new) for c in forth if c.kind in equal} == {(c.new, c.old) for c in back if c.kind in equal}
    assert sorted(c.old for c in forth if c.old is not None) == list(range(len(old.clauses)))
    assert sorted(c.new for c in forth if c.new is not None) == list(range(len(new.clauses)))


@settings(deadline=None)
@given(drafts())
def test_a_version_does_not_differ_from_itself(text: Document) -> None:
    assert [clause for clause in compare(text, text) if clause.is_open] == []


def test_each_clause_is_told_by_what_became_of_it() -> None:
    old = draft("企业应当登记。", "补助标准统一，外地企业不享受。", "收费标准公开。", "本办法自公布之日起施行。")
    new = draft(
        "收费标准公开。", "企业应当登记。", "补助标准统一。", "投诉由主管部门受理。", "本办法自公布之日起施行。"
    )
    told = {place(clause): clause.change for clause in compare(old, new) if clause.is_open}
    assert told == {
        "第一条（原第三条）": ChangeKind.MOVED,
        "第三条（原第二条）": ChangeKind.CHANGED,
        "第四条": ChangeKind.ADDED,
    }
    assert summary(compare(old, new)) == "修改 1 条，新增 1 条，删除 0 条，移动 1 条，未变 3 条。"


def test_a_clause_is_found_by_number_end_of_number_and_line() -> None:
    text = read_text("某办法\n第一章 总则\n第一条 甲。\n第二章 附则\n第二条 乙。\n第三条 丙。", "a.txt")
    by_number = find_clause(text, "第二章第二条")
    assert by_number is not None
    assert by_number.text == "第二条 乙。"
    assert (find_clause(text, "第二条"), find_clause(text, "第5行"), find_clause(text, "第九条")) == (
        by_number,
        by_number,
        None,
    )
    assert keys_of(text, ("第二条", "全文", "第九条")) == (by_number.key, "", "")


def test_a_clause_that_is_not_there_is_refused_with_its_neighbours() -> None:
    text = draft("甲。", "乙。")
    assert named_clause(text, "全文") is None
    with pytest.raises(InvalidInput, match="第九条"):
        named_clause(text, "第九条")
