"""Lines of a list that are no enterprises: titles of groups, sums, signatures and notes below the table."""

import re
from collections.abc import Mapping

from survey.core.intake.sheets import SheetLine
from survey.core.registry.cells import is_foot, plain

_GROUP = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．:：]\s*\S.*"
    r"|第[一二三四五六七八九十\d]{1,3}(部分|类|组|批|片区|章)\b.*"
    r"|.*[（(]\s*(共|合计|小计|计)?\s*\d+\s*[家户个]\s*(企业)?\s*[）)]"
)
_NUMBERS = re.compile(r"[\d.,，%\s]*([家户个人万亿元]+)?")
TITLE, FOOT, REPEATED, ABOVE = "分组标题", "表尾或说明", "重复的表头", "在表头上方"


def aside(line: SheetLine, given: Mapping[str, str]) -> str:
    """What a line is when it is no enterprise, or ''. A line with a code or a contact always is one.

    `given`: the line's cells by field.
    """
    if any(plain(given.get(field, "")) for field in ("uscc", "phone", "contact") if field in given):
        return ""
    texts = list(dict.fromkeys(text for cell in line.cells if (text := plain(cell))))
    told = [text for text in texts if not _NUMBERS.fullmatch(text)]
    if not told:
        return ""
    if is_foot(told[0]) and len(told) <= 2:
        return FOOT
    if len(told) == 1 and _GROUP.fullmatch(told[0]):
        return TITLE
    merged = len(texts) == 1 and line.width() >= max(3, len(given) - 1)
    return TITLE if merged else ""
