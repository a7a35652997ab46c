"""How long the statistics kernel takes, and how much memory beside the answers themselves."""

import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np

from survey.core.statistics.influence import WITH_BASIC, Survey, each, estimate

SIZES = (10_000, 100_000, 1_000_000)
ITEMS, STRATA = 60, 24


def answers(size: int, named: bool) -> Survey:
    """Made-up answers to 60 items, weighted, in 24 strata; named: seven enterprises in ten responses."""
    rng = np.random.default_rng(size)
    clusters = rng.integers(0, max(size * 7 // 10, 1), size) if named else None
    strata = rng.integers(0, STRATA, size) if clusters is None else clusters % STRATA
    matrix = rng.integers(0, 6, (size, ITEMS), dtype=np.uint8)
    return Survey(matrix, rng.uniform(0.5, 3, size), strata, clusters)


def seconds(survey: Survey) -> float:
    began = time.perf_counter()
    assert np.isfinite(estimate(survey, each(ITEMS), WITH_BASIC).covariance).all()
    return time.perf_counter() - began


def megabytes(survey: Survey) -> float:
    """The most that was held at once during one estimate."""
    tracemalloc.start()
    estimate(survey, each(ITEMS), WITH_BASIC)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def measure(sizes: tuple[int, ...] = SIZES) -> Iterator[dict[str, Any]]:
    """One row per number of responses: all means with their covariance, nameless and by enterprise."""
    for size in sizes:
        nameless, named = answers(size, named=False), answers(size, named=True)
        yield {
            "responses": size,
            "items": ITEMS,
            "nameless": min(seconds(nameless) for _ in range(3)),
            "named": min(seconds(named) for _ in range(3)),
            "memory": megabytes(nameless),
            "answers": nameless.matrix.nbytes / 2**20,
        }
