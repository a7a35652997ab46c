"""One enterprise's fields: mended of what spreadsheets do to them, and checked. One place for import and edit."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import InvalidChecksum, ValidationError

from survey.core.intake.rare_characters import readable, unreadable
from survey.core.intake.sheets import NOT_CALCULATED
from survey.core.plain_text import clean
from survey.core.registry.phones import MOBILE, NotAPhone, mend_phone

LABELS = {
    "name": "企业名称", "uscc": "统一社会信用代码", "industry": "行业", "size": "规模", "park": "园区",
    "key": "重点企业", "leader": "包联领导", "officer": "服务专员", "contact": "联系人", "phone": "手机号",
    "name_en": "英文名称",
}  # fmt: skip
LONGEST_QUOTED = 200  # characters of a cell quoted in a reason
LONGEST = {
    "name": 80, "industry": 60, "size": 20, "park": 40, "leader": 20, "officer": 20, "contact": 20, "phone": 20,
    "name_en": 120,
}  # fmt: skip
YES = frozenset(
    {
        "是",
        "√",
        "✓",
        "✔",
        "☑",
        "✅",
        "★",
        "●",
        "◆",
        "■",
        "y",
        "yes",
        "t",
        "true",
        "1",
        "有",
        "对",
        "重点",
        "重点企业",
    }
)
MARKS = frozenset("是√✓✔☑✅★●◆■有对")  # may stand together
NO = frozenset(
    {"否", "不是", "×", "✗", "✘", "n", "no", "f", "false", "0", "非重点", "非重点企业", "一般", "没有"}
)
LOOK_ALIKE = dict(zip("АВЕКМНОРСТУХ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYX" + "ABEZHIKMNOPTYX", strict=True))
NEVER_IN_USCC = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}
EMPTY = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "N/A"})
ERROR = re.compile(r"#(REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|N/A|GETTING_DATA|SPILL!|CALC!|FIELD!)", re.I)
_FOOT = re.compile(
    r"(合计|总计|小计|共计|总数|累计)([：:\s].*|\s*[\d一二三四五六七八九十百千万零两]+\s*[家户个人].*|\s*\d*)?"
    r"|以下(空白|无正文|无内容).*"
    r"|(填表|填报|制表|审核|复核|审批|校对|统计|经办|单位)(人|单位|部门|时间|日期|负责人)?\s*([（(]?(签字|签章|盖章)[）)]?)?\s*[：:].*"
    r"|(填表人|制表人?|审核人?|复核人?|填报单位|填报时间|填表时间|制表时间|备注|说明|注|附注|日期|盖章)([：:].*)?"
    r"|(联系人|联系电话|联系方式|电话|传真|邮箱)\s*[：:].*"
    r"|(数据|信息|统计|以上数据|以上信息)?(截至|截止|来源).*(\d.*|[：:].*)"
)
QUOTES = {
    ('"', '"'),
    ("“", "”"),
    ("”", "“"),
    ("“", "“"),
    ("”", "”"),
}  # around a whole cell; within a name they stay
LOST = "被表格软件当成了数字，后几位已经丢失；请把这一列设为“文本”格式后重新填写"

Values = dict[str, Any]
"""Field → text, or bool for `key`."""


class CellRefused(ValueError):
    """A field that cannot be taken; the text is a Chinese reason."""


def plain(text: str) -> str:
    """A cell as people read it: one line, single blanks, without the apostrophe that means "text"."""
    text = (
        unicodedata.normalize("NFC", text) if text.isprintable() else clean(text)
    )  # most are, and it is quick
    text = " ".join(text.replace("_x000D_", " ").split())
    text = text.lstrip("'’‘`").strip()
    if len(text) > 1 and (text[0], text[-1]) in QUOTES and not set(text[1:-1]) & {text[0], text[-1]}:
        text = text[1:-1].strip()
    return "" if text in EMPTY else text


def is_foot(text: str) -> bool:
    """Whether a text is what stands below a table: a sum, a signature, a note."""
    return bool(_FOOT.fullmatch(text.strip("（）()【】[]—-－ ")))


def check_fields(given: Mapping[str, str]) -> tuple[Values, list[str]]:
    """Mended values of the fields that are filled, and the reasons against the others."""
    values, problems = check_each(given)
    return values, list(problems.values())


def check_each(given: Mapping[str, str]) -> tuple[Values, dict[str, str]]:
    """Mended values of the fields that are filled, and field → the reason against each of the others."""
    values: Values = {}
    problems = {}
    for field, raw in given.items():
        try:
            value = _CHECKS.get(field, _text)(field, _legible(field, raw))
        except CellRefused as refused:
            problems[field] = str(refused)
        else:
            if value != "":
                values[field] = value
    return values, problems


def _legible(field: str, raw: str) -> str:
    """The cell's plain text, unless the spreadsheet or an old font has lost it."""
    if raw == NOT_CALCULATED:
        raise CellRefused(f"{LABELS[field]}是公式，文件里没有它的结果（用 Excel 打开、保存一次再导入）")
    raw = readable(raw)
    if mark := unreadable(raw):
        what = "已经丢失的字（�）" if mark == "\ufffd" else f"只在个别字库里有的字（U+{ord(mark):04X}）"
        raise CellRefused(
            f"{LABELS[field]}「{raw.strip()[:LONGEST_QUOTED]}」里有一个{what}，别的电脑认不出，请换成通用的字"
        )
    text = plain(raw)
    if ERROR.fullmatch(text):
        raise CellRefused(
            f"{LABELS[field]}是公式错误 {text}，请改成真正的内容{'' if field == 'name' else '，没有就留空'}"
        )
    return text


