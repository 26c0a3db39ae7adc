"""One file of the stock, read and screened: what runs in the crew's processes and on any scheduler's workers.

Nothing here raises for a bad file: what cannot be read is a `Scanned` with a reason. Only running out of time or
crashing is beyond it; that is seen from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.documents import read_archive, read_bytes
from engine.documents.limits import LARGEST_FILE
from engine.errors import DocumentUnreadable
from engine.model import ClauseKind, Document, Level
from engine.screening import screen
from engine.screening.overlay import load_pack
from engine.standards import load_standards
from reviewers.bulk.walk import open_regular
from reviewers.reports import Screened
from reviewers.reports.contract import document_json

_YEAR = re.compile(r"(?<!\d)(?:19[89]\d|20\d\d)(?=\D|$)")
_DATE = re.compile(r"(?<!\d)(19[89]\d|20\d\d)\s*年\s*\d{1,2}\s*月")
_END = 600
UNKNOWN_YEAR = "未载明"
TOO_LARGE_FOR_MEMORY = "读取时超过内存上限，文件可能过大或者有意构造。"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of one document: its facts and its plain form as JSON, or the reason why it could not be read.

    `member` is its name inside an archive, empty for the file itself; `sha256` is empty when it is not known.
    """

    member: str
    sha256: str
    reason: str = ""
    title: str = ""
    year: str = ""
    blocking: int = 0
    attention: int = 0
    result: str = ""


def scan(file: Path, as_of: date, overlay: Path | None = None) -> Iterator[Scanned]:
    """The file's document, or the documents of a zip file one by one, by the rules with this overlay."""
    try:
        if file.suffix.lower() == ".zip":
            yield from _members(file, as_of, overlay)
        else:
            with open_regular(file) as opened:
                data = opened.read(LARGEST_FILE + 1)
            yield scanned(read_bytes(data, file.name), as_of, overlay=overlay)
    except DocumentUnreadable as refusal:
        yield Scanned("", "", str(refusal))
    except MemoryError:
        yield Scanned("", "", TOO_LARGE_FOR_MEMORY)
    except OSError as error:
        yield Scanned("", "", f"无法读取：{error.strerror or error}。")
    except Exception as error:  # a reader's own fault is this file's bad luck, not the run's
        yield Scanned("", "", f"读取时出错（{type(error).__name__}），请把该文件报告给维护人员。")


def _members(file: Path, as_of: date, overlay: Path | None) -> Iterator[Scanned]:
    for document in read_archive(file):
        if isinstance(document, DocumentUnreadable):
            yield Scanned(_named_in(document.message), "", str(document))
        else:
            yield scanned(document, as_of, document.filename.partition("/")[2], overlay)


def _named_in(message: str) -> str:
    """The member an archive's refusal speaks of: it quotes the file first."""
    return message.partition("“")[2].partition("”")[0].partition("/")[2]


def scanned(document: Document, as_of: date, member: str = "", overlay: Path | None = None) -> Scanned:
    """A document that was read, screened."""
    told = document_json(Screened("", document, screen(document, load_standards(), as_of, load_pack(overlay))))
    del told["path"]
    levels = [finding["level"] for finding in told["findings"]]
    return Scanned(
        member=member,
        sha256=document.sha256,
        title=document.title,
        year=year_of(document),
        blocking=levels.count(Level.BLOCK),
        attention=levels.count(Level.ATTENTION),
        result=json.dumps(told, ensure_ascii=False),
    )


def year_of(document: Document) -> str:
    """The year of the document: of its number, its sign-off, its title, else of the last date near its end."""
    signed = [clause.text for clause in document.clauses if clause.kind is ClauseKind.SIGN_OFF]
    for words in (document.document_number, *reversed(signed), document.title):
        if found := _YEAR.search(words):
            return found.group()
    dates = _DATE.findall(document.text, max(0, len(document.text) - _END))
    return dates[-1] if dates else UNKNOWN_YEAR
