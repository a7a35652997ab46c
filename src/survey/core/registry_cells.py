"""One enterprise's fields: mended of what spreadsheets do to them, and checked. One place for import and edit."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import InvalidChecksum, ValidationError

from survey.core.plain_text import clean

LABELS = {
    "name": "企业名称", "uscc": "统一社会信用代码", "industry": "行业", "size": "规模", "park": "园区",
    "key": "重点企业", "leader": "包联领导", "officer": "服务专员", "contact": "联系人", "phone": "手机号",
    "name_en": "英文名称",
}  # fmt: skip
LONGEST = {
    "name": 80, "industry": 60, "size": 20, "park": 40, "leader": 20, "officer": 20, "contact": 20, "phone": 20,
    "name_en": 120,
}  # fmt: skip
YES = frozenset({"是", "√", "✓", "✔", "y", "yes", "true", "1", "重点", "重点企业"})
NO = frozenset({"否", "×", "✗", "n", "no", "false", "0", "非重点", "一般", "无"})
NEVER_IN_USCC = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}
EMPTY = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "N/A", "#N/A"})
FOOT = re.compile(r"(合计|总计|小计|填表人|制表人|审核人|填报单位|填报时间|备注|说明|注)([：:].*)?")
LOST = "被表格软件当成了数字，后几位已经丢失；请把这一列设为“文本”格式后重新填写"
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8})(?:[-转](\d{1,5}))?|400-?\d{3}-?\d{4}")

Values = dict[str, Any]
"""Field → text, or bool for `key`."""


class Refused(ValueError):
    """A field that cannot be taken; the text is a Chinese reason."""


def plain(text: str) -> str:
    """A cell as people read it: one line, single blanks, without the apostrophe that means "text"."""
    text = (
        unicodedata.normalize("NFC", text) if text.isprintable() else clean(text)
    )  # most are, and it is quick
    text = " ".join(text.split())
    text = text.lstrip("'’‘`").strip('"“”').strip()
    return "" if text in EMPTY else text


def check_fields(given: Mapping[str, str]) -> tuple[Values, list[str]]:
    """Mended values of the fields that are filled, and the reasons against the others."""
    values: Values = {}
    problems = []
    for field, raw in given.items():
        try:
            value = _CHECKS.get(field, _text)(field, plain(raw))
        except Refused as refused:
            problems.append(str(refused))
        else:
            if value != "":
                values[field] = value
    return values, problems


def _text(field: str, text: str) -> str:
    if len(text) > LONGEST[field]:
        raise Refused(f"{LABELS[field]}有 {len(text)} 个字，最多 {LONGEST[field]} 个")
    return text


def _name(field: str, text: str) -> str:
    if not text:
        raise Refused("企业名称是空的")
    if FOOT.fullmatch(text):
        raise Refused(f"「{text[:12]}」像是表尾的说明，不是企业")
    if len(text) < 2 or not re.search(r"[^\W\d_]{2}", text):
        raise Refused(f"企业名称「{text[:12]}」不像名称，是不是和别的列错位了")
    return _text(field, text)


def _uscc(_field: str, text: str) -> str:
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text):
        raise Refused(f"信用代码「{text}」{LOST}")
    code = re.sub(r"[\s\-_.·]", "", unicodedata.normalize("NFKC", text)).upper()
    if not code:
        return ""
    if len(code) == 15 and code.isdigit():
        raise Refused(f"信用代码「{code}」是 15 位的旧注册号，请换成 18 位统一社会信用代码")
    if MOBILE.fullmatch(code):
        raise Refused(f"信用代码「{code}」是手机号，是不是填错了列")
    if len(code) != 18:
        raise Refused(f"信用代码「{code[:24]}」有 {len(code)} 位，应为 18 位")
    return _eighteen(code)


def _eighteen(code: str) -> str:
    if wrong := next((mark for mark in code if mark in NEVER_IN_USCC), ""):
        place, meant = code.index(wrong) + 1, NEVER_IN_USCC[wrong]
        raise Refused(
            f"信用代码「{code}」第 {place} 位是字母 {wrong}，信用代码里没有这个字母，是不是 {meant}"
        )
    try:
        return str(uscc_number.validate(code))
    except InvalidChecksum:
        zeros = code.isdigit() and code.endswith("00")
        raise Refused(f"信用代码「{code}」{LOST if zeros else '校验不符，至少有一位写错了'}") from None
    except ValidationError:
        raise Refused(f"信用代码「{code}」不是统一社会信用代码，请对照营业执照核对") from None


def _key(field: str, text: str) -> bool | str:
    word = text.lower()
    if not word:
        return ""
    if word not in YES | NO:
        raise Refused(f"重点企业「{text[:12]}」不认识，请填“是”或“否”")
    return word in YES


def _phone(field: str, text: str) -> str:
    if re.search(r"\d[\d\s\-]{5,}\s*[/、,，;；|和或]\s*[\d\s\-]{7,}", text):
        raise Refused(f"手机号「{text[:26]}」里有两个号码，请只留一个")
    number = re.sub(r"[\s()（）]", "", unicodedata.normalize("NFKC", text)).removesuffix(".0")
    number = re.sub(r"[‐-―−－]", "-", number)
    number = re.sub(r"^(\+86|0086|86(?=1\d{10}$))-?", "", number)
    mobile = number.replace("-", "")
    if not number or MOBILE.fullmatch(mobile):
        return mobile
    if found := LANDLINE.fullmatch(number):
        area, local, inner = found.groups()
        return "-".join(filter(None, (area, local, inner))) if area else number
    if re.fullmatch(r"\d{7,8}", number):
        raise Refused(f"手机号「{number}」是没有区号的座机，请补上区号")
    if number.isdigit() and number.startswith("1"):
        raise Refused(f"手机号「{number}」有 {len(number)} 位，不是 11 位手机号" if len(number) != 11 else
                      f"手机号「{number}」不是手机号段，请核对")  # fmt: skip
    raise Refused(f"手机号「{text[:26]}」不是手机号，也不是带区号的座机")


_CHECKS: dict[str, Callable[[str, str], bool | str]] = {
    "name": _name, "uscc": _uscc, "key": _key, "phone": _phone,
}  # fmt: skip
