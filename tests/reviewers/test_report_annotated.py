"""The annotated Word file: a Word program can open it, the text is untouched, each comment stands at its words."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting_cases import finding, screened

from engine.documents import read_bytes
from engine.errors import DocumentUnreadable
from engine.model import Document, Level, Screening
from engine.standards import load_standards
from reviewers.reports import Screened
from reviewers.reports.annotated import as_docx


def word_file(*paragraphs: tuple[str, ...]) -> bytes:
    """A Word file with these runs, every second one bold."""
    made = docx.Document()
    for runs in paragraphs:
        paragraph = made.add_paragraph()
        for number, words in enumerate(runs):
            paragraph.add_run(words).bold = bool(number % 2)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_findings(data: bytes, *words: str) -> Screened:
    document = read_bytes(data, "办法.docx")
    found = tuple(finding(document, each, Level.BLOCK, n, ("M15-2",)) for n, each in enumerate(words, 1))
    return Screened("办法.docx", document, Screening(document.text_sha256, "pack-1", found))


def commented(data: bytes) -> list[str]:
    """The words each comment stands at, in the order of the comments, as an independent reader walks the file."""
    body = docx.Document(io.BytesIO(data)).element.body
    inside: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for element in body.iter():
        number = element.get(qn("w:id"))
        if element.tag == qn("w:commentRangeStart"):
            inside[number] = []
        elif element.tag == qn("w:commentRangeEnd"):
            words[number] = "".join(inside.pop(number))
        elif element.tag == qn("w:t"):
            for open_words in inside.values():
                open_words.append(element.text or "")
    assert inside == {}
    return [words[number] for number in sorted(words, key=int)]


def test_comments_stand_at_their_words_though_runs_are_cut_anywhere() -> None:
    data = word_file(("云岭市办法",), ("第一条 同等条件下优", "先选用本市", "企业的车辆。"), ("第二条 其他。",))
    one = with_findings(data, "优先选用本市企业", "其他")
    made = as_docx(one, data, load_standards())
    assert commented(made) == ["优先选用本市企业", "其他"]
    assert read_bytes(made, "办法.docx").text == one.document.text


def test_the_look_of_divided_runs_stays() -> None:
    data = word_file(("同等条件下优先", "选用本市企业", "的车辆。"))
    made = as_docx(with_findings(data, "优先选用本市"), data, load_standards())
    (paragraph,) = docx.Document(io.BytesIO(made)).paragraphs
    assert [(run.text, run.bold) for run in paragraph.runs if run.text] == [
        ("同等条件下", False),
        ("优先", False),
        ("选用本市", True),
        ("企业", True),
        ("的车辆。", False),
    ]


def test_a_comment_says_level_provision_reason_and_advice() -> None:
    data = word_file(("优先选用本市企业。",))
    made = docx.Document(io.BytesIO(as_docx(with_findings(data, "优先选用"), data, load_standards())))
    (comment,) = made.comments
    assert comment.author == "双审机器筛查"
    assert comment.text.split("\n") == [
        "【须处理】F-00000001",
        f"依据：{load_standards().citation('M15-2')}",
        "原因：=理由<script>",
        "建议：建议&改正",
    ]


def test_comments_already_in_the_file_stay_and_keep_their_numbers() -> None:
    made = docx.Document()
    paragraph = made.add_paragraph()
    run = paragraph.add_run("优先选用本市企业。")
    made.add_comment(run, text="请核实", author="王某")
    out = io.BytesIO()
    made.save(out)
    data = as_docx(with_findings(out.getvalue(), "本市"), out.getvalue(), load_standards())
    comments = list(docx.Document(io.BytesIO(data)).comments)
    assert [(one.comment_id, one.author) for one in comments] == [(0, "王某"), (1, "双审机器筛查")]
    assert commented(data) == ["优先选用本市企业。", "本市"]


def test_table_cells_carry_comments() -> None:
    made = docx.Document()
    table = made.add_table(rows=2, cols=2)
    for cell, words in zip(
        (c for row in table.rows for c in row.cells), ("评分项", "分值", "本市业绩", "5分"), strict=True
    ):
        cell.text = words
    out = io.BytesIO()
    made.save(out)
    data = as_docx(with_findings(out.getvalue(), "本市业绩 | 5分"), out.getvalue(), load_standards())
    assert commented(data) == ["本市业绩5分"]


def test_words_that_are_not_in_the_runs_put_the_comment_on_the_nearest_paragraph() -> None:
    data = word_file(("第一条 甲。",), ("第二条 乙。",))
    one = with_findings(data, "第二条 乙")
    text = one.document.text
    lost = replace(one.screening.findings[0], start=text.index("\n"), end=text.index("\n") + 1, text="\n")
    told = replace(one, screening=replace(one.screening, findings=(lost,)))
    assert commented(as_docx(told, data, load_standards())) == ["第一条 甲。"]


def test_any_other_file_becomes_a_new_document_with_its_text() -> None:
    one = screened()
    made = as_docx(one, b"no word file", load_standards())
    assert [p.text for p in docx.Document(io.BytesIO(made)).paragraphs] == one.document.text.split("\n")
    assert commented(made) == [f.text.replace("\n", "") for f in one.screening.findings]


def test_equal_input_gives_equal_bytes() -> None:
    data = word_file(("优先选用本市企业。",))
    one = with_findings(data, "本市")
    assert as_docx(one, data, load_standards()) == as_docx(one, data, load_standards())


def test_all_other_parts_of_the_package_are_copied_as_they_were(tmp_path: Path) -> None:
    data = word_file(("优先选用本市企业。",))
    made = as_docx(with_findings(data, "本市"), data, load_standards())
    before, after = zipfile.ZipFile(io.BytesIO(data)), zipfile.ZipFile(io.BytesIO(made))
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"[Content_Types].xml", "word/document.xml", "word/_rels/document.xml.rels"}
    assert set(after.namelist()) - set(before.namelist()) == {"word/comments.xml"}


def test_a_damaged_package_is_refused() -> None:
    with pytest.raises(DocumentUnreadable, match="已损坏"):
        as_docx(screened(), b"PK\x03\x04 broken", load_standards())


WORDS = st.text(st.sampled_from("优先选用本市企业。甲乙 "), min_size=1, max_size=8).filter(str.strip)


@settings(max_examples=30)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=4), st.data())
def test_text_is_never_lost_wherever_the_findings_stand(paragraphs: list[list[str]], data: st.DataObject) -> None:
    original = word_file(*map(tuple, paragraphs))
    document: Document = read_bytes(original, "办法.docx")
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    model = finding(document, document.text.strip()[0], Level.BLOCK, 1, ("M15-2",))
    found = replace(model, start=start, end=end, text=document.text[start:end])
    one = Screened("办法.docx", document, Screening(document.text_sha256, "pack-1", (found,)))
    made = as_docx(one, original, load_standards())
    assert read_bytes(made, "办法.docx").text == document.text
    expected = document.text[start:end].replace("\n", "")
    assert commented(made)[0] == expected or not expected.strip()
