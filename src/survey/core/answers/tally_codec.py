"""What a counter counts, as the two numbers, item and grade, under which the tally keeps it. Made and read only here.

Items from 0 on are those of the questionnaire, and their grades 1 … 5 are grades. The other numbers are ours.
"""

from enum import Enum, auto
from typing import NamedTuple

RESPONSES = -1
"""The item that counts responses themselves; where a grade stands, who gave them (身份)."""
REMARKED = -2
"""The item that counts forms whose remarks wait for their batch."""
SIGNS = -3
"""The item that counts forms by their signs (异常迹象), the flags where a grade stands."""
BESIDE_ANSWERS = (RESPONSES, REMARKED, SIGNS)
_DOUBTFUL = -4  # and below, by department: the 总体满意度 grades given by forms with several signs
_GRADES = 5
_REASON = 100  # grades from here on count reason chips: 100 + the chip's place

Key = tuple[int, int]
"""item, grade"""


class Counting(Enum):
    """What a counter is of."""

    RESPONSES = auto()
    REMARKED = auto()
    SIGNS = auto()
    DOUBTFUL = auto()
    GRADE = auto()
    REASON = auto()


class Meaning(NamedTuple):
    """`place` of the department for doubtful grades, of the item for grades and reasons; `number` is the 身份, the
    flags, the grade or the chip."""

    counts: Counting
    place: int
    number: int


_BESIDE = {RESPONSES: Counting.RESPONSES, REMARKED: Counting.REMARKED, SIGNS: Counting.SIGNS}


def response(respondent: int = 0) -> Key:
    """Counts a response by who gave it."""
    return RESPONSES, respondent


def remarked() -> Key:
    """Counts a form with remarks."""
    return REMARKED, 0


def signs(flags: int) -> Key:
    """Counts a form with these signs."""
    return SIGNS, flags


def doubtful_item(department: int) -> int:
    """The item that counts how doubtful forms graded the department at this place as a whole."""
    return _DOUBTFUL - department


def reason(item: int, chip: int) -> Key:
    """Counts a reason chip that was ticked for an item."""
    return item, _REASON + chip


def is_kept(item: int, grade: int) -> bool:
    """Whether such a counter is written down: no grade of an item that was asked is none."""
    return bool(grade) or item < 0


def column_of(grade: int) -> int:
    """Where a counter of an item stands in a row of its five grades and then its reason chips."""
    return grade - 1 if grade < _REASON else _GRADES + grade - _REASON


def meaning(item: int, grade: int) -> Meaning:
    """What the counter counts: the inverse of all the above."""
    if item in _BESIDE:
        return Meaning(_BESIDE[item], 0, grade)
    if item < 0:
        return Meaning(Counting.DOUBTFUL, _DOUBTFUL - item, grade)
    if grade >= _REASON:
        return Meaning(Counting.REASON, item, grade - _REASON)
    return Meaning(Counting.GRADE, item, grade)
