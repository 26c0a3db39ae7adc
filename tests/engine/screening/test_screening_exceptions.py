"""What lowers a finding to a pointer: a claimed exception with an end, prices with a stated basis; what does not."""

from __future__ import annotations

import pytest

from engine.documents import read_text
from engine.screening.context import named_firms, own_places, sets_prices_by_law
from engine.screening.exceptions import claims_exception


@pytest.mark.parametrize(
    "words",
    [
        "防汛应急响应期间,抢险物资就近采购,响应终止后立即恢复正常采购程序。",
        "为扑灭动物疫情,暂停疫区活禽交易,至解除封锁之日止。",
        "重污染天气预警期间限制高排放车辆通行,预警解除后自动失效。",
    ],
)
def test_a_case_with_an_end_claims_the_exception(words: str) -> None:
    assert claims_exception(words)


@pytest.mark.parametrize(
    "words",
    [
        "抢险物资由市城投物资公司供应,本规定长期有效。",
        "应急响应终止后继续执行,由指挥部另行通知。",
        "为规范市场,即日起暂停受理新增门店登记。",
        "预警解除后仍保留外地车辆限行,至完成年度目标之日止,长期有效。",
    ],
)
def test_without_a_case_or_with_an_open_end_nothing_is_claimed(words: str) -> None:
    assert not claims_exception(words)


def test_a_price_basis_is_the_catalogue_and_the_procedure() -> None:
    assert sets_prices_by_law(read_text("供热价格列入省定价目录，经听证后调整。", "a.txt"))
    assert not sets_prices_by_law(read_text("供热价格列入省定价目录。", "a.txt"))


@pytest.mark.parametrize(
    ("text", "firms"),
    [
        ("大米统一由康源粮油公司配送", ["康源粮油公司"]),
        ("由保险公司承保", []),
        ("其他公司不得参加", []),
        ("与项目公司签订合同", []),
        ("委托瑞丰检测中心出具报告", ["瑞丰检测中心"]),
    ],
)
def test_a_firm_is_named_only_by_a_proper_name(text: str, firms: list[str]) -> None:
    assert [text[start:end] for start, end in named_firms(text)] == firms


def test_the_issuers_own_place_is_read_from_the_titles() -> None:
    document = read_text("云澜县人民政府办公室关于印发《云澜县招商办法》的通知\n各乡镇人民政府：\n请执行。\n", "a.txt")
    assert own_places(document) == ("云澜县",)
