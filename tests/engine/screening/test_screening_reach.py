"""Questions, reports and quotations over several sentences; stems that forbid to refuse what they list."""

from __future__ import annotations

from datetime import date

import pytest

from engine.documents import fold, read_text
from engine.model import Level
from engine.screening import screen
from engine.screening.polarity import read_polarity, residual
from engine.screening.reach import reached
from engine.screening.reading import statements
from engine.standards import load_standards

DAY = date(2026, 1, 5)
FIRST = "物业企业应当按季报送台账"
SECOND = "外地企业承接业务的,应当先缴纳信用押金五万元"
BOTH = f"{FIRST}。{SECOND}"


def standing(text: str) -> list[str]:
    """What still stands of every sentence, without punctuation."""
    said = statements(read_text(text))
    far = reached(said)
    rests = [residual(one.text, read_polarity(one, far.get(one.start, ()))).strip(" ,;。:”") for one in said]
    return [rest for rest in rests if rest]


def blocked(text: str) -> list[str]:
    found = screen(read_text(text), load_standards(), DAY).findings
    return [fold(one.text).strip("。;") for one in found if one.level is Level.BLOCK]


def test_the_plain_clause_stands_and_blocks() -> None:
    assert standing(BOTH + "。") == [FIRST, SECOND]
    assert blocked(BOTH + "。") == [SECOND]


@pytest.mark.parametrize(
    "question",
    [
        "检查方案有无下列内容:",
        "起草单位自查时,看协议中是否约定:",
        "请逐项核对,送审稿里有没有这样的要求:",
        "审核要点:政策措施是否变相设置下列条件:",
    ],
)
def test_a_question_reaches_over_the_sentences_of_its_paragraph(question: str) -> None:
    assert standing(f"{question}{BOTH}。") == []
    assert blocked(f"{question}{BOTH}。") == []


def test_a_question_reaches_over_an_inline_list() -> None:
    text = (
        "核对纪要是否规定:报名分两步。参加企业须满足:1.信用良好无失信记录;2.结算账户开设在市内银行;3.在本市纳税满两年。"
    )
    assert blocked(text) == []
    assert blocked(text.replace("核对纪要是否规定:", "会议决定:")) != []


@pytest.mark.parametrize(
    "text",
    [
        f"检查物业企业是否落实下列要求:{BOTH}。",
        f"检查方案公示情况。{BOTH}。",
        f"检查方案是否规定:{BOTH}。没有规定的,责令补充。",
        f"检查方案是否规定公示期限。{BOTH}。",
        f"检查方案有无下列内容:公示期限。\n{SECOND}。",
    ],
)
def test_a_question_about_a_duty_or_elsewhere_takes_nothing_away(text: str) -> None:
    assert SECOND in standing(text)
    assert SECOND in blocked(text)


@pytest.mark.parametrize("order", [f"各镇街应当一律执行:{SECOND}", f"{SECOND},该规定继续执行"])
def test_a_question_ends_at_a_new_order(order: str) -> None:
    text = f"检查方案是否规定:外来商户每月另交三百元。{order}。"
    assert standing(text) == [order]
    assert blocked(text) == [order]


def test_what_is_ordered_before_a_question_stands() -> None:
    text = f"{SECOND}。另由财政局检查方案是否规定:会员不得低于协会约定的价格销售。"
    assert standing(text) == [SECOND]
    assert blocked(text) == [SECOND]


@pytest.mark.parametrize(
    "text",
    [
        "督查发现,某镇会议纪要明确:{}。上述规定不符合公平竞争审查标准,已责令废止。",
        "审计指出,某局在协议中约定“1.{}。”,违反公平竞争审查制度,现已删除。",
        "某县印发通知要求:{}。此类做法已被叫停。",
        "调查发现,某协会章程规定“经办事项如下:(一)资料齐全方可受理;(二){}”,违反反垄断法,已责令改正。",
    ],
)
def test_a_report_or_quotation_reaches_to_where_it_is_called_wrong(text: str) -> None:
    assert blocked(text.format(BOTH)) == []


@pytest.mark.parametrize(
    "text",
    [
        "督查发现,某镇会议纪要明确:{}。上述规定继续执行。",
        "督查发现,某镇会议纪要明确:{}。上述要求未落实的,责令整改。",
        "会议纪要明确:{}。上述规定自下月起执行。",
        "会议议定“{}”,请各镇抓好落实。",
        "督查发现,某镇会议纪要明确:资料齐全方可受理。上述规定已废止。{}。",
    ],
)
def test_a_report_that_is_not_called_wrong_takes_nothing_away(text: str) -> None:
    assert len(blocked(text.format(BOTH))) == 1


