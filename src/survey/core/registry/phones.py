"""Phone numbers as people write them → one mobile number or a landline with its area code, or why not."""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8})(?:[-转](\d{1,5}))?|400-?\d{3}-?\d{4}")
_ONE_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_TWO = re.compile(r"\d[\d\s\-]{5,}\s*[/、,，;；|和或]\s*[\d\s\-]{7,}")
_EXTENSION = re.compile(r"(分机号?|转接?|ext\.?|#)\s*[:：]?\s*(?=\d{1,5}\D*$)", re.I)


class NotAPhone(ValueError):
    """The text is no number that can be dialled; the reason goes on from 手机号「…」."""


def mend_phone(text: str) -> str:
    """The number that is clearly meant, or '' for none; raises `NotAPhone`."""
    written = re.sub(r"[‐-―−－]", "-", unicodedata.normalize("NFKC", text)).removesuffix(".0")
    if not written:
        return ""
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", written, re.I):
        raise NotAPhone("被表格软件当成了数字，后几位已经丢失")
    if re.search(r"[*＊×xX]{2,}", written):
        raise NotAPhone("中间几位被遮住了")
    if _TWO.search(written) or len(_ONE_MOBILE.findall(written)) > 1:
        raise NotAPhone("里有两个号码，分不清用哪个")
    return _mobile(written) or _landline(written) or _refuse(written)


def _mobile(written: str) -> str:
    """The only run of digits when it is a mobile number, whatever words stand around it."""
    joined = re.sub(r"(?<=\d)[\s\-]+(?=\d)", "", written)
    runs = re.findall(r"\d+", joined)
    if len(runs) != 1:
        return ""
    abroad = "+" in joined or runs[0].startswith("00")
    number = re.sub(r"^(00)?86(?=1\d{10}$)", "", runs[0])
    return number if MOBILE.fullmatch(number) and not (abroad and number == runs[0]) else ""


def _landline(written: str) -> str:
    number = re.sub(r"[\s()]", "", _EXTENSION.sub("转", written))
    number = re.sub(r"^(\+|00)86-?", "", re.sub(r"^[^\d+]+|\D+$", "", number))
    found = _LANDLINE.fullmatch(number)
    if not found:
        return ""
    area, local, inner = found.groups()
    return "-".join(filter(None, (area, local, inner))) if area else number


def _refuse(written: str) -> str:
    digits = re.sub(r"[\s\-]", "", written)
    if re.fullmatch(r"\d{7,8}", digits):
        raise NotAPhone("是没有区号的座机，请补上区号")
    if digits.startswith("+") and not digits.startswith("+86"):
        raise NotAPhone("是境外号码，短信发不到")
    if digits.isdigit() and digits.startswith("1"):
        if len(digits) == 11:
            raise NotAPhone("不是手机号段，请核对")
        raise NotAPhone(f"有 {len(digits)} 位，不是 11 位手机号")
    raise NotAPhone("不是手机号，也不是带区号的座机")
