"""PDF files: text in page order with wrapped lines joined; locked, scanned and broken files are refused."""

import io
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from engine.documents import read_bytes, read_document
from engine.errors import DocumentUnreadable

PAGES = [
    [
        "第一条 为了规范政府投资工程项目招标投标活动,保护",
        "国家利益、社会公共利益和招标投标当事人的合法权益,根据",
        "有关法律法规,结合本市实际,制定本办法。",
        "第二条 招标人应当优先选用本市企业生产的产品和服务,不得",
        "采购外地",
        "- 1 -",
    ],
    [
        "第三条 本办法所称项目,是指使用财政性资金投资建设的房屋",
        "建筑和市政基础设施工程项目。",
        "第四条 本办法自发布之日起施行。",
        "- 2 -",
    ],
]


def canvas(buffer: io.BytesIO, **options: object) -> Canvas:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return Canvas(buffer, pagesize=A4, **options)


def written(pages: list[list[str]], **options: object) -> bytes:
    buffer = io.BytesIO()
    page = canvas(buffer, **options)
    for lines in pages:
        page.setFont("STSong-Light", 14)
        for index, line in enumerate(lines):
            page.drawString(80 + 14 * (len(line) - len(line.lstrip())), 760 - 24 * index, line.strip())
        page.showPage()
    page.save()
    return buffer.getvalue()


