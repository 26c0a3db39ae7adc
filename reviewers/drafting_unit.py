"""What a drafting unit does: files the draft, reviews it itself, signs, supplies what was missing, revises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import process
from engine.documents import read_bytes
from engine.errors import Blocked, InvalidInput
from engine.gate import may_issue
from engine.model import (
    Case,
    CaseFile,
    Document,
    DraftKind,
    Gate,
    Material,
    Outcome,
    PolicyField,
    Route,
    ScopeDecision,
    Trigger,
    Version,
)
from engine.process import Bundle
from engine.store import Receipt, UnitOfWork
from engine.store.matters import newest_bundle
from reviewers import policy
from reviewers.conclusions import blocked_message, gate_question, require_concludable, signed
from reviewers.lines import one_line
from reviewers.office import Acting, Office, Upload, act, digest_of
from reviewers.reviewing import ReviewForm, filed_review
from reviewers.versions import clause_keys

MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class Packet:
    """What is filed together: the draft and its materials, each with its kind (drafting_note, legal_basis, other)."""

    draft: Upload
    materials: tuple[tuple[str, Upload], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What the drafting unit says of its draft when it files it; `reason` explains why no operator is concerned.

    `fields` are what the draft touches besides competition: whose department is asked in the joint review.
    """

    trigger: Trigger
    kind: DraftKind
    title: str = ""
    concerns_operators: bool = True
    reason: str = ""
    fields: tuple[PolicyField, ...] = ()


def submit(office: Office, packet: Packet, request: Request) -> Receipt:
    """A new case exists, screened and waiting for its first reviewer (or for the scope to be confirmed).

    Raises Refused when the officer may not file for a unit, InvalidInput when 'out of scope' has no reason.
    Source: Regulation arts. 13, 14 (route); Measures art. 31 (packet).
    """
    policy.may_submit(office.officer, office.officer.unit, office.profile, office.today)
    if not request.concerns_operators and not request.reason.strip():
        raise InvalidInput("认为不涉及经营者经济活动，须说明理由。", "请加上 --reason “理由”。")
    digest = digest_of("submit", office.officer.id, "", [packet, request])
    with office.store.work() as work:
        done = work.repeated(office.command, digest)
        if done:
            return done
        return opened(office, work, digest, packet, request)


def opened(
    office: Office,
    work: UnitOfWork,
    digest: str,
    packet: Packet,
    request: Request,
    linked: Mapping[str, str] | None = None,
) -> Receipt:
    """The case of `submit`, saved in this unit of work under the newest process version; `linked` joins its facts."""
    document = read_bytes(packet.draft.data, packet.draft.filename)
    work.texts[document.text_sha256] = document
    version = filed_version(office, packet, document, number=1)
    bundle = newest_bundle_of(work)
    case = _new_case(office, work.next_case_id(office.today.year), bundle.hash, document, request)
    acting = Acting(office, work, "submit", digest, CaseFile(case), bundle, document)
    step = process.start(bundle, opening_variables(office, case, request.concerns_operators), acting.services)
    scope = _scope(office, request, step.variables)
    contents = [work.put_content(upload.data) for upload in (packet.draft, *(u for _, u in packet.materials))]
    facts = {"title": case.title, "route": scope.route, "trigger": case.trigger, "kind": case.kind, **(linked or {})}
    return acting.save(step, facts, [version, scope], contents, route=scope.route)


def newest_bundle_of(work: UnitOfWork) -> Bundle:
    """The process version published last in this installation, the packaged one while there is none."""
    published = newest_bundle(work)
    if published is not None:
        return process.bundle_from_bytes(published)
    packaged = process.load_bundle()
    if not work.has_bundle(packaged.hash):
        work.put_bundle(packaged.hash, process.bundle_to_bytes(packaged))
    return packaged


@act("supply")
def supply(acting: Acting, materials: tuple[tuple[str, Upload], ...]) -> Receipt:
    """The missing materials are in the packet and the case is back with the regulator. Source: Measures art. 31."""
    turn = acting.turn("correct_materials")
    if not materials:
        raise InvalidInput("没有补正任何材料。", "请用 --note、--basis 或 --attach 提供文件。")
    present = acting.file.versions[-1]
    added = tuple(Material(kind, upload.filename, upload.sha256) for kind, upload in materials)
    version = _restated(acting.office, present, added)
    contents = [acting.work.put_content(upload.data) for _, upload in materials]
    step = acting.complete(turn, {"outcome": "supplied"})
    return acting.save(step, {"materials": [m.filename for m in added]}, [version], contents)


@act("self_review")
def self_review(acting: Acting, form: ReviewForm) -> Receipt:
    """One reviewer's filled checklist is on file. Raises InvalidInput listing every gap; nothing is kept then."""
    turn = acting.turn("self_check")
    records = filed_review(acting, Gate.SELF_REVIEW, form)
    step = acting.complete(turn, {"outcome": "done"})
    return acting.save(step, {"hits": records.hits}, records.all)


@act("sign")
def sign(acting: Acting, outcome: Outcome, reason: str) -> Receipt:
    """The head of the drafting unit has signed the self-review conclusion (初审意见), or sent the text to be revised.

    On the department route a passing conclusion must pass the gate; raises Blocked with every open reason.
    Source: Regulation arts. 13, 17; Measures art. 29.
    """
    turn = acting.turn("sign_off")
    if acting.case.route is Route.DEPARTMENT:
        require_concludable(acting, outcome)
    conclusion = signed(acting, Gate.SELF_REVIEW, outcome, reason)
    revising = outcome is Outcome.REVISE
    step = acting.complete(
        turn, {"outcome": "revise"} if revising else {"outcome": "signed", "conclusion": str(outcome)}
    )
    return acting.save(step, {"outcome": outcome, "reason": reason}, [conclusion])


