"""What a Word document holds beside the text that is read, counted by its reader and told to the user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Seen:
    """What the notices tell: counts of things a reader of the printed page would not notice."""

    hidden: int = 0
    white: int = 0
    inserted: int = 0
    deleted: int = 0
    moved: int = 0
    pictures: int = 0
    embedded: int = 0


def seen_notices(seen: Seen, comments: int) -> list[str]:
    """The notices, in Chinese, for what was counted; nothing for a plain document."""
    notices = []
    if seen.hidden:
        notices.append(f"文档中有{seen.hidden}处隐藏文字，已一并读取。")
    if seen.white:
        notices.append(f"文档中有{seen.white}处白色或极小字号文字，打印时看不见，已一并读取。")
    if seen.inserted or seen.deleted or seen.moved:
        notices.append(
            f"文档带有未接受的修订（插入{seen.inserted}处、删除{seen.deleted}处、移动{seen.moved}处），按接受全部修订后的文本读取。"
        )
    if seen.pictures:
        notices.append(f"文档中有{seen.pictures}幅图片，图片里如有文字，未读取。")
    if seen.embedded:
        notices.append(f"文档中嵌有{seen.embedded}个别的文件或对象，其中的内容未读取，请另行提交。")
    if comments:
        notices.append(f"文档中有{comments}条批注，批注内容未读入正文。")
    return notices
