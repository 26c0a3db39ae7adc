"""The words of the form and the record it is read into; reading and writing share them, so neither can drift."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model import Answer, AnswerValue, BasisRank, Consultation, Disposition, ExceptionClaim, Gate, Treatment

GATE_WORDS = {Gate.SELF_REVIEW: "初审（自我审查）", Gate.JOINT_REVIEW: "会审"}
GATE_NAMES = {Gate.SELF_REVIEW: "初审", Gate.JOINT_REVIEW: "会审"}
ANSWER_WORDS = {
    AnswerValue.NO_HIT: "否",
    AnswerValue.HIT: "是",
    AnswerValue.UNSURE: "存疑",
    AnswerValue.NOT_APPLICABLE: "不适用",
}
TREATMENT_WORDS = {
    Treatment.REVISE: "修改",
    Treatment.BASIS: "依据",
    Treatment.EXCEPTION: "例外",
    Treatment.OBJECTION: "异议",
    Treatment.CONFIRMED: "属实",
    Treatment.REJECTED: "驳回",
}
ALLOWED_TREATMENTS = {
    Gate.SELF_REVIEW: (
        Treatment.REVISE,
        Treatment.BASIS,
        Treatment.EXCEPTION,
        Treatment.OBJECTION,
        Treatment.CONFIRMED,
    ),
    Gate.JOINT_REVIEW: (Treatment.CONFIRMED, Treatment.BASIS, Treatment.EXCEPTION, Treatment.REJECTED),
}
RANK_WORDS = {
    BasisRank.LAW: "法律",
    BasisRank.ADMINISTRATIVE_REGULATION: "行政法规",
    BasisRank.STATE_COUNCIL_APPROVAL: "国务院批准",
    BasisRank.LOCAL_REGULATION: "地方性法规",
    BasisRank.RULE: "规章",
    BasisRank.NORMATIVE_DOCUMENT: "规范性文件",
}
HEARING_WORDS = {
    "operator": "经营者",
    "association": "行业协会",
    "public": "公众",
    "expert": "专家",
    "department": "部门",
}
BOOLEAN_WORDS = {True: "是", False: "否"}
GROUND_WORDS = {1: "一", 2: "二", 3: "三", 4: "四"}

FIELD_WORDS = {
    "value": "答",
    "clauses": "条款",
    "quote": "摘录",
    "reason": "理由",
    "change": "修改",
    "carried_from": "沿用",
}
DISPOSITION_WORDS = {"treatment": "处置", "reason": "理由", "basis": "依据", "carried_from": "沿用"}
BASIS_WORDS = {"instrument": "文件", "provision": "条款", "rank": "位阶"}
CONSULTATION_WORDS = {
    "public_interest": "涉及公共利益",
    "public_reason": "公众意见说明",
    "confidential_reason": "限制公开说明",
    "hearings": "听取",
}
HEARING_FIELD_WORDS = {"name": "名称", "kind": "类型", "heard_on": "日期", "opinion": "意见", "adopted": "采纳"}
EXCEPTION_WORDS = {
    "ground": "情形",
    "effect": "影响",
    "ground_reason": "理由",
    "least_harm": "影响最小",
    "period_reason": "期限理由",
    "other": "其他",
    "items": "适用项目",
    "ends_on": "截止",
    "end_condition": "终止条件",
}
SECTION_WORDS = {
    "opinion": "意见",
    "answers": "答复",
    "dispositions": "疑似问题处置",
    "consultation": "听取意见",
    "exception_claim": "例外",
    "interests": "利益冲突声明",
}


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """A form as filled in. Items and findings left blank are absent; blank sections are None."""

    opinion: str = ""
    answers: tuple[Answer, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    consultation: Consultation | None = None
    exception_claim: ExceptionClaim | None = None
    interests: str = ""
