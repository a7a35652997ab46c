"""How a form was filled in: long runs of one grade, no variation. Signs, never grounds to delete a form."""

import numpy as np
from numpy.typing import NDArray

from survey.core.statistics.estimates import Floats
from survey.core.statistics.vectors import Matrix

LEAST_ITEMS = 6  # grades in a form: fewer alike are often simply meant


def longest_run(matrix: Matrix) -> NDArray[np.int64]:
    """Longest run of one grade in each row; 未接触 neither breaks nor lengthens it."""
    last, run, best = (np.zeros(len(matrix), np.int64) for _ in range(3))
    for column in matrix.T:
        given = column > 0
        run = np.where(given, np.where(column == last, run + 1, 1), run)
        last = np.where(given, column, last)
        best = np.maximum(best, run)
    return best


def variation(matrix: Matrix) -> Floats:
    """Standard deviation of each row's given grades (IRV); nan with fewer than two."""
    given = matrix > 0
    n = given.sum(axis=1)
    grades = matrix.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = grades.sum(axis=1) / n
        squares = np.sum(np.where(given, grades - mean[:, None], 0) ** 2, axis=1)
        return np.asarray(np.sqrt(squares / np.where(n > 1, n - 1, np.nan)), np.float64)


def straight_lined(matrix: Matrix, least: int = LEAST_ITEMS) -> NDArray[np.bool_]:
    """Rows of at least `least` grades, all the same."""
    n = np.count_nonzero(matrix, axis=1)
    return np.asarray((n >= least) & (longest_run(matrix) == n), np.bool_)
