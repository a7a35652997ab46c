"""Who knows every published number and the rules, and works out what is not published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog

from survey.core.figures.cells import Banded, Cell, Shown, Withheld
from survey.core.figures.withholding import Counted, suppress

BAD, ALL = (1, 1, 0, 0, 0), (1, 1, 1, 1, 1)


@dataclass
class Published:
    """One item of one department: its cell, its strata, and (from the return lists) each stratum's forms."""

    whole: Cell
    strata: Mapping[str, Cell]
    forms: Mapping[str, int] | None
    k: int


class LinearAttacker:
    """Least and most that the published numbers allow, by linear programming.

    Items of one department are attacked together: whoever rated a dimension rated 总体满意度, the first item.
    """

    def __init__(self, items: Sequence[Published]) -> None:
        self.items, self.names = items, list(items[0].strata)
        self.size = len(items) * len(self.names) * 5
        self.rows: list[np.ndarray] = []
        self.least: list[float] = []
        self.most: list[float] = []
        for number, item in enumerate(items):
            for name, cell in item.strata.items():
                self._know(number, [name], cell, item.k)
                if item.forms is not None:
                    self._add(self._sum(number, [name], ALL), 0, item.forms[name])
                if number:
                    fewer = self._sum(0, [name], ALL) - self._sum(number, [name], ALL)
                    self._add(fewer, 0, np.inf)
            self._know(number, self.names, item.whole, item.k)

    def range(self, item: int, stratum: str, weights: Sequence[float]) -> tuple[int, int]:
        """Between which whole numbers the weighted count of a stratum's grades lies."""
        table, bounds = self._table()
        low, high = self._ends(self._sum(item, [stratum], weights), A_ub=table, b_ub=bounds)
        return int(np.ceil(low - 1e-6)), int(np.floor(min(high, 1e6) + 1e-6))

    def mean(self, item: int, stratum: str) -> tuple[float, float]:
        """Between what the mean grade of a stratum lies (Charnes and Cooper's way of making a ratio linear)."""
        table, bounds = self._table()
        raters = np.append(self._sum(item, [stratum], ALL), 0)
        return self._ends(
            np.append(self._sum(item, [stratum], (1, 2, 3, 4, 5)), 0),
            A_ub=np.hstack([table, -bounds[:, None]]), b_ub=np.zeros(len(bounds)), A_eq=raters[None], b_eq=[1],
        )  # fmt: skip

    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        rows = np.array(self.rows)
        bounds = np.concatenate([self.most, -np.array(self.least)])
        finite = np.isfinite(bounds)
        return np.vstack([rows, -rows])[finite], bounds[finite]

    @staticmethod
    def _ends(aim: np.ndarray, **known: Any) -> tuple[float, float]:
        low, high = (linprog(sign * aim, method="highs", **known) for sign in (1, -1))
        return low.fun if low.status == 0 else -np.inf, -high.fun if high.status == 0 else np.inf

    def _know(self, item: int, names: Sequence[str], cell: Cell, k: int) -> None:
        match cell:
            case Shown(counts):
                for grade, count in enumerate(counts):
                    self._add(self._sum(item, names, np.eye(5)[grade]), count, count)
            case Banded(n, low):
                self._add(self._sum(item, names, ALL), n, n)
                edge = 0 if low > 0 else n - 1
                self._add(self._sum(item, names, BAD), edge, edge + 1)
            case Withheld():
                few = k - 1 if len(names) > 1 else np.inf  # a stratum may be hidden for another's sake
                self._add(self._sum(item, names, ALL), 0, few)

    def _sum(self, item: int, names: Sequence[str], weights: Sequence[float]) -> np.ndarray:
        row = np.zeros((len(self.items), len(self.names), 5))
        for name in names:
            row[item, self.names.index(name)] = weights
        return row.ravel()

    def _add(self, row: np.ndarray, least: float, most: float) -> None:
        self.rows.append(row)
        self.least.append(least)
        self.most.append(most)


def worlds(parts: Mapping[str, Counted], hidden: Sequence[str], k: int) -> list[dict[str, Counted]]:
    """All ways to share the sum of two hidden parts among them for which the rules publish the very same."""
    published = suppress(parts, k)
    one, other = hidden
    together = [a + b for a, b in zip(parts[one].counts, parts[other].counts, strict=True)]
    found = []
    for share in product(*(range(count + 1) for count in together)):
        rest = tuple(count - part for count, part in zip(together, share, strict=True))
        world = {**parts, one: Counted(share), other: Counted(rest)}
        if suppress(world, k) == published:
            found.append(world)
    return found
