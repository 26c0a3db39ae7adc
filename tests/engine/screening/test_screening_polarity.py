"""Who is bound to what: the same words forbidden, cured, quoted, asked about or really ordered."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import fold
from engine.model import Clause, ClauseKind, Document, Level
from engine.screening import screen_text
from engine.screening.polarity import read_polarity, residual
from engine.screening.reach import reached
from engine.screening.reading import statements
from engine.standards import load_standards

DAY = date(2026, 1, 5)


def standing(text: str) -> str:
    """What still stands as an order, without punctuation."""
    text = fold(text)
    clause = Clause("", "", ClauseKind.PARAGRAPH, 0, 0, len(text), 1, text)
    document = Document("", "", text, "", "", "", (clause,))
    said = statements(document)
    far = reached(said)
    rests = [residual(one.text, read_polarity(one, far.get(one.start, ()))) for one in said]
    return "".join(rests).strip(" ,;:。、")


def blocks(text: str) -> int:
    return sum(found.level is Level.BLOCK for found in screen_text(text, load_standards(), DAY).findings)


@pytest.mark.parametrize(
    "text",
    [
        "各镇街不得以企业享受过补助为由限制其迁出。",
        "招标人不得将注册地、纳税额作为加分条件。",
        "严禁为施工单位指定商品混凝土供应商。",
        "行业协会不得组织会员商定最低收费。",
        "交易平台不得拒绝任何金融机构出具的保函。",
        "取消外地企业进入本市须办理信用登记的规定。",
        "坚决破除以本地业绩、本地奖项设置的投标门槛。",
        "对要求中标企业在本地设立分公司的条款,一律予以删除。",
        "不要求投标人在本市设立办事机构。",
        "检查发现,个别镇要求外来企业缴纳诚意金后方可施工,已责令整改。",
        "典型案例三:某县规定公务接待只能使用县产白酒。",
        "审查要点:文件是否要求优先采购本地产品,是否对外地企业另设备案。",
        "本办法所称地方保护,是指排斥外地经营者参加本地招标等违反公平竞争的做法。",
    ],
)
def test_what_is_forbidden_cured_or_told_does_not_stand(text: str) -> None:
    assert standing(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "享受补助的企业八年内不得将注册地迁出本区。",
        "会员单位不得低于协会约定的价格销售。",
        "各单位不得采购市外企业的印刷服务。",
        "未取得街道同意的,不得开业经营。",
        "取消市外企业参加比选的资格。",
        "继续执行外地企业入市须缴纳信用保证金的规定。",
        "对未经市内机构重新检测即上架销售的商户,依法查处。",
        "各监管站不得采信省外机构出具的检测报告。",
        "因泊位有限,不得不优先安排本地车辆停放。",
        "兑现前逐项核对:企业是否已在本区纳税。",
    ],
)
def test_what_restricts_stands_whatever_negator_it_holds(text: str) -> None:
    assert standing(text) == fold(text).strip("。")


def test_a_new_subject_ends_the_reach_of_a_ban() -> None:
    assert standing("部门不得指定检测机构,检测由县检测站统一承担。") == "检测由县检测站统一承担"


def test_an_even_hand_clears_only_its_own_segment() -> None:
    text = "补助不区分所有制,申报企业须在本市缴纳税收。"
    assert standing(text) == "申报企业须在本市缴纳税收"


def test_waiving_what_is_owed_is_a_favour_not_a_cure() -> None:
    assert standing("入园企业无需缴纳城镇土地使用税。") == "入园企业无需缴纳城镇土地使用税"


VIOLATIONS = [
    "投标人在本县有同类业绩的,每个加3分",
    "外地企业承接业务的,应当先缴纳信用押金五万元",
    "对年度缴纳增值税县级留成超过百万元的企业,按留成部分的50%给予奖励",
    "机关食堂大米统一由县粮油集团公司配送,其他企业的产品不予结算",
    "领取补助的企业十年内不得将注册地迁出我县,迁出的全额退还补助",
    "同等条件下优先采购本市企业生产的办公家具",
    "外来商户摊位费每月加收300元,本地商户免收",
    "会员单位统一执行协会商定的最低收费标准,低于标准的由主管局约谈",
    "评估机构只能从街道名录库中选择,库外机构出具的报告不予采信",
    "总部迁入我区并在我区纳税的,一次性奖励200万元",
]
CLEARING = [
    "政策文件不得含有下列内容:\n(一){};\n(二)其他排除、限制竞争的内容。",
    "各单位重点清理下列做法:\n(一){};\n(二)其他妨碍统一市场的做法。",
    "有关部门有下列情形之一的,由上级机关责令改正:\n(一){};\n(二)拒不整改的。",
    "督查发现某镇文件规定“{}”,该规定已被责令废止。",
    "请对照自查:文件是否规定“{}”,是否存在其他限制竞争的内容?存在的,立即删除。",
]


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_plain_violation_blocks(violation: str) -> None:
    assert blocks(violation + "。") == 1


@pytest.mark.parametrize("wrapper", CLEARING)
@pytest.mark.parametrize("violation", VIOLATIONS)
def test_the_same_words_under_a_clearing_stem_do_not_block(wrapper: str, violation: str) -> None:
    assert blocks(wrapper.format(violation)) == 0


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_double_negation_keeps_the_violation(violation: str) -> None:
    assert blocks(f"各单位不得拒绝执行下列规定:\n(一){violation}。") == 1


def test_a_list_within_an_item_stays_under_the_outer_stem() -> None:
    text = "文件不得含有下列内容：\n（一）资格条件：1.在本县设有分公司；2.在本县纳税满一年。\n（二）对本县企业加分。"
    assert blocks(text) == 0
    assert blocks(text.replace("不得含有", "应当写明")) > 0


def test_a_quoted_rule_with_stops_numbers_and_inner_quotes_is_one_quotation() -> None:
    rule = "“金种子”企业免收担保费。1.其他企业按1.5%收取；2.名单由局长办公会研究确定，现有名单继续执行。"
    assert blocks(f"经查，某县文件规定“{rule}”，违反公平竞争审查制度，已责令废止。") == 0
    assert blocks(rule) > 0


PHRASES = st.sampled_from(
    [
        "不得",
        "限制",
        "外地企业",
        "取消",
        "的规定",
        "本市",
        "优先",
        "“",
        "”",
        ":",
        ",",
        ";",
        "。",
        "是否",
        "(一)",
        "\n",
        "企业",
        "迁出",
    ]
)


@given(st.lists(PHRASES, max_size=30).map("".join))
def test_clearings_lie_within_the_statement_and_carry_a_reason(text: str) -> None:
    clause = Clause("", "", ClauseKind.PARAGRAPH, 0, 0, len(text), 1, text)
    read = statements(Document("", "", text, "", "", "", (clause,)))
    far = reached(read)
    for said in read:
        polarity = read_polarity(said, far.get(said.start, ()))
        assert all(0 <= gone.start < gone.end <= len(said.text) and gone.reason for gone in polarity.cleared)
        assert len(residual(said.text, polarity)) <= len(said.text)


BARRIER = "投标人须在本市设立分公司并在本市纳税,外地企业不得参加。"


@pytest.mark.parametrize(
    "lead",
    [
        "各考核对象按照下列规定执行:",
        "公务员体检服务按下列要求采购:",
        "答疑纪要:",
        "在环境治理中按照下列规定执行:",
        "垃圾清理项目的投标人应当符合下列条件:",
        "为解决审计发现的问题,现对采购作如下要求:",
        "原办法废止后,按照下列规定执行:",
        "避免资源外流的措施:",
        "违法分包的处理规定如下:",
    ],
)
def test_a_lead_in_that_orders_its_list_clears_nothing(lead: str) -> None:
    assert standing(lead + BARRIER).endswith(BARRIER.rstrip("。"))


@pytest.mark.parametrize(
    "lead", ["不得按照下列规定执行:", "清理下列规定:", "对照下列标准排查:", "采取下列方式限制外地企业的做法一律纠正:"]
)
def test_a_lead_in_that_bans_or_cures_its_list_clears_it(lead: str) -> None:
    assert standing(lead + BARRIER) == ""


def test_a_ban_on_paying_those_who_are_not_local_stands() -> None:
    assert standing("不得拒绝向外地企业发放补贴。") == ""
    assert standing("不得向未在本区纳税的企业发放补贴。") == "不得向未在本区纳税的企业发放补贴"


def test_an_equality_that_leaves_somebody_out_stands() -> None:
    assert standing("外地企业、本地企业均可参加投标。") == ""
    assert standing("除外地企业外,各类企业均可参加投标。") == "除外地企业外,各类企业均可参加投标"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("有企业建议对本地产品加分,会议未予采纳。", ""),
        ("法院判决认定镇政府要求商户使用指定供货商的行为违法。", ""),
        ("凡设置本地业绩加分的招标公告,一律撤回修改后重新发布。", ""),
        ("将第五条“外地企业须设立子公司”修改为“供应商应当具备履约能力”。", "将第五条修改为“供应商应当具备履约能力”"),
        ("将“自主选择检测机构”修改为“统一到市检测中心检测”。", "将修改为“统一到市检测中心检测”"),
        ("凡未提供本地纳税证明的投标文件,一律退回。", "凡未提供本地纳税证明的投标文件,一律退回"),
        ("招标公告中没有本地业绩要求的,不予发布。", "招标公告中没有本地业绩要求的,不予发布"),
        ("自行联系其他厂家的,责令退货。", "自行联系其他厂家的,责令退货"),
        ("要求购买指定品牌的,责令退货。", ""),
        ("食材由县供销社配送,要求指定品牌的,责令改正。", "食材由县供销社配送"),
        ("评标委员会认定不满足本地业绩要求的,投标无效。", "评标委员会认定不满足本地业绩要求的,投标无效"),
        ("举报从外地购进烟花爆竹的,由公安机关查处。", "举报从外地购进烟花爆竹的,由公安机关查处"),
        ("举报学校强制购买指定品牌的,由教育局查处。", ""),
        ("供应商资质不低于本地同等企业的,方可入围。", "供应商资质不低于本地同等企业的,方可入围"),
        ("引用品牌的,应当注明“或相当于”,其他品牌同等接受。", ""),
        ("引用品牌或者相当于该品牌的,只能采购甲公司产品。", "引用品牌或者相当于该品牌的,只能采购甲公司产品"),
        ("本办法所称外地企业,是指注册地不在本市的企业。", ""),
        (
            "本办法所称外地企业,是指注册地不在本市的企业,应当先行备案。",
            "本办法所称外地企业,是指注册地不在本市的企业,应当先行备案",
        ),
    ],
)
def test_what_was_turned_down_does_not_stand_and_what_replaces_it_does(text: str, rest: str) -> None:
    assert standing(text) == rest
