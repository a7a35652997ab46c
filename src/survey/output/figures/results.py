"""What a study says of one row of the released figures."""

from survey.core.answers.form import Form
from survey.core.figures.cells import Row
from survey.core.study.model import Measure, Result, Study


def result_of(found: Study | None, form: Form, row: Row, measure: Measure) -> Result | None:
    """The row's result; None where the study has none: not shown, or not rated by this measure."""
    item = str(form.item_of(row.department_id, row.question_id))
    return found.results.get(item, {}).get(measure) if found else None
