"""Word documents: numbers as shown, changes accepted, nothing lost, nothing read twice, hostile files refused."""

import io
import zipfile

import docx
import pytest

from engine.documents import read_bytes, table_header
from engine.documents.docx_numbering import written
from engine.errors import DocumentUnreadable

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
NUMBERING = """
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:pStyle w:val="article"/>
  <w:lvlText w:val="第%1条"/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>
  <w:lvlText w:val="（%2）"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%3"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
 <w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimalEnclosedCircleChinese"/><w:lvlText w:val="%1"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="2">
 <w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0b7"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="0"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>
</w:num>
"""
STYLES = """
<w:style w:styleId="article"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="derived"><w:basedOn w:val="article"/></w:style>
"""


def package(body: str, **parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")
        files.writestr("word/numbering.xml", f"<w:numbering {NAMESPACES}>{NUMBERING}</w:numbering>")
        files.writestr("word/styles.xml", f"<w:styles {NAMESPACES}>{STYLES}</w:styles>")
        for name, content in parts.items():
            files.writestr(f"word/{name}.xml", f"<w:{name} {NAMESPACES}>{content}</w:{name}>")
    return buffer.getvalue()


def run(words: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{words}</w:t></w:r>"


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content if content.startswith('<') else run(content)}</w:p>"


def listed(words: str, number: int, level: int = 0) -> str:
    return paragraph(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def lines(body: str, **parts: str) -> list[str]:
    return read_bytes(package(body, **parts), "草案.docx").text.split("\n")


def test_a_document_written_by_python_docx_is_read_in_order() -> None:
    document = docx.Document()
    document.add_paragraph("一、评分标准")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(
        [c for row in table.rows for c in row.cells], ["项目", "分值", "本市业绩", "5分"], strict=True
    ):
        cell.text = words
    document.add_paragraph("二、其他")
    buffer = io.BytesIO()
    document.save(buffer)
    read = read_bytes(buffer.getvalue(), "草案.docx")
    assert read.text == "一、评分标准\n项目 | 分值\n本市业绩 | 5分\n二、其他"
    assert table_header(read, read.clauses[2]) == "项目 | 分值"
    assert read.notices == ()


def test_automatic_numbers_are_rendered_as_shown() -> None:
    body = (
        listed("总则。", 1) + listed("甲;", 1, 1) + listed("乙。", 1, 1) + listed("子项。", 1, 2) + listed("附则。", 1)
    )
    body += listed("丙;", 1, 1) + listed("圆圈。", 2) + listed("圆圈。", 2) + listed("圆点。", 3) + listed("重排。", 4)
    assert lines(body) == [
        "第一条 总则。",
        "（一）甲;",
        "（二）乙。",
        "1.1 子项。",
        "第二条 附则。",
        "（一）丙;",
        "③ 圆圈。",
        "④ 圆圈。",
        "圆点。",
        "第一条 重排。",
    ]


def test_numbers_that_sit_in_a_style_or_the_style_below_it() -> None:
    body = paragraph("甲。", '<w:pStyle w:val="article"/>') + paragraph("乙。", '<w:pStyle w:val="derived"/>')
    body += paragraph("丙。", '<w:pStyle w:val="article"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    assert lines(body) == ["第一条 甲。", "第二条 乙。", "丙。"]


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("decimal", "12"),
        ("chineseCounting", "十二"),
        ("chineseCountingThousand", "十二"),
        ("ideographDigital", "一二"),
        ("chineseLegalSimplified", "壹拾贰"),
        ("decimalEnclosedCircle", "⑫"),
        ("decimalEnclosedParen", "⑿"),
        ("decimalEnclosedFullstop", "⒓"),
        ("decimalFullWidth", "１２"),
        ("upperLetter", "L"),
        ("lowerRoman", "xii"),
        ("ideographZodiac", "亥"),
        ("unknown", "12"),
    ],
)
def test_number_formats(form: str, shown: str) -> None:
    assert written(12, form) == shown


def test_tracked_changes_are_read_as_accepted() -> None:
    body = paragraph(
        run("优先选用")
        + f"<w:ins>{run('全国')}</w:ins><w:del><w:r><w:delText>本市</w:delText></w:r></w:del>"
        + f"<w:moveTo>{run('企业')}</w:moveTo><w:moveFrom>{run('旧处')}</w:moveFrom>"
    )
    read = read_bytes(package(body), "草案.docx")
    assert read.text == "优先选用全国企业"
    assert read.notices == ("文档带有未接受的修订（插入1处、删除1处、移动1处），按接受全部修订后的文本读取。",)


def test_a_deleted_paragraph_mark_joins_and_a_deleted_paragraph_has_no_number() -> None:
    deleted_mark = "<w:rPr><w:del/></w:rPr>"
    body = paragraph("前半", deleted_mark) + paragraph("后半。")
    body += listed("<w:del><w:r><w:delText>甲</w:delText></w:r></w:del>", 1).replace(
        "</w:numPr>", "</w:numPr>" + deleted_mark
    )
    body += listed("乙。", 1)
    assert lines(body) == ["前半后半。", "第一条 乙。"]


def test_hidden_and_white_text_is_read_and_noticed() -> None:
    body = paragraph(
        run("公平竞争。") + run("本地优先", "<w:vanish/>") + run("指定甲公司", '<w:color w:val="FFFFFF"/>')
    )
    read = read_bytes(package(body), "草案.docx")
    assert read.text == "公平竞争。本地优先指定甲公司"
    assert [notice[:13] for notice in read.notices] == ["文档中有1处隐藏文字，已一", "文档中有1处白色或极小字号"]


def test_white_text_on_a_dark_ground_is_not_noticed() -> None:
    body = paragraph(run("标题", '<w:color w:val="FFFFFF"/><w:shd w:fill="000000"/>'))
    assert read_bytes(package(body), "草案.docx").notices == ()


def test_footnotes_stand_after_their_paragraph_and_comments_are_noticed() -> None:
    body = paragraph(run("优先选用名录内企业") + '<w:r><w:footnoteReference w:id="2"/></w:r>') + paragraph("其他。")
    notes = f'<w:footnote w:id="2">{paragraph("名录由市局确定。")}</w:footnote>'
    comment = f'<w:comment w:id="1">{paragraph("请核")}</w:comment>'
    read = read_bytes(package(body, footnotes=notes, comments=comment), "草案.docx")
    assert read.text.split("\n") == ["优先选用名录内企业", "[脚注]名录由市局确定。", "其他。"]
    assert read.notices == ("文档中有1条批注，批注内容未读入正文。",)


def test_a_text_box_is_read_once() -> None:
    inner = f"<w:txbxContent>{paragraph('框内条款。')}</w:txbxContent>"
    box = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inner}</wps:txbx></w:drawing>'
        "</mc:Choice>"
        f"<mc:Fallback><w:pict>{inner}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert lines(paragraph(run("正文。") + box)) == ["正文。", "框内条款。"]


