"""Web pages, RTF, workbooks, OFD, archives and old binary formats."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from engine.documents import read_archive, read_bytes, read_document
from engine.errors import DocumentUnreadable
from engine.model import Document

POLICY = "一、支持企业发展\n(一)优先选用本市企业产品。"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in parts.items():
            files.writestr(name, content)
    return buffer.getvalue()


def refused(data: bytes, filename: str = "草案") -> str:
    with pytest.raises(DocumentUnreadable) as caught:
        read_bytes(data, filename)
    assert caught.value.advice
    return caught.value.message


# ------------------------------------------------------------------ web pages

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>网站</title><style>p{{}}</style></head><body>
<script>var x="脚本";</script><h1>若干措施</h1><p>一、优先选用<b>本市</b>
企业产品。<br>二、其他。</p><p style="display: none">看不见</p><div hidden>也看不见</div>
<ol start="3"><li>甲。</li><li>乙。</li></ol><ul><li>丙。</li></ul>
<table><tr><th>项目</th><th>分值</th></tr><tr><td>本市业绩</td><td><p>5分</p><p>封顶</p></td></tr></table>
<table><tr><td><p>三、版面。</p><p>四、尾款。</p></td></tr></table></body></html>"""


@pytest.mark.parametrize(("charset", "encoding"), [("gb2312", "gb18030"), ("utf-8", "utf-8"), ("big5", "utf-8")])
def test_a_web_page_is_read_as_shown(charset: str, encoding: str) -> None:
    document = read_bytes(PAGE.format(charset=charset).encode(encoding), "公告.txt")
    assert document.text.split("\n") == [
        "若干措施",
        "一、优先选用本市 企业产品。",
        "二、其他。",
        "3. 甲。",
        "4. 乙。",
        "丙。",
        "项目 | 分值",
        "本市业绩 | 5分 封顶",
        "三、版面。",
        "四、尾款。",
    ]
    assert document.notices == ("网页中有2处设为不显示的内容，未读取。",)


def test_a_page_too_deep_to_be_read_whole_is_refused() -> None:
    def page(depth: int) -> bytes:
        return ("<html><body><p>前</p>" + "<div>" * depth + "甲" + "</div>" * depth).encode()

    assert read_bytes(page(100), "深.html").text == "前\n甲"
    assert "嵌套过深" in refused(page(3_000))


def test_an_empty_page_is_refused() -> None:
    assert "没有文字" in refused(b"<html><body><script>1</script></body></html>")


# ------------------------------------------------------------------ RTF


def rtf(body: str, head: str = r"\ansicpg936{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset136 M;}}") -> bytes:
    return ("{\\rtf1\\ansi" + head + body + "}").encode("latin-1")


def escaped(text: str, encoding: str = "gb18030") -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))


def test_rtf_paragraphs_escapes_and_fonts() -> None:
    body = rf"\f0 {escaped('优先选用')}\u26412?\u24066?{escaped('企业')}\par"
    body += rf"{{\f1 {escaped('臺灣', 'big5')}}}\par\uc0\u30002 ok\par"
    assert read_bytes(rtf(body), "草案.doc").text.split("\n") == ["优先选用本市企业", "臺灣", "甲ok", ""]


def test_rtf_tables_hidden_text_and_unread_groups() -> None:
    cells = rf"{escaped('项目')}\cell {escaped('分值')}\cell\row {escaped('本市')}\cell 5\cell\row"
    groups = rf"{{\v {escaped('隐藏')}}}{{\*\unknown {escaped('略')}}}{{\pict 0102}}{{\deleted {escaped('删')}}}"
    body = cells + groups + escaped("尾")
    document = read_bytes(rtf(body), "草案.rtf")
    assert document.text.split("\n") == ["项目 | 分值", "本市 | 5", "隐藏尾"]
    assert document.notices == ("文档中有1处隐藏文字，已一并读取。",)


def test_rtf_characters_beyond_the_basic_plane() -> None:
    assert read_bytes(rtf(r"\uc1\u-10187?\u-8765?x"), "草案.rtf").text == "\U0001d5c3x"


@pytest.mark.parametrize(("data", "words"), [(rtf(escaped("优先"))[:-1], "截断"), (rtf(r"\'ff\'ff"), "字节")])
def test_broken_rtf_is_refused(data: bytes, words: str) -> None:
    assert words in refused(data)


def test_deep_rtf_is_refused() -> None:
    assert "嵌套过深" in refused(rtf("{" * 1000 + "}" * 1000))


# ------------------------------------------------------------------ workbooks

S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(sheet: str, hidden: str = "") -> bytes:
    state = ' state="hidden"' if hidden else ""
    return zipped(
        {
            "xl/workbook.xml": f'<workbook {S} xmlns:r="{R}"><sheets><sheet name="评分表" r:id="r1"/>'
            + (f'<sheet name="备选"{state} r:id="r2"/>' if hidden else "")
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" '
            'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="/xl/worksheets/sheet2.xml"/>'
            "</Relationships>",
            "xl/sharedStrings.xml": f"<sst {S}><si><t>项目</t></si><si><r><t>本市</t></r><r><t>业绩</t></r>"
            "<rPh><t>pin</t></rPh></si></sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData>{sheet}</sheetData></worksheet>",
            "xl/worksheets/sheet2.xml": f"<worksheet {S}><sheetData>{hidden}</sheetData></worksheet>",
        }
    )


