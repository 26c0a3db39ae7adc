"""RTF documents: words, paragraphs and table rows; Chinese bytes by the code page of the font they are set in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.documents.limits import damaged, suspicious

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
_DEEPEST = 500
_UNREAD = {
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata", b"datastore", b"latentstyles",
    b"listtable", b"listoverridetable", b"rsidtbl", b"generator", b"xmlnstbl", b"fldinst", b"bkmkstart", b"bkmkend",
    b"revtbl", b"annotation", b"atnid", b"atnauthor", b"header", b"headerl", b"headerr", b"headerf", b"footer",
    b"footerl", b"footerr", b"footerf", b"nonshppict", b"filetbl", b"private",
}  # fmt: skip
_TYPED = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"nestrow": " ", b"cell": " | ",
    b"nestcell": " / ", b"tab": " ", b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_CHARSETS = {134: "gb18030", 136: "big5", 128: "cp932", 129: "cp949", 0: "cp1252", 1: ""}
_CODE_PAGES = {936: "gb18030", 54936: "gb18030", 950: "big5", 65001: "utf-8", 1252: "cp1252"}


@dataclass(frozen=True)
class _State:
    """What a group inherits: whether it is read, in which encoding, and how many bytes stand in for a \\u character."""

    read: bool = True
    encoding: str = ""
    stand_ins: int = 1
    hidden: bool = False


def read(data: bytes, filename: str) -> tuple[str, list[str]]:
    """The text of an RTF document and its notices; raises DocumentUnreadable when it is cut off or does not decode."""
    reader = _Reader(data, filename)
    text = reader.text()
    notices = [f"文档中有{reader.hidden}处隐藏文字，已一并读取。"] if reader.hidden else []
    return "\n".join(line.removesuffix(" | ").strip() for line in text.split("\n")), notices


class _Reader:
    def __init__(self, data: bytes, filename: str) -> None:
        self.hidden = 0
        self._data = data
        self._filename = filename
        self._state = _State(encoding=_default_encoding(data))
        self._fonts = _font_encodings(data)
        self._stack: list[_State] = []
        self._pieces: list[str] = []
        self._bytes = bytearray()
        self._owed = 0
        self._star = False

    def text(self) -> str:
        opened = False
        for token in _TOKEN.finditer(self._data):
            word, parameter, code, symbol, brace, words = token.groups()
            if brace:
                opened = True
                self._brace(brace)
            elif word:
                self._word(word.lower(), int(parameter) if parameter else None)
            elif code:
                self._byte(bytes([int(code, 16)]))
            elif symbol:
                self._symbol(symbol)
            elif words:
                self._byte(words)
            if opened and not self._stack:
                break
        self._flush()
        if self._stack:
            raise damaged(self._filename, "RTF分组没有结束，文件可能被截断")
        return "".join(self._pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._star = False
        if brace == b"{":
            if len(self._stack) >= _DEEPEST:
                raise suspicious(self._filename, "RTF分组嵌套过深")
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _word(self, word: bytes, parameter: int | None) -> None:
        if word == b"u" and parameter is not None:
            self._flush()
            self._emit(chr(parameter % 65536))
            self._owed = self._state.stand_ins
            return
        self._flush()
        if self._star or word in _UNREAD:
            self._star = False
            self._state = replace(self._state, read=False)
        elif word in _TYPED:
            self._emit(_TYPED[word])
        elif word == b"uc" and parameter is not None:
            self._state = replace(self._state, stand_ins=min(max(parameter, 0), 8))
        elif word == b"f" and parameter in self._fonts:
            self._state = replace(self._state, encoding=self._fonts[parameter] or self._state.encoding)
        elif word == b"v":
            self._state = replace(self._state, hidden=parameter != 0)
        elif word == b"deleted":
            self._state = replace(self._state, read=self._state.read and parameter == 0)
        elif word == b"plain":
            self._state = replace(self._state, hidden=False)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
        elif symbol in b"\\{}":
            self._byte(symbol)
        elif symbol == b"~":
            self._emit(" ")
        elif symbol == b"_":
            self._emit("-")

    def _byte(self, words: bytes) -> None:
        skipped = min(self._owed, len(words))
        self._owed -= skipped
        if self._state.read:
            self._bytes += words[skipped:]

    def _emit(self, text: str) -> None:
        if self._state.read:
            self._flush()
            self._pieces.append(text)

    def _flush(self) -> None:
        self._owed = 0
        if not self._bytes:
            return
        try:
            text = self._bytes.decode(self._state.encoding)
        except UnicodeDecodeError as error:
            raise damaged(self._filename, "有的字节不符合RTF标明的编码") from error
        self.hidden += self._state.hidden and bool(text.strip())
        self._pieces.append(text)
        self._bytes.clear()


def _default_encoding(data: bytes) -> str:
    found = re.search(rb"\\ansicpg(\d{1,5})", data[:4096])
    return _CODE_PAGES.get(int(found[1]), "cp1252") if found else "gb18030"


def _font_encodings(data: bytes) -> dict[int | None, str]:
    start = data.find(b"\\fonttbl")
    if start < 0:
        return {}
    fonts = re.finditer(rb"\\f(\d{1,5})\b[^{}]{0,200}?\\fcharset(\d{1,3})", data[start : start + 200_000])
    return {int(font[1]): _CHARSETS.get(int(font[2]), "") for font in fonts}
