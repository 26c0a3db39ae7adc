"""Say whether a document gives the same findings in every format: `python bench/formats.py [FILE...]`.

Each text of the corpus is written in every format that can be made here, read again, screened, and its findings are
compared with those of the UTF-8 text, white space aside. Old Word files are tried where LibreOffice is installed.
The writers are also used by the tests.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from html import escape
from io import BytesIO
from itertools import zip_longest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.documents import read_archive, read_bytes, squeezed
from engine.documents.legacy import converter
from engine.errors import DocumentUnreadable
from engine.model import Document, Screening
from engine.screening import screen
from engine.standards import load_standards

CORPUS = Path(__file__).parent / "corpus"
AS_OF = date(2026, 1, 1)
Writer = Callable[[str], bytes]

_DIGITS = "零一二三四五六七八九十"
_AUTOMATIC = {
    "第%1条 ": re.compile(r"第([一二三四五六七八九十]{1,3})条[ \u3000]"),
    "%1、": re.compile(r"([一二三四五六七八九十]{1,3})、"),
    "（%1）": re.compile(r"（([一二三四五六七八九十]{1,3})）"),
    "(%1)": re.compile(r"\(([一二三四五六七八九十]{1,3})\)"),
    "%1.": re.compile(r"(\d{1,2})\.(?!\d)"),
}


def paragraphs(text: str) -> list[str]:
    """The lines of the text without the blank ones."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def packed(parts: dict[str, str | bytes]) -> bytes:
    """A zip file of the named parts."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def word(text: str) -> bytes:
    """A Word file of plain paragraphs."""
    import docx

    document = docx.Document()
    for line in paragraphs(text):
        document.add_paragraph(line)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def numbered_word(text: str) -> bytes:
    """A Word file in which the numbers at the head of paragraphs are Word's own and stand nowhere in the text."""
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    counted: dict[str, tuple[int, int]] = {}
    number = 0
    definitions, uses = [], []
    for order, shown in enumerate(_AUTOMATIC):
        form = "decimal" if shown == "%1." else "chineseCountingThousand"
        definitions.append(
            f'<w:abstractNum {_W} w:abstractNumId="{order}"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
            f'<w:numFmt w:val="{form}"/><w:suff w:val="nothing"/><w:lvlText w:val="{shown}"/></w:lvl></w:abstractNum>'
        )
    for line in paragraphs(text):
        shown, value, words = _automatic(line)
        paragraph = document.add_paragraph(words)
        if not shown:
            continue
        last, used = counted.get(shown, (0, 0))
        if value != last + 1 or not used:
            used = number = number + 1
            uses.append(
                f'<w:num {_W} w:numId="{number}"><w:abstractNumId w:val="{list(_AUTOMATIC).index(shown)}"/>'
                f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{value}"/></w:lvlOverride></w:num>'
            )
        counted[shown] = (value, used)
        properties = paragraph._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {_W}><w:ilvl w:val="0"/><w:numId w:val="{used}"/></w:numPr>'))
    for xml in definitions + uses:
        numbering.append(parse_xml(xml))
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _automatic(line: str) -> tuple[str, int, str]:
    """The form and value of the number a line begins with, and the line without it; no form when it has none."""
    for shown, pattern in _AUTOMATIC.items():
        found = pattern.match(line)
        if found and (value := _value(found[1])):
            return shown, value, line[found.end() :]
    return "", 0, line


def _value(words: str) -> int:
    if words.isdecimal():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    return (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0) + (_DIGITS.index(ones) if ones else 0)


def web_page(text: str) -> bytes:
    """A web page of paragraphs, broken in the source where an editor would break them."""
    body = "\n".join(f"<p>{escape(line)}</p>" for line in paragraphs(text))
    head = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>x</title></head>'
    return f"{head}\n<body>{body}</body></html>".encode()


def nested_page(text: str) -> bytes:
    """A web page in GBK as content systems write it: spans within lines, line breaks for paragraphs, entities."""
    lines = "<br/>".join(
        "&#12288;&#12288;" + "".join(f"<span>{escape(line[at : at + 9])}</span>" for at in range(0, len(line), 9))
        for line in paragraphs(text)
    )
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body><div>{lines}'
    return f"{page}</div></body></html>".encode("gb18030")


