"""Reading text files: every encoding gives the same text, and what cannot be read is refused in Chinese with advice."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import read_bytes, read_document, read_text
from engine.errors import DocumentUnreadable

POLICY = (
    "一、支持市场主体发展\n(一)同等条件下优先选用本市企业生产的产品。\n(二)镕基路、喆星公司等单位不得采购外地产品。\n"
)


def refusal(data: bytes, filename: str = "草案.txt") -> DocumentUnreadable:
    with pytest.raises(DocumentUnreadable) as caught:
        read_bytes(data, filename)
    assert filename in caught.value.message
    assert caught.value.advice.startswith("请")
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "草案.txt"
    path.write_bytes(POLICY.encode(encoding))
    document = read_document(path)
    assert document.text == POLICY
    assert document.filename == "草案.txt"
    assert [clause.number for clause in document.clauses] == ["一", "一(一)", "一(二)"]


def test_big5_is_told_from_gb18030_and_noticed_as_traditional() -> None:
    text = (
        "一、支持產業發展。各縣區政府應當優先選購本市企業生產的產品,不得限制外地經營者進入市場,並對違規單位予以處理。\n"
        * 3
    )
    document = read_bytes(text.encode("big5"), "草案.txt")
    assert document.text == text
    assert [notice for notice in document.notices if "繁体" in notice] == list(document.notices)


@given(st.lists(st.sampled_from([*POLICY.split("\n"), "第一条 为了规范采购活动,制定本办法。"]), min_size=3, max_size=8))
def test_gb18030_and_utf8_agree(lines: list[str]) -> None:
    text = POLICY + "\n".join(lines)
    assert read_bytes(text.encode("gb18030"), "甲").text == read_bytes(text.encode(), "甲").text == text


def test_line_ends_become_line_feeds() -> None:
    assert (
        read_bytes("一、甲。\r\n二、乙。\r三、丙。\u2028四、丁。".encode(), "甲").text
        == "一、甲。\n二、乙。\n三、丙。\n四、丁。"
    )


def test_the_extension_is_not_trusted() -> None:
    assert read_bytes(POLICY.encode(), "草案.docx").text == POLICY


def test_digests_are_of_the_file_and_of_the_text() -> None:
    with_mark, without = read_bytes(POLICY.encode("utf-8-sig"), "甲"), read_bytes(POLICY.encode(), "甲")
    assert with_mark.sha256 != without.sha256
    assert with_mark.text_sha256 == without.text_sha256 == read_text(POLICY).text_sha256


def test_markdown_marks_are_dropped_and_tables_stay_tables() -> None:
    text = (
        "# 若干措施\n\n## 一、支持创新\n\n- (一)**优先**采购[本地](http://a.b)产品。\n\n"
        "| 项目 | 分值 |\n|---|:--:|\n| 本地业绩 | 5分 |\n> 二、其他\n---\n"
    )
    document = read_bytes(text.encode(), "草案.txt")
    assert [(clause.number, clause.text) for clause in document.clauses] == [
        ("", "若干措施"),
        ("一", "一、支持创新"),
        ("一(一)", "(一)优先采购本地产品。"),
        ("表1表头", "项目 | 分值"),
        ("表1行1", "本地业绩 | 5分"),
        ("二", "二、其他"),
    ]


# ------------------------------------------------------------------ refusals


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentUnreadable, match="找不到文件"):
        read_document(tmp_path / "没有.docx")
    with pytest.raises(DocumentUnreadable, match="文件夹"):
        read_document(tmp_path)
    huge = tmp_path / "大.txt"
    with huge.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(DocumentUnreadable, match="300MB，超过上限50MB"):
        read_document(huge)


def test_a_pipe_is_refused_instead_of_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道")
    with pytest.raises(DocumentUnreadable, match="不是普通文件"):
        read_document(tmp_path / "管道")


def test_a_name_the_system_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentUnreadable, match="无法读取文件"):
        read_document(tmp_path / ("长" * 400))
    with pytest.raises(DocumentUnreadable, match="无法读取文件"):
        read_document(Path("空\0字符"))


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\0\0\0", "\ufeff".encode(), "\u3000\u200b\n".encode()])
def test_a_file_without_words_is_refused(data: bytes) -> None:
    assert refusal(data)


def test_a_blank_text_is_refused() -> None:
    with pytest.raises(DocumentUnreadable, match="没有文字"):
        read_text(" \n", "第3行")


@pytest.mark.parametrize("text", ["国" * 5_000_001, "国\n" * 200_001])
def test_a_text_without_end_is_refused(text: str) -> None:
    with pytest.raises(DocumentUnreadable, match="超过500万字或20万行"):
        read_text(text)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(DocumentUnreadable, match="残缺"):
        read_text("优先\ud800采购", "第3行")


def test_binary_content_is_refused() -> None:
    assert "二进制" in refusal(b"\x01\x02\0\x03" * 50).message


def test_a_truncated_text_is_refused() -> None:
    assert "截断" in refusal(POLICY.encode()[:-3]).message


def test_mixed_encodings_are_refused_with_the_line() -> None:
    message = refusal(POLICY.encode() + "第三行另一种编码的文字".encode("gb18030") + "\n尾部".encode()).message
    assert "第4行" in message


def test_bytes_of_no_encoding_are_refused() -> None:
    assert "编码" in refusal(b"\xff\x81\xfe\x00abc".replace(b"\0", b"\xff") * 20).message


def test_text_of_another_language_in_an_old_code_page_is_refused() -> None:
    assert "不像中文文本" in refusal("한국어로 작성한 문서는 읽을 수 없습니다. ".encode("euc-kr") * 5).message


def test_a_broken_byte_behind_a_mark_is_refused() -> None:
    assert "开头标明的编码" in refusal(b"\xef\xbb\xbf\xff\xff").message


def compound(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + b"".join(name.encode("utf-16-le") for name in streams)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (compound("EncryptedPackage"), "密码"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "图片"),
        (b"Rar!\x1a\x07\0", "压缩包"),
    ],
)
def test_other_formats_are_named(data: bytes, words: str) -> None:
    assert words in refusal(data, "草案.docx").message


def test_a_zip_of_documents_must_be_unpacked_first() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("草案.txt", POLICY)
    assert "解压" in refusal(buffer.getvalue(), "材料.docx").advice


# ------------------------------------------------------------------ notices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("优先\u200b选用本市企业。", "1个看不见的字符"),
        ("优先\u202e选用本市企业。", "改变文字方向"),
        ("优 先 选 用 本市企业。", "4处字与字之间加了空格"),
        ("優先採購本縣企業產品,不得購買外縣產品。", "繁体字"),
        ("优先选用锟斤拷企业。", "1处疑似乱码"),
    ],
)
def test_what_a_person_cannot_see_is_noticed(text: str, words: str) -> None:
    [notice] = read_text(text).notices
    assert words in notice


def test_ordinary_text_gives_no_notice() -> None:
    assert read_text(POLICY).notices == ()
