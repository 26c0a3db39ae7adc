"""Broken files: whatever happens to the bytes, a Document or a refusal comes out, never another error."""

import io
import zipfile

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from engine.documents import read_bytes
from engine.errors import DocumentUnreadable


def word_file() -> bytes:
    document = docx.Document()
    for words in ("第一条 公平对待各类经营者。", "第二条 不得限定品牌。"):
        document.add_paragraph(words, style="List Number")
    document.add_table(rows=2, cols=2).cell(0, 0).text = "项目"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word_parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(word_file())) as files:
        return {name: files.read(name) for name in files.namelist()}


def pdf_file() -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    page = Canvas(buffer, pageCompression=0)
    page.setFont("STSong-Light", 12)
    page.drawString(50, 700, "第一条 公平对待各类经营者。")
    page.save()
    return buffer.getvalue()


RTF = b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 S;}}\\f0 \\'d3\\'c5\\'cf\\'c8\\u26412?\\par\\cell\\row}"
HTML = "<html><body><p>一、优先。</p><table><tr><td>甲<td>乙</table></body></html>".encode()
SEEDS = {"docx": word_file(), "pdf": pdf_file(), "rtf": RTF, "html": HTML}
PARTS = word_parts()
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["set", "cut", "drop", "double"]),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def mutated(data: bytes, edits: list[tuple[float, str, bytes]]) -> bytes:
    for place, kind, content in edits:
        at = int(place * len(data))
        if kind == "set":
            data = data[:at] + content + data[at + len(content) :]
        elif kind == "cut":
            data = data[:at]
        elif kind == "drop":
            data = data[:at] + data[at + 40 :]
        else:
            data = data[:at] + data[at : at + 200] * 2 + data[at + 200 :]
    return data


def read_or_refuse(data: bytes) -> None:
    try:
        document = read_bytes(data, "草案")
    except DocumentUnreadable as refusal:
        assert "草案" in refusal.message
        assert refusal.advice
    else:
        assert document.clauses


@pytest.mark.parametrize("seed", SEEDS)
def test_the_files_to_be_broken_are_sound(seed: str) -> None:
    assert read_bytes(SEEDS[seed], seed).clauses


@pytest.mark.parametrize("seed", SEEDS)
@given(edits=EDITS)
@FUZZ
def test_a_broken_file_is_read_or_refused(seed: str, edits: list[tuple[float, str, bytes]]) -> None:
    read_or_refuse(mutated(SEEDS[seed], edits))


@given(part=st.sampled_from(["word/document.xml", "word/numbering.xml", "word/styles.xml"]), edits=EDITS)
@FUZZ
def test_a_broken_part_in_a_sound_package_is_read_or_refused(part: str, edits: list[tuple[float, str, bytes]]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as files:
        for name, content in (PARTS | {part: mutated(PARTS[part], edits)}).items():
            files.writestr(name, content)
    read_or_refuse(buffer.getvalue())


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.7", b"{\\rtf", b"<html>", b"\xff\xfe", b"BM"]),
)
@FUZZ
def test_any_bytes_are_read_or_refused(data: bytes, head: bytes) -> None:
    read_or_refuse(head + data)
