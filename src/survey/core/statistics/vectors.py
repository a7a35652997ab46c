"""Packed grade vectors as NumPy matrices: one row per response, one column per item."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEVELS = 6  # 0 for none, and 1 … 5
Matrix = NDArray[np.uint8]


def unpack(vectors: Sequence[bytes], items: int) -> Matrix:
    """Vectors of equal length → `[n, items]`."""
    return np.frombuffer(b"".join(vectors), np.uint8).reshape(len(vectors), items)


def count_grades(matrix: Matrix) -> NDArray[np.int64]:
    """How often each grade 0–5 stands in each column: `[items, 6]`. Raises ValueError on other values."""
    items = matrix.shape[1]
    if matrix.size and int(matrix.max()) >= LEVELS:
        raise ValueError("grade above 5")
    places = np.arange(items, dtype=np.int32) * LEVELS + matrix
    return np.bincount(places.ravel(), minlength=items * LEVELS).reshape(items, LEVELS)
