"""Grades however people write them: numbers or Chinese words."""

import re
import unicodedata

from survey.core.models import Grade
from survey.core.plain_text import clean

GRADE_WORDS = {
    "非常满意": Grade.VERY_SATISFIED,
    "满意": Grade.SATISFIED,
    "基本满意": Grade.BASICALLY_SATISFIED,
    "不满意": Grade.DISSATISFIED,
    "非常不满意": Grade.VERY_DISSATISFIED,
    "未接触": Grade.UNTOUCHED,
}
GRADE_NUMBER = re.compile(r"([0-5])(?:\.0*)?[分级星]?")
GRADE_WRONG = "等级「{}」不认识，只能是 0 到 5 的整数（5 非常满意，0 未接触）或等级名称"


class GradeTexts:
    """Grades as numbers or Chinese words."""

    def __init__(self) -> None:
        self._known: dict[str, int | str] = {}

    def code(self, raw: str) -> int | str:
        """The grade 0–5, or the reason against it."""
        found = self._known.get(raw)
        if found is None:
            text = clean(raw)
            known = grade_of(text)
            wrong = GRADE_WRONG.format(text[:12]) if text else "等级是空的"
            found = self._known[raw] = wrong if known is None else known
        return found


def grade_of(text: str) -> int | None:
    """0–5 for a grade however people write it: 5, ５, 5分, 5.00, 满意。; None for what is none."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).strip("。.,!;、'\"“”‘’")
    if plain in GRADE_WORDS:
        return int(GRADE_WORDS[plain])
    number = GRADE_NUMBER.fullmatch(plain)
    return int(number[1]) if number else None
