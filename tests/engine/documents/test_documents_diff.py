"""Comparison: renumbering is no change, moves are told from edits, every clause is accounted for."""

from hypothesis import given
from hypothesis import strategies as st

from engine.documents import ChangeKind, align, read_text

ARTICLES = [
    "招标人应当公开招标公告的全部内容",
    "投标保证金可以采用保函等多种形式提交",
    "评标委员会由专家库随机抽取的专家组成",
    "中标人依法自主选择分包单位和供应商",
    "监管部门应当在三十个工作日内处理投诉",
]


def draft(articles: list[str]) -> str:
    return "\n".join(f"{index}.{words}。" for index, words in enumerate(articles, 1))


def changes(old: list[str], new: list[str]) -> list[tuple[str, int | None, int | None]]:
    return [
        (change.kind.value, change.old, change.new) for change in align(read_text(draft(old)), read_text(draft(new)))
    ]


def test_equal_versions_are_the_same_throughout() -> None:
    assert changes(ARTICLES, ARTICLES) == [("same", index, index) for index in range(5)]


def test_an_inserted_article_changes_none_of_the_renumbered_ones() -> None:
    new = [*ARTICLES[:2], "招标代理机构由招标人自行委托", *ARTICLES[2:]]
    assert changes(ARTICLES, new) == [
        ("same", 0, 0),
        ("same", 1, 1),
        ("added", None, 2),
        ("same", 2, 3),
        ("same", 3, 4),
        ("same", 4, 5),
    ]


def test_moved_changed_and_removed_articles_are_told_apart() -> None:
    new = [ARTICLES[3], ARTICLES[0], "投标保证金可以采用保函、支票等多种形式提交", ARTICLES[4]]
    assert changes(ARTICLES, new) == [
        ("moved", 3, 0),
        ("same", 0, 1),
        ("changed", 1, 2),
        ("removed", 2, None),
        ("same", 4, 3),
    ]


def test_unlike_articles_are_removed_and_added() -> None:
    assert changes(["甲乙丙丁戊己"], ["完全另外的一句话"]) == [("removed", 0, None), ("added", None, 0)]


@given(
    st.lists(st.sampled_from(ARTICLES), min_size=1, max_size=8),
    st.lists(st.sampled_from(ARTICLES), min_size=1, max_size=8),
)
def test_every_clause_of_both_versions_appears_once(old: list[str], new: list[str]) -> None:
    found = align(read_text(draft(old)), read_text(draft(new)))
    assert sorted(c.old for c in found if c.old is not None) == list(range(len(old)))
    assert [c.new for c in found if c.new is not None] == list(range(len(new)))
    assert all((c.old is None) == (c.kind is ChangeKind.ADDED) for c in found)
    assert all((c.new is None) == (c.kind is ChangeKind.REMOVED) for c in found)


@given(st.permutations(ARTICLES))
def test_a_reordering_has_only_same_and_moved(new: list[str]) -> None:
    assert {kind for kind, _, _ in changes(ARTICLES, new)} <= {"same", "moved"}
