"""The block: may this document be issued, and if not, why not.

Pure functions over a `CaseFile` and the law in force; nothing here reads a clock, a file or a database. Each rule is
one small function that yields `Reason`s; `may_issue` is their sum. The acts call it before a conclusion, the agenda
office calls it through `shuangshen gate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.model import (
    Answer,
    AnswerValue,
    BasisRank,
    CaseFile,
    Conclusion,
    Disposition,
    ExceptionClaim,
    Finding,
    Gate,
    Level,
    Outcome,
    Reason,
    Review,
    Route,
    Screening,
    Treatment,
    Verdict,
    Version,
)
from engine.standards import ExceptionMode, Series, Standards

NATIONAL_RANKS = frozenset({BasisRank.LAW, BasisRank.ADMINISTRATIVE_REGULATION, BasisRank.STATE_COUNCIL_APPROVAL})
MARKET_VOICES = frozenset({"operator", "association"})
PASSING = frozenset({Outcome.COMPLIANT, Outcome.EXCEPTION})
GATE_NAMES = {Gate.SELF_REVIEW: "自我审查(初审)", Gate.JOINT_REVIEW: "市场监管部门会审"}
SEVERITY = (AnswerValue.NOT_APPLICABLE, AnswerValue.NO_HIT, AnswerValue.UNSURE, AnswerValue.HIT)


@dataclass(frozen=True, slots=True)
class Question:
    """What the gate is asked: the case file, the law, which items each reviewer had to answer, the text to be issued.

    `text_sha256` is the digest of the text about to be issued, empty to ask about the filed version.
    `accepting` is true while the deciding gate is about to accept an exception.
    """

    case_file: CaseFile
    standards: Standards
    required_items: Mapping[Gate, frozenset[str]]
    text_sha256: str = ""
    accepting: bool = False
    _reviews: dict[Gate, tuple[Review, ...]] = field(default_factory=dict, compare=False)

    @property
    def version(self) -> Version | None:
        number = self.case_file.case.version
        return next((v for v in reversed(self.case_file.versions) if v.number == number), None)

    @property
    def screening(self) -> Screening | None:
        version = self.version
        texts = (s for s in reversed(self.case_file.screenings) if version and s.text_sha256 == version.text_sha256)
        return next(texts, None)

    @property
    def gates(self) -> tuple[Gate, ...]:
        if self.case_file.case.route is Route.DEPARTMENT:
            return (Gate.SELF_REVIEW,)
        return (Gate.SELF_REVIEW, Gate.JOINT_REVIEW)

    @property
    def deciding_gate(self) -> Gate:
        return self.gates[-1]

    def reviews(self, gate: Gate) -> tuple[Review, ...]:
        """The latest review of each reviewer at this gate in the present round and version."""
        if gate not in self._reviews:
            case = self.case_file.case
            latest = {
                r.reviewer: r
                for r in self.case_file.reviews
                if r.gate is gate and r.round == case.round and r.version == case.version
            }
            self._reviews[gate] = tuple(latest.values())
        return self._reviews[gate]

    def conclusion(self, gate: Gate) -> Conclusion | None:
        case = self.case_file.case
        signed = (c for c in reversed(self.case_file.conclusions) if c.gate is gate and c.round == case.round)
        return next((c for c in signed if c.version == case.version), None)

    def answers(self, gate: Gate, item: str) -> tuple[Answer, ...]:
        return tuple(a for r in self.reviews(gate) for a in r.answers if a.item == item)

    def dispositions(self, target: str, gates: Iterable[Gate] | None = None) -> tuple[Disposition, ...]:
        asked = self.gates if gates is None else tuple(gates)
        return tuple(d for g in asked for r in self.reviews(g) for d in r.dispositions if d.finding == target)

    def claim(self) -> ExceptionClaim | None:
        claims = self.case_file.exception_claims
        return claims[-1] if claims else None


def may_issue(question: Question) -> Verdict:
    """The verdict on the version now filed: issuable only when no rule has an open reason.

    Source: Regulation art. 18; Measures arts. 27, 29, 33, 34.
    """
    if question.case_file.case.route is Route.OUT_OF_SCOPE:
        reasons = tuple(scope_reasons(question))
        return Verdict(not reasons, None if reasons else Outcome.OUT_OF_SCOPE, reasons)
    reasons = (*substance_reasons(question), *conclusion_reasons(question))
    conclusion = question.conclusion(question.deciding_gate)
    return Verdict(not reasons, conclusion.outcome if conclusion and not reasons else None, reasons)


def substance_reasons(question: Question) -> tuple[Reason, ...]:
    """Every open reason except a missing conclusion: what must be empty before a passing conclusion is signed."""
    rules = (
        scope_reasons,
        text_reasons,
        material_reasons,
        consultation_reasons,
        separation_reasons,
        review_reasons,
        answer_reasons,
        finding_reasons,
        exception_reasons,
    )
    return tuple(reason for rule in rules for reason in rule(question))


def scope_reasons(question: Question) -> Iterator[Reason]:
    """Scope is decided with a reason, and 'out of scope' is confirmed by the regulator.

    Source: Regulation arts. 2, 14.
    """
    decisions = question.case_file.scope_decisions
    if not decisions:
        yield Reason("P-01", "尚未判定是否属于审查范围。", ("P-01",), next_step="由起草单位重新报送")
    elif decisions[-1].route is Route.OUT_OF_SCOPE and not decisions[-1].confirmed_by:
        yield Reason(
            "P-01", "起草单位认为不属于审查范围,市场监管部门尚未确认。", ("P-01",), next_step="由市场监管部门确认范围"
        )


def text_reasons(question: Question) -> Iterator[Reason]:
    """The text to be issued is the text both reviews were made on. Source: Measures art. 27."""
    version = question.version
    if version is None:
        yield Reason("P-03", "案件中没有草案文本。", ("P-03",), next_step="报送草案")
        return
    if question.text_sha256 and question.text_sha256 != version.text_sha256:
        yield Reason(
            "P-16",
            f"拟印发文本与已审查的第{version.number}稿不一致。",
            ("P-16",),
            next_step="按修改后的文本重新报送(revise),进入新一轮审查",
        )
    for gate in question.gates:
        for review in question.reviews(gate):
            if review.text_sha256 != version.text_sha256:
                yield Reason("P-16", f"{GATE_NAMES[gate]}所审文本与现文本不一致。", ("P-16",), next_step="重新审查")
    if question.screening is None:
        yield Reason("SCREEN", "现文本尚未进行条款筛查。", next_step="重新报送文本")


def material_reasons(question: Question) -> Iterator[Reason]:
    """The packet holds a drafting note. Source: Measures art. 31."""
    version = question.version
    if version is None or Gate.JOINT_REVIEW not in question.gates:
        return
    if not any(material.kind == "drafting_note" for material in version.materials):
        yield Reason("P-10", "缺少起草说明。", ("P-10",), next_step="由起草单位补正起草说明(supply --note)")


def consultation_reasons(question: Question) -> Iterator[Reason]:
    """Stakeholders were heard, and the public where its interest is touched. Source: Regulation art. 16."""
    records = question.case_file.consultations
    if not records:
        yield Reason("P-04", "没有听取利害关系人意见的记录。", ("P-04",), next_step="在初审表中填写“听取意见”")
        return
    consultation = records[-1]
    heard = {hearing.kind for hearing in consultation.hearings}
    if not heard & MARKET_VOICES and not consultation.confidential_reason:
        yield Reason(
            "P-04", "未听取任何经营者或行业协会商会的意见。", ("P-04",), next_step="补充听取意见并说明采纳情况"
        )
    if consultation.public_interest and "public" not in heard and not consultation.public_reason:
        yield Reason("P-05", "涉及公共利益,但没有听取社会公众意见。", ("P-05",), next_step="公开征求意见或说明理由")


def separation_reasons(question: Question) -> Iterator[Reason]:
    """Nobody acts on both gates of one case. Source: Regulation art. 14."""
    file = question.case_file
    self_side = {r.reviewer for r in file.reviews if r.gate is Gate.SELF_REVIEW}
    self_side |= {c.signed_by for c in file.conclusions if c.gate is Gate.SELF_REVIEW}
    self_side |= {v.filed_by for v in file.versions}
    joint_side = {r.reviewer for r in file.reviews if r.gate is Gate.JOINT_REVIEW}
    joint_side |= {c.signed_by for c in file.conclusions if c.gate is Gate.JOINT_REVIEW}
    joint_side |= {r.rejected_by for r in file.rejections}
    for officer in sorted(self_side & joint_side):
        yield Reason("P-12", f"{officer} 同时参加了初审和会审。", ("P-12",), next_step="由另一人重新会审")


def review_reasons(question: Question) -> Iterator[Reason]:
    """Each gate of the route was passed by a reviewer who answered every item. Source: Measures arts. 29, 33."""
    for gate in question.gates:
        if not question.reviews(gate):
            yield Reason(
                "P-07" if gate is Gate.SELF_REVIEW else "P-13",
                f"现文本尚未完成{GATE_NAMES[gate]}。",
                next_step="填写并提交审查表(review)",
            )
        for review in question.reviews(gate):
            missing = question.required_items[gate] - {a.item for a in review.answers}
            if missing:
                named = "、".join(sorted(missing)[:5])
                yield Reason(
                    "P-07",
                    f"{GATE_NAMES[gate]}有 {len(missing)} 项未回答:{named}{'等' if len(missing) > 5 else ''}。",
                    next_step="逐项作答;未回答不等于“否”",
                )


def answer_reasons(question: Question) -> Iterator[Reason]:
    """Every hit is cured and no doubt is left at the deciding gate. Source: Regulation arts. 10, 12, 18."""
    for item in sorted(frozenset().union(*(question.required_items[g] for g in question.gates)), key=_item_order):
        yield from _item_reasons(question, item)


def _item_reasons(question: Question, item: str) -> Iterator[Reason]:
    gate = next(g for g in reversed(question.gates) if item in question.required_items[g])
    deciding = question.answers(gate, item)
    value = worst(deciding)
    clause = next((c for a in deciding if a.value is value for c in a.clauses), "")
    if value is AnswerValue.UNSURE:
        yield Reason("UNSURE", f"{_named(question, item)}:答复为“存疑”。", (item,), clause, "核实后改答“是”或“否”")
    elif value is AnswerValue.HIT and not is_cured(question, item, (item,)):
        quote = next((a.quote for a in deciding if a.value is value and a.quote), "")
        told = f"{_named(question, item)}:审查认定存在" + (f"——“{_shorten(quote)}”。" if quote else "。")
        yield Reason("P-15", told, (item,), clause, _cure(question, item))
    elif value in (AnswerValue.NO_HIT, AnswerValue.NOT_APPLICABLE) and gate is Gate.JOINT_REVIEW:
        earlier = worst(question.answers(Gate.SELF_REVIEW, item))
        if earlier in (AnswerValue.HIT, AnswerValue.UNSURE) and not any(a.reason for a in deciding):
            yield Reason(
                "P-14",
                f"{_named(question, item)}:初审答“是”或“存疑”,会审答“否”而未说明理由。",
                (item,),
                clause,
                "在会审表中说明理由",
            )


def finding_reasons(question: Question) -> Iterator[Reason]:
    """Every finding of the present text is cured, rejected by a regulator, or (attention only) answered by a person."""
    screening = question.screening
    for finding in screening.findings if screening else ():
        if finding.level is Level.ATTENTION:
            if not question.dispositions(finding.id) and not is_rejected(question, finding):
                yield _finding_reason("ANSWER", finding, "提示的条款尚未答复", "在审查表“疑似问题处置”中说明")
        elif not is_rejected(question, finding) and not is_cured(question, finding.id, finding.articles):
            yield _finding_reason("FINDING", finding, "疑似排除、限制竞争", _cure(question, *finding.articles))


def exception_reasons(question: Question) -> Iterator[Reason]:
    """A relied-on exception is complete. Source: Regulation arts. 12, 17; Measures arts. 25, 29."""
    claim = question.claim()
    if claim and question.accepting:
        gaps = exception_gaps(claim)
        if gaps:
            yield Reason("P-09", f"例外规定的说明不完整:缺{'、'.join(gaps)}。", ("P-09",), next_step="补充后再认定")


def conclusion_reasons(question: Question) -> Iterator[Reason]:
    """Each gate has a written, passing conclusion on this text.

    Source: Regulation arts. 17, 18; Measures arts. 29, 33.
    """
    version = question.version
    for gate in question.gates:
        conclusion = question.conclusion(gate)
        code = "P-08" if gate is Gate.SELF_REVIEW else "P-14"
        if conclusion is None:
            yield Reason(code, f"没有{GATE_NAMES[gate]}的书面结论。", (code,), next_step="签署审查结论")
        elif version and conclusion.text_sha256 != version.text_sha256:
            yield Reason("P-16", f"{GATE_NAMES[gate]}结论针对的是另一文本。", ("P-16",), next_step="重新审查")
        elif gate is question.deciding_gate and conclusion.outcome not in PASSING:
            yield Reason(
                code, f"{GATE_NAMES[gate]}结论为不得出台或须修改。", (code,), next_step="修改后重新报送(revise)"
            )


def is_rejected(question: Question, finding: Finding) -> bool:
    """A regulator has rejected this finding, with a reason, on these very words."""
    return any(r.finding == finding.id and r.reason.strip() for r in question.case_file.rejections)


def is_cured(question: Question, target: str, items: tuple[str, ...]) -> bool:
    """The deciding gate has accepted a national basis (cost group only) or a complete exception for this target."""
    return has_basis(question, target, items) or has_exception(question, target, items)


def has_basis(question: Question, target: str, items: tuple[str, ...]) -> bool:
    """A law, administrative regulation or State Council approval is attached and verified by the deciding gate.

    Source: Regulation art. 10; a local regulation or a lower rule never lifts an item.
    """
    listed = [question.standards.item(item) for item in items]
    if not listed or not all(item.basis_switch for item in listed):
        return False
    return any(
        d.treatment is Treatment.BASIS and d.basis is not None and d.basis.rank in NATIONAL_RANKS
        for d in question.dispositions(target, (question.deciding_gate,))
    )


def has_exception(question: Question, target: str, items: tuple[str, ...]) -> bool:
    """A complete exception covers these items and the deciding gate accepts it.

    Source: Regulation art. 12. Items whose breach lies in another law's prohibition need case 4.
    """
    claim = question.claim()
    if claim is None or exception_gaps(claim) or not (question.accepting or _exception_signed(question)):
        return False
    claimed = set(claim.items)
    covered = target in claimed or bool(claimed & set(items))
    modes = {question.standards.item(item).exception_mode for item in items}
    curable = ExceptionMode.NONE not in modes and (claim.ground == 4 or ExceptionMode.LIMITED not in modes)
    return covered and curable


def exception_gaps(claim: ExceptionClaim) -> tuple[str, ...]:
    """What a claim still lacks, in Chinese; empty when it is complete. Source: Measures arts. 25, 29."""
    statements = {
        "对竞争的影响": claim.effect,
        "适用情形的理由": claim.ground_reason,
        "影响最小的理由": claim.least_harm,
        "期限或终止条件的理由": claim.period_reason,
        "其他需要说明的情况": claim.other,
    }
    gaps = [name for name, text in statements.items() if not text.strip()]
    if claim.ground not in (1, 2, 3, 4):
        gaps.append("适用情形(1至4)")
    if claim.ends_on is None and not claim.end_condition.strip():
        gaps.append("实施期限或者终止条件")
    if not claim.items:
        gaps.append("适用的审查项目")
    return tuple(gaps)


def worst(answers: Iterable[Answer]) -> AnswerValue | None:
    """The gravest of several reviewers' answers to one item; None when nobody answered."""
    return max((a.value for a in answers), key=SEVERITY.index, default=None)


