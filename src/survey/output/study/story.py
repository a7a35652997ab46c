"""One department's story in a few sentences, what matters most first."""

from collections.abc import Iterator

from survey.core.figures.cells import Row, Shown
from survey.core.models import Wave
from survey.core.study.judged import Judged
from survey.core.study.model import Measure, Move, Trust
from survey.core.study.trends import Change, change_of
from survey.core.study.trust import Verdict
from survey.output import sentences
from survey.output.figures import glance
from survey.output.figures.glance import Told
from survey.output.study.trust import SO_FAR, examined

RATE = Measure.WITH_BASIC
AIM = 0.1  # a rise of ten points: what a rectification usually promises


def story(figures: Judged, row: Row, item: int, wave: Wave, rate: Measure = RATE) -> Iterator[Told]:
    """Change, same enterprises, net gain, trust, words, what could be seen next; as far as each is known.

    `rate`: which 满意率 it is told of.
    """
    study = figures.study
    earlier = study.earlier if study else None
    moves = earlier.moves.get(str(item), {}) if earlier else {}
    if isinstance(row.cell, Shown):
        yield "与上期比", glance.changed(wave, study, moves, rate, row.department)
    if earlier and (found := earlier.pairs.get(str(item), {}).get(rate)):
        yield "同一批企业", sentences.pairs(found)
    if earlier and (rise := _risen(moves.get(rate))) and (gain := earlier.gains.get(str(item), {}).get(rate)):
        yield "净提高", sentences.gain(gain, rise)
    if study and (trust := study.trust.get(row.department_id)):
        yield "可信程度", _believed(row.department, trust, study.closed)
    if study and (words := study.words.departments.get(row.department_id)):
        listed = "、".join(one.word for one in words[: sentences.LISTED])
        yield "留言", f"企业说到{row.department}时更常提到：{listed}。"
    if result := figures.result_of(row, rate):
        yield "下次能看出", sentences.outlook(result.best.value, result.best.n, AIM)


def _risen(move: Move | None) -> float:
    """By how much it has surely risen; 0 where that cannot be seen: then there is nothing to take anything off."""
    return move.change if move and change_of((move.low, move.high)) is Change.RISE else 0.0


def _believed(department: str, trust: Trust, closed: bool) -> str:
    """可信 is said only when everything has been checked, and that is after closing."""
    if not closed and not trust.verdict:
        return f"{department}：{SO_FAR}，其余检查收齐答卷后才做。"
    return examined(department, Verdict(trust.verdict), trust.reasons)
