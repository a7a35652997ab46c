"""The kernel: means of many items at once and how sure they are together, from one matrix of answers.

A mean is a ratio of two weighted sums. Its influence values (Taylor linearisation), added up by enterprise, give
the covariance of all means: level, difference, change and rank are read from it (docs/method.md, 二).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.statistics.estimates import Estimates, Floats
from survey.core.statistics.vectors import Matrix

Codes = NDArray[np.int64]
Places = NDArray[np.intp]
Domains = Sequence[Sequence[int]]
"""Which columns each mean is taken over: one for an item, several for a composite or a pooled mean."""
GradeValues = Sequence[float]
"""What grades 1 … 5 count: a formula's weights, or 0 and 1 for a share."""

WITH_BASIC: GradeValues = (0, 0, 1, 1, 1)
WITHOUT_BASIC: GradeValues = (0, 0, 0, 1, 1)
BAD: GradeValues = (1, 1, 0, 0, 0)
GRADE: GradeValues = (1, 2, 3, 4, 5)
CHUNK = 4096  # rows at a time: memory stays flat, and 60 items of them stay in the processor's cache


@dataclass(frozen=True)
class Survey:
    """Answers as they came: `[responses, items]` grades, and by response its weight, stratum, enterprise.

    Without clusters every response is an enterprise of its own. `fractions` (share of each stratum that
    answered) belongs to statements about exactly these enterprises, never to comparisons.
    """

    matrix: Matrix
    weights: Floats | None = None
    strata: Codes | None = None
    clusters: Codes | None = None
    fractions: Mapping[int, float] | None = None


@dataclass(frozen=True)
class _Stratum:
    """Row numbers with each enterprise's together, where each enterprise begins, and the share answered."""

    rows: Places
    starts: Places
    fraction: float

    def chunks(self) -> Iterator[tuple[Places, Places]]:
        """Rows and starts, some thousand rows at a time, never cutting an enterprise in two."""
        ends = np.append(self.starts, len(self.rows))
        cuts = np.unique(np.searchsorted(ends, np.arange(0, len(self.rows), CHUNK)))
        for first, last in zip(cuts, [*cuts[1:], len(self.starts)], strict=True):
            yield self.rows[ends[first] : ends[last]], self.starts[first:last] - ends[first]


@dataclass(frozen=True)
class _Means:
    """The means, and what it takes to say how far one enterprise pulls each of them."""

    domains: Domains
    table: Floats  # what grades 0 … 5 count
    values: Floats
    totals: Floats  # weighted numbers of ratings
    ratings: Codes

    def influence(self, grades: Matrix, weights: Floats, starts: Places) -> tuple[Floats, NDArray[np.bool_]]:
        """`[enterprises, k]`: the pull of each times `totals`, and whether it rated there at all."""
        given = _over(grades > 0, self.domains)
        pull = given * -self.values
        pull += _over(self.table[grades], self.domains)
        pull *= weights[:, None]
        if len(starts) == len(given):
            return pull, given > 0
        return np.add.reduceat(pull, starts), np.logical_or.reduceat(given > 0, starts)


def codes(keys: Sequence[Hashable]) -> Codes:
    """Equal keys (a pseudonym, a name) → equal numbers."""
    column = np.empty(len(keys), object)
    column[:] = keys
    return np.asarray(pd.factorize(column)[0], np.int64)


def each(items: int) -> list[list[int]]:
    """Every column a mean of its own."""
    return [[item] for item in range(items)]


def stack(before: Survey, after: Survey) -> Survey:
    """Two waves as one survey: the columns of `before`, then those of `after`; clusters link the enterprises.

    Strata must mean the same in both; an enterprise that changed its own keeps the one it had before.
    """
    rows, width = len(before.matrix), before.matrix.shape[1]
    matrix = np.zeros((rows + len(after.matrix), width + after.matrix.shape[1]), np.uint8)
    matrix[:rows, :width], matrix[rows:, width:] = before.matrix, after.matrix
    weights = np.concatenate([_weights(before), _weights(after)])
    clusters = _both(before.clusters, after.clusters)
    strata = _both(before.strata, after.strata)
    if clusters is not None and strata is not None:
        strata = pd.Series(strata).groupby(clusters).transform("first").to_numpy()
    return Survey(matrix, weights, strata, clusters)


def _both(before: Codes | None, after: Codes | None) -> Codes | None:
    if before is None and after is None:
        return None
    if before is None or after is None:
        raise ValueError("only one of the waves knows its enterprises or strata")
    return np.concatenate([before, after])


