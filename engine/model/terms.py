"""The closed vocabularies of a review; each word is the one stored, used in BPMN and printed in JSON."""

from __future__ import annotations

from enum import StrEnum


class Gate(StrEnum):
    """The two reviews. On the government route the first is the 初审 and the second the 会审."""

    SELF_REVIEW = "self_review"
    JOINT_REVIEW = "joint_review"


class Route(StrEnum):
    """Which reviews a draft must pass. Source: Regulation arts. 13, 14."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    OUT_OF_SCOPE = "out_of_scope"


class Trigger(StrEnum):
    """Why a draft comes to review: the triggers of dual review, and measures a department issues itself.

    Forwarding a department's document counts as issuing it, and so does putting a bill to the congress.
    Source: Regulation arts. 13, 14; Measures art. 30.
    """

    GOVERNMENT_ISSUED = "government_issued"
    EXECUTIVE_MEETING = "executive_meeting"
    GOVERNMENT_SIGNED = "government_signed"
    DEPARTMENT_ISSUED = "department_issued"
    FORWARDED = "forwarded"
    CONGRESS_BOUND = "congress_bound"


class DraftKind(StrEnum):
    """What kind of measure the draft is; tender documents switch on the bidding module."""

    NORMATIVE_DOCUMENT = "normative_document"
    POLICY_DOCUMENT = "policy_document"
    AGENDA_ITEM = "agenda_item"
    AGREEMENT = "agreement"
    TENDER_DOCUMENT = "tender_document"


class Outcome(StrEnum):
    """The closed vocabulary of a conclusion (审查结论). No written conclusion means not reviewed."""

    COMPLIANT = "compliant"
    EXCEPTION = "exception"
    REVISE = "revise"
    MUST_NOT_ISSUE = "must_not_issue"
    OUT_OF_SCOPE = "out_of_scope"


class AnswerValue(StrEnum):
    """是 / 否 / 存疑 / 不适用. Unanswered is none of these."""

    HIT = "hit"
    NO_HIT = "no_hit"
    UNSURE = "unsure"
    NOT_APPLICABLE = "not_applicable"


class Treatment(StrEnum):
    """A person's answer to a machine finding (处置)."""

    REVISE = "revise"
    BASIS = "basis"
    EXCEPTION = "exception"
    OBJECTION = "objection"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class BasisRank(StrEnum):
    """Rank of a cited legal basis; only the first three lift a cost-group item. Source: Regulation art. 10."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    STATE_COUNCIL_APPROVAL = "state_council_approval"
    LOCAL_REGULATION = "local_regulation"
    RULE = "rule"
    NORMATIVE_DOCUMENT = "normative_document"


class Adopted(StrEnum):
    """What the drafting unit did with an opinion: 采纳, 部分采纳, 未采纳."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Ruling(StrEnum):
    """How an opinion was settled: its author withdrew it, or the coordination meeting cleared or upheld it."""

    WITHDRAWN = "withdrawn"
    CLEARED = "cleared"
    UPHELD = "upheld"


class StaffingAct(StrEnum):
    """What was done about one of several reviewers: another asked instead, one more asked, passed over."""

    REPLACED = "replaced"
    ADDED = "added"
    SKIPPED = "skipped"


class PolicyField(StrEnum):
    """What a draft touches besides competition; decides which other departments are asked."""

    BIDDING = "bidding"
    PROCUREMENT = "procurement"
    PRICE = "price"
    TAX = "tax"
    LAND = "land"
    DATA = "data"
