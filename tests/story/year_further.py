"""Further cases of the year: kinds of draft, who else is asked, what happens after approval, what the clock does."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import date

import pytest
from city import City, Matter, findings, hit, notice

from engine.calendar import load_calendar
from engine.errors import Blocked, InvalidInput, Refused
from engine.model import (
    Adopted,
    Basis,
    BasisRank,
    DraftKind,
    ExceptionClaim,
    Outcome,
    Role,
    Ruling,
    Treatment,
    Trigger,
)
from engine.store import reads
from reviewers import deadlines, drafting_unit, market_regulator, opinions, staffing, sunset
from reviewers.consulting import Reply, consult
from reviewers.editorial import decide_editorial
from reviewers.evaluation import Report, evaluate
from reviewers.office import Upload
from reviewers.reviewing import ReviewForm
from reviewers.samples.forms import joint_form
from reviewers.supervision import complaints, ledger
from reviewers.year_files import import_year

Story = Generator[str, None, Matter]
LAMPS = notice("全市公共机构应当统一采购本市注册企业生产的节能灯具。")
REFUND = notice("年纳税额超过五百万元的企业，按照其地方留成部分的百分之四十给予奖励。")
NEXT_YEAR = """year = 2027
notice = "国办发明电〔2026〕×号"
announced_on = 2026-11-05
provisional = false

