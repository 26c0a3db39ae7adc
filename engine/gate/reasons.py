"""The rules of the block, one small function each: given the question, every reason that is still open.

`substance_reasons` is what must be empty before a passing conclusion is signed; `conclusion_reasons` asks for the
conclusions themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.gate.carried import carried_reasons
from engine.gate.cures import accepts_exception, exception_gaps, is_cured, is_rejected, worst
from engine.gate.opinions import opinion_reasons
from engine.gate.question import Question
from engine.gate.separation import who_acted
from engine.model import AnswerValue, Finding, Gate, Level, Outcome, Reason, Route, StaffingAct, Version
from engine.standards import Series

MARKET_VOICES = frozenset({"operator", "association"})
CONSULTING = "consult_departments"
PASSING = frozenset({Outcome.COMPLIANT, Outcome.EXCEPTION})
GATE_NAMES = {Gate.SELF_REVIEW: "自我审查（初审）", Gate.JOINT_REVIEW: "市场监管部门会审"}


def substance_reasons(question: Question) -> tuple[Reason, ...]:
    """Every open reason except a missing conclusion: what must be empty before a passing conclusion is signed."""
    rules = (
        scope_reasons,
        text_reasons,
        material_reasons,
        consultation_reasons,
        separation_reasons,
        review_reasons,
        evaluation_reasons,
        answer_reasons,
        carried_reasons,
        finding_reasons,
        opinion_reasons,
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
            "P-01", "起草单位认为不属于审查范围，市场监管部门尚未确认。", ("P-01",), next_step="由市场监管部门确认范围"
        )


def text_reasons(question: Question) -> Iterator[Reason]:
    """The text to be issued is the text both reviews were made on. Source: Measures art. 27."""
    version = question.version
    if version is None:
        yield Reason("P-03", "案件中没有草案文本。", ("P-03",), next_step="报送草案")
        return
    yield from issued_text_reasons(question)
    for gate in question.gates:
        for review in question.reviews(gate):
            if review.text_sha256 != version.text_sha256:
                yield Reason("P-16", f"{GATE_NAMES[gate]}所审文本与现文本不一致。", ("P-16",), next_step="重新审查")
    if question.screening is None:
        yield Reason("SCREEN", "现文本尚未进行条款筛查。", next_step="重新报送文本")


def issued_text_reasons(question: Question) -> Iterator[Reason]:
    """The text about to be issued, when there is one, is the filed one or differs from it by a named decision.

    Source: Measures art. 27.
    """
    version = question.version
    if version and question.text_sha256 and question.text_sha256 not in _reviewed_texts(question, version):
        yield Reason(
            "P-16",
            f"拟印发文本与已审查的第{version.number}稿不一致。",
            ("P-16",),
            next_step="按修改后的文本重新报送（revise），进入新一轮审查；只改文字、不改内容的，由作结论的一方认定（editorial）",
        )


def _reviewed_texts(question: Question, version: Version) -> set[str]:
    """The digests of the reviewed version and of the texts found to differ from it only in wording."""
    round_ = question.case_file.case.round
    return {version.text_sha256} | {
        editorial.text_sha256
        for editorial in question.case_file.editorials
        if (editorial.round, editorial.version) == (round_, version.number) and editorial.gate is question.deciding_gate
    }


def material_reasons(question: Question) -> Iterator[Reason]:
    """The packet holds a drafting note. Source: Measures art. 31."""
    version = question.version
    if version is None or Gate.JOINT_REVIEW not in question.gates:
        return
    if not any(material.kind == "drafting_note" for material in version.materials):
        yield Reason("P-10", "缺少起草说明。", ("P-10",), next_step="由起草单位补正起草说明（supply --note）")


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
        yield Reason("P-05", "涉及公共利益，但没有听取社会公众意见。", ("P-05",), next_step="公开征求意见或说明理由")


def separation_reasons(question: Question) -> Iterator[Reason]:
    """Nobody acts on both gates of one case. Source: Regulation art. 14."""
    for officer, gates in sorted(who_acted(question.case_file).items()):
        if len(gates) > 1:
            yield Reason("P-12", f"{officer} 同时参加了初审和会审。", ("P-12",), next_step="由另一人重新会审")


def review_reasons(question: Question) -> Iterator[Reason]:
    """Each gate of the route was passed by a reviewer who answered every item. Source: Measures arts. 29, 33."""
    for gate in question.gates:
        if not question.reviews(gate):
            yield Reason(
                "P-07" if gate is Gate.SELF_REVIEW else "P-13",
                f"现文本尚未完成{GATE_NAMES[gate]}{_skipped(question, gate)}。",
                next_step="填写并提交审查表（review）",
            )
        for review in question.reviews(gate):
            missing = question.required_items[gate] - {a.item for a in review.answers}
            if missing:
                named = "、".join(sorted(missing)[:5])
                yield Reason(
                    "P-07",
                    f"{GATE_NAMES[gate]}有 {len(missing)} 项未回答：{named}{'等' if len(missing) > 5 else ''}。",
                    next_step="逐项作答；未回答不等于“否”",
                )


def evaluation_reasons(question: Question) -> Iterator[Reason]:
    """A draft that local practice has evaluated by a third party was, on this very text. Source: Measures art. 35."""
    decisions, version = question.case_file.scope_decisions, question.version
    if version is None or not decisions or not decisions[-1].third_party or Gate.JOINT_REVIEW not in question.gates:
        return
    if all(evaluation.text_sha256 != version.text_sha256 for evaluation in question.case_file.evaluations):
        yield Reason(
            "EVALUATION",
            "市场监管部门自行起草的文件须经第三方评估，现文本尚无评估报告。",
            next_step="委托第三方评估并登记报告（evaluate）",
        )


def _skipped(question: Question, gate: Gate) -> str:
    """That reviewers were passed over, in words: it explains a gate without reviews and does not stand in for one."""
    case = question.case_file.case
    passed_over = [
        staffing
        for staffing in question.case_file.staffings
        if (staffing.act, staffing.gate, staffing.round) == (StaffingAct.SKIPPED, gate, case.round)
        and staffing.element != CONSULTING
    ]
    told = "、".join(f"{staffing.instance}（{staffing.reason}）" for staffing in passed_over)
    return f"：审查人员已被跳过——{told}，跳过不等于审查" if told else ""


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
        yield Reason(
            "UNSURE", f"{_named(question, item)}：答复为“存疑”。", (item,), clause, "核实后改答“是”或“否”", item
        )
    elif value is AnswerValue.HIT and not is_cured(question, item, (item,)):
        quote = next((a.quote for a in deciding if a.value is value and a.quote), "")
        told = f"{_named(question, item)}：审查认定存在" + (f"——“{_shorten(quote)}”。" if quote else "。")
        yield Reason("P-15", told, (item,), clause, _cure(question, item), item)
    elif value in (AnswerValue.NO_HIT, AnswerValue.NOT_APPLICABLE) and gate is Gate.JOINT_REVIEW:
        earlier = worst(question.answers(Gate.SELF_REVIEW, item))
        if earlier in (AnswerValue.HIT, AnswerValue.UNSURE) and not any(a.reason for a in deciding):
            yield Reason(
                "P-14",
                f"{_named(question, item)}：初审答“是”或“存疑”，会审答“否”而未说明理由。",
                (item,),
                clause,
                "在会审表中说明理由",
                item,
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
    if not accepts_exception(question):
        return
    claim = question.claim()
    if claim is None:
        yield Reason("P-09", "没有适用例外规定的说明。", ("P-09",), next_step="在审查表“例外”中逐项填写")
    elif gaps := exception_gaps(claim):
        yield Reason("P-09", f"例外规定的说明不完整：缺{'、'.join(gaps)}。", ("P-09",), next_step="补充后再认定")
    elif _end_condition_met(question):
        yield Reason("P-19", "例外规定的终止条件已成就。", ("P-19",), next_step="停止执行，或者重新报送审查")
    elif question.on and claim.ends_on and claim.ends_on < question.on:
        told = f"例外规定的实施期限已于 {claim.ends_on} 届满。"
        yield Reason("P-19", told, ("P-19",), next_step="停止执行，或者重新报送审查")


def _end_condition_met(question: Question) -> bool:
    """An effect check made since the exception was granted says that its end condition has come about."""
    granted = question.conclusion(question.deciding_gate)
    checks = question.case_file.effect_checks
    return granted is not None and any(c.condition_met and c.checked_at >= granted.signed_at for c in checks)


def conclusion_reasons(question: Question) -> Iterator[Reason]:
    """Each gate has a written, passing conclusion on this text.

    Source: Regulation arts. 17, 18; Measures arts. 29, 33.
    """
    version = question.version
    own = question.conclusion(Gate.SELF_REVIEW)
    if own and own.outcome is Outcome.MUST_NOT_ISSUE and question.conclusion(question.deciding_gate) in (own, None):
        told = f"起草单位{GATE_NAMES[Gate.SELF_REVIEW]}结论为不得出台。"
        yield Reason("P-08", told, ("P-08",), next_step="修改后另行报送（submit）")
        return
    for gate in question.gates:
        conclusion = question.conclusion(gate)
        code = "P-08" if gate is Gate.SELF_REVIEW else "P-14"
        if conclusion is None:
            yield Reason(code, f"没有{GATE_NAMES[gate]}的书面结论。", (code,), next_step="签署审查结论")
        elif version and conclusion.text_sha256 != version.text_sha256:
            yield Reason("P-16", f"{GATE_NAMES[gate]}结论针对的是另一文本。", ("P-16",), next_step="重新审查")
        elif gate is question.deciding_gate and conclusion.outcome not in PASSING:
            yield Reason(
                code, f"{GATE_NAMES[gate]}结论为不得出台或须修改。", (code,), next_step="修改后重新报送（revise）"
            )


def _finding_reason(code: str, finding: Finding, what: str, next_step: str) -> Reason:
    where = f"第{finding.line}行" if not finding.clause else finding.clause
    told = f"{finding.id} {where}：{what}——“{_shorten(finding.text)}”。"
    return Reason(code, told, finding.articles, finding.clause, next_step, finding.id)


def _cure(question: Question, *items: str) -> str:
    if all(question.standards.item(item).series is Series.PROCEDURE for item in items):
        return "补正程序后重新作答"
    if all(question.standards.item(item).basis_switch for item in items):
        return "删除或修改条款；或附法律、行政法规依据或国务院批准并经核实；或申请适用例外规定"
    return "删除或修改条款；或按例外规定说明理由并设定期限"


def _named(question: Question, item: str) -> str:
    return f"{item} {question.standards.item(item).text}"


def _shorten(text: str, limit: int = 40) -> str:
    flat = "".join(text.split())
    return flat if len(flat) <= limit else flat[:limit] + "……"


def _item_order(item: str) -> tuple[str, int, int]:
    head, _, tail = item.partition("-")
    return (head[:1], int(head[1:] or 0), int(tail or 0)) if tail.isdigit() and head[1:].isdigit() else (head, 0, 0)
