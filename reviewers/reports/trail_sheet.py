"""Events as an Excel workbook: one sheet, filter and frozen head, every text a text and never a formula."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from engine.errors import InvalidInput
from reviewers.reports.ooxml import OFFICE, RELATIONS, TYPES, packed, printable
from reviewers.reports.trail import HEADINGS, Cell

MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
WIDTHS = (8, 19, 13, 40, 14, 18, 14, 10, 10, 20, 14, 14, 6, 6, 22, 50, 8, 66)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="等线"/></font>'
    '<font><b/><sz val="11"/><name val="等线"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
    '<xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
)


def as_workbook(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The workbook; equal rows give equal bytes. Raises InvalidInput for more rows than a sheet holds."""
    if len(rows) > MOST_ROWS:
        raise InvalidInput(f"共 {len(rows)} 条，一张表最多 {MOST_ROWS} 条。", "请缩短期间，或者改用 --format csv。")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        f'"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_PART}sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_PART}worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_PART}styles+xml"/></Types>',
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="留痕" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": _sheet(rows),
    }
    return packed({name: (_HEAD + text).encode("utf-8") for name, text in parts.items()})


def _relations(*targets: tuple[str, str]) -> str:
    told = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{told}</Relationships>'


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(WIDTHS, 1)
    )
    told = [_row(1, HEADINGS, 2), *(_row(number, row, 1) for number, row in enumerate(rows, 2))]
    last = f"{_letter(len(HEADINGS) - 1)}{len(rows) + 1}"
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
        f'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{columns}</cols>'
        f'<sheetData>{"".join(told)}</sheetData><autoFilter ref="A1:{last}"/></worksheet>'
    )


def _row(number: int, cells: Sequence[Cell], style: int) -> str:
    return f'<row r="{number}">{"".join(_cell(n, number, cell, style) for n, cell in enumerate(cells))}</row>'


def _cell(column: int, row: int, cell: Cell, style: int) -> str:
    place = f"{_letter(column)}{row}"
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    text = escape(printable(cell[:MOST_CHARACTERS]))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' if text else ""


def _letter(column: int) -> str:
    return chr(ord("A") + column)
