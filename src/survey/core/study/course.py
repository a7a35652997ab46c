"""A figure over the waves of a series: what each wave says, where the line breaks, and what may be said of a change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

import numpy as np
from scipy.stats import t

from survey.core.figures.cells import Cell, Shown
from survey.core.figures.formulas import FORMULAS, Formula
from survey.core.models import Source
from survey.core.names import MEASURE_NAMES
from survey.core.numerals import SCORE, SHARE, Unit
from survey.core.statistics.estimates import LEVEL, Estimate
from survey.core.statistics.intervals import Interval
from survey.core.study.levels import plain_level, pooled_level
from survey.core.study.model import Level, Measure, Move, Results
from survey.core.study.trends import Change, Terms, breaks, change_between, change_of, slope

PRECISE = 1000  # from so many ratings on a percent gets a decimal


@dataclass(frozen=True)
class Yardstick:
    """What is followed: a measure, by one formula for all waves or (None) by each wave's own."""

    id: str
    name: str
    measure: Measure
    formula: Formula | None = None

    def formula_of(self, own: str) -> str:
        """Id of the formula a wave is measured by, `own` its own; a rate is its own formula."""
        if self.measure is not Measure.SCORE:
            return self.measure
        return self.formula.id if self.formula else own

    def grade_values(self, own: str) -> tuple[float, ...]:
        """What grades 1 … 5 count in a wave."""
        return self.measure.grade_values(self.formula or FORMULAS[own])

    def studied(self, own: str) -> Measure | None:
        """The measure under which a wave's study holds it, if it does."""
        return None if self.formula and self.formula.id != own else self.measure

    @property
    def subject(self) -> str:
        """What sentences call it."""
        return MEASURE_NAMES[self.measure]


YARDSTICKS = {
    one.id: one
    for one in (
        Yardstick("own", "得分（各期自己的口径）", Measure.SCORE),
        *(
            Yardstick(
                f"score-{number}", f"得分，统一换成 {formula.id.replace('-', '/')}", Measure.SCORE, formula
            )
            for number, formula in enumerate(FORMULAS.values(), 1)
            if not formula.id.startswith("rate")
        ),
        Yardstick("with_basic", "满意率（含基本满意）", Measure.WITH_BASIC),
        Yardstick("without_basic", "满意率（不含基本满意）", Measure.WITHOUT_BASIC),
    )
}
"""Each wave's own 口径, and the five presets applied to all waves alike; two of those are the rates."""


@dataclass(frozen=True)
class Moment:
    """One wave as it was asked and answered: its released cell, and what its study holds of the same."""

    wave_id: int
    title: str
    opens_at: datetime
    closes_at: datetime
    formula: str
    wording: str
    cell: Cell
    forms: int
    pooled: bool = False  # all departments together: an enterprise gave several ratings
    source: Source = Source.VERIFIED
    results: Results = field(default_factory=dict)
    strata: str = ""  # what weights bring it to
    earlier: int | None = None  # the wave its `moves` are against
    moves: dict[Measure, Move] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A wave's figure and the way to it from the wave before.

    `level` None: withheld, or not asked. `change` is there if both may be compared, `reasons` if they may not.
    """

    moment: Moment
    level: Level | None
    change: Interval | None = None
    reasons: tuple[str, ...] = ()
    before: Level | None = None

    @property
    def word(self) -> Change | None:
        return change_of(self.change) if self.change else None


@dataclass(frozen=True)
class Course:
    """All waves of a line, oldest first; `weighted` if every figure could be."""

    yardstick: Yardstick
    steps: tuple[Step, ...]
    weighted: bool

    @property
    def shown(self) -> list[Step]:
        """The waves that have a figure."""
        return [step for step in self.steps if step.level]

    @property
    def unit(self) -> Unit:
        """How levels are printed."""
        if self.yardstick.measure is Measure.SCORE:
            return SCORE
        precise = all(step.level.n >= PRECISE for step in self.shown if step.level)
        return replace(SHARE, digits=1) if precise else SHARE

    def runs(self) -> Iterator[list[Step]]:
        """Waves that a line may join, in rows of one or more."""
        run: list[Step] = []
        for step in self.steps:
            if run and not step.change:
                yield run
                run = []
            if step.level:
                run.append(step)
        if run:
            yield run

    def slope(self) -> tuple[Estimate, int] | None:
        """Change per wave of the last run, and over how many waves; None for fewer than three."""
        run = [step.level for step in (list(self.runs()) or [[]])[-1] if step.level]
        if len(run) < 3:
            return None
        spread = np.diag([_se(level) ** 2 for level in run])
        values = np.array([level.value for level in run])
        return slope(values, spread, min(level.n for level in run)), len(run)


def follow(moments: Sequence[Moment], yardstick: Yardstick) -> Course:
    """The course of a figure. Weighted only where all waves are, by the same strata: else a line would join unlike ones."""
    shown = [one for one in moments if isinstance(one.cell, Shown)]
    weighted = all(_weighted(one, yardstick) for one in shown) and len({one.strata for one in shown}) == 1
    levels = [_level(one, yardstick, weighted) for one in moments]
    steps = [Step(one, level) for one, level in zip(moments, levels, strict=True)]
    joined = [_join(before, step, yardstick, weighted) for before, step in pairwise(steps)]
    return Course(yardstick, tuple(steps[:1] + joined), weighted)


def _weighted(one: Moment, yardstick: Yardstick) -> bool:
    measure = yardstick.studied(one.formula)
    return measure in one.results and one.results[measure].weighted is not None


def _level(one: Moment, yardstick: Yardstick, weighted: bool) -> Level | None:
    """From the study where that holds the measure, else from the released counts."""
    if not isinstance(one.cell, Shown):
        return None
    measure = yardstick.studied(one.formula)
    if measure in one.results:
        found = one.results[measure]
        return found.weighted if weighted else found.plain
    level = pooled_level if one.pooled else plain_level
    return level(one.cell, yardstick.grade_values(one.formula), one.forms)


def _join(before: Step, step: Step, yardstick: Yardstick, weighted: bool) -> Step:
    """A step with its change since the one before, or with why there is none."""
    if not before.level or not step.level:
        return step
    if reasons := breaks(*(_terms(one.moment, yardstick, weighted) for one in (before, step))):
        return replace(step, reasons=tuple(reasons), before=before.level)
    measure = yardstick.studied(step.moment.formula)
    move = (
        step.moment.moves.get(measure) if measure and step.moment.earlier == before.moment.wave_id else None
    )
    if move and move.weighted == weighted:
        change: Interval = (move.low, move.high)
    else:
        change = change_between(before.level, step.level)
    return replace(step, change=change, before=before.level)


def _terms(one: Moment, yardstick: Yardstick, weighted: bool) -> Terms:
    return Terms(yardstick.formula_of(one.formula), one.wording, one.strata if weighted else "", one.source)


def _se(level: Level) -> float:
    """As unsure as half its range says; never nothing, as a plain standard error is where all agree."""
    half = (level.high - level.low) / 2
    return float(half / t.ppf((1 + LEVEL) / 2, max(level.n - 1, 1)))
