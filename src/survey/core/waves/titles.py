"""From the title of one 期次 to that of the next, as offices number them: quarter, half, months, month, number, year."""

import re
from collections.abc import Callable

TITLE_LIMIT = 60
DIGITS = "〇一二三四五六七八九"
_DIGIT = "〇零○一二三四五六七八九"
_YEAR = rf"(?P<year>(?<!\d)(?:19|20)\d\d|[{_DIGIT}]{{4}})"
_AFTER = r"(?P<after>\s*年?度?\s*)"
_DASH = r"\s*[-–—－~～至到]+\s*"
_MONTH = r"1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]"
_NUMBER = r"\d{1,4}|[一二三四五六七八九十百零〇]{1,6}"
_COUNTED = "期次轮批届回"

_QUARTER = re.compile(rf"(?:{_YEAR}{_AFTER})?(?P<before>第?\s*)(?P<n>[1-4一二三四])(?P<unit>\s*季)")
_Q = re.compile(rf"{_YEAR}(?P<after>\s*年?[-_./]?\s*)(?P<before>[Qq])(?P<n>[1-4])(?!\d)")
_Q_FIRST = re.compile(rf"(?P<before>\b[Qq])(?P<n>[1-4])(?P<after>\s*[-_./]?\s*){_YEAR}(?!\d)")
_HALF = re.compile(rf"(?:{_YEAR}{_AFTER})?(?P<n>[上下])(?P<unit>半年)")
_H = re.compile(rf"{_YEAR}(?P<after>\s*年?[-_./]?\s*)(?P<before>[Hh])(?P<n>[12])(?!\d)")
_MONTHS = re.compile(
    rf"{_YEAR}(?P<after>\s*年\s*)(?P<first>{_MONTH})(?P<between>\s*月?{_DASH})(?P<last>{_MONTH})(?P<unit>\s*月)"
)
_SOME_MONTH = re.compile(rf"(?:{_YEAR}{_AFTER})?(?<!\d)(?<!第)(?P<n>{_MONTH})(?P<unit>\s*月)(?!\s*\d)")
_ISO = re.compile(rf"{_YEAR}(?P<after>\s*[-/._]\s*)(?P<n>1[0-2]|0?[1-9])(?![-/._]?\d)")
_SIX = re.compile(rf"{_YEAR}(?P<after>)(?P<n>1[0-2]|0[1-9])(?!\d)")
_COUNT = re.compile(rf"(?P<before>[第新]\s*)(?P<n>\d+|(?:{_NUMBER})(?=\s*[{_COUNTED}]))")
_YEARS = re.compile(rf"{_YEAR}(?P<between>\s*年?度?{_DASH})(?P<last>(?:19|20)\d\d)(?!\d)")
_ONE_YEAR = re.compile(rf"{_YEAR}(?!\d)(?![-/._]\d)")


def next_title(title: str) -> str:
    """The name of the wave after one called `title`; （新一期） behind a name that counts nothing."""
    for pattern, follow in _RULES:
        if found := pattern.search(title):
            return title[: found.start()] + follow(found) + title[found.end() :]
    return f"{title[: TITLE_LIMIT - 5]}（新一期）"


def _quarter(found: re.Match[str]) -> str:
    return _cycle(found, 4)


def _half(found: re.Match[str]) -> str:
    later = found["n"] == "下"
    return f"{_year(found, later)}{'上' if later else '下'}{found['unit']}"


def _h(found: re.Match[str]) -> str:
    return _cycle(found, 2)


def _q_first(found: re.Match[str]) -> str:
    n = int(found["n"])
    return f"{found['before']}{n % 4 + 1}{found['after']}{_plus(found['year'], n // 4)}"


def _month(found: re.Match[str]) -> str:
    return _cycle(found, 12)


def _cycle(found: re.Match[str], length: int) -> str:
    """The next of `length` in a year, written as this one was."""
    parts = found.groupdict()
    n = read_number(found["n"])
    following = _like(
        found["n"], n % length + 1, pad=not parts.get("unit") and "年" not in (parts["after"] or "")
    )
    return f"{_year(found, n // length)}{parts.get('before') or ''}{following}{parts.get('unit') or ''}"


def _months(found: re.Match[str]) -> str:
    """As many months again: 1–6 月 → 7–12 月, 7–12 月 → 1–6 月 of the next year."""
    first, last = (read_number(found[one]) for one in ("first", "last"))
    length = (last - first) % 12 + 1
    years, start = divmod(last, 12)
    end = start + length - 1
    over = last < first  # the months themselves reached into the next year
    year, between = _plus(found["year"], years + over), found["between"]
    beyond = f"{_plus(year, 1)}{found['after']}" if end >= 12 else ""
    between = between if not beyond or "月" in between else f"月{between}"
    return (
        f"{year}{found['after']}{_like(found['first'], start + 1)}{between}{beyond}"
        f"{_like(found['last'], end % 12 + 1)}{found['unit']}"
    )


def _count(found: re.Match[str]) -> str:
    return found["before"] + _like(found["n"], read_number(found["n"]) + 1)


def _years(found: re.Match[str]) -> str:
    length = max(int(found["last"]) - read_year(found["year"]), 1)
    return f"{_plus(found['year'], length)}{found['between']}{int(found['last']) + length}"


def _one_year(found: re.Match[str]) -> str:
    return _plus(found["year"], 1)


def _year(found: re.Match[str], more: int) -> str:
    return _plus(found["year"], more) + found["after"] if found["year"] else ""


def _plus(year: str, more: int) -> str:
    """A year later, in the same numerals."""
    following = str(read_year(year) + more)
    if year.isdecimal():
        return following
    zero = next((mark for mark in "零○" if mark in year), "〇")
    return "".join(zero if one == "0" else DIGITS[int(one)] for one in following)


def read_year(text: str) -> int:
    """2026 and 二〇二六."""
    return int(text) if text.isdecimal() else int("".join(str(max(DIGITS.find(one), 0)) for one in text))


def read_number(text: str) -> int:
    """3, 三, 十二, 二十一, 一百零五: numbers to 999."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for mark in text:
        if mark in "十百":
            total += (digit or 1) * (10 if mark == "十" else 100)
            digit = 0
        else:
            digit = max(DIGITS.find(mark), 0)
    return total + digit


def chinese(n: int) -> str:
    """1–999 as read aloud: 十, 二十一, 一百零五."""
    hundreds, rest = divmod(n, 100)
    tens, ones = divmod(rest, 10)
    told = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        told += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        told += "零"
    return told + (DIGITS[ones] if ones else "")


def _like(text: str, n: int, *, pad: bool = False) -> str:
    """A number in the numerals of `text`, as wide where that has a leading 0 (`pad`: always)."""
    if not text.isdecimal():
        return chinese(n)
    return str(n).zfill(len(text) if pad or text.startswith("0") else 1)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_QUARTER, _quarter), (_Q, _quarter), (_Q_FIRST, _q_first), (_HALF, _half), (_H, _h), (_MONTHS, _months), (_SOME_MONTH, _month),
    (_ISO, _month), (_SIX, _month), (_COUNT, _count), (_YEARS, _years), (_ONE_YEAR, _one_year),
)  # fmt: skip
