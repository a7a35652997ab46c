"""The noise is exactly what it says, and counts brought back to their sum are the nearest there are."""

import ast
import inspect
import random
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chisquare

from survey.core.figures import noise
from survey.core.figures.noise import Noise, draw, noised, projected

HIDING = [Noise.OVERALL, Noise.DIMENSION, Noise.TOGETHER]
DRAWS = 20_000
COUNTS = st.lists(st.integers(-15, 60), min_size=1, max_size=6)


def drawn(level: Noise, seed: int = 1) -> list[int]:
    """Many draws, the same each time; the product draws with `secrets`."""
    below = random.Random(seed).randrange
    return [draw(level, below) for _ in range(DRAWS)]


def chance(level: Noise, z: int) -> Fraction:
    """(1 − a) / (1 + a) · a^|z|."""
    return (1 - level.ratio) / (1 + level.ratio) * level.ratio ** abs(z)


@pytest.mark.parametrize("level", HIDING)
def test_draws_have_the_chances_of_the_two_sided_geometric(level: Noise) -> None:
    widest = next(z for z in range(1, 99) if DRAWS * chance(level, z) < 20) - 1
    inner = [float(chance(level, z)) for z in range(-widest, widest + 1)]
    tail = (1 - sum(inner)) / 2
    found = Counter(max(-widest - 1, min(widest + 1, z)) for z in drawn(level))
    seen = [found[z] for z in range(-widest - 1, widest + 2)]
    assert chisquare(seen, [DRAWS * one for one in (tail, *inner, tail)]).pvalue > 0.001


@pytest.mark.parametrize("level", HIDING)
def test_the_variance_is_that_of_the_chances(level: Noise) -> None:
    exact = sum(z * z * chance(level, z) for z in range(-400, 401))
    assert level.variance == pytest.approx(float(exact))
    assert np.var(drawn(level)) == pytest.approx(level.variance, rel=0.05)


def test_the_levels_are_as_strong_as_the_method_says() -> None:
    assert [round(one.variance**0.5, 1) for one in Noise] == [0, 1.4, 4.3, 5.6]
    assert [draw(Noise.NONE) for _ in range(50)] == [0] * 50


@pytest.mark.parametrize("level", HIDING)
def test_a_rate_of_counts_brought_to_their_sum_varies_as_is_reckoned_and_leans_to_no_side(
    level: Noise,
) -> None:
    """Far from the edges: there nothing is cut off. Rounding adds a quarter of a rating to the variance."""
    n, below = 4000, random.Random(2).randrange
    counts = (800,) * 5
    rates = [sum(projected(noised(counts, level, below), n)[2:]) / n for _ in range(4000)]
    assert np.var(rates) == pytest.approx(level.of_rate(n) + 0.25 / n**2, rel=0.1)
    assert np.mean(rates) == pytest.approx(0.6, abs=6 * (level.of_rate(n) / 4000) ** 0.5)
    assert level.of_rate(0) == 0


def test_every_count_has_a_draw_of_its_own_whatever_it_is() -> None:
    below = random.Random(3).randrange
    pairs = np.array([noised((0, 50_000), Noise.DIMENSION, below) for _ in range(4000)]) - np.array(
        [0, 50_000]
    )
    assert abs(np.asarray(np.corrcoef(pairs.T))[0, 1]) < 0.06
    assert pairs[:, 0].min() < 0, "a count of nobody is noised like any other"
    assert np.var(pairs, axis=0) == pytest.approx([Noise.DIMENSION.variance] * 2, rel=0.12)


def test_nobody_can_draw_the_same_again() -> None:
    """The generator is the system's, which has no seed; and no number on the way has a point."""
    assert inspect.signature(draw).parameters["below"].default is noise.secrets.randbelow
    assert inspect.signature(noised).parameters["below"].default is noise.secrets.randbelow
    tree = ast.parse(inspect.getsource(draw) + inspect.getsource(noise._geometric))
    assert not [
        one for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, float)
    ]
    assert all(type(one) is int for one in noised((1, 2, 3), Noise.TOGETHER))


# --- brought back to the sum --------------------------------------------------------------------------


@given(COUNTS, st.integers(0, 200))
def test_counts_are_brought_to_their_sum_none_below_nought(counts: list[int], n: int) -> None:
    found = projected(counts, n)
    assert sum(found) == n
    assert min(found) >= 0
    assert all(type(one) is int for one in found)
    assert all(
        found[a] >= found[b] for a in range(len(counts)) for b in range(len(counts)) if counts[a] > counts[b]
    )


@given(COUNTS.map(lambda counts: [abs(one) for one in counts]))
def test_counts_that_are_right_stay(counts: list[int]) -> None:
    assert projected(counts, sum(counts)) == tuple(counts)


@given(st.lists(st.integers(-6, 9), min_size=1, max_size=4), st.integers(0, 12))
def test_no_other_whole_counts_are_nearer(counts: list[int], n: int) -> None:
    def far(other: tuple[int, ...]) -> int:
        return sum((a - b) ** 2 for a, b in zip(other, counts, strict=True))

    assert far(projected(counts, n)) == min(map(far, compositions(n, len(counts))))


def compositions(n: int, parts: int) -> list[tuple[int, ...]]:
    """All ways to write n as so many whole numbers."""
    if parts == 1:
        return [(n,)]
    return [(one, *rest) for one in range(n + 1) for rest in compositions(n - one, parts - 1)]


@pytest.mark.parametrize(
    ("counts", "n"), [((3, -2, 0, 7, 30), 40), ((-5, -9, -1, 2, 3), 7), ((12, 11, 10, 14, 13), 55)]
)
def test_the_counts_are_scipys_within_rounding(counts: tuple[int, ...], n: int) -> None:
    known = minimize(
        lambda x: float(((x - counts) ** 2).sum()),
        np.full(len(counts), n / len(counts)),
        bounds=[(0, None)] * len(counts),
        constraints={"type": "eq", "fun": lambda x: x.sum() - n},
    ).x
    assert np.abs(np.array(projected(counts, n)) - known).max() < 1