@pytest.mark.parametrize(
    "stem",
    [
        "任何部门严禁推诿落实以下规定:",
        "窗口人员不得以不熟悉业务为由拒绝办理下列事项:",
        "各镇街不得变相不执行如下要求:",
        "禁止任何单位规避、拖延执行下列措施:",
    ],
)
@pytest.mark.parametrize("join", ["\n(一)", ""])
def test_a_stem_that_forbids_refusing_restores_every_sentence_of_its_list(stem: str, join: str) -> None:
    text = f"{stem}{join}{BOTH}。"
    assert [rest.removeprefix("(一)") for rest in standing(text)] == [FIRST, SECOND]
    assert blocked(text) == [SECOND]


@pytest.mark.parametrize(
    "stem",
    [
        "各部门不得有下列拒绝、拖延、变相不办理等行为:",
        "登记机关不得以下列理由拒绝办理迁移:",
        "各部门不得实施下列行为:",
    ],
)
def test_a_stem_that_forbids_ways_of_refusing_still_clears_its_list(stem: str) -> None:
    assert blocked(f"{stem}\n(一){BOTH}。") == []


def test_a_double_negation_under_a_ban_stays_banned() -> None:
    assert blocked(f"文件不得含有下列内容:\n(一)各单位不得拒绝执行下列要求:\n1.{BOTH}。") == []


def test_forbidding_to_refuse_an_order_leaves_the_order() -> None:
    order = "各单位不得拒绝执行优先采购本市企业产品的规定"
    assert standing(order + "。") == [order]
    assert standing("各单位不得拒绝外地企业提交的保函。") == []


def test_a_stem_with_its_short_list_is_weighed_like_a_clause_in_hand() -> None:
    item = "参加企业的结算账户开设在市内银行"
    listed = f"各单位应当执行下列要求:\n(一){item};\n(二)按季报送台账。"
    assert blocked(listed) == ["(一)" + item]


ACT = "云泉县住建局印发通知,要求工地使用县内三家企业的混凝土"


@pytest.mark.parametrize(
    "verdict",
    [
        "省局认为,该做法排除了其他经营者参与竞争",
        "该通知没有法律依据",
        "经督促,该局废止了通知",
        "调查期间,该局主动停止了上述做法",
    ],
)
def test_a_case_told_with_its_verdict_orders_nothing(verdict: str) -> None:
    assert standing(f"{ACT}。未使用的不予验收。") == [ACT, "未使用的不予验收"]
    assert standing(f"{ACT}。未使用的不予验收。{verdict}。") == []


def test_a_firm_found_at_fault_is_no_verdict_on_the_rule() -> None:
    text = f"{ACT}。经调查,某企业未使用的,取消其备案"
    assert ACT in standing(text + "。")


def test_a_verdict_in_another_paragraph_reaches_nobody() -> None:
    assert ACT in standing(f"{ACT}。\n该通知没有法律依据。")


def test_a_paragraph_below_a_case_title_is_told() -> None:
    assert standing(f"关于工作安排的通知\n工作安排\n{ACT}。")[-1] == ACT
    assert ACT not in standing(f"关于工作安排的通知\n案例二:云泉县住建局指定混凝土案\n{ACT}。")


@pytest.mark.parametrize("criticism", ["问题:以本地产品为条件。", "修改为:公开选择。"])
def test_a_labelled_wording_with_its_criticism_is_shown_not_ordered(criticism: str) -> None:
    assert standing(f"原文:{ACT}。\n各单位遵照执行。")[0] == f"原文:{ACT}"
    assert f"原文:{ACT}" not in standing(f"原文:{ACT}。\n{criticism}")


@pytest.mark.parametrize(
    "after",
    [
        "违者依法给予行政处罚",
        "限制外地供应商进入本县工地",
        "经督导,仍不整改的,取消其备案资格",
        "经核查,各项目部未使用的,停止拨款",
        "限制低价恶性竞争",
    ],
)
def test_a_sentence_that_upholds_a_barrier_is_no_verdict_on_it(after: str) -> None:
    assert ACT in standing(f"{ACT}。{after}。")
