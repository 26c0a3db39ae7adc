"""Width folding: one character for one character, so that offsets into the original text stay true.

Full-width and half-width forms, odd quotes, dashes and brackets, invisible characters, traditional and variant
characters, and radicals copied out of PDF files all read alike afterwards. The clause splitter, the screening and the
comparison match on folded text and quote the original. Never NFKC: it turns one character into several (㈠, ㎡) and
would move every offset behind it.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

# Characters that print nothing: zero-width, joiners, bidirectional controls, soft hyphen, byte-order mark, variation
# selectors, tags.
_UNSEEN = [
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0xFE00, 0xFE0F),
    (0xE0000, 0xE01EF),
]
INVISIBLE = "".join(chr(point) for first, last in _UNSEEN for point in range(first, last + 1))
_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ALIKE = {
    "“": "〝「『„‟﹁﹃｢",
    "”": "〞〟」』﹂﹄｣",
    "‘": "‚‛",
    "-": "‐‑‒–−﹣",
    "—": "―⸺─━﹘",
    "~": "〜∼˜",
    "[": "〔【〖﹝",
    "]": "〕】〗﹞",
    "(": "﹙❨⦅｟",
    ")": "﹚❩⦆｠",
    "<": "〈⟨﹤",
    ">": "〉⟩﹥",
    "{": "﹛",
    "}": "﹜",
    ",": "﹐︐",
    "、": "﹑︑､",
    "。": "︒｡",
    ".": "﹒․",
    ":": "﹕︓∶ː",
    ";": "﹔︔;",
    "!": "﹗︕",
    "?": "﹖︖",
    "%": "﹪",
    "·": "・･‧•∙⋅•᛫",
    "|": "│┃∣￨",
}


# Radicals of the supplement that are whole characters: fonts put them into PDF files, and they look the same.
_RADICALS = (
    "⺈刀⺊卜⺌小⺓幺⺛旡⺜日⺝月⺞歹⺟母⺠民⺧牛⺩王⺫目⺬示⺮竹⺶羊⺼月⻁虎⻄西⻅见⻆角⻇角⻉贝⻊足⻋车⻑长⻒长⻓长⻔门⻗雨⻘青"
    "⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻬齐⻮齿⻰龙⻱龟⻲龟⻳龟⺅亻⺉刂⺍小⺖忄⺘扌⺙攵⺡氵⺣灬⺨犭⺭礻⺰纟⺾艹⻂衤⻈讠⻌辶⻍辶"
    "⻎辶⻏阝⻐钅⻖阝⻠饣"
)
_COMPATIBLE = (
    range(0x2F00, 0x2FD6),  # Kangxi radicals
    range(0x3192, 0x31A0),  # annotation ideographs
    range(0x328A, 0x32B1),  # circled ideographs without the numbers, which number items
    range(0xF900, 0xFB00),  # compatibility ideographs
    range(0x1D400, 0x1D800),  # mathematical letters and digits
    range(0x2F800, 0x2FA20),  # compatibility ideographs, supplement
)


def _single_forms() -> dict[int, str]:
    """Characters whose compatibility form is one ordinary character that looks the same."""
    forms = {point: unicodedata.normalize("NFKC", chr(point)) for points in _COMPATIBLE for point in points}
    return {point: form for point, form in forms.items() if len(form) == 1}


def _pairs(text: str) -> dict[int, str]:
    return {ord(text[at]): text[at + 1] for at in range(0, len(text), 2)}


def _simplified() -> dict[int, str]:
    """Traditional and variant characters and the standard character each is written with today."""
    lines = Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
    return _pairs("".join("".join(line.split()) for line in lines if not line.startswith("#")))


def _table() -> dict[int, str]:
    simplified = _simplified()
    table = {point: form.translate(simplified) for point, form in _single_forms().items()}
    table |= simplified | _pairs(_RADICALS)
    table |= {point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}
    table |= {point: " " for point in [*range(0x20), *range(0x7F, 0xA0)] if point != 0x0A}
    table |= {ord(character): " " for character in INVISIBLE + _SPACES}
    for form, variants in _ALIKE.items():
        table |= {ord(variant): form for variant in variants}
    return table


_FOLDED = _table()
_LONG = 256


def fold(text: str) -> str:
    """Return `text` in one width, one set of marks and simplified characters, code point for code point.

    `len(fold(text)) == len(text)`; line feeds stay, every other control or invisible character becomes a space.
    For matching only: what is shown or stored is always the original.
    """
    if len(text) < _LONG or "numpy" not in sys.modules:
        return text.translate(_FOLDED)
    return _by_array()(text)


@cache
def _by_array() -> Callable[[str], str]:
    """The table as an array by code point: ten times faster over whole texts, where NumPy is in use anyway."""
    import numpy as np

    table = np.arange(sys.maxunicode + 1, dtype="<u4")
    table[list(_FOLDED)] = [ord(form) for form in _FOLDED.values()]

    def folded(text: str) -> str:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        return table.take(codes).tobytes().decode("utf-32-le", "surrogatepass")

    return folded
