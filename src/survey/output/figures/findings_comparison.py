"""What a comparison of departments says, as Chinese sentences."""

from collections.abc import Sequence

from survey.core.figures.cells import Banded, Row
from survey.core.names import MEASURE_NAMES
from survey.core.study.judged import Judged
from survey.core.study.model import Measure
from survey.output.figures.findings import shown, stand_out
from survey.output.study.compared import Compared, apart_counted, comparison


def comparison_headline(figures: Judged, rows: Sequence[Row], measure: Measure) -> str:
    """The first line of the comparison: who stands out by this figure, and that the others are in no order."""
    about = f"{rows[0].question}的{MEASURE_NAMES[measure]}" if rows else MEASURE_NAMES[measure]
    if not rows:
        return f"{about}：没有可比的部门。"
    found = comparison(figures, rows, measure)
    if not found.count:
        return f"{about}：{_level(rows, found)}。"
    told = [stand_out(figures, rows, measure)]
    if (found.low or found.high) and found.same:
        told.append(f"其余 {len(found.same)} 个与同类平均相当")
    order = "，不宜排先后" if found.same else ""
    apart = f"；另有 {apart_counted(found)}" if found.left else ""
    return f"{about}：{'；'.join(told)}{order}{apart}。"


def rates_title(
    figures: Judged, rows: Sequence[Row] | None = None, measure: Measure = Measure.WITH_BASIC
) -> str:
    """What the dots say."""
    rows = figures.overall if rows is None else rows
    found = comparison(figures, rows, measure)
    return sides_title(found) if found.low or found.high else _level(rows, found)


def sides_title(found: Compared) -> str:
    """How many are below and above, how many alike, how many were not compared; together all there are."""
    low, high, same = len(found.low), len(found.high), len(found.same)
    parts = [f"{low} 个部门明显低于同类平均"] if low else []
    parts += [f"{high} 个{'' if low else '部门'}明显高于{'' if low else '同类平均'}"] if high else []
    parts += [f"{'其余 ' if parts else ''}{same} 个{'' if parts else '部门'}看不出差别"] if same else []
    parts += [apart_counted(found)] if found.left else []
    return "，".join(parts)


def _level(rows: Sequence[Row], found: Compared) -> str:
    """What is said where nobody stands out: alike, told as ranges only, or too few to compare."""
    if sum(isinstance(row.cell, Banded) for row in rows) > len(shown(rows)):
        return "多数部门评价几乎一致，只给范围，分不出先后"
    apart = f"；另有 {apart_counted(found)}" if found.left else ""
    if found.count:
        return f"参加比较的 {found.count} 个部门与同类平均的差别都在误差范围内，不宜排先后{apart}"
    return "可比的部门不足，未作比较"