def with_image(pages: list[str]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    page = canvas(buffer)
    for words in pages:
        page.setFont("STSong-Light", 14)
        if words:
            page.drawString(80, 760, words)
        else:
            page.drawInlineImage(Image.new("L", (40, 40), 200), 80, 400)
        page.showPage()
    page.save()
    return buffer.getvalue()


def refused(data: bytes) -> DocumentUnreadable:
    with pytest.raises(DocumentUnreadable) as caught:
        read_bytes(data, "草案.pdf")
    assert "草案.pdf" in caught.value.message
    return caught.value


def test_wrapped_lines_are_joined_and_page_numbers_left_out(tmp_path: Path) -> None:
    path = tmp_path / "草案.txt"
    path.write_bytes(written(PAGES))
    document = read_document(path)
    assert document.text.split("\n") == [
        "第一条 为了规范政府投资工程项目招标投标活动,保护国家利益、社会公共利益和招标投标当事人的合法权益,"
        "根据有关法律法规,结合本市实际,制定本办法。",
        "第二条 招标人应当优先选用本市企业生产的产品和服务,不得采购外地",
        "第三条 本办法所称项目,是指使用财政性资金投资建设的房屋建筑和市政基础设施工程项目。",
        "第四条 本办法自发布之日起施行。",
    ]
    assert [clause.number for clause in document.clauses] == ["第一条", "第二条", "第三条", "第四条"]


def test_an_indent_opens_a_paragraph_where_a_full_stop_does_not() -> None:
    lines = [
        "  招标人应当公平对待各类经营者不得限定品牌或者产地等内容。",
        "不得以注册地为条件,不得以本地业绩为条件排斥外地经营者。投标",
        "人可以提交保函。",
        "  投标保证金不得超过项目估算价的百分之二,不得指定银行出具",
        "保函。",
    ]
    document = read_bytes(written([lines]), "草案.pdf")
    assert document.text == "".join(lines[:3]).strip() + "\n" + "".join(lines[3:]).strip()


def test_a_scanned_document_is_refused_with_advice() -> None:
    error = refused(with_image(["", ""]))
    assert "扫描件" in error.message
    assert "OCR" in error.advice


def test_single_scanned_pages_are_reported() -> None:
    words = "招标人应当公平对待各类经营者,不得限定品牌或者产地,不得以注册地为条件。"
    document = read_bytes(with_image([words, "", words]), "草案.pdf")
    assert document.notices == ("第2页只有图像，没有读到文字，未纳入筛查。",)


def test_an_opening_password_is_refused_and_a_printing_restriction_is_not() -> None:
    assert "密码" in refused(written(PAGES, encrypt=StandardEncryption("secret", ownerPassword="o"))).message
    restricted = written(PAGES, encrypt=StandardEncryption("", ownerPassword="o", canPrint=0))
    assert len(read_bytes(restricted, "草案.pdf").clauses) == 4


def test_a_broken_pdf_is_refused() -> None:
    assert "损坏" in refused(b"%PDF-1.7\n" + b"garbage" * 100).message


def test_a_pdf_without_words_or_images_is_refused() -> None:
    assert "没有文字" in refused(written([[]])).message


def test_flush_left_lines_run_on_over_a_full_stop_and_within_brackets() -> None:
    sentence = "招标人应当公平对待各类经营者，不得限定品牌、产地和型号。"
    bracketed = "各单位应当按照职责分工抓好落实，报告（牵头单位：市局办；责任单位：市财政局、各区县）有关情况。"
    ordinary = "投标保证金不得超过项目估算价的百分之二，投标人可以自主选择保函的形式，招标人应当依法接受并及时退还。"
    assert len(sentence) == 28 and bracketed[27] == "；"
    lines = [sentence + ordinary, bracketed, ordinary, ordinary, ordinary]
    cut = [line[at : at + 28] for line in lines for at in range(0, len(line), 28)]
    assert read_bytes(written([cut]), "草案.pdf").text.split("\n") == lines


def table(rows: list[list[str]], style: list[tuple[object, ...]]) -> bytes:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    look = ParagraphStyle("x", fontName="STSong-Light", fontSize=11, leading=16, wordWrap="CJK")
    cells = [[Paragraph(cell, look) for cell in row] for row in rows]
    buffer = io.BytesIO()
    drawn = Table(cells, colWidths=[90, 50, 300], style=TableStyle(style))
    before, after = Paragraph("第一条 评分标准按照下表执行。", look), Paragraph("第二条 本办法自印发之日起施行。", look)
    SimpleDocTemplate(buffer).build([before, drawn, after])
    return buffer.getvalue()


ROWS = [
    ["评分因素", "分值", "评分标准"],
    ["业绩", "10", "近三年在本市承接过类似项目的，每个得2分，最多10分；在外地承接的不计分，以合同签订的日期为准。"],
    ["", "5", "获得本市优质工程奖的，得5分。"],
]


def test_ruled_tables_are_read_row_by_row_and_merged_cells_stand_in_every_row() -> None:
    merged = [
        ("GRID", (0, 0), (-1, -1), 0.7, "black"),
        ("SPAN", (0, 1), (0, 2)),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    document = read_bytes(table(ROWS, merged), "草案.pdf")
    assert document.text.split("\n") == [
        "第一条 评分标准按照下表执行。",
        *(" | ".join([row[0] or "业绩", *row[1:]]) for row in ROWS),
        "第二条 本办法自印发之日起施行。",
    ]
    assert [clause.number for clause in document.clauses] == ["第一条", "表1表头", "表1行1", "表1行2", "第二条"]


def test_tables_drawn_as_boxes_read_the_same_and_without_lines_nothing_is_a_table() -> None:
    boxes = [("BOX", (column, row), (column, row), 0.7, "black") for column in range(3) for row in range(3)]
    lines = read_bytes(table(ROWS, boxes), "草案.pdf").text.split("\n")
    assert lines[1:3] == [" | ".join(row) for row in ROWS[:2]]
    assert "|" not in read_bytes(table(ROWS, []), "草案.pdf").text
    framed = [("BOX", (0, 0), (-1, -1), 0.7, "black")]
    assert "|" not in read_bytes(table(ROWS, framed), "草案.pdf").text


def test_a_page_of_countless_lines_is_read_without_its_drawing() -> None:
    buffer = io.BytesIO()
    page = canvas(buffer)
    page.setFont("STSong-Light", 14)
    page.drawString(80, 760, "招标人应当公平对待各类经营者，不得限定品牌或者产地，不得以注册地为条件。")
    for place in range(3_000):
        page.line(80 + place % 97 * 4.1, 100, 80 + place % 89 * 3.7, 700)
        page.line(80, 100 + place % 83 * 7.3, 500, 100 + place % 83 * 7.3)
    page.showPage()
    page.save()
    assert read_bytes(buffer.getvalue(), "草案.pdf").text.startswith("招标人应当公平对待各类经营者")