def test_content_controls_links_fields_formulas_and_breaks_are_read() -> None:
    body = f"<w:sdt><w:sdtContent>{paragraph('控件。')}</w:sdtContent></w:sdt>"
    body += paragraph(
        f"<w:hyperlink>{run('链接')}</w:hyperlink><w:sdt><w:sdtContent>{run('内控')}</w:sdtContent></w:sdt>"
        '<w:r><w:instrText>PAGE</w:instrText></w:r><w:fldSimple w:instr="DATE"><w:r><w:t>域</w:t></w:r></w:fldSimple>'
        "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath><w:r><w:br/></w:r>" + run("第二行")
    )
    assert lines(body) == ["控件。", "链接内控域x=1", "第二行"]


def cell(content: str) -> str:
    return f"<w:tc>{content}</w:tc>"


def test_nested_tables_stay_in_their_cell_and_layout_tables_are_paragraphs() -> None:
    nested = f"<w:tbl><w:tr>{cell(paragraph('甲'))}{cell(paragraph('乙'))}</w:tr></w:tbl>"
    deleted = f"<w:tr><w:trPr><w:del/></w:trPr>{cell(paragraph('删'))}{cell(paragraph('行'))}</w:tr>"
    two_lines = cell(paragraph("一段") + paragraph("二段"))
    table = f"<w:tbl><w:tr>{cell(paragraph('名称') + nested)}{two_lines}</w:tr>{deleted}</w:tbl>"
    layout = f"<w:tbl><w:tr>{cell(paragraph('一、甲。') + paragraph('二、乙。'))}</w:tr></w:tbl>"
    assert lines(table + layout) == ["名称 甲 / 乙 | 一段 二段", "一、甲。", "二、乙。"]


# ------------------------------------------------------------------ hostile and broken files


def refused(data: bytes) -> str:
    with pytest.raises(DocumentUnreadable) as caught:
        read_bytes(data, "草案.docx")
    assert "草案.docx" in caught.value.message
    assert caught.value.advice
    return caught.value.message


def raw(document: bytes | str, **options: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("word/document.xml", document)
    return buffer.getvalue()


def test_the_plain_package_these_tests_break_is_readable() -> None:
    assert (
        read_bytes(raw(f"<w:document {NAMESPACES}><w:body>{paragraph('甲。')}</w:body></w:document>"), "甲").text
        == "甲。"
    )


def test_a_truncated_package_is_refused() -> None:
    assert "损坏" in refused(package(paragraph("甲。"))[:-40])


def test_a_package_without_a_body_is_refused() -> None:
    assert "没有正文" in refused(raw(f"<w:document {NAMESPACES}/>"))


def test_broken_xml_is_refused() -> None:
    assert "不是完整的XML" in refused(raw("<w:document"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    body = "<w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body>"
    text = f'<!DOCTYPE w [<!ENTITY a "b">]><w:document xmlns:w="{W}">{body}</w:document>'
    assert "外部实体" in refused(raw(text.encode(encoding)))


def test_deep_nesting_is_refused() -> None:
    body = "<w:sdt><w:sdtContent>" * 3000 + "</w:sdtContent></w:sdt>" * 3000
    assert "嵌套过深" in refused(raw(f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"))


def test_a_part_that_unpacks_without_end_is_refused() -> None:
    assert "解压后过大" in refused(raw(b" " * (65 * 1024 * 1024)))
    assert "解压后过大" in refused(raw(b"<a>" + b" " * (20 * 1024 * 1024)))


def test_too_many_entries_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as files:
        for index in range(5_001):
            files.writestr(f"word/{index}", "")
    assert "5001个条目" in refused(buffer.getvalue())


def test_a_password_on_the_package_is_refused() -> None:
    data = bytearray(package(paragraph("甲。")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    assert "密码" in refused(bytes(data))


def test_an_understated_size_is_refused() -> None:
    data = bytearray(raw(f"<w:document {NAMESPACES}><w:body>{paragraph('甲' * 2000)}</w:body></w:document>"))
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert "损坏" in refused(bytes(data))