def rich_text(text: str) -> bytes:
    """An RTF file with Chinese as code page bytes."""
    lines = (
        "".join(
            chr(byte) if byte < 128 and chr(byte) not in "\\{}" else f"\\'{byte:02x}" for byte in line.encode("gb18030")
        )
        for line in paragraphs(text)
    )
    return _rtf("\\par\r\n".join(lines))


def unicode_rich_text(text: str) -> bytes:
    """An RTF file with Chinese as Unicode escapes, each with a question mark to stand in."""
    lines = (
        "".join(c if c.isascii() and c not in "\\{}" else f"\\u{(ord(c) + 32768) % 65536 - 32768}?" for c in line)
        for line in paragraphs(text)
    )
    return _rtf("\\par\r\n".join(lines))


def _rtf(body: str) -> bytes:
    head = "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fnil\\fcharset134 SimSun;}}\\f0 "
    return (head + body + "\\par}").encode("ascii")


def pdf(text: str, indent: int = 2, columns: int = 28) -> bytes:
    """A PDF of wrapped lines on numbered pages, the first line of each paragraph set in by `indent` characters."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = BytesIO()
    page = Canvas(buffer)
    for number, lines in enumerate(_pages(text, indent, columns), 1):
        page.setFont("STSong-Light", 16)
        for row, (start, words) in enumerate(lines):
            page.drawString(70 + 16 * start, 770 - 28 * row, words)
        page.drawString(290, 30, f"— {number} —")
        page.showPage()
    page.save()
    return buffer.getvalue()


def wrapped(text: str) -> bytes:
    """A text whose lines are broken at the margin, as mail programs and copying from a page leave it."""
    lines = [line for page in _pages(text, 2, 28) for line in page]
    return "\n".join("\u3000" * start + words for start, words in lines).encode()


def layout_file(text: str) -> bytes:
    """An OFD file of wrapped lines."""
    parts: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {_OFD}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    }
    pages = _pages(text, 2, 28)
    places = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    parts["Doc_0/Document.xml"] = f"<ofd:Document {_OFD}><ofd:Pages>{places}</ofd:Pages></ofd:Document>"
    for number, lines in enumerate(pages):
        objects = "".join(
            f'<ofd:TextObject Boundary="{20 + 5 * start} {20 + 9 * row} 150 5" Size="5"><ofd:TextCode X="0" Y="4">'
            f"{escape(words)}</ofd:TextCode></ofd:TextObject>"
            for row, (start, words) in enumerate(lines)
        )
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f"<ofd:Page {_OFD}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return packed(parts)


_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def _pages(text: str, indent: int, columns: int) -> list[list[tuple[int, str]]]:
    """Pages of 26 lines; a line is how far it is set in and its words, and no line begins with a closing mark."""
    lines: list[tuple[int, str]] = []
    for paragraph in paragraphs(text):
        start = indent
        while paragraph:
            width = at = 0
            while at < len(paragraph) and width < 2 * (columns - start):
                width += 1 if paragraph[at].isascii() else 2
                at += 1
            while at < len(paragraph) and paragraph[at] in "，。；：、）”？！》,;:)":
                at += 1
            lines.append((start, paragraph[:at]))
            paragraph, start = paragraph[at:], 0
    return [lines[at : at + 26] for at in range(0, len(lines), 26)]


def workbook(text: str) -> bytes:
    """A workbook of one sheet, one paragraph a row."""
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{escape(line)}</t></is></c></row>'
        for n, line in enumerate(paragraphs(text), 1)
    )
    return packed(
        {
            "xl/workbook.xml": f'<workbook {namespace} xmlns:r="{office}"><sheets>'
            '<sheet name="表1" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f"<worksheet {namespace}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


WRITERS: dict[str, tuple[str, Writer]] = {
    "utf-8 with BOM": (".txt", lambda text: text.encode("utf-8-sig")),
    "gb18030": (".txt", lambda text: text.encode("gb18030")),
    "utf-16": (".txt", lambda text: text.encode("utf-16")),
    "utf-16 big-endian, CRLF": (".txt", lambda text: b"\xfe\xff" + text.replace("\n", "\r\n").encode("utf-16-be")),
    "wrapped lines": (".txt", wrapped),
    "markdown": (".md", lambda text: text.encode()),
    "docx": (".docx", word),
    "docx, automatic numbers": (".docx", numbered_word),
    "html": (".html", web_page),
    "html, GBK, spans and breaks": (".htm", nested_page),
    "rtf, code page": (".rtf", rich_text),
    "rtf, unicode": (".rtf", unicode_rich_text),
    "pdf, indented": (".pdf", pdf),
    "pdf, flush left": (".pdf", lambda text: pdf(text, indent=0)),
    "ofd": (".ofd", layout_file),
    "xlsx": (".xlsx", workbook),
}


def found(document: Document) -> Counter[tuple[str, str, str]]:
    """What the screener says of the squeezed document: level, rule and words without white space."""
    whole, law = squeezed(document), load_standards()
    return said(screen(document, law, AS_OF) if whole is None else whole.restored(screen(whole.document, law, AS_OF)))


def said(screening: Screening) -> Counter[tuple[str, str, str]]:
    """The findings of a screening as level, rule and words without white space."""
    return Counter((one.level.value, one.rule, "".join(one.text.split())) for one in screening.findings)


def old_word(text: str) -> bytes:
    """A Word 97 file, by LibreOffice."""
    program = converter()
    if program is None:
        raise RuntimeError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.docx")
        source.write_bytes(word(text))
        profile = Path(folder, "profile").as_uri()
        command = [program, "--headless", f"-env:UserInstallation={profile}", "--convert-to", "doc"]
        subprocess.run([*command, "--outdir", folder, str(source)], check=True, capture_output=True, timeout=120)
        return source.with_suffix(".doc").read_bytes()


def main(paths: list[Path]) -> int:
    """Print one line a document and format; the number of formats that differ."""
    differing = 0
    for path in paths or [*sorted((CORPUS / "docs_dev").glob("*.txt")), CORPUS / "qingyang_2023_measures.txt"]:
        text = path.read_text(encoding="utf-8")
        whole = read_bytes(text.encode(), path.name)
        expected = found(whole)
        print(f"{path.name}: {expected.total()} findings in UTF-8")
        writers = WRITERS | ({"doc": (".doc", old_word)} if converter() else {})
        files = {name: (path.stem + suffix, write(text)) for name, (suffix, write) in writers.items()}
        read = {name: read_bytes(data, filename) for name, (filename, data) in files.items()}
        read |= {f"zip: {name}": document for name, document in _zipped(files).items()}
        for name, document in read.items():
            got = found(document)
            differing += got != expected
            print(f"  {'same' if got == expected else 'DIFFERS':8}{name}")
            tell_clauses(whole, document)
            for sign, rows in (("-", expected - got), ("+", got - expected)):
                for level, rule, words in rows:
                    print(f"      {sign} {level} {rule} {words}")
    return differing


def tree(document: Document) -> list[tuple[str, str, str]]:
    """The clauses of the document: number, kind and words without white space."""
    return [(clause.number, clause.kind.value, "".join(clause.text.split())) for clause in document.clauses]


def tell_clauses(whole: Document, document: Document) -> None:
    """Print the first clause that reads otherwise: a page set flush left does not show where paragraphs end."""
    for expected, got in zip_longest(tree(whole), tree(document)):
        if expected != got:
            print(f"      clauses differ: {expected}\n                 now: {got}")
            return


def _zipped(files: dict[str, tuple[str, bytes]]) -> dict[str, Document]:
    """The same files read out of one zip file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "全部.zip")
        path.write_bytes(packed({f"{order}/{filename}": data for order, (filename, data) in enumerate(files.values())}))
        documents = list(read_archive(path))
    refused = [str(one) for one in documents if isinstance(one, DocumentUnreadable)]
    if refused:
        raise RuntimeError(refused)
    return dict(zip(files, (one for one in documents if isinstance(one, Document)), strict=True))


if __name__ == "__main__":
    sys.exit(min(main([Path(word) for word in sys.argv[1:]]), 1))
