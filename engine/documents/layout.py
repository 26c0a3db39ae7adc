"""What each line of a document is there for: head, table of contents, table, attachment, sign-off, or plain body.

An official document wraps its body: title, document number and addressee in front, organisation, date and copy list
behind, and in a transmittal notice the sign-off comes before the attached text, whose title then stands alone.
The clause splitter calls `roles` once and numbers only what is left. All of it works on folded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from engine.documents.lines import Line
from engine.documents.markers import NUMBERED, marker_at
from engine.patterns import pattern_of


class Role(Enum):
    """The part a line plays outside the numbered body."""

    TITLE = "title"
    TITLE_GOES_ON = "title_goes_on"
    NUMBER = "number"
    ADDRESSEE = "addressee"
    CONTENTS = "contents"
    ATTACHMENT = "attachment"
    ATTACHMENT_LIST = "attachment_list"
    TABLE_HEADER = "table_header"
    TABLE_ROW = "table_row"
    TABLE_START = "table_start"
    SIGN_OFF = "sign_off"


Roles = list[Role | None]

_CN_DIGITS = "〇○零O0一二三四五六七八九十"
DATE = (
    rf"(?:\d{{4}}|[{_CN_DIGITS}]{{4}}) ?年 *(?:\d{{1,2}}|[{_CN_DIGITS}]{{1,3}}|) *月"
    rf"(?: *(?:\d{{1,2}}|[{_CN_DIGITS}]{{1,3}}|) *日)?"
)
_DATE_LINE = pattern_of(rf"(?:[^。,;:|]{{2,40}}\s+)?{DATE} *(?:印发|起草|发布)?")
_ORGANISATION = pattern_of(
    r"[^。,;:|]{2,60}(?:政府|办公室|委员会|委|局|厅|部|院|中心|公司|办|会|处|站|所|集团|行|署|社|队|馆|校)"
    r"|\([^()]{2,30}(?:代章|盖章)\)"
)
_COPIES = pattern_of(r"(?:抄送|抄报|分送|主送|印送|报送|发至|抄|发|送|出席|列席|请假|缺席|记录)(?:人员?)?:")
_SIGNATURE = pattern_of(
    r"[甲乙丙丁戊己]方 ?\([^()]{0,10}[章字名][^()]{0,6}\)"
    r"|[^。;:]{2,12}\([^()]{0,8}(?:签字|签章|签名|盖章)[^()]{0,8}\):?"
    r"|(?:(?:签订|签署|签约)(?:日期|时间|地点)|日期) ?:"
)
_SIGNATURE_FIELD = pattern_of(
    r"(?:授权代表|委托代理人|法定代表人|负责人|经办人|联系人|地址|电话|账号|开户行)[^。;,]{0,16}:[^。;,]{0,30}"
)
_OFFICE_HOLDER = pattern_of(r"(?:省长|市长|州长|县长|区长|镇长|乡长|主席|主任|局长|厅长|部长)\s+\S{1,2}\s?\S{1,3}")
_RELEASE = pattern_of(r"\((?:此件|本件)[^()]{0,12}(?:公开|发布|登报|转发)[^()]{0,8}\)")
_NUMBER = pattern_of(
    r"(?:(?:[^\s。,;:]{2,8}编?号|文号) ?: ?)?"
    r"(?P<number>[^\s。,;:\[\](]{0,24} ?[\[(] ?\d{4} ?[\])] ?(?:第 ?)?\d{1,5} ?[号期]|(?:\d{4}年)?第 ?\d{1,5} ?[号期])"
)
_LEADER = pattern_of(r".{1,60}?(?:[.…·]{3,}|—{3,}|\s{4,})\s*\(?\d{1,4}\)?")
_CONTENTS = pattern_of(r"目\s*[录次]")
_ATTACHMENT = pattern_of(
    rf"附 ?(?P<word>[件表录]?) ?(?P<number>\d{{1,2}}|[{_CN_DIGITS}]{{1,3}})?(?P<mark> ?[:.]| +|$) ?(?P<title>.*)",
    re.DOTALL,
)
_LONGEST_TITLE = 90
_LONGEST_JOINT_TITLE = 240  # several organisations issue together and are all named in the title
_TITLE_END = pattern_of(
    r"(?:通知|办法|措施|意见|方案|规定|细则|公告|通告|通报|决定|决议|命令|政府令|纪要|报告|请示|批复|函|协议|协议书|合同|合同书|"
    r"备忘录|文件|规划|计划|要点|条例|清单|规则|指南|政策|举措|章程|制度|公约|倡议书|意向书|承诺书|答复|标准|规范|指引)"
    r"(?:\s*\([^()]{1,20}\))*$"
)
_ADDRESSEE = pattern_of(
    r"(?:各|市|县|区|省|州|有关|全[市县区省]|主任|尊敬)[^。;]*:"
    r"|[^。;]*(?:政府|部门|单位|委员会|办事处|机构|委员|局|公司|企业|银行|供应商|投标人|同志们?)(?:\([^()]*\))?:"
)
_NO_ADDRESS = pattern_of(
    r"下列|以下|如下|不得|应当|须|要求|条件|情形|行为|优先|限制|禁止|包括|可以|标准|方式|方[:(]|人:|地址"
)


def roles(folded: str, lines: Sequence[Line]) -> Roles:
    """The role of every line, None for the body."""
    found: Roles = [None] * len(lines)
    texts = [folded[line.start : line.end] for line in lines]
    _tables(texts, lines, found)
    _contents(texts, found)
    _attachments(folded, lines, texts, found)
    _sign_offs(texts, found)
    for start in _head_starts(found):
        _head(folded, lines, texts, found, start)
    return found


def attachment_label(text: str) -> tuple[str, int]:
    """The label of an attachment line (附件2, 附表) and where the rest of the line, its own title, begins."""
    found = _ATTACHMENT.match(text)
    if found is None:
        return "附件", len(text)
    return f"附{found['word'] or '件'}{found['number'] or ''}", found.start("title")


def number_in(text: str) -> str:
    """The document number a head line consists of, as printed in folded text, or nothing."""
    found = _NUMBER.fullmatch(text)
    return found["number"].strip() if found else ""


def is_title_end(text: str) -> bool:
    """Whether a line closes like the title of a document (…的通知, …办法(试行))."""
    return bool(_TITLE_END.search(text[-60:]))


def is_short_heading(text: str) -> bool:
    """A line that can only be a title: short, no sentence mark, no colon."""
    longest = _LONGEST_JOINT_TITLE if "关于" in text else _LONGEST_TITLE
    return len(text) <= longest and not re.search(r"[。;:!?|]", text) and text[-1] not in ",、"


def _tables(texts: Sequence[str], lines: Sequence[Line], found: Roles) -> None:
    cells = [text.count("|") for text in texts]
    index = 0
    while index < len(texts):
        after = index
        while (
            after < len(texts)
            and cells[after]
            and (after == index or lines[after].number == lines[after - 1].number + 1)
        ):
            after += 1
        if after - index >= 2 or (after > index and cells[index] >= 2):
            found[index:after] = [Role.TABLE_ROW] * (after - index)
            found[index] = Role.TABLE_HEADER if _is_header(texts[index]) and after - index >= 2 else Role.TABLE_START
        index = max(after, index + 1)


def _is_header(text: str) -> bool:
    return all(len(cell.strip()) <= 24 and not re.search(r"[。;]", cell) for cell in text.split("|"))


def _contents(texts: Sequence[str], found: Roles) -> None:
    for index, text in enumerate(texts):
        if found[index] is None and text[-1].isdecimal() and len(text) <= 120 and _LEADER.fullmatch(text):
            found[index] = Role.CONTENTS
    for index, text in enumerate(texts):
        if len(text) <= 8 and _CONTENTS.fullmatch(text):
            after = _end_of_contents(texts, found, index)
            found[index:after] = [Role.CONTENTS] * (after - index)


def _end_of_contents(texts: Sequence[str], found: Roles, heading: int) -> int:
    """The contents end where their first entry comes again, or with the last line that has a page number."""
    after = heading + 1
    if after < len(texts):
        first = _entry(texts[after])
        last = after + 1
        while last < min(len(texts), after + 400) and is_short_heading(texts[last]):
            if first and _entry(texts[last]) == first:
                return last
            last += 1
        if first and last < len(texts) and _entry(texts[last]).startswith(first):
            return last
    while after < len(texts) and found[after] is Role.CONTENTS:
        after += 1
    return after


def _entry(text: str) -> str:
    return re.sub(r"[.…·—\s]*\(?\d*\)?$", "", text[:120]).replace(" ", "")


def _attachments(folded: str, lines: Sequence[Line], texts: Sequence[str], found: Roles) -> None:
    matches = [(index, match) for index, match in _attachment_lines(texts, found)]
    last_bare = max((index for index, match in matches if not match["title"]), default=-1)
    for index, match in matches:
        title = match["title"]
        if not title or (match["mark"].strip() and _starts_attachment(texts, index, title, last_bare)):
            found[index] = Role.ATTACHMENT
        elif match["mark"].strip() and index > 0 and len(texts[index]) <= 120 and "。" not in texts[index]:
            _attachment_list(folded, lines, texts, found, index)


def _attachment_lines(texts: Sequence[str], found: Roles) -> Iterator[tuple[int, re.Match[str]]]:
    for index, text in enumerate(texts):
        match = _ATTACHMENT.match(text) if found[index] is None and text[0] == "附" else None
        if match and (match["word"] or (match["mark"].strip() and match["title"])):
            yield index, match


def _starts_attachment(texts: Sequence[str], index: int, title: str, last_bare: int) -> bool:
    """附件:名称 opens the attachment itself unless it lists several, a bare 附件 line follows, or the sign-off does."""
    if index + 1 >= len(texts) or index < last_bare or re.match(r"1 ?[.、]", title):
        return False
    return not (_DATE_LINE.fullmatch(texts[index + 1]) or _ORGANISATION.fullmatch(texts[index + 1]))


def _attachment_list(folded: str, lines: Sequence[Line], texts: Sequence[str], found: Roles, index: int) -> None:
    found[index] = Role.ATTACHMENT_LIST
    for expected in range(2, len(texts) - index + 1):
        after = index + expected - 1
        if after >= len(texts) or found[after] is not None or len(texts[after]) > 60:
            return
        marker = marker_at(folded, lines[after].start, lines[after].end)
        if not marker or marker.rank != NUMBERED or marker.value != expected or "。" in texts[after]:
            return
        found[after] = Role.ATTACHMENT_LIST


def _sign_offs(texts: Sequence[str], found: Roles) -> None:
    for index, text in enumerate(texts):
        if found[index] is not None or len(text) > 600:
            continue
        short = len(text) <= 80
        follows_signature = index > 0 and found[index - 1] is Role.SIGN_OFF and bool(_SIGNATURE_FIELD.fullmatch(text))
        if _COPIES.match(text) or (short and (_SIGNATURE.match(text) or _RELEASE.fullmatch(text) or follows_signature)):
            found[index] = Role.SIGN_OFF
        elif short and _DATE_LINE.fullmatch(text):
            found[index] = Role.SIGN_OFF
            _organisations_before(texts, found, index)


def _organisations_before(texts: Sequence[str], found: Roles, index: int) -> None:
    for before in range(index - 1, max(0, index - 8), -1):
        signed = _ORGANISATION.fullmatch(texts[before]) or _OFFICE_HOLDER.fullmatch(texts[before])
        if found[before] is not None or len(texts[before]) > 60 or not signed:
            return
        found[before] = Role.SIGN_OFF


def _head_starts(found: Roles) -> list[int]:
    """Where a head may begin: at the top, after a sign-off, after the contents."""
    front = (Role.SIGN_OFF, Role.CONTENTS)
    after = [
        index
        for index in range(1, len(found))
        if found[index - 1] in front and found[index] not in front and _is_body_after(found, index)
    ]
    return [0, *after] if found else []


def _is_body_after(found: Roles, index: int) -> bool:
    return found[index] is None and index + 1 < len(found)


def _head(folded: str, lines: Sequence[Line], texts: Sequence[str], found: Roles, start: int) -> None:
    """Mark title, number, subtitle and addressee from `start` on; stop at the first line of the body."""
    index = start
    titled = False
    while index < min(len(texts), start + 12):
        if found[index] is not None:
            index += 1
        elif _NUMBER.fullmatch(texts[index]):
            found[index] = Role.NUMBER
            index += 1
        elif titled and re.fullmatch(r"\([^()]{2,80}\)|[—-]{1,2}.{2,80}", texts[index]):
            found[index] = Role.TITLE
            index += 1
        elif _is_addressee(folded, lines[index], texts[index]):
            found[index] = Role.ADDRESSEE
            return
        elif not titled and (after := _title_after(folded, lines, texts, found, index)) > index:
            found[index:after] = [Role.TITLE, *[Role.TITLE_GOES_ON] * (after - index - 1)]
            index, titled = after, True
        elif titled and index + 1 < len(texts) and len(texts[index]) <= 30 and is_short_heading(texts[index]):
            index += 1
        else:
            return


def _is_addressee(folded: str, line: Line, text: str) -> bool:
    if text[-1] != ":" or len(text) > 400 or marker_at(folded, line.start, line.end):
        return False
    return bool(_ADDRESSEE.fullmatch(text)) and not _NO_ADDRESS.search(text)


def _title_after(folded: str, lines: Sequence[Line], texts: Sequence[str], found: Roles, start: int) -> int:
    """The index after the title that begins at `start`, or `start`: up to five short lines that end like a title."""
    joined = ""
    for index in range(start, min(len(texts) - 1, start + 5)):
        adjacent = index == start or lines[index].number <= lines[index - 1].number + 1 + folded.count(
            "\n", lines[index - 1].start, lines[index - 1].end
        )
        text = texts[index]
        if found[index] is not None or not adjacent or not is_short_heading(text):
            return start
        if marker_at(folded, lines[index].start, lines[index].end) or len(joined) + len(text) > _LONGEST_JOINT_TITLE:
            return start
        joined += text
        if is_title_end(joined):
            return index + 1
    return start
