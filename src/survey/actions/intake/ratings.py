"""Import a table of ratings as closed waves: in chunks, published by one flip at the end, all or nothing."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from survey.actions.figures.study import study_wave
from survey.actions.intake.plan import ImportPlan, ImportResult
from survey.actions.intake.turn import Turn
from survey.actions.intake.words import questions_of, title_of
from survey.actions.intake.writing import Importing
from survey.core.figures.formulas import FORMULAS
from survey.core.intake.frame_table import Parts, read_frame, refuse_strangers
from survey.core.intake.rating_table import Columns, ImportRefused, RatingTable, read_ratings
from survey.core.models import (
    Mode,
)

TITLE_LIMIT = 60


def import_ratings(
    plan: ImportPlan, *, now: datetime, progress: Callable[[str, int, int], None]
) -> ImportResult:
    """Turn a table into closed waves that appear together, or raise `ImportRefused` and leave nothing."""
    if plan.mode == Mode.NAMED:
        raise ImportRefused([(0, "导入的期次只能是代号或不记名：文件里的评价者不是系统登记的企业。")])
    if plan.formula not in FORMULAS:
        raise ImportRefused([(0, f"没有口径「{plan.formula}」，可以用：{'、'.join(FORMULAS)}。")])
    columns = Columns(plan.department, plan.grade, plan.rater, plan.question, plan.wave)
    title = title_of(plan)
    limit = TITLE_LIMIT - (len(title) + 1 if plan.title else 0)
    if not 0 < len(title) <= TITLE_LIMIT or limit < 1:
        raise ImportRefused([(0, f"期次名称要有 1 到 {TITLE_LIMIT} 个字。")])
    table = read_ratings(plan.path, columns, limit, progress)
    questions = questions_of(table, plan)
    frame = _frame(plan, table)
    with Turn(now) as turn:
        result = Importing(plan, table, questions, frame, turn, progress).run()
    for done, (wave_id, _, _) in enumerate(result.waves, 1):
        with suppress(Exception):  # kept as failed; the job tries again, and tells
            study_wave(wave_id, now)
        progress("统计", done, len(result.waves))
    return result


def _frame(plan: ImportPlan, table: RatingTable) -> dict[str, Parts]:
    """Rater → what divides the invited; nothing where it is not known who was invited."""
    if plan.frame is None:
        return {}
    if plan.rater is None or not plan.by:
        raise ImportRefused([(0, "受邀名单要同时指明评价者所在的列和分层所在的列。")])
    frame = read_frame(plan.frame, plan.rater, plan.by)
    refuse_strangers(frame, table.raters)
    return frame