@act("revise")
def revise(acting: Acting, packet: Packet, note: str) -> Receipt:
    """A new version is on file and a new round has begun; what was said of the old text no longer counts for it.

    Raises InvalidInput when the text is the same as before. Source: Measures art. 27.
    """
    turn = None if acting.case.stage == "passed" else acting.turn("revise")
    _may_file(acting)
    acting.document = read_bytes(packet.draft.data, packet.draft.filename)
    acting.work.texts[acting.document.text_sha256] = acting.document
    present = acting.file.versions[-1]
    if acting.document.text_sha256 == present.text_sha256:
        raise InvalidInput(f"新文本与第{present.number}稿完全相同。", "请提交修改后的文本。")
    version = filed_version(acting.office, packet, acting.document, number=acting.case.version + 1)
    if not packet.materials:
        version = _restated(acting.office, version, present.materials)
    uploads = (packet.draft, *(upload for _, upload in packet.materials))
    contents = [acting.work.put_content(upload.data) for upload in uploads]
    step = acting.complete(turn, {"outcome": "resubmitted"}) if turn else acting.send("text_changed", {})
    facts = {"note": note, "filename": version.filename}
    changes = {"round": acting.case.round + 1, "version": version.number}
    return acting.save(step, facts, [version], contents, **changes)


@act("withdraw")
def withdraw(acting: Acting, reason: str) -> Receipt:
    """The case has ended as withdrawn; its record stays."""
    policy.may_withdraw(acting.office.officer, acting.case, acting.office.profile, acting.office.today)
    if not reason.strip():
        raise InvalidInput("撤回须说明理由。", "请加上 --reason “理由”。")
    return acting.save(acting.send("withdraw", {}), {"reason": reason})


@act("issue")
def issue(acting: Acting, final: Upload) -> Receipt:
    """The issued text is recorded and the case closed; raises Blocked unless it is word for word the reviewed text.

    Source: Measures art. 27; Regulation art. 18.
    """
    _may_file(acting)
    document = read_bytes(final.data, final.filename)
    verdict = may_issue(
        gate_question(acting.file, acting.office.standards, document.text_sha256, on=acting.office.today)
    )
    if not verdict.may_issue:
        raise Blocked(
            blocked_message(acting.case.id, verdict.reasons), f"运行 shuangshen why {acting.case.id} 查看全部理由。"
        )
    content = acting.work.put_content(final.data)
    return acting.save(
        acting.send("archive", {}), {"filename": final.filename, "outcome": verdict.outcome}, [], [content]
    )


def _may_file(acting: Acting) -> None:
    policy.may_file_for(acting.office.officer, acting.file, acting.office.profile, acting.office.today)


def filed_version(office: Office, packet: Packet, document: Document, number: int) -> Version:
    """The version record of a packet being filed."""
    return Version(
        number=number,
        filename=packet.draft.filename,
        sha256=packet.draft.sha256,
        text_sha256=document.text_sha256,
        title=document.title,
        document_number=document.document_number,
        materials=tuple(Material(kind, upload.filename, upload.sha256) for kind, upload in packet.materials),
        filed_by=office.officer.id,
        filed_at=office.now,
        clause_keys=clause_keys(document),
    )


def _restated(office: Office, version: Version, added: tuple[Material, ...]) -> Version:
    return Version(
        number=version.number,
        filename=version.filename,
        sha256=version.sha256,
        text_sha256=version.text_sha256,
        title=version.title,
        document_number=version.document_number,
        materials=(*version.materials, *added),
        filed_by=office.officer.id,
        filed_at=office.now,
        clause_keys=version.clause_keys,
    )


def _new_case(office: Office, case_id: str, bundle: str, document: Document, request: Request) -> Case:
    title = one_line(request.title or document.title)
    if not title:
        raise InvalidInput("文稿中没有识别出标题。", "请用 --title “标题” 指明。")
    if len(title) > MAX_TITLE:
        raise InvalidInput(f"标题有 {len(title)} 字，超过 {MAX_TITLE} 字。", "请用 --title “标题” 写明规范的标题。")
    return Case(
        id=case_id,
        title=title,
        unit=office.officer.unit,
        kind=request.kind,
        trigger=request.trigger,
        route=Route.GOVERNMENT,
        stage="submitted",
        round=1,
        version=1,
        opened_by=office.officer.id,
        opened_at=office.now,
        bundle=bundle,
        position=b"",
        revision=0,
    )


def opening_variables(office: Office, case: Case, concerned: bool) -> dict[str, Any]:
    """What the process begins with; `concerned` says whether the draft concerns operators at all."""
    return {
        "case_id": case.id,
        "trigger": str(case.trigger),
        "kind": str(case.kind),
        "concerns_operators": concerned,
        "dual_review_for_all": office.profile.practice.dual_review_for_all,
        "reviewers": _slots(office, "self_check"),
        "joint_reviewers": _slots(office, "co_review"),
    }


def _slots(office: Office, element: str) -> dict[str, dict[str, str]]:
    return {str(n): {} for n in range(1, office.profile.practice.reviewers[element] + 1)}


def _scope(office: Office, request: Request, variables: Mapping[str, Any]) -> ScopeDecision:
    return ScopeDecision(
        route=Route(variables["route"]),
        rule=str(variables["scope_rule"]),
        reason=request.reason or str(variables["reason_code"]),
        decided_by=office.officer.id,
        decided_at=office.now,
        fields=tuple(dict.fromkeys(request.fields)),
        third_party=office.profile.practice.third_party_for_own_drafts
        and office.profile.in_regulator(office.officer.unit),
    )
