"""From what was gathered to a `Study`. Pure; run by the job alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from survey.core.statistics import turnout
from survey.core.study.checkup import driver_sets, trusts
from survey.core.study.earlier import compare
from survey.core.study.material import Material
from survey.core.study.model import DriverSet, Earlier, Measure, Results, Study, Word, Words
from survey.core.study.results import Measured, measure, overall, results, weighting
from survey.core.study.side_by_side import Pair, Side

LISTED = 20  # telling words kept
Remarks = Sequence[tuple[str | None, bool, str]]
"""Department, whether it was rated badly, text."""


@dataclass(frozen=True)
class Before:
    """The wave just before in the series."""

    wave_id: int
    title: str
    material: Material
    same_mode: bool


@dataclass(frozen=True)
class Gathered:
    """One source of a wave's release number `release`; `others`: released counts of the open source by item."""

    wave_id: int
    title: str
    release: int
    closed: bool
    material: Material
    others: Mapping[int, tuple[int, ...]]
    before: Before | None
    remarks: Remarks


def study_of(gathered: Gathered) -> Study:
    """Everything that can be said."""
    material = gathered.material
    measured = {what: measure(material, what) for what in Measure}
    together = overall(material, measured)
    return Study(
        gathered.release,
        gathered.closed,
        results(material, measured),
        together,
        weighting(material),
        trusts(material, measured[Measure.WITH_BASIC], gathered.others),
        _drivers(material),
        _earlier(gathered, measured),
        _words(gathered.remarks, {one.id: one.name for one in material.form.departments}, material.k),
        _bounds(material, together),
    )


def _drivers(material: Material) -> dict[str, DriverSet]:
    if material.sample is not None and material.closed:
        return driver_sets(material)
    return material.structure.drivers if material.structure else {}


def _bounds(material: Material, together: Results) -> tuple[float, float] | None:
    rows = [turnout.Turnout(one.name, one.invited, one.answered) for one in material.strata.values()]
    if not material.closed or not rows or Measure.WITH_BASIC not in together:
        return None
    return turnout.bounds(together[Measure.WITH_BASIC].plain.value, turnout.together(rows).rate)


def _earlier(gathered: Gathered, measured: dict[Measure, Measured]) -> Earlier | None:
    before, material = gathered.before, gathered.material
    if before is None:
        return None
    linked = before.same_mode and all(one.sample and one.sample.raters for one in (before.material, material))
    old = {what: measure(before.material, what) for what in Measure}
    return compare(
        Pair(
            Side(before.wave_id, before.title, before.material, old),
            Side(gathered.wave_id, gathered.title, material, measured),
            linked,
        )
    )  # fmt: skip


def _words(remarks: Remarks, names: Mapping[str, str], k: int) -> Words:
    """Telling words of those who rated badly, and of each department."""
    if not remarks:
        return Words()
    departments = {
        one: _telling(
            [text for whose, _, text in remarks if whose == one],
            [text for whose, _, text in remarks if whose != one], name,
        )
        for one, name in names.items()
    }  # fmt: skip
    return Words(_of_dissatisfied(remarks, k), {one: words for one, words in departments.items() if words})


def _of_dissatisfied(remarks: Remarks, k: int) -> tuple[Word, ...]:
    """Without counts, and only words that `k` forms or more on either side have: who wrote a text may be read, but not
    whether they rated badly."""
    sides = [[(whose, text) for whose, is_bad, text in remarks if is_bad is side] for side in (True, False)]
    ours, others = ([text for _, text in side] for side in sides)
    return tuple(
        Word(one.word)
        for one in _telling(ours, others)
        if min(forms_with(one.word, side) for side in sides) >= k
    )


def _telling(ours: list[str], others: list[str], name: str = "") -> tuple[Word, ...]:
    from survey.core.remarks.words import distinguishing, terms

    found = distinguishing(ours, others, terms(name)) if ours and others else []
    return tuple(Word(one.word, one.ours, one.others) for one in found[:LISTED])


def forms_with(word: str, remarks: Iterable[tuple[str | None, str]]) -> int:
    """From how many different forms, at least, the remarks with a word come. No remark knows its form; but one form
    leaves two texts at most on one department (why it rated badly, and what it wants in the end)."""
    texts: dict[str | None, set[str]] = {}
    for whose, text in remarks:
        if word in text:
            texts.setdefault(whose, set()).add(text)
    return max((ceil(len(found) / 2) for found in texts.values()), default=0)
