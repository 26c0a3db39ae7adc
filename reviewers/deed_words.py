"""How every act in the trail is called in Chinese, and what its facts are called: for the timeline and the exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SYSTEM = "system"
DEEDS: Mapping[str, str] = {
    "submit": "报送草案",
    "claim": "领取任务",
    "release": "放回任务",
    "self_review": "提交初审审查表",
    "sign": "签署初审意见",
    "redo": "退回重审",
    "confirm_scope": "确认审查范围",
    "accept": "受理",
    "correct": "要求补正",
    "supply": "补正材料",
    "return": "退回",
    "consult": "部门答复意见",
    "joint_review": "提交会审审查表",
    "reject": "驳回疑似问题",
    "comment": "提出审查意见",
    "withdraw_opinion": "撤回审查意见",
    "answer": "反馈意见采纳情况",
    "escalate": "登记联席会议决定",
    "evaluate": "登记第三方评估",
    "reassign": "改派审查人员",
    "reviewer_add": "增加审查人员",
    "reviewer_skip": "跳过审查人员",
    "extend": "批准延期",
    "suspend": "暂停计时",
    "resume": "恢复计时",
    "remind": "到期提醒",
    "overdue": "超期标记",
    "calendar": "按新的放假安排重算期限",
    "conclude": "签署会审结论",
    "revise": "报送修改稿",
    "withdraw": "撤回",
    "issue": "登记印发",
    "effect_check": "例外实施效果评估",
    "reopen": "例外到期重新送审",
    "editorial": "具名文字处理",
    "repair": "修复流程位置",
    "migrate": "迁移流程版本",
    "export": "导出案卷",
    "transfer_out": "移送外单位",
    "transfer_in": "移入",
    "key_add": "登记密钥",
    "key_revoke": "注销密钥",
    "ledger_add": "整改台账登记",
    "ledger_progress": "整改进展",
    "ledger_close": "整改销号",
    "complaint_file": "登记举报",
    "complaint_correct": "举报补正",
    "complaint_accept": "受理举报",
    "complaint_transfer": "移送举报",
    "complaint_extend": "举报延期",
    "complaint_conclude": "举报核查结论",
    "complaint_close": "举报办结",
    "sample_commit": "抽查种子登记",
    "sample_draw": "抽查抽取",
    "process_publish": "发布流程版本",
    "calendar_import": "导入放假安排",
    "retention_set": "调整保管期限",
    "retention_hold": "暂缓销毁",
    "retention_release": "解除暂缓销毁",
    "retention_propose": "提出销毁",
    "retention_dispose": "批准并执行销毁",
}
OUTCOMES: Mapping[str, str] = {
    "compliant": "符合公平竞争审查标准，可以出台",
    "exception": "适用例外规定，可以出台",
    "revise": "须修改后重新审查",
    "must_not_issue": "不得出台",
    "out_of_scope": "不属于审查范围",
}
STAGES: Mapping[str, str] = {
    "submitted": "报送",
    "confirm_scope": "确认审查范围",
    "self_check": "自我审查",
    "sign_off": "签署初审意见",
    "accept": "受理",
    "correct_materials": "补正",
    "consult_departments": "征求部门意见",
    "co_review": "会审",
    "conclude": "作出会审结论",
    "revise": "修改",
    "passed": "已通过，待印发",
    "archived": "已印发归档",
    "returned": "已退回",
    "withdrawn": "已撤回",
    "must_not_issue": "不得出台",
    "out_of_scope": "不属于审查范围",
}


RECORDS: Mapping[str, str] = {
    "version": "送审稿",
    "scope_decision": "审查范围",
    "screening": "条款筛查",
    "consultation": "听取意见",
    "exception_claim": "例外申请",
    "review": "审查表",
    "correction": "补正或退回",
    "rejection": "驳回疑似问题",
    "conclusion": "审查结论",
    "acceptance": "受理",
    "redo": "退回重审",
    "opinion": "审查意见",
    "adoption": "采纳情况",
    "settlement": "分歧处理",
    "effect_check": "例外实施评估",
    "reopening": "重新审查",
    "staffing": "审查人员调整",
    "department_answer": "会审部门意见",
    "evaluation": "第三方评估",
    "editorial": "文字性修改",
    "retention_step": "保管期限",
    "disposal": "销毁清单",
    "words": "动作中的文字",
}


def deed(event: Mapping[str, Any]) -> str:
    """What was done, in words; the program itself escalates to a person, people escalate to the meeting."""
    if event["act"] == "escalate" and event["actor"] == SYSTEM:
        return "超期上报"
    return DEEDS.get(event["act"], str(event["act"]))


def _in_a_row(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def gist(event: Mapping[str, Any]) -> str:
    """What a reader wants to know of it besides: outcome, reason, file, days."""
    facts = event["facts"]
    told = [OUTCOMES.get(str(facts.get("outcome")), "")]
    listed = ("title", "filename", "note", "reason", "hits", "missing", "opinions")
    told += [_in_a_row(facts[name]) for name in listed if facts.get(name)]
    if facts.get("due_on"):
        told.append(f"期限 {facts['due_on']}")
    if event["act"] == "extend":
        told.append(f"延长 {facts['days']} 个工作日")
    return "；".join(part for part in told if part)
