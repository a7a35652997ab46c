"""Which forms look careless, and what may be told of the figures without them."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.answers.signs import Effect, Sign, Split, is_doubtful, is_straight_lined, is_too_fast
from survey.core.figures.cells import Withheld
from survey.settings import Settings

K, QUESTIONS = 5, 5
RULES = Settings()


def vector(*departments: str) -> bytes:
    return bytes(int(grade) for grade in "".join(departments))


@pytest.mark.parametrize(
    ("grades", "straight"),
    [
        (vector("55555", "55500"), True),
        (vector("33333", "33300", "00000"), True),
        (vector("55555", "55400"), False),  # one differs
        (vector("55555", "55000"), False),  # seven only
        (vector("00000", "00000"), False),
    ],
)
def test_straight_lining_takes_eight_equal_grades(grades: bytes, straight: bool) -> None:
    assert is_straight_lined(grades, QUESTIONS, RULES.straight_grades) is straight


def test_one_department_alone_is_not_straight_lined() -> None:
    assert not is_straight_lined(bytes([5] * 8 + [0] * 8), 8, 8)
    assert is_straight_lined(bytes([5] * 7 + [0] + [5] * 8), 8, 8)


@pytest.mark.parametrize(
    ("seconds", "given", "fast"),
    [(9.9, 10, True), (10, 10, False), (4.9, 1, True), (5, 1, False), (0.1, 0, False), (None, 10, False)],
)
def test_too_fast_is_less_than_a_second_a_grade(seconds: float | None, given: int, fast: bool) -> None:
    assert is_too_fast(seconds, given, RULES) is fast


def test_one_sign_is_never_enough() -> None:
    assert not any(is_doubtful(one) for one in (0, *Sign))
    assert is_doubtful(Sign.TOO_FAST | Sign.STRAIGHT_LINED)


# --- what may be told --------------------------------------------------------------------------------

FORM = st.tuples(st.booleans(), st.sets(st.sampled_from("abc"), min_size=1), st.integers(1, 5))


def splits(forms: list[tuple[bool, set[str], int]], k: int) -> Iterator[tuple[int, Split]]:
    """The splits that would be told, with how many forms there were, looking after every form."""
    everyone = {name: [0] * 5 for name in "abc"}
    doubtful = {name: [0] * 5 for name in "abc"}
    told: Split | None = None
    for number, (is_odd, names, grade) in enumerate(forms, 1):
        for name in names:
            everyone[name][grade - 1] += 1
            doubtful[name][grade - 1] += is_odd
        now = Split(*({name: tuple(one) for name, one in part.items()} for part in (everyone, doubtful)))
        if now.may_follow(told, k):
            told = now
            yield number, now


def exposed(forms: list[tuple[bool, set[str], int]], k: int) -> bool:
    """Whether two looks, or one and nothing, tell of fewer than `K` raters of either kind."""
    found = [(0, None), *splits(forms, k)]
    for (before, _), (after, _) in pairwise(found):
        kinds = [is_odd for is_odd, _, _ in forms[before:after]]
        if min(kinds.count(True), kinds.count(False)) < K:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(st.lists(FORM, max_size=80))
def test_no_two_looks_differ_by_fewer_than_k_raters_of_either_kind(
    forms: list[tuple[bool, set[str], int]],
) -> None:
    assert not exposed(forms, K)


def test_with_a_threshold_of_one_a_newcomer_would_be_told() -> None:
    """Positive control of the test above."""
    forms = [(number % 2 == 0, {"a"}, 5) for number in range(20)]
    assert exposed(forms, 1)
    assert not exposed(forms, K)


def split(**sizes: tuple[int, int]) -> Split:
    """Departments by (doubtful raters, other raters), all 满意."""
    return Split(
        {name: (0, 0, 0, odd + rest, 0) for name, (odd, rest) in sizes.items()},
        {name: (0, 0, 0, odd, 0) for name, (odd, _) in sizes.items()},
    )


def told(one: Split) -> set[str]:
    return {name for name, effect in one.by_department(K).items() if isinstance(effect, Effect)}


def test_a_department_is_told_when_both_its_parts_are_large() -> None:
    assert told(split(a=(5, 30), b=(7, 9))) == {"a", "b"}
    assert told(split(a=(4, 30), b=(30, 4))) == set()


def test_where_one_is_withheld_the_smallest_of_the_others_is_too() -> None:
    """Else all departments together less those shown would be the doubtful rater of c alone."""
    one = split(a=(6, 30), b=(7, 30), c=(1, 30))
    assert told(one) == {"b"}
    hidden = sum(sum(one.doubtful[name]) for name in set(one.everyone) - told(one))
    assert hidden >= K


def test_a_department_without_doubtful_raters_hides_nothing_and_is_not_told() -> None:
    one = split(a=(6, 30), b=(0, 30))
    assert told(one) == {"a"}
    assert isinstance(one.by_department(K)["b"], Withheld)
