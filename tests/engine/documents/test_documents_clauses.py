"""Clauses: numbers as a reader cites them, lead-ins, kinds, and rules that hold for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import fold, lead_in, path_headings, read_text, split_clauses, table_header
from engine.documents.markers import chinese, marker_at, numeral
from engine.model import Clause, ClauseKind


def outline(text: str) -> list[tuple[str, str, str]]:
    return [(clause.kind.value, clause.number, clause.text) for clause in split_clauses(text)]


def numbers(text: str) -> list[str]:
    return [clause.number for clause in split_clauses(text)]


def find(clauses: tuple[Clause, ...], words: str) -> Clause:
    [clause] = [clause for clause in clauses if words in clause.text]
    return clause


# ------------------------------------------------------------------ numbering


def test_measures_are_numbered_through_headings_that_do_not_restart() -> None:
    text = "一、支持创新\n(一)支持技改。给予补助。\n(二)支持研发。\n1.加计扣除。\n2.后补助。\n二、市场\n(三)参展。"
    assert outline(text) == [
        ("heading", "一", "一、支持创新"),
        ("item", "一(一)", "(一)支持技改。给予补助。"),
        ("item", "一(二)", "(二)支持研发。"),
        ("item", "一(二)1", "1.加计扣除。"),
        ("item", "一(二)2", "2.后补助。"),
        ("heading", "二", "二、市场"),
        ("item", "二(三)", "(三)参展。"),
    ]


def test_regulations_are_numbered_by_chapter_article_paragraph_and_item() -> None:
    text = (
        "第二章 招标\n第八条 招标人不得有下列行为:\n(一)限定注册地;\n(二)限定品牌。\n有前款行为的,责令改正。\n"
        "第八条之一 本市另有规定。"
    )
    assert outline(text) == [
        ("heading", "第二章", "第二章 招标"),
        ("item", "第二章第八条", "第八条 招标人不得有下列行为:"),
        ("item", "第二章第八条(一)", "(一)限定注册地;"),
        ("item", "第二章第八条(二)", "(二)限定品牌。"),
        ("paragraph", "第二章第八条第二款", "有前款行为的,责令改正。"),
        ("item", "第二章第八条之一", "第八条之一 本市另有规定。"),
    ]


def test_contracts_are_numbered_with_points() -> None:
    text = "第一条 项目概况\n1.1 名称:电池项目。\n1.2 规模:\n1.2.1 一期。\n第二条 用地\n2.1用地约1.5亩。"
    assert numbers(text) == ["第一条", "1.1", "1.2", "1.2.1", "第二条", "2.1"]


def test_full_width_and_single_character_numbers_count_like_any_other() -> None:
    text = "一、要求\n㈠甲。\n㈡乙:\n⒈丙;\n⒉丁。\n（三）戊：\n⑴己；\n⑵庚。\n１．辛"
    assert numbers(text) == [
        "一",
        "一(一)",
        "一(二)",
        "一(二)1",
        "一(二)2",
        "一(三)",
        "一(三)(1)",
        "一(三)(2)",
        "一(三)1",
    ]


def test_numbers_of_an_outer_rank_nest_right_under_a_lead_in() -> None:
    text = "1.乙方应当:\n(一)开工;\n(二)竣工。\n2.甲方负责用地。"
    assert numbers(text) == ["1", "1(一)", "1(二)", "2"]


@pytest.mark.parametrize(
    "line",
    [
        "第八条的规定办理。",
        "第八条、第九条情形。",
        "1.5倍以上的罚款。",
        "2025.年度预算",
        "第三款所列",
        "二、三产业融合",
        "3.5亿元。",
    ],
)
def test_citations_decimals_and_years_are_no_numbers(line: str) -> None:
    assert numbers("为促进发展,制定本办法。\n" + line) == ["", ""]


def test_items_that_run_on_in_a_paragraph_are_cut_off_their_lead_in() -> None:
    clauses = split_clauses("招标文件不得含有下列内容:(一)限定注册地;(二)限定品牌;(三)收取保证金。")
    assert [clause.text for clause in clauses] == [
        "招标文件不得含有下列内容:",
        "(一)限定注册地;",
        "(二)限定品牌;",
        "(三)收取保证金。",
    ]
    assert [lead_in(clauses, clause) for clause in clauses[1:]] == [(clauses[0],)] * 3


def test_spoken_numbers_run_on_and_keep_their_paragraph() -> None:
    clauses = split_clauses("会议要求,一要压实责任;二要开展自查,做到:(1)全面;(2)及时;三要建立机制。")
    assert [(clause.number, clause.text) for clause in clauses] == [
        ("", "会议要求,"),
        ("一要", "一要压实责任;"),
        ("二要", "二要开展自查,做到:"),
        ("二要(1)", "(1)全面;"),
        ("二要(2)", "(2)及时;"),
        ("三要", "三要建立机制。"),
    ]


def test_cited_items_are_no_run() -> None:
    text = "享受第(一)(二)项支持的企业,自兑现之日起不得迁出;其中(三)、(五)项除外。"
    assert [clause.text for clause in split_clauses(text)] == [text]


def test_a_run_must_begin_at_one_and_be_consecutive() -> None:
    text = "按要求:(二)提交材料;(三)签订协议。"
    assert [clause.text for clause in split_clauses(text)] == [text]


def test_lead_in_reaches_through_every_level() -> None:
    text = "二、清理内容\n重点清理下列情形:\n(一)市场准入。主要表现:\n1.设立备选库;\n三、方式\n(一)自查。"
    clauses = split_clauses(text)
    item = find(clauses, "备选库")
    assert [above.text for above in lead_in(clauses, item)] == [
        "二、清理内容",
        "重点清理下列情形:",
        "(一)市场准入。主要表现:",
    ]
    assert [above.text for above in lead_in(clauses, find(clauses, "自查"))] == ["三、方式"]
    assert path_headings(clauses, item) == ("二、清理内容",)


def test_labelled_lines_without_numbers_hang_under_their_lead_in() -> None:
    clauses = split_clauses(
        "四、提示\n根据近期抽查情况,列举部分典型问题如后:\n案例一:某县限定品牌。\n案例二:某区限制迁出。\n五、要求"
    )
    assert clauses[3].parent == clauses[2].parent == 1


def test_a_plain_line_after_a_list_leaves_the_list() -> None:
    clauses = split_clauses("三、条件\n申报应当符合下列条件:\n1.依法登记;\n2.信用良好。\n同等对待各类企业。")
    assert lead_in(clauses, clauses[-1]) == (clauses[0],)


def test_the_closing_provision_belongs_to_no_item() -> None:
    clauses = split_clauses("五、环境\n(一)优化服务。\n本措施自2025年9月1日起施行,有效期三年。")
    assert (clauses[-1].number, clauses[-1].parent) == ("", None)


def test_a_short_numbered_line_is_a_heading_only_with_something_under_it() -> None:
    text = "一、优先采购本地产品\n二、支持企业\n(一)优先采购本地产品\n(二)给予补助"
    assert [kind for kind, _, _ in outline(text)] == ["item", "heading", "item", "item"]


def test_a_single_clause_without_a_full_stop_is_never_a_title() -> None:
    assert outline("优先采购本市企业产品的若干规定") == [("paragraph", "", "优先采购本市企业产品的若干规定")]


# ------------------------------------------------------------------ head, attachments, tables, sign-off


NOTICE = """望原市人民政府办公室关于印发《望原市促进制造业发展若干措施》的通知
望政办发〔2025〕33号
各县(区)人民政府,市政府各部门:
《望原市促进制造业发展若干措施》已经市政府同意,现印发给你们。
望原市人民政府办公室
2025年7月28日
(此件公开发布)
望原市促进制造业发展若干措施
为推进制造业发展,制定如下措施:
一、总体要求
坚持公平竞争。
附件:1.评分表
2.负面清单
附件1
评分表
序号 | 评分项 | 分值
1 | 本市业绩 | 5分
2 | 报价 | 30分
附件2:负面清单
二、禁止事项
(一)限定品牌;
抄送:市委办公室。
"""


def test_a_transmittal_notice_has_its_frame_told_from_its_body() -> None:
    assert [(kind, number) for kind, number, _ in outline(NOTICE)] == [
        ("title", ""),
        ("title", ""),
        ("addressee", ""),
        ("paragraph", ""),
        ("sign_off", ""),
        ("sign_off", ""),
        ("sign_off", ""),
        ("title", ""),
        ("paragraph", ""),
        ("heading", "一"),
        ("paragraph", "一第1段"),
        ("contents", ""),
        ("contents", ""),
        ("heading", "附件1"),
        ("heading", ""),
        ("table_row", "附件1 表1表头"),
        ("table_row", "附件1 表1行1"),
        ("table_row", "附件1 表1行2"),
        ("heading", "附件2"),
        ("heading", "附件2 二"),
        ("item", "附件2 二(一)"),
        ("sign_off", ""),
    ]


def test_a_notice_is_called_by_the_text_it_transmits() -> None:
    document = read_text(NOTICE)
    assert (document.title, document.document_number) == ("望原市促进制造业发展若干措施", "望政办发〔2025〕33号")


@pytest.mark.parametrize(
    "number",
    ["望政办发[2025]33号", "望政规〔2025〕7号", "望政发（2025）第12号", "【2025】3号", "第41号", "2026年第2号"],
)
def test_document_numbers_in_every_bracket(number: str) -> None:
    document = read_text(f"望原市人民政府关于规范招商引资工作的通知\n{number}\n各县人民政府:\n要规范招商。")
    assert document.document_number == number


def test_a_title_over_several_lines_is_one_clause() -> None:
    document = read_text("望原市人民政府办公室\n关于印发招商引资\n工作规范的通知\n\n各县人民政府:\n现印发给你们。")
    assert document.title == "望原市人民政府办公室关于印发招商引资工作规范的通知"
    assert [clause.kind for clause in document.clauses] == ["title", "addressee", "paragraph"]


def test_a_preamble_does_not_colour_the_sections_it_opens() -> None:
    clauses = split_clauses("为破除地方保护,现将有关事项通知如下:\n一、范围\n(一)全市。")
    assert clauses[1].parent is None


def test_contents_with_and_without_leaders_are_no_clauses_of_the_body() -> None:
    text = "目  录\n第一章 总则\n第二章 招标\n第一章 总则\n第一条 制定本办法。\n第二章 招标\n第二条 公开招标。"
    assert [kind for kind, _, _ in outline(text)] == ["contents"] * 3 + ["heading", "item", "heading", "item"]
    assert outline("第一章 总则………………1\n第二章 招标......12\n第一章 总则\n第一条 制定本办法。")[:2] == [
        ("contents", "", "第一章 总则………………1"),
        ("contents", "", "第二章 招标......12"),
    ]


def test_contract_signatures_are_a_sign_off() -> None:
    text = (
        "第十条 本协议一式两份。\n甲方(盖章):明湖市人民政府\n授权代表(签字):\n"
        "乙方(盖章):甲公司\n授权代表:\n签订日期:2025年  月  日"
    )
    assert [kind for kind, _, _ in outline(text)] == ["item"] + ["sign_off"] * 5


def test_table_rows_know_their_header() -> None:
    clauses = split_clauses(
        "三、评分\n项目 | 分值\n本市业绩 | 5分\n报价 | 30分\n四、其他\n甲:乙|丙|丁。如下文字说明较长,不是表头。\n1|2|3"
    )
    rows = [clause for clause in clauses if clause.kind is ClauseKind.TABLE_ROW]
    assert [(row.number, table_header(clauses, row)) for row in rows] == [
        ("表1表头", ""),
        ("表1行1", "项目 | 分值"),
        ("表1行2", "项目 | 分值"),
        ("表2行1", ""),
        ("表2行2", ""),
    ]
    assert table_header(clauses, clauses[0]) == ""


# ------------------------------------------------------------------ hard-wrapped text


WRAPPED = """    第一条 为了规范政府投资工程项目招标投标活动,保护
国家利益、社会公共利益和招标投标当事人的合法权益,根据
第八条的规定和《中华人民共和国招标投标法》等法律法规,
15.5%的比例结合本市实际,制定本办法。
    第二条 本市行政区域内使用财政性资金投资建设的房屋
