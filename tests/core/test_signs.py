"""Which forms look careless, and what may be told of the figures without them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.answers.signs import (
    UNTIL_CLOSED,
    Effect,
    Sign,
    Signs,
    dump_signs,
    is_doubtful,
    is_straight_lined,
    is_too_fast,
    load_signs,
)
from survey.core.figures.cells import Shown, Withheld
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import Counted
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


# --- what is told of them ----------------------------------------------------------------------------

BY_FLAGS = {1: 10, 3: 7, 12: 5, 15: 2}  # 24 forms bear any sign, 14 are doubtful
IDS = {"0": "tax", "5": "water"}
SOME = st.lists(st.integers(0, 9), min_size=5, max_size=5).map(tuple)


def dumped(everyone: dict[str, Shown], doubtful: dict[str, Counted], k: int = K) -> dict[str, Any]:
    return dump_signs(90, BY_FLAGS, everyone, doubtful, k)


def told(everyone: dict[str, Shown], doubtful: dict[str, Counted], k: int = K) -> Signs:
    """As they come out of a release."""
    stored = json.loads(json.dumps(dumped(everyone, doubtful, k)))
    found = load_signs(stored, everyone, IDS)
    assert isinstance(found, Signs)
    return found


def test_before_the_final_release_nothing_is_told() -> None:
    assert load_signs({}, {}, IDS) == Withheld(UNTIL_CLOSED)


def test_where_nothing_is_hidden_signs_and_their_effect_are_exact() -> None:
    found = told({"0": Shown((4, 2, 3, 10, 20))}, {"0": Counted((1, 0, 0, 0, 9))}, k=1)
    assert (found.forms, found.any, found.doubtful) == (90, 24, 14)
    assert found.counts == {
        Sign.TOO_FAST: 19, Sign.STRAIGHT_LINED: 9, Sign.BURST: 7, Sign.SAME_DEVICE: 7,
    }  # fmt: skip
    assert found.departments["tax"] == Effect(Shown((4, 2, 3, 10, 20)), Shown((3, 2, 3, 10, 11)))
    assert found.effect == found.departments["tax"]
    assert isinstance(found.departments["water"], Withheld)


def test_where_something_is_hidden_every_number_is_drawn_about_the_true_one() -> None:
    """An exact number of doubtful forms, or their exact grades, would tell by subtraction what they said."""
    everyone, doubtful = {"0": Shown((9, 9, 9, 9, 30))}, {"0": Counted((5, 5, 5, 5, 9))}
    drawn = [dumped(everyone, doubtful) for _ in range(1000)]
    bound = 6 * (Noise.OVERALL.variance / len(drawn)) ** 0.5
    truth = {"any": 24, "doubtful": 14}
    for name, true in truth.items():
        assert len({one[name] for one in drawn}) > 3
        assert abs(sum(one[name] for one in drawn) / len(drawn) - true) < bound
    for place, true in enumerate((5, 5, 5, 5, 9)):
        grades = [one["by_item"]["0"][1][place] for one in drawn]
        assert len(set(grades)) > 3
        assert abs(sum(grades) / len(grades) - true) < bound


@given(SOME, SOME)
def test_a_department_is_told_where_the_doubtful_and_the_others_are_k(
    rest: tuple[int, ...], odd: tuple[int, ...]
) -> None:
    everyone = Shown(tuple(a + b for a, b in zip(rest, odd, strict=True)))
    if not everyone.n:
        return
    found = told({"0": everyone}, {"0": Counted(odd)})
    one = found.departments["tax"]
    assert isinstance(one, Effect) == (sum(odd) >= K and sum(rest) >= K)
    if isinstance(one, Effect):
        assert one.everyone == everyone
        assert one.without.n == sum(rest)
        assert min(one.without.counts) >= 0
    assert isinstance(found.effect, Effect) == isinstance(one, Effect)


def test_what_is_told_of_all_is_the_sum_of_what_is_told_of_each() -> None:
    """So that all less those shown leaves nothing."""
    everyone = {"0": Shown((9, 9, 9, 9, 30)), "5": Shown((9, 9, 9, 9, 9)), "10": Shown((3, 3, 3, 3, 3))}
    doubtful = {"0": Counted((5, 0, 0, 0, 5)), "5": Counted((1, 0, 0, 0, 9)), "10": Counted((1, 0, 0, 0, 0))}
    stored = dumped(everyone, doubtful)
    assert stored["by_item"].keys() == {"0", "5"}, "of the one doubtful rater nothing is kept"
    found = load_signs(stored, everyone, IDS)
    assert isinstance(found, Signs)
    parts = [one for one in found.departments.values() if isinstance(one, Effect)]
    assert isinstance(found.effect, Effect)
    for whole, own in ((found.effect.everyone, "everyone"), (found.effect.without, "without")):
        sums = zip(*(getattr(one, own).counts for one in parts), strict=True)
        assert whole.counts == tuple(map(sum, sums))
