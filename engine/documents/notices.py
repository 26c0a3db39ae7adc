"""Warnings about the characters of a text: things that change what a machine reads but not what a person sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.documents.inserted import Kind, edits_of
from engine.patterns import pattern_of

_BIDI = pattern_of("[\u202a-\u202e\u2066-\u2069]")
_TRADITIONAL = pattern_of(
    "[國發經濟實營業產關於對與無開會應機構點當條標準區縣鎮鄉請辦團資質號購買務進選擇爲為時間學體總給統]"
)
_LOOK_ALIKE = pattern_of("[\u2e80-\u2fd5\uf900-\ufaff\U0002f800-\U0002fa1f]")
_MOJIBAKE = pattern_of(r"[\ufffd]|锟斤拷|烫烫烫|[ÃÂ][\x80-\xbf]|ï¿½")
_NOTABLE = pattern_of(f"[{_LOOK_ALIKE.pattern[1:-1]}{_TRADITIONAL.pattern[1:-1]}\ufffd锟烫ÃÂï]")
"""Some character of the three patterns above: most texts have none, and one pass tells."""


def character_notices(text: str) -> list[str]:
    """Notices, in Chinese, for characters put in, taken apart, looking alike, of Traditional script, or broken."""
    if text.isascii():
        return []
    edits = edits_of(text)
    counts = Counter(edit.kind for edit in edits)
    notices = []
    if unseen := sum(edit.end - edit.start for edit in edits if edit.kind is Kind.INVISIBLE):
        reversing = "，其中有改变文字方向的字符" if _BIDI.search(text) else ""
        notices.append(f"文本中有{unseen}个看不见的字符{reversing}，匹配时略去，请核对原件。")
    if counts[Kind.GAP] or counts[Kind.MARK]:
        notices.append(f"文本中有{counts[Kind.GAP] + counts[Kind.MARK]}处字与字之间加了空格或符号，匹配时略去。")
    if Kind.PARTS in counts:
        notices.append(f"文本中有{counts[Kind.PARTS]}处疑似把一个字拆成几个写，匹配时合为一字，请核对原件。")
    return [*notices, *_notable(text)] if _NOTABLE.search(text) else notices


def _notable(text: str) -> Iterator[str]:
    """Notices for characters that look alike, of Traditional script, or broken."""
    if look_alikes := len(_LOOK_ALIKE.findall(text)):
        yield f"文本中有{look_alikes}个部首或兼容字符代替普通汉字，匹配时按普通汉字处理。"
    if _is_traditional(text):
        yield "文本为繁体字或夹有繁体字，匹配时逐字按简体字处理，请转换为简体后复核。"
    if broken := len(_MOJIBAKE.findall(text)):
        yield f"文本中有{broken}处疑似乱码，可能混用了不同编码，请核对原件。"


def _is_traditional(text: str) -> bool:
    found = len(_TRADITIONAL.findall(text))
    return found >= 3 and found * 50 > sum("\u4e00" <= character <= "\u9fff" for character in text)
