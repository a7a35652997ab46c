"""A study of a released wave, made by hand: ranges and tiers from counts, departments taken as independent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from survey.core.answers.form import Form
from survey.core.figures.cells import Figures, Shown
from survey.core.figures.formulas import Formula
from survey.core.figures.view import View
from survey.core.models import Source
from survey.core.statistics.estimates import Estimate, Estimates
from survey.core.study.levels import Part, estimate_of, level_of
from survey.core.study.model import Level, Measure, Result, Results, Study
from survey.core.study.ranks import standings
from survey.storage.database import writing
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import published
from tests.conftest import NOW


def study_of(figures: Figures, form: Form, *, release: int = 1, closed: bool = True, **more: Any) -> Study:
    """Of these released figures; `more` are fields of `Study`."""
    results: dict[str, Results] = {}
    for number, question in enumerate(form.questions):
        for measure in Measure:
            for place, result in _of_question(figures, form, question.id, measure).items():
                results.setdefault(str(form.item(place, number)), {})[measure] = result
    pooled = figures.pooled
    if isinstance(pooled, Shown) and "overall" not in more:
        more["overall"] = {one: Result(_level(pooled.counts, one, figures.formula)) for one in Measure}
    return Study(release, closed, results, **more)


def keep(wave_id: int, source: Source = Source.VERIFIED, now: datetime = NOW, **more: Any) -> Study:
    """Make and store one for a wave's newest release."""
    with writing() as db:
        wave, release = published.wave(db, wave_id), released.latest_release(db, wave_id)
        assert wave is not None
        assert release is not None
        form, figures = published.form(wave), released.figures(db, wave, View(source=source))
        found = study_of(figures, form, release=release.number, **more)
        studies.keep(db, wave_id, source, found, now)
    return found


def _of_question(figures: Figures, form: Form, question: str, measure: Measure) -> dict[int, Result]:
    places = {one.id: place for place, one in enumerate(form.departments)}
    rows = {places[row.department_id]: row for row in figures if row.question_id == question}
    shown = {place: row.cell.counts for place, row in rows.items() if isinstance(row.cell, Shown)}
    values = measure.grade_values(figures.formula)
    means = {place: estimate_of([Part(counts, 0)], values) for place, counts in shown.items()}
    order = list(means)
    classes: dict[str, list[int]] = {}
    for number, place in enumerate(order):
        classes.setdefault(rows[place].category, []).append(number)
    found = standings(_together([means[place] for place in order], values), classes) if order else {}
    return {place: Result(level_of(means[place], values), None, found[number])
            for number, place in enumerate(order)}  # fmt: skip


def _together(means: Sequence[Estimate], values: tuple[float, ...]) -> Estimates:
    return Estimates(
        np.array([one.value for one in means]), np.diag([one.se**2 for one in means]),
        np.array([one.n for one in means]), np.array([one.df for one in means]),
        np.array([one.n for one in means]), values,
    )  # fmt: skip


def _level(counts: tuple[int, ...], measure: Measure, formula: Formula) -> Level:
    values = measure.grade_values(formula)
    return level_of(estimate_of([Part(counts, 0)], values), values)