SHEET = (
    '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>分值</t></is></c></row>'
    '<row><c r="A2" t="s"><v>1</v></c><c r="B2" t="b"><v>1</v></c><c r="C2"><f>1+4</f><v>5</v></c></row>'
    '<row/><row><c r="B4" t="str"><v>说明:由市局\n解释。</v></c></row>'
)


def test_workbook_rows_are_table_rows() -> None:
    document = read_bytes(workbook(SHEET), "评分.xls")
    assert document.text.split("\n") == ["项目 |  | 分值", "本市业绩 | 是 | 5", "说明:由市局 解释。"]
    assert [clause.number for clause in document.clauses] == ["表1表头", "表1行1", ""]


def test_hidden_sheets_are_read_and_noticed() -> None:
    document = read_bytes(workbook(SHEET, hidden='<row><c r="A1"><v>7</v></c></row>'), "评分.xlsx")
    assert document.text.split("\n")[-2:] == ["备选", "7"]
    assert document.notices == ("工作簿中有1张隐藏工作表（备选），已一并读取。",)


def test_a_workbook_without_its_book_is_refused() -> None:
    assert "缺少工作簿" in refused(zipped({"xl/styles.xml": ""}))


# ------------------------------------------------------------------ OFD

OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd(content: str, root: str = "Doc_0/Document.xml", location: str = "Pages/Page_0/Content.xml") -> bytes:
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocRoot>{root}</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f'<ofd:Document {OFD}><ofd:Pages><ofd:Page BaseLoc="{location}"/></ofd:Pages>'
            "</ofd:Document>",
            "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {OFD}><ofd:Content><ofd:Layer>{content}</ofd:Layer>"
            "</ofd:Content></ofd:Page>",
        }
    )


def placed(words: str, top: float) -> str:
    code = f'<ofd:TextCode X="0" Y="4">{words}</ofd:TextCode>'
    return f'<ofd:TextObject Boundary="20 {top} 100 5" Size="5">{code}</ofd:TextObject>'


def test_ofd_text_objects_become_lines() -> None:
    content = placed("一、优先", 20) + placed("选用本市企业。", 20.3) + placed("二、其他。", 30)
    assert read_bytes(ofd(content), "草案.ofd").text == "一、优先选用本市企业。\n二、其他。"
    assert read_bytes(ofd(content, root="/Doc_0/Document.xml"), "草案.ofd").text.startswith("一、优先")


def test_a_scanned_ofd_is_refused() -> None:
    assert "扫描件" in refused(ofd('<ofd:ImageObject ResourceID="1"/>'))


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "Doc_0/Missing.xml"])
def test_ofd_paths_stay_in_the_package(path: str) -> None:
    assert refused(ofd(placed("甲", 1), root=path))
    assert refused(ofd(placed("甲", 1), location=path))


# ------------------------------------------------------------------ archives


def test_an_archive_gives_documents_and_refusals_in_order(tmp_path: Path) -> None:
    path = tmp_path / "材料.zip"
    path.write_bytes(
        zipped(
            {
                "草案.txt": POLICY,
                "附件/": "",
                "附件/空.txt": "",
                "__MACOSX/x": "x",
                ".DS_Store": "x",
                "内.zip": zipped({"a": "b"}),
            }
        )
    )
    first, empty, nested = read_archive(path)
    assert isinstance(first, Document)
    assert (first.filename, first.text) == ("材料.zip/草案.txt", POLICY)
    assert [str(refusal).partition("”")[0] for refusal in (empty, nested)] == [
        "文件“材料.zip/附件/空.txt",
        "文件“材料.zip/内.zip",
    ]
    assert isinstance(empty, DocumentUnreadable) and isinstance(nested, DocumentUnreadable)


def test_names_written_on_chinese_windows_are_read(tmp_path: Path) -> None:
    name = "草案甲.txt"
    raw = zipped({"X" * len(name.encode("gb18030")): POLICY}).replace(
        b"X" * len(name.encode("gb18030")), name.encode("gb18030")
    )
    path = tmp_path / "材料.zip"
    path.write_bytes(raw)
    [document] = read_archive(path)
    assert isinstance(document, Document)
    assert document.filename == f"材料.zip/{name}"


def test_what_is_no_archive_and_too_many_files_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "材料.zip"
    path.write_text(POLICY)
    with pytest.raises(DocumentUnreadable, match="不是装有文档的压缩包"):
        read_archive(path)
    path.write_bytes(zipped({f"{index}.txt": "甲" for index in range(501)}))
    with pytest.raises(DocumentUnreadable, match="501个文件"):
        read_archive(path)


# ------------------------------------------------------------------ old binary formats

DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "WordDocument".encode("utf-16-le")


def install(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "soffice"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_old_formats_are_refused_with_advice_without_a_converter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "草案.doc"
    path.write_bytes(DOC)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentUnreadable, match=r"没有安装LibreOffice.*另存为\.docx"):
        read_document(path)


def test_old_formats_are_converted_where_a_converter_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>一、甲。</w:t></w:r></w:p></w:body></w:document>'
    (tmp_path / "made.docx").write_bytes(zipped({"word/document.xml": body}))
    install(tmp_path, f'for last; do :; done; cp "{tmp_path}/made.docx" "$(dirname "$last")/source.docx"', monkeypatch)
    document = read_bytes(DOC, "草案.wps")
    assert (document.text, document.filename) == ("一、甲。", "草案.wps")
    assert document.notices == ("文档由旧版格式转换而来，自动编号和修订请对照原件核对。",)


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_a_failed_conversion_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    install(tmp_path, script, monkeypatch)
    assert "转换失败" in refused(DOC, "草案.doc")
