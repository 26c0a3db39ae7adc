"""Hostile and odd files through the public command: read, or refused by name; never clean when not read."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench.formats import packed, pdf, rich_text, web_page, word, workbook
from engine.documents import read_bytes

DRAFT = "关于办公设备采购的通知\n各单位采购办公设备时应当优先选用本市企业生产的产品。\n各单位应当遵照执行。\n"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PARAGRAPH = f"<w:p><w:r><w:t>{DRAFT}</w:t></w:r></w:p>"
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a0 "ha"><!ENTITY a1 "&a0;&a0;"><!ENTITY a2 "&a1;&a1;">]>'


def word_part(xml: str, encoding: str = "utf-8") -> bytes:
    return packed({"word/document.xml": xml.encode(encoding)})


def body(inner: str, before: str = "") -> str:
    return f"{before}<w:document {W}><w:body>{inner}</w:body></w:document>"


NESTED = packed({"内.zip": packed({"甲.txt": DRAFT})})
REFUSED: dict[str, bytes | Callable[[], bytes]] = {
    "bomb.docx": lambda: packed({"word/document.xml": b" " * 70_000_000}),
    "bomb.zip": lambda: packed({"甲.txt": b"0" * 70_000_000}),
    "nested.zip": NESTED,
    "empty.zip": packed({}),
    "entities.docx": word_part(body("<w:p><w:r><w:t>&a2;</w:t></w:r></w:p>", LAUGHS)),
    "external.docx": word_part(body("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", EXTERNAL)),
    "external-utf-16.docx": word_part(
        '<?xml version="1.0" encoding="utf-16"?>' + body("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", EXTERNAL), "utf-16"
    ),
    "deep.docx": word_part(body("<w:sdt><w:sdtContent>" * 3000 + PARAGRAPH + "</w:sdtContent></w:sdt>" * 3000)),
    "deep.html": ("<html><body>" + "<div>" * 3000 + DRAFT + "</div>" * 3000).encode(),
    "deep.rtf": b"{\\rtf1" + b"{" * 3000 + b"x" + b"}" * 3001,
    "attributes.html": ("<html><body><p " + " ".join(f"a{n}=1" for n in range(9000)) + ">" + DRAFT).encode(),
    "nul.txt": (DRAFT[:10] + "\0" + DRAFT[10:]).encode(),
    "cut.docx": word(DRAFT)[:-300],
    "cut.pdf": pdf(DRAFT)[:600],
    "cut.rtf": rich_text(DRAFT)[:-5],
    "cut.xlsx": workbook(DRAFT)[:400],
    "cut.txt": DRAFT.rstrip().encode()[:-2],
    "cut.html": web_page(DRAFT)[:90] + "甲".encode()[:2],
    "empty.txt": b"",
    "empty.docx": b"",
    "blank.txt": b" \n\n",
    "mark-only.txt": b"\xef\xbb\xbf",
    "invisible-only.txt": "\u200b\u2060\ufeff".encode(),
    "utf-8-then-gb18030.txt": (DRAFT * 3).encode() + DRAFT.encode("gb18030"),
    "gb18030-then-utf-8.txt": DRAFT.encode("gb18030") * 3 + "\n应当优先选用本市企业的产品。".encode(),
    "word.zip": word(DRAFT),
}


@cache
def refused_bytes(name: str) -> bytes:
    made = REFUSED[name]
    return made if isinstance(made, bytes) else made()


READ = {
    "text.pdf": DRAFT.encode(),
    "word.txt": word(DRAFT),
    "pdf.docx": pdf(DRAFT),
    "rtf.html": rich_text(DRAFT),
    "无扩展名": word(DRAFT),
    "tables.docx": word_part(body("<w:tbl><w:tr><w:tc>" * 60 + PARAGRAPH + "</w:tc></w:tr></w:tbl>" * 60)),
    "outside.docx": packed(
        {
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="a" Type="x/officeDocument" Target="../../../../etc/passwd"/></Relationships>',
            "word/document.xml": body(PARAGRAPH),
        }
    ),
    "entity.html": f"{EXTERNAL.replace('x', 'html', 1)}<html><body><p>&a;</p><p>{DRAFT}</p></body></html>".encode(),
}
# Each took minutes, or grew with the square of its length, before it was bounded.
LONG = {
    "spaces.txt": (" " * 400_000 + DRAFT).encode(),
    "rule.md": (" " * 200_000 + "|" + "-" * 200_000 + "x\n" + DRAFT).encode(),
    "no punctuation": ("本办法自印发之日起施行" * 90_000).encode(),
    "dots": ("本·" * 100_000).encode(),
    "zero width": ("本\u200b" * 100_000 + "市").encode(),
    "opening quotes": ("“" * 300_000).encode(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_by_name(
    name: str, tmp_path: Path, shuangshen: Callable[..., Any]
) -> None:
    (tmp_path / name).write_bytes(refused_bytes(name))
    ran = shuangshen("screen", tmp_path / name, "--json")
    assert (ran.code, ran.json["documents"]) == (2, [])
    assert name in ran.err
    assert "root:" not in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_for_what_it_is(name: str, tmp_path: Path, shuangshen: Callable[..., Any]) -> None:
    (tmp_path / name).write_bytes(READ[name])
    ran = shuangshen("screen", tmp_path / name, "--json")
    (read,) = ran.json["documents"]
    assert ["优先选用本市企业" in finding["text"] for finding in read["findings"]] == [True]
    assert "root:" not in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("name", LONG)
def test_long_runs_are_read_whole(name: str) -> None:
    read = read_bytes(LONG[name], name)
    assert sum(len(clause.text) for clause in read.clauses) >= len(read.text.strip()) - read.text.count("\n")


def test_names_in_a_zip_file_neither_escape_nor_steer_the_terminal(
    tmp_path: Path, shuangshen: Callable[..., Any]
) -> None:
    (tmp_path / "全部.zip").write_bytes(packed({"../../escaped.txt": DRAFT, "a\x1b[31m\n\u202eb.txt": DRAFT}))
    ran = shuangshen("screen", tmp_path / "全部.zip", "--json")
    assert len(ran.json["documents"]) == 2
    assert ran.json["documents"][1]["path"].endswith("a\ufffd[31m\ufffd\ufffdb.txt")
    assert [path.name for path in tmp_path.parent.rglob("escaped.txt")] == []


def test_the_command_itself_ends_within_a_gigabyte(tmp_path: Path) -> None:
    for name in ("bomb.docx", "deep.html", "entities.docx"):
        (tmp_path / name).write_bytes(refused_bytes(name))
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        "sys.argv[0] = 'shuangshen'; import cli; cli.main()"
    )
    paths = sorted(tmp_path.iterdir())
    ran = subprocess.run(
        [sys.executable, "-c", code, "screen", *paths, "--json"], capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, len(paths))


def told(data: bytes, name: str) -> str:
    return "".join(read_bytes(data, name).notices)


def test_what_a_word_file_shows_but_is_not_read_is_told() -> None:
    picture = (
        '<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/></w:drawing>'
    )
    inner = PARAGRAPH + picture + '</w:r></w:p><w:p><w:r><w:object/></w:r></w:p><w:altChunk r:id="x" xmlns:r="y"/>'
    header = f"<w:hdr {W}>{PARAGRAPH * 2}</w:hdr>"
    parts = {"word/document.xml": body(inner), "word/header1.xml": header}
    assert told(packed({"word/document.xml": body(PARAGRAPH)}), "甲.docx") == ""
    notices = told(packed(parts), "甲.docx")
    assert [words in notices for words in ("1幅图片", "嵌有2个", "页眉")] == [True, True, True]


def test_what_a_page_frames_is_told() -> None:
    page = f'<html><body><p>{DRAFT}</p><iframe src="a.html"></iframe></body></html>'
    assert told(page.replace('<iframe src="a.html"></iframe>', "").encode(), "甲.html") == ""
    assert "嵌有1个" in told(page.encode(), "甲.html")
