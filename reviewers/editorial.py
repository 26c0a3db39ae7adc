"""A change of wording between review and issue (文字性修改): decided by name, or the text is reviewed anew.

The meeting or the office that prints often mends a word. The machine only keeps what cannot be a matter of wording
from passing as one; that it is one, an officer of the gate that concluded decides, and his name stays in the file.
"""

from __future__ import annotations

from engine.documents import ChangeKind, read_bytes
from engine.errors import Blocked, InvalidInput, NotYourTurn
from engine.model import Document, Editorial, Gate, Level, Role, Route, Turn
from engine.store import Receipt
from reviewers import policy
from reviewers.office import Acting, Upload, act, stored_document
from reviewers.versions import ComparedClause, compare

REVISE = "内容有改动的，请用 revise 报送，重新审查。"
MOST_CHANGES = 50


@act("editorial")
def decide_editorial(acting: Acting, final: Upload, reason: str) -> Receipt:
    """This text may be issued in place of the reviewed one: it differs from it only in wording, whoever says so.

    Raises NotYourTurn unless the case has passed and waits for its issue, Refused unless the officer concludes at the
    deciding gate, InvalidInput without a reason or for an equal text, Blocked when clauses came or went or the machine
    finds in the new text what it did not find in the reviewed one. Source: Measures art. 27.
    """
    gate = _decider(acting)
    if not reason.strip():
        raise InvalidInput("认定为文字性修改须说明理由。", "请加上 --reason “理由”。")
    document = read_bytes(final.data, final.filename)
    changes = _changes(acting, document)
    _refuse_new_findings(acting, document)
    office, version = acting.office, acting.file.versions[-1]
    record = Editorial(
        round=acting.case.round,
        version=version.number,
        text_sha256=document.text_sha256,
        filename=final.filename,
        sha256=final.sha256,
        changes=changes,
        reason=reason.strip(),
        decided_by=office.officer.id,
        gate=gate,
        unit=office.officer.unit,
        decided_at=office.now,
    )
    facts = {
        "filename": final.filename,
        "text": document.text_sha256,
        "changes": list(changes),
        "reason": record.reason,
    }
    return acting.note(facts, [record], contents=[acting.work.put_content(final.data)])


def _decider(acting: Acting) -> Gate:
    """The gate whose conclusion stands; raises NotYourTurn or Refused when the officer may not speak for it now."""
    case, office = acting.case, acting.office
    if case.stage != "passed":
        raise NotYourTurn(
            f"案件 {case.id} 不在通过以后、印发以前，不能认定文字性修改。", f"运行 shuangshen show {case.id} 查看进度。"
        )
    department = case.route is Route.DEPARTMENT
    role = Role.DRAFTING_HEAD if department else Role.JOINT_LEAD
    turn = Turn("", "editorial", "认定文字性修改", role)
    policy.may_take(office.officer, turn, acting.file, office.profile, office.today)
    acting.taken = turn
    return Gate.SELF_REVIEW if department else Gate.JOINT_REVIEW


def _changes(acting: Acting, document: Document) -> tuple[str, ...]:
    """The clauses that read differently; raises InvalidInput when none does, Blocked when one came or went."""
    reviewed = stored_document(acting.work, acting.file)
    if reviewed.text_sha256 == document.text_sha256:
        raise InvalidInput("该文本与已审查文本完全相同。", "无需认定，可直接登记印发（issue）。")
    found = [clause for clause in compare(reviewed, document) if clause.change is not ChangeKind.SAME]
    whole = [clause for clause in found if clause.change is not ChangeKind.CHANGED]
    if whole:
        raise Blocked(f"{_named(whole)}整条新增、删除或者移动，不是文字性修改。", REVISE)
    if len(found) > MOST_CHANGES:
        raise Blocked(f"改动的条款有 {len(found)} 条，不是文字性修改。", REVISE)
    return tuple(clause.number for clause in found)


def _refuse_new_findings(acting: Acting, document: Document) -> None:
    from engine.screening import screen  # what it loads is paid only by acts that screen

    known = {(finding.rule, finding.text) for each in acting.file.screenings[-1:] for finding in each.findings}
    found = screen(document, acting.office.standards, acting.office.today).findings
    fresh = [f for f in found if f.level is Level.BLOCK and (f.rule, f.text) not in known]
    if fresh:
        raise Blocked(f"改动后第{fresh[0].line}行有新的疑似问题：“{fresh[0].text[:40]}”。", REVISE)


def _named(clauses: list[ComparedClause]) -> str:
    names = list(dict.fromkeys(clause.number for clause in clauses))
    more = "等" if len(names) > 3 else ""
    return "、".join(f"“{name}”" for name in names[:3]) + more