[[holidays]]
name = "元旦"
from = 2027-01-01
to = 2027-01-03
"""


def usual(matter: Matter) -> Matter:
    """From the self-review to a passing conclusion, nobody finding anything."""
    return matter.self_reviewed().signed().accepted().jointly_reviewed().concluded()


def attached(kind: str, name: str) -> tuple[tuple[str, Upload], ...]:
    return ((kind, Upload(f"{name}.txt", f"{name}。".encode())),)


def claim(ends_on: date) -> ExceptionClaim:
    return ExceptionClaim(3, "影响采购", "节能", "无替代", "更换所需", "无", ("M15-2", "M15-3"), ends_on)


def excepted(matter: Matter, ends_on: date) -> Matter:
    """Passed under an exception until that day and issued."""
    claimed = hit("M15-2", Treatment.EXCEPTION, findings(matter.file), claim=claim(ends_on))
    matter.self_reviewed(claimed).signed().accepted().jointly_reviewed(claimed)
    return matter.concluded(Outcome.EXCEPTION).issued()


# ---------------------------------------------------------------- kinds of draft


def is_forwarded_by_the_government(city: City) -> Story:
    """What is forwarded counts as issued; the forwarded document itself belongs to the packet."""
    matter = Matter(city, "swj").submitted(trigger=Trigger.FORWARDED).self_reviewed().signed()
    with pytest.raises(InvalidInput, match="缺拟转发的部门文件"):
        matter.accepted()
    market_regulator.request_correction(matter.joint(), matter.id, ("拟转发的部门文件",), "材料不齐")
    yield "02-03"
    drafting_unit.supply(matter.drafting(Role.DRAFTER), matter.id, attached("other", "部门文件"))
    return matter.accepted().jointly_reviewed().concluded()


def is_bound_for_the_congress(city: City) -> Story:
    bill = {"trigger": Trigger.CONGRESS_BOUND, "kind": DraftKind.NORMATIVE_DOCUMENT}
    matter = Matter(city, "sfj").submitted(extra=attached("legal_basis", "上位法"), **bill)
    yield "02-10"
    return usual(matter)


def is_an_agenda_item_the_meeting_mends(city: City) -> Story:
    """The meeting mends a word: decided by name; a new clause is no matter of wording."""
    item = {"trigger": Trigger.EXECUTIVE_MEETING, "kind": DraftKind.AGENDA_ITEM}
    matter = usual(Matter(city, "nyj", notice("简化办事程序，缩短办理时限。")).submitted(**item))
    yield "03-02"
    mended = notice("简化办事程序，压缩办理时限。")
    with pytest.raises(Blocked):
        matter.issued(mended)
    with pytest.raises(Blocked, match="不是文字性修改"):
        decide_editorial(matter.lead(), matter.id, notice("简化办事程序，缩短办理时限。", "另设窗口。"), "会议意见")
    decide_editorial(matter.lead(), matter.id, mended, "会议改动措辞，不涉及内容")
    return matter.issued(mended)


def is_a_contract_heard_in_confidence(city: City) -> Story:
    contract = {"trigger": Trigger.GOVERNMENT_SIGNED, "kind": DraftKind.AGREEMENT}
    matter = Matter(city, "zjj").submitted(**contract)

    def confidential(form: ReviewForm) -> ReviewForm:
        assert form.consultation is not None
        heard = replace(form.consultation, hearings=(), confidential_reason="磋商期间涉及商业秘密")
        return replace(form, consultation=heard)

    matter.self_reviewed(confidential).signed().accepted()
    yield "03-10"
    return matter.jointly_reviewed().concluded()


def is_drafted_by_the_regulator_itself(city: City) -> Story:
    """Another office of the regulator reviews it, and a third party has evaluated it."""
    practice, before = replace(city.profile.practice, third_party_for_own_drafts=True), city.profile
    city.profile = replace(city.profile, practice=practice)
    matter = Matter(city, "scjg.xyjg").submitted().self_reviewed().signed().accepted()
    city.profile = before
    deadlines.suspend(matter.joint(), matter.id, "委托高校评估")
    yield "04-16"
    matter.jointly_reviewed()
    with pytest.raises(Blocked, match="第三方评估"):
        matter.concluded()
    report = Report(
        "某大学法学院", "与市场监管局没有利害关系", "没有限制竞争的效果", Upload("评估.txt", "报告。".encode())
    )
    evaluate(matter.joint(), matter.id, report)
    deadlines.resume(matter.joint(), matter.id, "收到评估报告")
    return matter.concluded()


# ---------------------------------------------------------------- who else is asked


def asks_further_departments_and_gives_way(city: City) -> Story:
    """One reviewer has an interest and gives way; two departments are asked late and the reviewers look again."""
    matter = Matter(city, "gxj").submitted()
    deadlines.suspend(matter.drafting(Role.DRAFTING_HEAD), matter.id, "起草单位委托评估")
    yield "05-11"
    deadlines.resume(matter.drafting(Role.DRAFTING_HEAD), matter.id, "收到评估报告")
    matter.self_reviewed().signed().accepted()
    form = joint_form(matter.file, city.document(matter.id), ())
    with pytest.raises(Refused, match="利益冲突"):
        market_regulator.joint_review(matter.joint(), matter.id, replace(form, interests="曾在所涉企业任职"))
    market_regulator.joint_review(city.by("shi.lei"), matter.id, form)
    staffing.reassign(matter.lead(), matter.id, "2", "bai.xue", "秦瑜回避")
    staffing.add_reviewer(matter.lead(), matter.id, "zrzy", "涉及用地")
    assert matter.stage == "consult_departments"
    yield "05-14"
    said = opinions.Comment("用地条件应当公开", blocking=True)
    consult(city.by("hao.yan"), matter.id, Reply(agrees=False, interests="无", said=said))
    yield "05-15"
    for who in ("shi.lei", "bai.xue"):
        market_regulator.joint_review(city.by(who), matter.id, form)
    staffing.add_reviewer(matter.lead(), matter.id, "shuju", "涉及数据")
    consult(city.by("lei.ming"), matter.id, Reply(agrees=True, interests="无"))
    for who in ("shi.lei", "bai.xue"):
        market_regulator.joint_review(city.by(who), matter.id, form)
    with pytest.raises(Blocked):
        matter.concluded()
    opinions.answer_opinion(matter.drafting(Role.DRAFTER), matter.id, "O-1", Adopted.NO, "不涉及用地")
    opinions.escalate(matter.lead(), matter.id, "O-1", Ruling.UPHELD, "应当公开", "2026年第1次联席会议")
    return matter.concluded(Outcome.REVISE)


def is_stopped_by_its_own_unit_before_the_joint_review(city: City) -> Story:
    matter = Matter(city, "wlj", LAMPS).submitted().self_reviewed()
    yield "05-21"
    return matter.signed(Outcome.MUST_NOT_ISSUE)


def cites_too_low_a_basis(city: City) -> Story:
    """A local regulation lifts nothing; the opinion is adopted in part with the revision."""
    matter = Matter(city, "czj", REFUND).submitted()
    low = hit("M19-4", Treatment.BASIS, findings(matter.file), Basis("某市条例", "第三条", BasisRank.LOCAL_REGULATION))
    matter.self_reviewed(low).signed().accepted()
    opinions.comment(matter.joint(), matter.id, opinions.Comment("取消奖励", clause="一", blocking=True))
    opinions.comment(matter.joint(1), matter.id, opinions.Comment("可设过渡期", dissent=True))
    matter.jointly_reviewed(low)
    with pytest.raises(Blocked):
        matter.concluded()
    matter.concluded(Outcome.REVISE)
    yield "06-03"
    matter.revised(notice("取消按照税收贡献给予的奖励。"))
    opinions.answer_opinion(matter.drafting(Role.DRAFTER), matter.id, "O-1", Adopted.PARTLY, "改为取消奖励")
    return usual(matter)


# ---------------------------------------------------------------- afterwards


def stops_when_its_condition_is_met(city: City) -> Story:
    matter = excepted(Matter(city, "gxj", LAMPS).submitted(), date(2027, 6, 30))
    yield "09-07"
    drafter = matter.drafting(Role.DRAFTER)
    sunset.check(drafter, matter.id, "已全部更换", True, "条件成就", True, ())
    stopped = (Upload("废止通知.txt", "停止执行。".encode()),)
    sunset.check(matter.drafting(Role.DRAFTER), matter.id, "已全部更换", False, "已停止", False, stopped)
    return matter


def is_reopened_by_the_system(city: City) -> Story:
    """Nobody says that the measure stopped: ten working days after its end the system opens a new case."""
    matter = excepted(Matter(city, "nyj", LAMPS).submitted(), date(2026, 8, 31))
    yield "09-11"
    assert matter.file.reopenings == ()
    yield "09-17"
    (reopened,) = matter.file.reopenings
    anew = city.file(reopened.new_case)
    assert (reopened.reopened_by, anew.case.unit, anew.case.stage) == ("system", "nyj", "self_check")
    anew_matter = replace(matter, draft=matter.draft)
    anew_matter.id = reopened.new_case
    drafting_unit.withdraw(anew_matter.drafting(Role.DRAFTER), reopened.new_case, "措施已停止执行")
    stopped = (Upload("停止通知.txt", "停止执行。".encode()),)
    sunset.check(matter.drafting(Role.DRAFTER), matter.id, "节能", False, "已停止", False, stopped)
    return matter


def is_reported_late_and_transferred(city: City) -> Story:
    """The report is incomplete, then accepted, prolonged and sent on; an entry of the ledger runs out."""
    matter = usual(Matter(city, "fgw").submitted()).issued()
    yield "07-20"
    apart = "yu.chengzhi"
    report = complaints.file(city.by(apart), matter.id, "限定经营者", "某企业").case_id
    complaints.correct(city.by(apart), report, "请补充文件名称")
    yield "07-28"
    complaints.accept(city.by(apart), report, "")
    yield "09-22"
    complaints.extend(matter.lead(), report, 30, "情况复杂")
    entry = ledger.add(city.by(apart), "fgw", matter.id, "执行中限定", "停止限定", date(2026, 10, 16), "抽查").case_id
    yield "10-28"
    complaints.transfer(city.by(apart), report, "省市场监管局", "涉嫌滥用行政权力")
    said = [event["facts"]["kind"] for event in reads.events(city.database, entry) if event["actor"] == "system"]
    assert said == ["remind", "last", "overdue", "escalate"]
    spoken = [e["facts"]["kind"] for e in reads.events(city.database, report) if e["actor"] == "system"]
    assert spoken == ["remind", "remind", "remind", "last", "overdue", "escalate"]
    proof = (Upload("停止通知.txt", "已停止。".encode()),)
    ledger.close(city.by(apart), entry, proof, "证据齐全")
    return matter


def waits_while_next_year_is_announced(city: City) -> Story:
    """The notice for 2027 comes: taking it in is in the trail, with the cases it moves."""
    matter = Matter(city, "jtj").submitted()
    yield "11-10"
    file = Upload("2027.toml", NEXT_YEAR.encode())
    done = import_year(matter.joint(), city.home / "calendar", file)
    load_calendar.cache_clear()
    assert done.matter == "RL-2026-0001"
    assert import_year(matter.joint(), city.home / "calendar", file).matter == done.matter
    return usual(matter)


FURTHER: tuple[tuple[str, Callable[[City], Story], str, Outcome | None], ...] = (
    ("02-02", is_forwarded_by_the_government, "passed", Outcome.COMPLIANT),
    ("02-09", is_bound_for_the_congress, "passed", Outcome.COMPLIANT),
    ("02-26", is_an_agenda_item_the_meeting_mends, "archived", Outcome.COMPLIANT),
    ("03-09", is_a_contract_heard_in_confidence, "passed", Outcome.COMPLIANT),
    ("04-13", is_drafted_by_the_regulator_itself, "passed", Outcome.COMPLIANT),
    ("05-07", asks_further_departments_and_gives_way, "revise", None),
    ("05-20", is_stopped_by_its_own_unit_before_the_joint_review, "must_not_issue", None),
    ("05-25", cites_too_low_a_basis, "passed", Outcome.COMPLIANT),
    ("06-18", stops_when_its_condition_is_met, "archived", None),
    ("06-23", is_reopened_by_the_system, "archived", None),
    ("07-06", is_reported_late_and_transferred, "archived", Outcome.COMPLIANT),
    ("11-09", waits_while_next_year_is_announced, "passed", Outcome.COMPLIANT),
)
"""When each begins, its story, and how it stands when the year is over."""
