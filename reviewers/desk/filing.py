"""The drafting unit's commands: submit, supply, sign, revise, withdraw, issue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.model import DraftKind, Outcome, Trigger
from reviewers import drafting_unit
from reviewers.desk.counter import As, CaseId, Command, Home, Json, Why, answer, open_office, upload
from reviewers.desk.fields import Fields, fields_of
from reviewers.desk.signing import Key, signing_office
from reviewers.office import Upload
from reviewers.route_notes import notes_of

Draft = Annotated[Path, typer.Argument(metavar="草案文件", help="草案（.docx .pdf .txt .md）")]
Note = Annotated[Path | None, typer.Option("--note", metavar="文件", help="起草说明")]
Basis = Annotated[list[Path] | None, typer.Option("--basis", metavar="文件", help="制定依据（可多次）")]
Attach = Annotated[list[Path] | None, typer.Option("--attach", metavar="文件", help="其他材料（可多次）")]


def submit(
    draft: Draft,
    trigger: Annotated[
        Trigger, typer.Option(help="适用情形：政府（办公室）印发/常务会议/政府签署/部门印发/转发/提请人大")
    ],
    kind: Annotated[DraftKind, typer.Option(help="文件类型")] = DraftKind.POLICY_DOCUMENT,
    title: Annotated[str, typer.Option(metavar="标题", help="标题，缺省从文稿中识别")] = "",
    note: Note = None,
    basis: Basis = None,
    attach: Attach = None,
    out_of_scope: Annotated[
        bool, typer.Option("--out-of-scope", help="认为不涉及经营者经济活动（须说明理由）")
    ] = False,
    field: Fields = None,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """报送草案：建立案件、筛查条款，转入自我审查。"""
    packet = drafting_unit.Packet(upload(draft), materials(note, basis, attach))
    request = drafting_unit.Request(trigger, kind, title, not out_of_scope, reason, fields_of(field))
    receipt = drafting_unit.submit(open_office(home, officer, command), packet, request)
    told = [f"已报送 {packet.draft.filename}，编号 {receipt.case_id}。", *notes_of(trigger, kind)]
    answer(receipt, "\n".join(told), as_json)


def supply(
    case: CaseId,
    note: Note = None,
    basis: Basis = None,
    attach: Attach = None,
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """补正材料。"""
    receipt = drafting_unit.supply(open_office(home, officer, command), case, materials(note, basis, attach))
    answer(receipt, "补正材料已提交，转市场监管部门。", as_json)


def sign(
    case: CaseId,
    outcome: Annotated[
        Outcome, typer.Option(help="初审结论：compliant 符合/exception 适用例外/revise 修改/must_not_issue 不得出台")
    ],
    reason: Why = "",
    officer: As = "",
    key: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """起草单位负责人签署初审意见。"""
    receipt = drafting_unit.sign(signing_office(home, officer, command, key), case, outcome, reason)
    answer(receipt, "初审意见已签署。", as_json)


def revise(
    case: CaseId,
    draft: Draft,
    note: Note = None,
    basis: Basis = None,
    attach: Attach = None,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """报送修改稿：形成新版本，进入新一轮审查。"""
    packet = drafting_unit.Packet(upload(draft), materials(note, basis, attach))
    receipt = drafting_unit.revise(open_office(home, officer, command), case, packet, reason)
    answer(receipt, "修改稿已报送，新一轮审查开始。", as_json)


def withdraw(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """撤回案件。"""
    receipt = drafting_unit.withdraw(open_office(home, officer, command), case, reason)
    answer(receipt, "案件已撤回，记录保留。", as_json)


def issue(
    case: CaseId, final: Draft, officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """登记印发文本：与已审查文本逐字一致，或者经认定只作文字性修改的，方可归档。"""
    receipt = drafting_unit.issue(open_office(home, officer, command), case, upload(final))
    answer(receipt, "印发文本已与审查文本核对，案件归档。", as_json)


def materials(note: Path | None, basis: list[Path] | None, attach: list[Path] | None) -> tuple[tuple[str, Upload], ...]:
    """The packet's materials by kind, in the order given."""
    kinds = [("drafting_note", path) for path in ([note] if note else [])]
    kinds += [("legal_basis", path) for path in basis or []]
    kinds += [("other", path) for path in attach or []]
    return tuple((kind, upload(path)) for kind, path in kinds)
