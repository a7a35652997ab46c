"""One attacker on everything at once: all departments' cells, their strata, each class and all together, of a whole wave
on a real database, its forms one by one.

By cell he reckons exactly (`reckoning`) and draws what its raters may have said; strata weigh these draws; then
departments take turns, each weighed by the totals given the others (Gibbs sampling).
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.core.figures.noise import Noise
from tests.conftest import NOW
from tests.factories import MadeWave, close
from tests.leaks.reckoning import Chain, Floats, by_grade, likelihoods, pmf, posterior, sampled
from tests.leaks.watching import Dice, Rule, Seen, real
from tests.leaks.waves import DAY, Ballot, finish, newest, pour, strata_of, tick, wave_of

DRAWS, POOL, SWEEPS, WARM = 20_000, 1_500, 60, 15
FINAL: Rule = real()


@dataclass(frozen=True)
class World:
    """A wave, what its forms said, and all that was published: (forms so far, body) by release, the draws at closing.
    `bad`: `[forms, departments]`, with `rated`."""

    wave: MadeWave
    rated: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    strata: list[int]
    releases: list[tuple[int, Mapping[str, Any]]]
    closing: Sequence[tuple[int, ...]]

    def item(self, department: int) -> int:
        return self.wave.form.item(department)

    def raters(self, department: int) -> list[int]:
        """Forms that rated it, in order."""
        return np.flatnonzero(self.rated[:, department]).tolist()

    def states(self, department: int) -> list[Seen]:
        """All that was published of 总体满意度 of a department."""
        found: list[Seen] = []
        name = str(self.item(department))
        for _, body in self.releases[:-1]:
            cell = body["cells"][name]
            if isinstance(cell, dict) and (not found or found[-1].stored != cell):
                found.append(Seen(cell["n"], cell, tuple(cell["counts"]), Noise.OVERALL))
        last, drawn = self.releases[-1][1]["cells"][name], self.closing[self.item(department)]
        return [*found, Seen(len(self.raters(department)), last, drawn, Noise.OVERALL)]

    @cached_property
    def totals(self) -> list[tuple[int, list[int], Mapping[str, Any]]]:
        """(forms until then, departments, noisy counts) of each class and of all, whenever they moved."""
        classes: dict[str, list[int]] = {"": list(range(self.rated.shape[1]))}
        for place, one in enumerate(self.wave.form.departments):
            classes.setdefault(one.category, []).append(place)
        found, last = [], dict[str, Any]()
        for forms, body in self.releases[:-1]:
            for name, told in body.get("together", {}).items():
                if told != last.get(name):
                    found.append((forms, classes[name], told))
            last = body.get("together", {})
        return found


def world(seed: int, share: float, forms: int, departments: int, dice: Dice) -> World:
    """A random wave: each form rates some departments, and is satisfied with them or not."""
    chance = np.random.default_rng(seed)
    wave = wave_of(departments)
    strata = strata_of(wave)
    rated = chance.random((forms, departments)) < chance.uniform(0.3, 0.9, departments)
    bad = rated & (chance.random((forms, departments)) < share)
    mine = chance.permutation(np.arange(forms) % len(strata)).tolist()  # none so few that closing merges it
    releases = []
    for at in range(forms):
        grades = {wave.form.item(one): 2 if bad[at, one] else 5 for one in np.flatnonzero(rated[at]).tolist()}
        pour(wave, [Ballot(mine[at], grades)], strata)
        if tick(wave, NOW):
            releases.append((at + 1, newest(wave)["verified"]))
    close(wave, NOW + DAY)
    before = len(dice.drawn)
    assert finish(wave, NOW + DAY)
    releases.append((forms, newest(wave)["verified"]))
    return World(wave, rated, bad, [strata[one] for one in mine], releases, dice.drawn[before:])


@dataclass
class Pool:
    """What the raters of a department may have said: equally likely draws `[draws, raters]`, as its own cell and strata
    tell; how many of them are dissatisfied until each total."""

    draws: NDArray[np.bool_]
    sums: Floats


class JointAttacker:
    """Reckons who was dissatisfied in one world."""

    def __init__(
        self, seen: World, share: float, known: Mapping[tuple[int, int], bool] | None = None
    ) -> None:
        self._seen, self._share, self._known = seen, share, known or {}
        self._chance = np.random.default_rng(5)

    def _chain(self, department: int) -> Chain | None:
        raters = self._seen.raters(department)
        states = self._seen.states(department)
        if len(raters) < 5:
            return None
        known = {
            at: self._known[form, department]
            for at, form in enumerate(raters)
            if (form, department) in self._known
        }
        return Chain(likelihoods([states], FINAL.final), self._share, known)

    def by_cell(self, department: int) -> Floats | None:
        """What the department's own cell tells of its raters."""
        chain = self._chain(department)
        return None if chain is None else posterior(chain.told, self._share, chain.known)

    def by_all(self) -> dict[int, Floats]:
        """What everything published tells of the raters of each department that is told of."""
        pools = {one: pool for one in range(self._seen.rated.shape[1]) if (pool := self._pool(one))}
        current = {one: pool.sums[0] for one, pool in pools.items()}
        found = {one: np.zeros(pool.draws.shape[1]) for one, pool in pools.items()}
        hidden = self._untold(set(pools))
        for sweep in range(SWEEPS):
            for one, pool in pools.items():
                others = hidden + sum(
                    (sums for each, sums in current.items() if each != one), np.zeros(len(hidden))
                )
                weights = self._by_totals(others + pool.sums)
                current[one] = pool.sums[self._chance.choice(len(weights), p=weights)]
                if sweep >= WARM:
                    found[one] += weights @ pool.draws / (SWEEPS - WARM)
        return found

    def _untold(self, told: set[int]) -> Floats:
        """Until each total, how many of those rated no cell tells of are dissatisfied: as many as is to be expected."""
        return np.array(
            [
                round(
                    self._share
                    * sum(int(self._seen.rated[:forms, one].sum()) for one in mine if one not in told)
                )
                for forms, mine, _ in self._seen.totals
            ],
            np.float64,
        )

    def _pool(self, department: int) -> Pool | None:
        chain = self._chain(department)
        if chain is None:
            return None
        draws = sampled(chain, DRAWS, self._chance)
        weights = self._by_strata(department, draws)
        draws = draws[self._chance.choice(DRAWS, POOL, p=weights)]
        raters = np.array(self._seen.raters(department))
        sums = [
            draws[:, raters < forms].sum(axis=1) if department in mine else np.zeros(POOL)
            for forms, mine, _ in self._seen.totals
        ]
        return Pool(draws, np.array(sums, np.float64).reshape(-1, POOL).T)

    def _by_strata(self, department: int, draws: NDArray[np.bool_]) -> Floats:
        stored = self._seen.releases[-1][1]["strata"].get(str(self._seen.item(department)), [])
        of = np.array([self._seen.strata[form] for form in self._seen.raters(department)])
        logs = np.zeros(len(draws))
        for group, n, counts, level in stored:
            bad = draws[:, np.isin(of, group)].sum(axis=1)
            logs += np.log(by_grade(Seen(n, None, tuple(counts), Noise(level)), bad))
        return _shares(logs)

    def _by_totals(self, sums: Floats) -> Floats:
        logs = np.zeros(len(sums))
        for place, (_, _, told) in enumerate(self._seen.totals):
            level, bad = Noise(told["noise"]), sums[:, place]
            logs += np.log(
                pmf(level, told["counts"][1], bad) * pmf(level, told["counts"][4], told["n"] - bad)
            )
        return _shares(logs)


