"""The profile: our files hold it, and each rule refuses the one file that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.errors import ProcessError
from engine.process import load_bundle
from engine.process.profile import Violation, check

FILES = dict(load_bundle().files)
MI = "multiInstanceLoopCharacteristics"
S6 = '? in ["normative_document", "policy_document", "agenda_item", "agreement", "tender_document"]'


def _changed(file: str, *changes: tuple[str, str]) -> dict[str, bytes]:
    text = FILES[file].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return {**FILES, file: text.encode()}


def _said(violations: tuple[Violation, ...]) -> list[tuple[str, str]]:
    return [(violation.element, violation.message) for violation in violations]


def test_the_shipped_files_hold_the_profile() -> None:
    assert check(FILES) == ()


def test_a_violation_names_file_line_and_element() -> None:
    (found,) = check(_changed("self_review.bpmn", ('"redo"', "redo()")))
    line = FILES["self_review.bpmn"].decode().splitlines()[found.line - 1]
    assert 'id="after_sign_off_to_open_self_check"' in line
    assert str(found) == (
        f"self_review.bpmn 第 {found.line} 行（after_sign_off_to_open_self_check）："
        "表达式“outcome == redo()”不被允许：出现了 Call。"
    )


CASES: list[tuple[str, tuple[tuple[str, str], ...], list[tuple[str, str]]]] = [
    (
        "joint_review.bpmn",
        (("<spiffworkflow:preScript>routing = {}</spiffworkflow:preScript>", ""),),
        [("routing", "汇集多行的决策表之前必须清空上一次的结果：routing = {}")],
    ),
    (
        "dual_review.bpmn",
        (
            (
                '<bpmn:messageEventDefinition id="archive_event" messageRef="message_archive" />',
                "<bpmn:linkEventDefinition />",
            ),
        ),
        [
            ("linkEventDefinition", "链接事件会使流程丢失，请直接连线"),
            ("archive", "边界事件和中间事件要写明一个消息，其他环节不能带消息"),
        ],
    ),
    (
        "dual_review.bpmn",
        (
            (
                "<bpmn:collaboration id",
                '<bpmn:import location="http://x/" namespace="y" importType="z" /><bpmn:collaboration id',
            ),
        ),
        [("import", "不得引入外部文件")],
    ),
    (
        "self_review.bpmn",
        (
            (
                "</spiffworkflow:preScript>",
                "</spiffworkflow:preScript><spiffworkflow:postScript>x = 1</spiffworkflow:postScript>",
            ),
        ),
        [("postScript", "不支持的扩展 postScript")],
    ),
    (
        "self_review.bpmn",
        ((">self_results = {}<", ">self_results = {}; import os<"),),
        [
            ("preScript", "环节前动作只允许“变量 = {}”，用来清空结果"),
            (MI, "多人环节开始前必须清空结果：self_results = {}"),
        ],
    ),
    (
        "self_review.bpmn",
        ((f"<bpmn:{MI}>", f'<bpmn:{MI} spiffworkflow:scriptsOnInstances="true">'),),
        [(MI, "不支持 spiffworkflow 属性")],
    ),
    (
        "self_review.bpmn",
        (('id="reviewer" name', 'id="sign_off" name'),),
        [("sign_off", "编号“sign_off”重复"), ("sign_off", "编号“sign_off”重复")],
    ),
    ("self_review.bpmn", (('name="签署审查结论"', 'name=" "'),), [("sign_off", "没有名称")]),
    (
        "self_review.bpmn",
        (('bpmnElement="sign_off"', 'bpmnElement="elsewhere"'),),
        [("sign_off", "没有画在图上（缺少图形信息）")],
    ),
    (
        "self_review.bpmn",
        (('bpmnElement="self_check_to_sign_off"', 'bpmnElement="elsewhere"'),),
        [("self_check_to_sign_off", "连线没有画在图上（缺少图形信息）")],
    ),
    (
        "review_round.bpmn",
        (('targetRef="joint_review_concludes"', 'targetRef="nowhere"'),),
        [
            ("joint_review_concludes", "从开始事件走不到这里"),
            ("joint_review_to_joint_review_concludes", "连线的一端不存在"),
        ],
    ),
    (
        "self_review.bpmn",
        (
            (
                'sourceRef="after_sign_off" targetRef="open_self_check"',
                'sourceRef="after_sign_off" targetRef="self_check"',
            ),
        ),
        [
            ("self_check", "有多条入口，请先用一个排他网关汇合"),
            ("self_check", "回路必须回到一个排他网关（汇合）"),
        ],
    ),
    (
        "self_review.bpmn",
        (
            (
                'sourceRef="open_self_check" targetRef="self_check"',
                'sourceRef="open_self_check" targetRef="after_sign_off"',
            ),
        ),
        [
            ("self_check", "从开始事件走不到这里"),
            ("sign_off", "从开始事件走不到这里"),
            ("after_sign_off", "同一个网关既汇合又分叉，请分成两个"),
        ],
    ),
    (
        "review_round.bpmn",
        (
            (
                'sourceRef="after_self_review" targetRef="joint_review"',
                'sourceRef="self_review" targetRef="joint_review"',
            ),
        ),
        [
            ("self_review", "有多条出口，请先接一个网关"),
            ("after_self_review", "分叉的排他网关必须有默认连线"),
        ],
    ),
    (
        "self_review.bpmn",
        ((' default="after_sign_off_to_self_review_done"', ""),),
        [
            ("after_sign_off_to_self_review_done", "分叉的连线要么写条件，要么设为默认"),
            ("after_sign_off", "分叉的排他网关必须有默认连线"),
        ],
    ),
    (
        "self_review.bpmn",
        (
            (
                'sourceRef="self_check" targetRef="sign_off" />',
                'sourceRef="self_check" targetRef="sign_off"><bpmn:conditionExpression>outcome == "x"'
                "</bpmn:conditionExpression></bpmn:sequenceFlow>",
            ),
        ),
        [("self_check_to_sign_off", "条件只能写在排他网关分出的连线上")],
    ),
    (
        "self_review.bpmn",
        (
            (
                'targetRef="self_review_done" />',
                'targetRef="self_review_done"><bpmn:conditionExpression>outcome == "x"'
                "</bpmn:conditionExpression></bpmn:sequenceFlow>",
            ),
        ),
        [("after_sign_off_to_self_review_done", "默认连线不写条件")],
    ),
    (
        "self_review.bpmn",
        (('outcome == "redo"', 'decision == "redo"'),),
        [("after_sign_off_to_open_self_check", "条件用到的变量“decision”没有在流程里声明（bpmn:property）")],
    ),
    (
        "self_review.bpmn",
        ((f"<bpmn:{MI}>", f'<bpmn:{MI} isSequential="true">'),),
        [(MI, "多人环节只能并行，并写明输入集合、输出集合、输入项、输出项")],
    ),
    (
        "self_review.bpmn",
        (
            (
                "<bpmn:loopDataInputRef>reviewers</bpmn:loopDataInputRef>",
                "<bpmn:loopCardinality>3</bpmn:loopCardinality>",
            ),
        ),
        [
            ("loopCardinality", "不支持的元素 loopCardinality，请改用允许的环节、网关和消息事件"),
            (MI, "多人环节只能并行，并写明输入集合、输出集合、输入项、输出项"),
        ],
    ),
    (
        "self_review.bpmn",
        (('<bpmn:property id="reviewers" name="reviewers" />', ""),),
        [(MI, "多人环节的集合“reviewers”没有声明（bpmn:property）")],
    ),
    (
        "self_review.bpmn",
        (('name="起草单位负责人"', 'name="分管领导"'),),
        [
            ("self_lane_head", "泳道“分管领导”没有写进 lanes.toml"),
            ("sign_off", "人工环节不能放在泳道“分管领导”，它不对应角色"),
        ],
    ),
    (
        "self_review.bpmn",
        (("<bpmn:flowNodeRef>sign_off</bpmn:flowNodeRef>", ""),),
        [("sign_off", "每个环节要放在一条泳道里")],
    ),
    (
        "self_review.bpmn",
        (('<spiffworkflow:property name="outcomes" value="signed redo revise" />', ""),),
        [("sign_off", "人工环节要写明办理结果的用词（属性 outcomes）")],
    ),
    ("self_review.bpmn", (('value="signed redo revise"', 'value="通过"'),), [("sign_off", "属性“outcomes”的写法不对")]),
    (
        "review_round.bpmn",
        (('calledElement="joint_review"', 'calledElement="other"'),),
        [("joint_review", "调用的流程“other”不存在")],
    ),
    ("dual_review.bpmn", ((">scope_decision<", ">other<"),), [("scope", "没有指明已有的决策表")]),
    (
        "review_round.bpmn",
        (
            ("<spiffworkflow:serviceTaskOperator id", "<spiffworkflow:properties id"),
            ("</spiffworkflow:serviceTaskOperator>", "</spiffworkflow:properties>"),
        ),
        [("screen", "自动环节没有指明操作")],
    ),
    (
        "dual_review.bpmn",
        (('messageRef="message_archive"', 'messageRef="message_none"'),),
        [("archive", "边界事件和中间事件要写明一个消息，其他环节不能带消息")],
    ),
    (
        "dual_review.bpmn",
        (('attachedToRef="revise"', 'attachedToRef="revise" cancelActivity="false"'),),
        [("withdraw_revise", "边界事件必须中断所在环节")],
    ),
    (
        "dual_review.bpmn",
        (('sourceRef="passed" targetRef="archive"', 'sourceRef="passed" targetRef="archived"'),),
        [("archive", "从开始事件走不到这里"), ("passed", "事件网关后面只能接消息事件")],
    ),
    (
        "self_review.bpmn",
        (("<bpmn:endEvent", "<bpmn:startEvent"), ("</bpmn:endEvent", "</bpmn:startEvent")),
        [
            ("self_review", "流程要有且只有一个开始事件"),
            ("self_review_done", "没有出口，只有结束事件可以没有出口"),
        ],
    ),
    (
        "scope.dmn",
        (('hitPolicy="FIRST"', 'hitPolicy="RULE ORDER"'),),
        [("scope_table", "命中策略 RULE ORDER 不受支持，只能用 FIRST、UNIQUE、COLLECT")],
    ),
    (
        "scope.dmn",
        ((f"<text>{S6}</text>", '<text>"agreement","agenda_item"</text>'),),
        [
            (
                "scope_S6_in_2",
                '输入格“"agreement","agenda_item"”不被允许：只能写“-”、一个常量、比较（如 >= 5）或 ? in [常量, …]',
            )
        ],
    ),
    (
        "scope.dmn",
        (('<text>"department"</text>', "<text>department</text>"),),
        [("scope_S6_out_1", "输出格“department”必须是一个常量（文字要加英文双引号）")],
    ),
    (
        "scope.dmn",
        (("<text>kind</text>", "<text>kind.lower()</text>"),),
        [("scope_input_2", "输入列“文件种类”必须写一个变量名，现在是“kind.lower()”")],
    ),
    ("scope.dmn", (('name="route" ', 'name="the route" '),), [("scope_output_1", "输出列“审查路径”必须有变量名")]),
    (
        "scope.dmn",
        (
            (
                '<inputEntry id="scope_S9_in_1">\n          <text>-</text>',
                '<inputEntry id="scope_S9_in_1">\n          <text>1</text>',
            ),
        ),
        [("scope_S9", "最后一行必须是兜底行：所有输入都填“-”")],
    ),
    (
        "scope.dmn",
        (('<outputEntry id="scope_S9_out_3">\n          <text>"unlisted_trigger"</text>\n        </outputEntry>', ""),),
        [("scope_S9", "这一行的格数与表头不一致")],
    ),
]


@pytest.mark.parametrize(("file", "changes", "complaints"), CASES, ids=[c[2][0][1][:24] for c in CASES])
def test_each_rule_refuses_the_file_that_breaks_it(
    file: str, changes: tuple[tuple[str, str], ...], complaints: list[tuple[str, str]]
) -> None:
    assert check(FILES) == ()
    assert _said(check(_changed(file, *changes))) == complaints


def test_two_files_may_not_share_an_id() -> None:
    text = FILES["joint_review.bpmn"].decode().replace("correct_materials", "sign_off")
    assert _said(check({**FILES, "joint_review.bpmn": text.encode()})) == [
        ("sign_off", "编号“sign_off”在 joint_review.bpmn 里已经用过")
    ]


@pytest.mark.parametrize("tag", ["scriptTask", "subProcess", "sendTask", "inclusiveGateway", "adHocSubProcess"])
def test_foreign_nodes_are_refused(tag: str) -> None:
    changes = (
        ('<bpmn:userTask id="sign_off"', f'<bpmn:{tag} id="sign_off"'),
        ("</bpmn:userTask>\n    <bpmn:excl", f"</bpmn:{tag}>\n    <bpmn:excl"),
    )
    first = check(_changed("self_review.bpmn", *changes))[0]
    advice = {
        "scriptTask": "脚本任务不被允许，请改用决策表或自动环节",
        "subProcess": "子流程请另存为文件，用调用环节引用",
    }
    general = f"不支持的元素 {tag}，请改用允许的环节、网关和消息事件"
    assert (first.element, first.message) == ("sign_off", advice.get(tag, general))


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            lambda text: text.replace("<bpmn:definitions", BOMB + "<bpmn:definitions", 1).encode(),
            "含有文档类型或实体声明",
        ),
        (lambda text: text.encode("utf-16"), "不是 UTF-8 编码"),
        (lambda text: (text + " " * 600_000).encode(), "文件超过 512 KB"),
        (lambda text: text[:-30].encode(), "不是完整的 XML"),
        (lambda _: b"", "不是完整的 XML"),
    ],
    ids=["entity bomb", "utf-16", "size", "torn", "empty"],
)
def test_hostile_files_are_refused_before_they_are_read(content: object, sentence: str) -> None:
    assert callable(content)
    assert check(FILES) == ()
    with pytest.raises(ProcessError, match=f"self_review.bpmn：{sentence}"):
        check({**FILES, "self_review.bpmn": content(FILES["self_review.bpmn"].decode())})


def test_a_broken_lane_table_is_refused() -> None:
    for content in ("[roles\n", '[roles]\n"起草人" = "boss"\n'):
        with pytest.raises(ProcessError, match=r"lanes\.toml 读不懂"):
            check({**FILES, "lanes.toml": content.encode()})


def test_loading_lists_every_breach(tmp_path: Path) -> None:
    for name, content in _changed(
        "self_review.bpmn", ('outcome == "redo"', "exit()"), ('name="签署审查结论"', 'name=""')
    ).items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ProcessError) as refused:
        load_bundle(tmp_path)
    assert refused.value.message.startswith("流程文件有 2 处不合规定：\nself_review.bpmn 第")


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(sorted(n for n in FILES if n.endswith((".bpmn", ".dmn")))), st.integers(0), st.integers(0, 3))
def test_a_torn_file_is_published_or_refused_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: int, damage: int
) -> None:
    root = etree.fromstring(FILES[name])
    nodes = [node for node in root.iterdescendants() if isinstance(node.tag, str)]
    node, other = nodes[place % len(nodes)], nodes[place // 7 % len(nodes)]
    if damage == 0:
        node.getparent().remove(node)
    elif damage == 1:
        node.attrib.clear()
    elif damage == 2:
        node.set(next(iter(node.keys()), "id"), "nowhere")
    else:
        node.tag = other.tag
    directory = tmp_path_factory.mktemp("torn")
    for file, content in {**FILES, name: etree.tostring(root)}.items():
        (directory / file).write_bytes(content)
    try:
        assert load_bundle(directory).elements
    except ProcessError as refusal:
        assert refusal.message.startswith(("流程文件", name))
