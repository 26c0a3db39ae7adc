"""Where the screener's reports go: the terminal, a file, or one file a document in a folder. Nothing is overwritten."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from engine.errors import Conflict, DocumentUnreadable, InvalidInput
from engine.model import Considered
from reviewers.reports import Plain, Screened

SUFFIXES = {"html": ".html", "docx": ".docx"}
ONE_A_DOCUMENT = tuple(SUFFIXES)
Screenings = Sequence[tuple[Path, Screened]]
Refusals = Sequence[tuple[Path, DocumentUnreadable]]


def check_output(form: str, output: Path | None, files: int) -> None:
    """Raises InvalidInput or Conflict, before any work is done, when the result would have nowhere to go."""
    if form == "text" and output is not None:
        raise InvalidInput("文字结果直接显示在终端，不写文件。", "要保存请加 --format html 或 docx、csv、json。")
    if form == "docx" and output is None:
        raise InvalidInput("带批注的 Word 文件不能显示在终端。", "请用 --output 指明写到哪个文件或目录。")
    if form in ONE_A_DOCUMENT and files > 1 and not (output and is_folder(output)):
        raise InvalidInput(
            f"{files} 个文件各出一份{form}，要写到目录里。", "请用 --output 指明一个目录，以 / 结尾或已存在。"
        )
    if output is not None and output.exists() and not output.is_dir():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个文件名。")
    if output is not None and output.is_dir() and form not in ONE_A_DOCUMENT:
        raise InvalidInput(f"{output} 是目录。", f"{form} 结果写成一个文件，请指明文件名。")


def is_folder(output: Path) -> bool:
    """Whether the user means a folder: it is one, or does not exist and its name has no suffix."""
    return output.is_dir() or (not output.exists() and not output.suffix)


def report_screened(
    screened: Screenings, unreadable: Refusals, form: str, output: Path | None, with_considered: bool
) -> None:
    """The screenings stand in the terminal or at `output` in the wanted form."""
    if form == "text":
        from reviewers.desk.printing import print_screening

        for path, one in screened:
            print_screening(path, one)
            if with_considered:
                print_considered(one.screening.considered)
    elif form in ONE_A_DOCUMENT:
        _each(screened, form, output)
    else:
        deliver(rendered(_plain(screened, unreadable, with_considered), form), output)


def print_considered(considered: Sequence[Considered]) -> None:
    """What was looked at and not reported, with the reason: the first thing a doubting reviewer asks for."""
    from rich.text import Text

    from reviewers.desk.printing import console, paragraph

    out = console()
    if not considered:
        out.print(Text("没有考虑过而未提示的条款。", style="dim"))
    for one in considered:
        where = f"{one.clause}：" if one.clause else ""
        out.print(paragraph(f"{where}{one.text}", out.width))
        out.print(Text("  ").append_text(paragraph(one.reason, out.width - 2, hang=2)), style="dim")


def rendered(documents: Iterable[Plain], form: str) -> Iterable[bytes]:
    """The documents in one of the forms that hold many, in pieces: json, jsonl, sarif, csv."""
    from engine.standards import load_standards
    from reviewers.reports import contract, sarif, spreadsheet

    if form == "json":
        return [contract.as_json(documents)]
    if form == "jsonl":
        return contract.jsonl_lines(documents)
    if form == "sarif":
        return [sarif.as_sarif(documents, load_standards())]
    return spreadsheet.csv_lines(documents, load_standards())


def deliver(pieces: Iterable[bytes], output: Path | None) -> None:
    """The bytes are on stdout, or in a new file at `output`; raises Conflict when that exists."""
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece.decode())
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("xb") as file:
            file.writelines(pieces)
    except FileExistsError as error:
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个文件名。") from error
    except OSError as error:
        raise InvalidInput(f"无法写入 {output}：{error.strerror}。", "请检查路径和权限。") from error


def _plain(screened: Screenings, unreadable: Refusals, with_considered: bool) -> list[Plain]:
    from reviewers.desk.screening import printable
    from reviewers.reports.contract import document_json, unreadable_json

    told: list[Plain] = [document_json(one, with_considered) for _, one in screened]
    return told + [unreadable_json(printable(str(path)), str(refusal)) for path, refusal in unreadable]


def _each(screened: Screenings, form: str, output: Path | None) -> None:
    if output is not None and is_folder(output):
        for name, (path, one) in zip(_names(screened, SUFFIXES[form]), screened, strict=True):
            deliver([_single(path, one, form)], output / name)
    elif len(screened) > 1:
        raise InvalidInput(f"压缩包里有 {len(screened)} 个文件，各出一份{form}。", "请用 --output 指明一个目录。")
    else:
        for path, one in screened:
            deliver([_single(path, one, form)], output)


def _names(screened: Screenings, suffix: str) -> Iterator[str]:
    """A name a document, from its own; equal names are numbered from the second on."""
    taken: dict[str, int] = {}
    for _, one in screened:
        stem = Path(one.document.filename).stem
        taken[stem] = taken.get(stem, 0) + 1
        number = f"-{taken[stem]}" if taken[stem] > 1 else ""
        yield f"{stem}-筛查{number}{suffix}"


def _single(path: Path, one: Screened, form: str) -> bytes:
    from engine.standards import load_standards

    if form == "html":
        from reviewers.reports.page import as_page

        return as_page(one, load_standards())
    from reviewers.reports.annotated import as_docx

    original = b"" if path.suffix.lower() == ".zip" else path.read_bytes()
    return as_docx(one, original, load_standards())