建筑和市政基础设施工程项目的招标投标活动,适用本办法。
    第三条 招标人应当优先选用本市企业生产的产品和服务
,不得采购外地产品。
    第四条 本办法自发布之日起施行。
"""


def test_wrapped_lines_are_joined_and_a_cited_article_opens_no_clause() -> None:
    clauses = split_clauses(WRAPPED)
    assert [(clause.number, clause.line) for clause in clauses] == [
        ("第一条", 1),
        ("第二条", 5),
        ("第三条", 7),
        ("第四条", 9),
    ]
    assert clauses[0].text.count("\n") == 3


def test_lines_that_are_not_wrapped_are_not_joined() -> None:
    text = "\n".join(f"支持对象{'甲' * length}" for length in (10, 40, 25, 60, 33, 8, 80))
    assert len(split_clauses(text)) == 7


# ------------------------------------------------------------------ what holds for any text

MARKS = "一、 (一) （二） 1. 1.1 第一条 第二章 附件1 附件: 目录 | : ： 。 ; ① ㈠ 一是 A."
WORDS = "各单位: 2025年1月1日 市人民政府 关于印发办法的通知 本市企业 下列情形: 甲方(盖章): 本办法自发布之日起施行。"
BLANKS = ["\n", "\n\n", "  ", "\u3000", "\u200b", "甲" * 30, "\r", "\ud800"]
PIECES = st.sampled_from([*MARKS.split(" "), *WORDS.split(" "), *BLANKS])
TEXTS = st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=200))


@given(TEXTS)
@settings(max_examples=300)
def test_clauses_cover_every_character_once_in_order(text: str) -> None:
    covered: list[int] = []
    for index, clause in enumerate(split_clauses(text)):
        assert text[clause.start : clause.end] == clause.text != ""
        assert clause.parent is None or 0 <= clause.parent < index
        covered.extend(range(clause.start, clause.end))
    assert covered == sorted(set(covered))
    left_out = set(range(len(text))) - set(covered)
    assert not fold("".join(text[offset] for offset in sorted(left_out))).strip()


@given(TEXTS)
def test_keys_are_unique_and_lines_are_where_clauses_begin(text: str) -> None:
    clauses = split_clauses(text)
    assert len({clause.key for clause in clauses}) == len(clauses)
    assert [clause.line for clause in clauses] == [text.count("\n", 0, clause.start) + 1 for clause in clauses]


SENTENCES = st.lists(
    st.text("招标人应当优先采购本市企业产品", min_size=4, max_size=20), min_size=1, max_size=12, unique=True
)


@given(SENTENCES, st.integers(1, 40))
def test_keys_survive_renumbering(sentences: list[str], shift: int) -> None:
    def numbered(first: int) -> str:
        return "\n".join(f"第{chinese(first + index)}条 {words}。" for index, words in enumerate(sentences))

    assert [c.key for c in split_clauses(numbered(1))] == [c.key for c in split_clauses(numbered(1 + shift))]


def test_equal_clauses_get_their_own_keys_in_reading_order() -> None:
    first, second, third = split_clauses("一、公平对待。\n二、公平对待。\n三、公平对待。")
    assert (second.key, third.key) == (f"{first.key}-2", f"{first.key}-3")


@given(st.integers(0, 9999))
def test_numerals_are_read_as_they_are_written(value: int) -> None:
    if value < 1000:
        assert numeral(chinese(value)) == value
    assert numeral(str(value)) == value


@pytest.mark.parametrize(
    "filler", ["国", "(一)", ":(一)国国", "1.", "第", "a|b\n", "附件1\n", "目录\n", "市局\n2025年1月1日\n", "下列:\n"]
)
def test_long_input_is_split_without_piling_up(filler: str) -> None:
    text = filler * (60_000 // len(filler))
    clauses = split_clauses(text)
    assert sum(len("".join(clause.text.split())) for clause in clauses) == len("".join(text.split()))


def test_marker_reports_where_the_words_begin() -> None:
    folded = fold("（十二）扩大应用")
    marker = marker_at(folded, 0, len(folded))
    assert marker is not None
    assert (marker.value, marker.label, folded[marker.end :]) == (12, "(十二)", "扩大应用")


def test_wrapped_text_without_indents_joins_open_sentences_and_leaves_rows_and_dates_alone() -> None:
    text = (
        "望原市人民政府办公室关于印发望原市促进制造业发展措施的通知\n望政办发〔2025〕33号\n"
        "招标人应当优先选用本市企业生产的产品和服务,不得采购外地生产\n的同类产品,也不得采购未列入目录的产品,违反规定的不予验收并\n"
        "追究责任。\n任何单位和个人发现上述情形的,可以向市人民政府有关部门投诉\n、举报,有关部门应当受理。\n"
        "项目 | 分值\n本市业绩、本市纳税、本市社保三项合计 | 得分不超过五分\n报价 | 三十分\n2025年7月28日\n"
    )
    assert [clause.text.count("\n") for clause in split_clauses(text)] == [0, 0, 2, 1, 0, 0, 0, 0]
