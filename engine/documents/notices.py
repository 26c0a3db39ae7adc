"""Warnings about the characters of a text: things that change what a machine reads but not what a person sees."""

from __future__ import annotations

import re

from engine.documents.folding import INVISIBLE

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACED = re.compile(r"(?:[^\W\x00-\x7f][ \u3000\u00a0]){3,}[^\W\x00-\x7f]")
_TRADITIONAL = re.compile(
    "[國發經濟實營業產關於對與無開會應機構點當條標準區縣鎮鄉請辦團資質號購買務進選擇爲為時間學體總給統]"
)
_MOJIBAKE = re.compile(r"[\ufffd]|锟斤拷|烫烫烫|[ÃÂ][\x80-\xbf]|ï¿½")


def character_notices(text: str) -> list[str]:
    """Notices, in Chinese, for invisible characters, spaced-out words, Traditional script and broken characters."""
    if text.isascii():
        return []
    notices = []
    if invisible := len(_INVISIBLE.findall(text)):
        reversing = ",其中有改变文字方向的字符" if _BIDI.search(text) else ""
        notices.append(f"文本中有{invisible}个看不见的字符{reversing},匹配时按空格处理。")
    if spaced := len(_SPACED.findall(text)):
        notices.append(f"文本中有{spaced}处字与字之间加了空格,可能影响识别。")
    if _is_traditional(text):
        notices.append("文本为繁体字或夹有繁体字,规则按简体字编写,可能漏报,请转换为简体后复核。")
    if broken := len(_MOJIBAKE.findall(text)):
        notices.append(f"文本中有{broken}处疑似乱码,可能混用了不同编码,请核对原件。")
    return notices


def _is_traditional(text: str) -> bool:
    found = len(_TRADITIONAL.findall(text))
    return found >= 3 and found * 50 > sum("\u4e00" <= character <= "\u9fff" for character in text)
