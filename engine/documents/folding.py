"""Width folding: one character for one character, so that offsets into the original text stay true.

Full-width and half-width forms, odd quotes, dashes and brackets, invisible characters and radicals copied out of PDF
files all read alike afterwards. The clause splitter, the screening and the comparison match on folded text and quote
the original. Never NFKC: it turns one character into several (㈠, ㎡) and would move every offset behind it.
"""

from __future__ import annotations

import unicodedata

# Characters that print nothing: zero-width, joiners, bidirectional controls, soft hyphen, byte-order mark.
INVISIBLE = "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e" + (
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
)
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


def _single_forms() -> dict[int, str]:
    """Kangxi radicals and compatibility ideographs, whose compatibility form is one ordinary character."""
    points = [*range(0x2F00, 0x2FD6), *range(0xF900, 0xFAFF), 0x2E9F, 0x2EF3]
    forms = {point: unicodedata.normalize("NFKC", chr(point)) for point in points}
    return {point: form for point, form in forms.items() if len(form) == 1}


def _table() -> dict[int, str]:
    table = _single_forms()
    table |= {point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}
    table |= {point: " " for point in [*range(0x20), *range(0x7F, 0xA0)] if point != 0x0A}
    table |= {ord(character): " " for character in INVISIBLE + _SPACES}
    for form, variants in _ALIKE.items():
        table |= {ord(variant): form for variant in variants}
    return table


_FOLDED = _table()


def fold(text: str) -> str:
    """Return `text` in one width and one set of marks, code point for code point.

    `len(fold(text)) == len(text)`; line feeds stay, every other control or invisible character becomes a space.
    For matching only: what is shown or stored is always the original.
    """
    return text.translate(_FOLDED)
