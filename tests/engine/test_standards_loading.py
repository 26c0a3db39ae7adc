"""The loader refuses whatever does not hold together, and says in which file, under which key, and what is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import engine.standards
from engine.errors import StandardsError
from engine.standards import load_standards

PACKAGED = Path(engine.standards.__file__).parent
FILES = ("instruments.toml", "regulation.toml", "measures.toml", "bidding.toml", "procedure.toml")
M9_1 = "[M9-1]\n"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(PACKAGED / name, tmp_path / name)
    assert len(load_standards(tmp_path).items) == 150
    return tmp_path


def rewrite(directory: Path, filename: str, old: str, new: str) -> None:
    path = directory / filename
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(directory: Path) -> str:
    with pytest.raises(StandardsError) as refused:
        load_standards(directory)
    return str(refused.value)


def test_a_copy_of_the_law_is_the_same_law(law: Path) -> None:
    assert load_standards(law) == load_standards()


def test_the_digest_follows_every_byte(law: Path) -> None:
    rewrite(law, "measures.toml", "# severity", "# Severity")
    assert load_standards(law).digest != load_standards().digest
    assert load_standards(law).items == load_standards().items


@pytest.mark.parametrize(
    ("filename", "old", "new", "said"),
    [
        # keys
        ("measures.toml", M9_1, M9_1 + "serverity = 'P'\n", ("measures.toml 的 M9-1", "“serverity”", "severity")),
        ("instruments.toml", "number = ", "nummer = ", ("instruments.toml 的 anti_monopoly_law", "“nummer”", "number")),
        ("procedure.toml", "blocks = 'start'", "block = 'start'", ("procedure.toml 的 P-01", "“block”", "blocks")),
        ("procedure.toml", "article = 13", "artikel = 13", ("procedure.toml 的 P-02.anchors", "“artikel”", "article")),
        ("instruments.toml", "issuer = '国务院'\n", "", ("instruments.toml 的 regulation_783", "“issuer”")),
        ("procedure.toml", "blocks = 'start'\n", "", ("procedure.toml 的 P-01", "“blocks”")),
        ("bidding.toml", "instrument = 'bidding_rules_16'\n", "", ("bidding.toml", "“instrument”", "未登记")),
        # words and types
        ("measures.toml", "severity = 'P'", "severity = 'X'", ("measures.toml 的 M9-1", "“severity”", "P、J、C")),
        (
            "measures.toml",
            "exception_mode = 'limited'",
            "exception_mode = '限'",
            ("M9-1", "“exception_mode”", "allowed"),
        ),
        ("instruments.toml", "rank = 'law'", "rank = 'statute'", ("anti_monopoly_law", "“rank”", "“statute”", "law")),
        ("instruments.toml", "articles = 70", "articles = true", ("anti_monopoly_law", "“articles”", "int")),
        ("measures.toml", "clue_words = [", "clue_words = [1, ", ("measures.toml 的 M9-1", "“clue_words”")),
        ("measures.toml", M9_1, "M9 = 1\n" + M9_1, ("measures.toml 的 M9", "表")),
        # languages
        ("measures.toml", "text = '国家", "text = 'list' # '", ("measures.toml 的 M9-1", "“text”", "中文")),
        ("measures.toml", "text_en = 'A home", "text_en = '自定 home", ("measures.toml 的 M9-1", "“text_en”", "英文")),
        ("instruments.toml", "title_en = 'Anti", "title_en = '反 Anti", ("anti_monopoly_law", "“title_en”", "英文")),
        # citations
        (
            "measures.toml",
            "instrument = 'measures_99'",
            "instrument = 'measures_98'",
            ("measures.toml", "“measures_98”"),
        ),
        (
            "procedure.toml",
            "instrument = 'measures_99', article = 27",
            "instrument = 'm', article = 27",
            ("P-03", "“m”"),
        ),
        ("procedure.toml", "article = 27", "article = 49", ("procedure.toml 的 P-03", "没有第49条", "48")),
        ("procedure.toml", "article = 27", "article = 0", ("procedure.toml 的 P-03", "“article”")),
        ("measures.toml", "[M24]", "[M49]", ("measures.toml 的 M49", "没有第49条")),
        # ids and links
        ("measures.toml", "[M9-2]", "[M9-1]", ("measures.toml", "M9-1")),
        ("measures.toml", "[M9-2]", "[R9-2]", ("measures.toml 的 R9-2", "编号", "M9-3")),
        ("measures.toml", "[M9-2]", "[M9-02]", ("measures.toml 的 M9-02", "编号")),
        ("procedure.toml", "[P-02]", "[P-2]", ("procedure.toml 的 P-2", "编号")),
        ("measures.toml", "parent = 'R8-1'\n", "", ("measures.toml 的 M9-1", "“parent”", "R9-3")),
        ("measures.toml", "parent = 'R8-1'", "parent = 'R8-9'", ("measures.toml 的 M9-1", "“R8-9”")),
        (
            "regulation.toml",
            "severity = 'P'",
            "severity = 'P'\nparent = 'M9-1'",
            ("regulation.toml 的 R8-1", "“parent”"),
        ),
        ("bidding.toml", "related = ['M11-1']", "related = ['M99-1']", ("bidding.toml 的 B5-1", "“M99-1”")),
        ("measures.toml", "parent = 'R8-1'", "parent = 'M9-1'", ("measures.toml 的 M9-1", "成环", "M9-1→M9-1")),
        ("measures.toml", M9_1, M9_1 + "basis_switch = true\n", ("measures.toml 的 M9-1", "“basis_switch”", "第十条")),
        # dates
        (
            "measures.toml",
            M9_1,
            M9_1 + "valid_from = '2025'\n",
            ("measures.toml 的 M9-1", "“valid_from”", "2024-08-01"),
        ),
        (
            "measures.toml",
            M9_1,
            M9_1 + "valid_to = 2025-04-19\n",
            ("measures.toml 的 M9-1", "“valid_to”", "2025-04-20"),
        ),
        (
            "instruments.toml",
            "effective_from = 2022-08-01",
            "effective_from = 2022-06-23",
            ("anti_monopoly_law", "“effective_from”", "公布"),
        ),
        (
            "instruments.toml",
            "articles = 70",
            "repealed_on = 2022-07-31",
            ("anti_monopoly_law", "“repealed_on”", "施行"),
        ),
        ("instruments.toml", "checked_on = 2026-11-23", "checked_on = 2026-11-31", ("instruments.toml", "TOML")),
    ],
)
def test_refusals_name_file_and_key(law: Path, filename: str, old: str, new: str, said: tuple[str, ...]) -> None:
    rewrite(law, filename, old, new)
    message = refusal(law)
    assert [word for word in said if word not in message] == []


def test_a_longer_cycle_is_refused(law: Path) -> None:
    rewrite(law, "measures.toml", "parent = 'R8-1'", "parent = 'M9-2'")
    assert load_standards(law).item("M9-1").parent == "M9-2"
    rewrite(law, "measures.toml", "parent = 'R8-1'", "parent = 'M9-1'")
    assert "M9-1→M9-2→M9-1" in refusal(law)


def test_a_missing_file_is_named(law: Path) -> None:
    (law / "bidding.toml").unlink()
    assert "bidding.toml" in refusal(law)


def test_bytes_that_are_not_utf_8_are_refused(law: Path) -> None:
    path = law / "bidding.toml"
    path.write_bytes("# 招标".encode("gbk") + path.read_bytes())
    assert "bidding.toml" in refusal(law)


def test_a_closed_item_is_kept_and_ends_on_its_last_day(law: Path) -> None:
    from datetime import date

    rewrite(law, "measures.toml", M9_1, M9_1 + "valid_to = 2026-06-30\n")
    standards = load_standards(law)
    assert standards.item("M9-1").valid_to == date(2026, 6, 30)
    assert "M9-1" in standards.in_force(date(2026, 6, 30)).items
    assert "M9-1" not in standards.in_force(date(2026, 7, 1)).items