def _shares(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Gained:
    """Of the cells of a wave: gains over the share known beforehand (on average, and at most by cell), and squared
    errors, by cell alone and by all."""

    mean: tuple[float, float]
    largest: tuple[list[float], list[float]]
    brier: tuple[float, float]


def gained(seen: World, share: float, known: Mapping[tuple[int, int], bool] | None = None) -> Gained:
    """What the attacker gets of a world, those he knows left out."""
    attacker = JointAttacker(seen, share, known)
    gains: tuple[list[Floats], list[Floats]] = ([], [])
    errors: tuple[list[Floats], list[Floats]] = ([], [])
    for one, joint in attacker.by_all().items():
        raters = seen.raters(one)
        alone = attacker.by_cell(one)
        assert alone is not None
        left = [at for at, form in enumerate(raters) if (form, one) not in (known or {})]
        truth = seen.bad[raters, one][left]
        for found, gain, error in zip((alone, joint), gains, errors, strict=True):
            gain.append(np.abs(found[left] - share))
            error.append((found[left] - truth) ** 2)
    means = [float(np.concatenate(gain).mean()) for gain in gains]
    worst = [[float(cell.max()) for cell in gain] for gain in gains]
    brier = [float(np.concatenate(error).mean()) for error in errors]
    return Gained((means[0], means[1]), (worst[0], worst[1]), (brier[0], brier[1]))


def insider(seen: World, seed: int) -> dict[tuple[int, int], bool]:
    """What one of the forms, at random, knows of itself."""
    form = random.Random(seed).randrange(len(seen.rated))
    return {(form, one): bool(seen.bad[form, one]) for one in np.flatnonzero(seen.rated[form]).tolist()}


def worlds(share: float, waves: int, forms: Sequence[int], departments: int, dice: Dice) -> Iterator[World]:
    """Random waves, so many of each number of forms."""
    for seed in range(waves):
        for n in forms:
            yield world(1000 * n + seed, share, n, departments, dice)
