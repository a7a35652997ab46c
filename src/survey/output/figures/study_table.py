"""统计结果: every figure of a study with its range, place and change, a row per department, question and measure."""

from collections.abc import Iterator, Mapping
from typing import Any

from survey.core.answers.form import Form
from survey.core.figures.cells import Row, Shown
from survey.core.names import MEASURE_NAMES
from survey.core.study.judged import Judged
from survey.core.study.model import Earlier, Level, Measure, Move, NetGain, PairCounts, Result
from survey.core.study.trends import change_of
from survey.output.figures import codebook
from survey.output.figures.exports import csv_text
from survey.output.figures.figure_row import ranked

TOGETHER = "全部部门"
EMPTY_PAIRS, EMPTY_GAIN, EMPTY_MOVE = [None] * 5, [None] * 3, [None] * 5


def study_rows(title: str, figures: Judged, form: Form) -> Iterator[list[Any]]:
    """Rows as `codebook.STUDY`; percentages and points as plain numbers. Nothing before there is a study."""
    study = figures.study
    if study is None:
        return
    for measure, result in study.overall.items():
        move = study.earlier.overall.get(measure) if study.earlier else None
        yield [title, None, TOGETHER, form.questions[0].name.zh, MEASURE_NAMES[measure], *_levels(result, measure),
               None, None, *_moved(move, measure), *EMPTY_PAIRS, *EMPTY_GAIN, ""]  # fmt: skip
    for row in figures:
        for measure in Measure:
            item = str(form.item_of(row.department_id, row.question_id))
            yield _row(title, row, figures, measure, item)


def study_csv(title: str, figures: Judged, form: Form) -> Iterator[str]:
    """统计结果 as CSV."""
    return csv_text(codebook.STUDY, study_rows(title, figures, form))


def _row(title: str, row: Row, figures: Judged, measure: Measure, item: str) -> list[Any]:
    about = [title, row.category, row.department, row.question, MEASURE_NAMES[measure]]
    if not isinstance(row.cell, Shown):
        return [*about, *[None] * 6, None, None, *EMPTY_MOVE, *EMPTY_PAIRS, *EMPTY_GAIN, row.cell.why]
    found = figures.of(row, measure)
    assert found.plain is not None
    earlier = (figures.study.earlier if figures.study else None) or Earlier(0, "")
    return [
        *about, *_levels(Result(found.plain, found.weighted), measure), *ranked(row, figures, measure),
        *_moved(earlier.moves.get(item, {}).get(measure), measure),
        *_paired(earlier.pairs.get(item, {}), measure), *_gained(earlier.gains.get(item, {}), measure), "",
    ]  # fmt: skip


def _levels(result: Result, measure: Measure) -> list[Any]:
    """n, before and after weighting, both ends of the range, effective n."""
    best: Level = result.best
    weighted = result.weighted and _number(result.weighted.value, measure)
    ends = (_number(one, measure) for one in (best.low, best.high))
    return [best.n, _number(result.plain.value, measure), weighted, *ends, round(best.effective, 1)]


def _moved(move: Move | None, measure: Measure) -> list[Any]:
    if move is None:
        return EMPTY_MOVE
    numbers = (_number(one, measure) for one in (move.before, move.after - move.before, move.low, move.high))
    return [*numbers, change_of((move.low, move.high)).value]


def _paired(pairs: Mapping[Measure, PairCounts], measure: Measure) -> list[Any]:
    one = pairs.get(measure)
    return [one.n, *one.told] if one else EMPTY_PAIRS


def _gained(gains: Mapping[Measure, NetGain], measure: Measure) -> list[Any]:
    one = gains.get(measure)
    return [_number(part, measure) for part in (one.net, one.low, one.high)] if one else EMPTY_GAIN


def _number(value: float, measure: Measure) -> float:
    """Shares in percent with one decimal, scores with two."""
    return round(value, 2) if measure is Measure.SCORE else round(100 * value, 1)
