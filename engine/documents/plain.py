"""Text files: find the encoding without ever guessing a character away.

Byte-order mark first, then UTF-8, then GB18030 or Big5, each strictly: a byte that fits no encoding refuses the file,
because a clause with missing characters would be screened as if it said something else.
"""

from __future__ import annotations

import codecs

from engine.documents.limits import damaged
from engine.errors import DocumentUnreadable
from engine.patterns import pattern_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_RESAVE = "请用记事本或办公软件打开，另存为UTF-8编码的文本后重新提交。"
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必"
    "战先回则任取据处府市县企招标省府规施政管办"
    "這為個國時來們說產種後學經進電裡實兩體機當點從業應開還問義間樣與關線內數無軍題黨質氣變條結標請檔處總縣辦"
)
_STRAY = pattern_of(r"[\x01-\x08\x0e-\x1b\x7f-\x9f\ue000-\uf8ff\ufffd\ufffe\uffff]")
_LEGIBLE = 0.15
_SAME_TEXT = 0.02
_SURELY_UTF8 = 4


def decode(data: bytes, filename: str) -> str:
    """The text of `data`; raises DocumentUnreadable when it is not text or no encoding fits every byte."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_strict(data, encoding, filename), filename)
    if b"\0" in data:
        raise DocumentUnreadable(f"文件“{filename}”不是文本文件（含有二进制内容）。", _RESAVE)
    try:
        return _checked(data.decode("utf-8"), filename)
    except UnicodeDecodeError as error:
        _refuse_broken_utf8(data, error, filename)
    _refuse_utf8_line(data, filename)
    return _checked(_chinese(data, filename), filename)


def _strict(data: bytes, encoding: str, filename: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise damaged(filename, "有的字节不符合文件开头标明的编码") from error


def _refuse_broken_utf8(data: bytes, error: UnicodeDecodeError, filename: str) -> None:
    """A long run of well-formed UTF-8 before the first bad byte means damage or a mixture, not another encoding."""
    before = data[: error.start].decode("utf-8")
    if sum(character >= "\u3400" for character in before) < 20:
        return
    if error.end >= len(data) - 1 and error.reason.startswith("unexpected end"):
        raise damaged(filename, "末尾的字符只有一半，文件可能被截断")
    line = before.count("\n") + 1
    raise DocumentUnreadable(f"文件“{filename}”第{line}行起混有另一种编码的文字，无法准确读取。", _RESAVE)


def _refuse_utf8_line(data: bytes, filename: str) -> None:
    """A line that is well-formed UTF-8 among others that are not: six characters of GB18030 never come out so."""
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            words = line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if sum("\u3400" <= character <= "\u9fff" for character in words) >= _SURELY_UTF8:
            raise DocumentUnreadable(f"文件“{filename}”第{number}行是另一种编码的文字，无法准确读取。", _RESAVE)


def _chinese(data: bytes, filename: str) -> str:
    readings = []
    for encoding in ("gb18030", "big5"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((_legibility(text), text))
    if not readings:
        raise DocumentUnreadable(
            f"文件“{filename}”的文字编码无法识别（不是UTF-8、GB18030或Big5），或者文件已损坏。", _RESAVE
        )
    best, text = max(readings, key=lambda reading: reading[0] + (_SAME_TEXT if reading is readings[0] else 0))
    if best < _LEGIBLE:
        raise DocumentUnreadable(f"文件“{filename}”的内容不像中文文本，无法确定文字编码。", _RESAVE)
    return text


def _legibility(text: str) -> float:
    """The share of frequent characters among those that are not ASCII: half in real text, little in mojibake."""
    other = [character for character in text[:20_000] if character > "\x7f" and character not in ",。、;:()《》“”"]
    if not other:
        return 0.0
    return sum(character in _FREQUENT for character in other) / len(other)


def _checked(text: str, filename: str) -> str:
    stray = _STRAY.findall(text)
    if "\0" in text or len(stray) > max(3, len(text) // 200):
        raise DocumentUnreadable(f"文件“{filename}”不是可读的文本（含有大量控制字符或自造字）。", _RESAVE)
    return text