def _text(field: str, text: str) -> str:
    if len(text) > LONGEST[field]:
        raise CellRefused(f"{LABELS[field]}有 {len(text)} 个字，最多 {LONGEST[field]} 个")
    return text


def _name(field: str, text: str) -> str:
    if not text:
        raise CellRefused("企业名称是空的")
    if is_foot(text):
        raise CellRefused(f"「{text[:12]}」像是表尾的说明，不是企业")
    if len(text) < 2 or not re.search(r"[^\W\d_]{2}", text):
        raise CellRefused(f"企业名称「{text[:12]}」不像名称，是不是和别的列错位了")
    return _text(field, text)


def _uscc(_field: str, text: str) -> str:
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text):
        raise CellRefused(f"信用代码「{text}」{LOST}")
    code = re.sub(r"[\s\-_.·]", "", unicodedata.normalize("NFKC", text)).upper()
    if not code:
        return ""
    if len(code) == 15 and code.isdigit():
        raise CellRefused(f"信用代码「{code}」是 15 位的旧注册号，请换成 18 位统一社会信用代码")
    if MOBILE.fullmatch(code):
        raise CellRefused(f"信用代码「{code}」是手机号，是不是填错了列")
    if len(code) != 18:
        raise CellRefused(f"信用代码「{code[:24]}」有 {len(code)} 位，应为 18 位")
    return _eighteen(code)


def _eighteen(code: str) -> str:
    if alike := next((mark for mark in code if mark in LOOK_ALIKE), ""):
        script = "俄文" if alike >= "\u0400" else "希腊文"
        raise CellRefused(
            f"信用代码「{code}」第 {code.index(alike) + 1} 位是{script}字母「{alike}」，只是样子像英文字母 {LOOK_ALIKE[alike]}，请重新输入"
        )
    if wrong := next((mark for mark in code if mark in NEVER_IN_USCC), ""):
        place, meant = code.index(wrong) + 1, NEVER_IN_USCC[wrong]
        raise CellRefused(
            f"信用代码「{code}」第 {place} 位是字母 {wrong}，信用代码里没有这个字母，是不是 {meant}"
        )
    try:
        return str(uscc_number.validate(code))
    except InvalidChecksum:
        zeros = code.isdigit() and code.endswith("00")
        raise CellRefused(f"信用代码「{code}」{LOST if zeros else '校验不符，至少有一位写错了'}") from None
    except ValidationError:
        raise CellRefused(f"信用代码「{code}」不是统一社会信用代码，请对照营业执照核对") from None


def _key(field: str, text: str) -> bool | str:
    word = re.sub(r"[（(【].*?[）)】]|\s", "", unicodedata.normalize("NFKC", text)).lower()
    if not text:
        return ""
    if word in YES or (word and set(word) <= MARKS) or re.fullmatch(r"[^非不无]{0,6}重点(企业)?", word):
        return True
    if word in NO:
        return False
    raise CellRefused(f"重点企业「{text[:LONGEST_QUOTED]}」不认识，请填“是”或“否”")


def _phone(field: str, text: str) -> str:
    try:
        return mend_phone(text)
    except NotAPhone as reason:
        raise CellRefused(f"手机号「{text[:LONGEST_QUOTED]}」{reason}") from None


_CHECKS: dict[str, Callable[[str, str], bool | str]] = {
    "name": _name, "uscc": _uscc, "key": _key, "phone": _phone,
}  # fmt: skip