def estimate(survey: Survey, domains: Domains, values: GradeValues) -> Estimates:
    """The mean of `values` over each domain's given grades, with the covariance of all of them.

    Enterprises outside a domain stay in with no influence. A domain nobody rated has the value nan.
    """
    means = _means(survey, domains, np.array([0.0, *values]))
    covariance = np.zeros((len(domains), len(domains)))
    raters, met = np.zeros(len(domains), np.int64), np.zeros(len(domains), np.int64)
    for stratum in _split(survey):
        spread, here = _spread(survey, stratum, means)
        covariance += spread
        raters += here
        met += here > 0
    empty = means.totals == 0
    scale = np.where(empty, 1, means.totals)
    covariance /= np.outer(scale, scale)
    means.values[empty] = covariance[empty, :] = covariance[:, empty] = np.nan
    freedom = np.maximum(raters - met, 1)
    return Estimates(means.values, covariance, raters, freedom, means.ratings, tuple(values))


def _means(survey: Survey, domains: Domains, table: Floats) -> _Means:
    weights = _weights(survey)
    counted, given, ratings = np.zeros((3, survey.matrix.shape[1]))
    for begin in range(0, len(weights), CHUNK):
        grades, part = survey.matrix[begin : begin + CHUNK], weights[begin : begin + CHUNK]
        counted += part @ table[grades]
        given += part @ (grades > 0).astype(float)
        ratings += np.count_nonzero(grades, axis=0)
    totals = _over(given[None], domains)[0]
    values = _over(counted[None], domains)[0] / np.where(totals > 0, totals, 1)
    return _Means(domains, table, values, totals, _over(ratings[None], domains)[0].astype(np.int64))


def _spread(survey: Survey, stratum: _Stratum, means: _Means) -> tuple[Floats, NDArray[np.int64]]:
    """A stratum's part of the covariance (times `totals`, twice), and its raters by domain."""
    k, n, weights = len(means.domains), len(stratum.starts), _weights(survey)
    gram, total, raters = np.zeros((k, k)), np.zeros(k), np.zeros(k, np.int64)
    for rows, starts in stratum.chunks():
        pull, rated = means.influence(survey.matrix[rows], weights[rows], starts)
        gram += pull.T @ pull
        total += pull.sum(axis=0)
        raters += np.count_nonzero(rated, axis=0)
    if n == 1:  # a single enterprise shows no spread
        return np.full((k, k), np.nan), raters
    return (1 - stratum.fraction) * n / (n - 1) * (gram - np.outer(total, total) / n), raters


def _over(values: Floats | NDArray[np.bool_], domains: Domains) -> Floats:
    """`[rows, items]` → `[rows, domains]`: summed over each domain's columns."""
    width = values.shape[1]
    if list(map(list, domains)) == each(width):
        return values.astype(np.float64, copy=False)
    if all(len(columns) == 1 for columns in domains):
        return values[:, [columns[0] for columns in domains]].astype(np.float64, copy=False)
    members = np.zeros((width, len(domains)))
    for place, columns in enumerate(domains):
        members[list(columns), place] = 1
    return np.asarray(values @ members, np.float64)


def _weights(survey: Survey) -> Floats:
    return np.ones(len(survey.matrix)) if survey.weights is None else survey.weights


def _split(survey: Survey) -> Iterator[_Stratum]:
    """The strata with their enterprises."""
    rows, clusters = len(survey.matrix), survey.clusters
    labels = np.zeros(rows, np.int64) if survey.strata is None else _joined(survey.strata, clusters)
    order = np.argsort(labels, kind="stable") if clusters is None else np.lexsort((clusters, labels))
    for label, size in zip(*np.unique(labels, return_counts=True), strict=True):
        here, order = order[:size], order[size:]
        starts = np.arange(size) if clusters is None else _starts(clusters[here])
        yield _Stratum(here, starts, (survey.fractions or {}).get(int(label), 0.0))


def _starts(clusters: Codes) -> Places:
    return np.flatnonzero(np.append(True, clusters[1:] != clusters[:-1]))


def _joined(strata: Codes, clusters: Codes | None) -> Codes:
    """Strata in which every one has two enterprises: single ones joined with each other or the smallest other."""
    first = pd.Series(strata)
    if clusters is not None:
        both = pd.DataFrame({"stratum": strata, "cluster": clusters}).drop_duplicates()
        if both.cluster.duplicated().any():
            raise ValueError("an enterprise stands in two strata")
        first = both.stratum
    sizes = first.value_counts().sort_values(kind="stable")
    lonely = sizes.index[sizes == 1]
    if len(lonely) == 1:
        lonely = sizes.index[:2]
    return np.where(np.isin(strata, lonely), lonely[0], strata) if len(lonely) else strata
