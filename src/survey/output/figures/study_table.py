"""统计结果: every figure of a study with its range, place and change, a row per department, question and measure."""

from collections.abc import Iterator

from survey.core.answers.form import Form
from survey.core.figures.cells import Row, Shown
from survey.core.study.judged import Judged
from survey.core.study.model import Earlier, Measure
from survey.output.figures import codebook
from survey.output.figures.exports import csv_text
from survey.output.figures.figure_row import ranked
from survey.output.figures.study_row import StudyRow

TOGETHER = "全部部门"


def study_rows(title: str, figures: Judged, form: Form) -> Iterator[StudyRow]:
    """Rows of `codebook.STUDY`. Nothing before there is a study."""
    study = figures.study
    if study is None:
        return
    earlier = study.earlier or Earlier(0, "")
    for measure, result in study.overall.items():
        yield StudyRow(
            title, None, TOGETHER, form.questions[0].name.zh, measure, result.plain, result.weighted,
            move=earlier.overall.get(measure),
        )  # fmt: skip
    for row in figures:
        item = str(form.item_of(row.department_id, row.question_id))
        for measure in Measure:
            yield _row(title, row, figures, measure, earlier, item)


def study_csv(title: str, figures: Judged, form: Form) -> Iterator[str]:
    """统计结果 as CSV."""
    return csv_text(codebook.STUDY, study_rows(title, figures, form))


def _row(title: str, row: Row, figures: Judged, measure: Measure, earlier: Earlier, item: str) -> StudyRow:
    about = (title, row.category, row.department, row.question, measure)
    if not isinstance(row.cell, Shown):
        return StudyRow(*about, why=row.cell.why)
    found, (tier, ranks) = figures.of(row, measure), ranked(row, figures, measure)
    return StudyRow(
        *about, found.plain, found.weighted, tier, ranks,
        earlier.moves.get(item, {}).get(measure), earlier.pairs.get(item, {}).get(measure),
        earlier.gains.get(item, {}).get(measure),
    )  # fmt: skip
