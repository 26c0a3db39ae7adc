"""What to mind with each way a draft comes to review and each kind of draft, told when it is filed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import DraftKind, Trigger

OF_TRIGGER: Mapping[Trigger, str] = {
    Trigger.FORWARDED: (
        "转发部门文件视同以政府名义印发，须经会审；转发的通知和所附文件应当放在一份草案中（实施办法第三十条）。"
    ),
    Trigger.CONGRESS_BOUND: (
        "会审以后按立法程序办理，审查结论随草案一并提交；审议中改动条款的，须重新审查（实施办法第二十七条、第三十条）。"
    ),
    Trigger.EXECUTIVE_MEETING: (
        "会议改动文本的，须认定为文字性修改（editorial）或者重新审查（revise）后才能印发（实施办法第二十七条）。"
    ),
}
OF_KIND: Mapping[DraftKind, str] = {
    DraftKind.AGENDA_ITEM: "没有单独文件的议题，以拟作出的决定的文本为审查对象。",
    DraftKind.AGREEMENT: (
        "听取竞争者意见可能泄露商业秘密的，在“听取意见”中写明限定范围的理由，结论中予以说明（实施办法第二十八条）。"
    ),
    DraftKind.TENDER_DOCUMENT: "招标文件另加招标投标领域的审查项目（《招标投标领域公平竞争审查规则》）。",
}


def notes_of(trigger: Trigger, kind: DraftKind) -> tuple[str, ...]:
    """The notes for this trigger and kind, possibly none."""
    return tuple(note for note in (OF_TRIGGER.get(trigger), OF_KIND.get(kind)) if note)
