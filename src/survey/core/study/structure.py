"""How the answers of a closed wave hang together, so coarse that it tells of nobody: what its final release holds
beside counts.
"""

from collections.abc import Mapping
from dataclasses import field

import numpy as np
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from survey.core.statistics.estimates import Floats
from survey.core.study.model import DriverSet, Measure
from survey.core.study.pair_counts import PairCounts

Matrix = list[list[float]]


@dataclass(frozen=True)
class Linked:
    """总体满意度 of the same enterprises in the wave before, 2 × 2 with noise: by item of this wave and measure."""

    wave_id: int
    pairs: dict[str, dict[Measure, PairCounts]] = field(default_factory=dict)


@dataclass(frozen=True)
class Structure:
    """`design`: how much less sure all departments together are than as many single answers. `correlations` of the
    departments' means, by question id. `signs`: by department id the shares of its raters that gave one grade
    throughout, were too fast, came in a burst. `drivers`: by department id, "" all."""

    design: float | None = None
    correlations: dict[str, Matrix] = field(default_factory=dict)
    signs: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    drivers: dict[str, DriverSet] = field(default_factory=dict)
    linked: Linked | None = None


_ADAPTER = TypeAdapter(Structure)


def dump_structure(structure: Structure) -> dict[str, object]:
    """As JSON."""
    return dict(_ADAPTER.dump_python(structure, mode="json"))


def load_structure(stored: Mapping[str, object] | None) -> Structure | None:
    """The inverse of `dump_structure`."""
    return _ADAPTER.validate_python(dict(stored)) if stored else None


def usable(stored: Matrix | Floats) -> Floats:
    """Rounded correlations as a covariance may have them: the nearest without negative roots."""
    matrix = np.asarray(stored, np.float64)
    roots, vectors = np.linalg.eigh(matrix)
    if roots.min() >= 0:
        return matrix
    near = (vectors * np.maximum(roots, 0)) @ vectors.T
    scale = np.sqrt(np.diagonal(near))
    return np.asarray(near / np.outer(scale, scale), np.float64)
