"""Who knows every published number and the rules, and works out what a single enterprise answered.

Grades are reduced to good and bad: what an attacker is after. A part is one department's stratum; of each he may know
how many of it rated the department, since return lists and colleagues say who has been there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from survey.core.figures.cells import Banded, Cell, Shown, Withheld

Sizes = Mapping[str, int]


@dataclass
class Known:
    """One department as it stands in a final release: its cell, and of each stratum how many rated it and what was
    told of them. 约数 fix nothing, however near they are."""

    whole: Cell
    sizes: Sizes
    strata: Mapping[str, Cell] = field(default_factory=dict)


class LinearAttacker:
    """The least and the most who may be bad in a part, by linear programming over all departments at once."""

    def __init__(self, departments: Sequence[Known], totals: Sequence[tuple[list[int], Cell]] = ()) -> None:
        self.places = {
            (number, name): place
            for place, (number, name) in enumerate(
                (number, name) for number, one in enumerate(departments) for name in one.sizes
            )
        }
        self.bounds = [(0, n) for one in departments for n in one.sizes.values()]
        self.rows: list[tuple[list[int], float, float]] = []
        for number, one in enumerate(departments):
            for name, cell in one.strata.items():
                self._know([self.places[number, name]], cell)
            self._know(self._all(departments, [number]), one.whole)
        for numbers, cell in totals:
            self._know(self._all(departments, numbers), cell)

    def bad(self, targets: Sequence[tuple[int, Sequence[str]]]) -> list[tuple[int, int]]:
        """Between how many of each target (a department, some of its parts) are bad. Targets must not hang together:
        then one programme finds the ends of all."""
        places = [[self.places[number, name] for name in names] for number, names in targets]
        aim = np.zeros(len(self.bounds))
        aim[[place for some in places for place in some]] = 1
        ends = [self._end(sign * aim) for sign in (1, -1)]
        return [
            (int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6)))
            for low, high in zip(*([end[some].sum() for some in places] for end in ends), strict=True)
        ]

    def _all(self, departments: Sequence[Known], numbers: Sequence[int]) -> list[int]:
        return [self.places[number, name] for number in numbers for name in departments[number].sizes]

    def _know(self, places: list[int], cell: Cell) -> None:
        match cell:
            case Shown() if not cell.approximate:
                self.rows.append((places, cell.bad, cell.bad))
            case Banded(n, low, high):
                self.rows.append((places, n * (1 - high), n * (1 - low)))
            case Shown() | Withheld():
                pass

    def _end(self, aim: np.ndarray) -> np.ndarray:
        at = [(row, place) for row, (places, _, _) in enumerate(self.rows) for place in places]
        shape = len(self.rows), len(aim)
        table = coo_array((np.ones(len(at)), tuple(zip(*at, strict=True))), shape).tocsr()
        least, most = (np.array([row[edge] for row in self.rows]) for edge in (1, 2))
        found = linprog(
            aim, bounds=self.bounds, method="highs", A_ub=vstack([table, -table]),
            b_ub=np.concatenate([most, -least]) + 1e-9,
        )  # fmt: skip
        assert found.status == 0, found.message
        return np.asarray(found.x)


def settled(bad: tuple[int, int], n: int, own: tuple[int, int] = (0, 0)) -> bool:
    """Whether all of `n` but those known anyway (`own`: bad and good) are certainly good, or certainly bad."""
    return n > sum(own) and (bad[1] <= own[0] or n - bad[0] <= own[1])