def _exception_signed(question: Question) -> bool:
    conclusion = question.conclusion(question.deciding_gate)
    return conclusion is not None and conclusion.outcome is Outcome.EXCEPTION and conclusion.exception_accepted


def _finding_reason(code: str, finding: Finding, what: str, next_step: str) -> Reason:
    where = f"第{finding.line}行" if not finding.clause else finding.clause
    return Reason(
        code, f"{finding.id} {where}:{what}——“{_shorten(finding.text)}”。", finding.articles, finding.clause, next_step
    )


def _cure(question: Question, *items: str) -> str:
    if all(question.standards.item(item).series is Series.PROCEDURE for item in items):
        return "补正程序后重新作答"
    if all(question.standards.item(item).basis_switch for item in items):
        return "删除或修改条款;或附法律、行政法规依据或国务院批准并经核实;或申请适用例外规定"
    return "删除或修改条款;或按例外规定说明理由并设定期限"


def _named(question: Question, item: str) -> str:
    return f"{item} {question.standards.item(item).text}"


def _shorten(text: str, limit: int = 40) -> str:
    flat = "".join(text.split())
    return flat if len(flat) <= limit else flat[:limit] + "……"


def _item_order(item: str) -> tuple[str, int, int]:
    head, _, tail = item.partition("-")
    return (head[:1], int(head[1:] or 0), int(tail or 0)) if tail.isdigit() and head[1:].isdigit() else (head, 0, 0)
