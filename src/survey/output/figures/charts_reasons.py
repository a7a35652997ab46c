"""Why enterprises rated badly."""

from collections.abc import Sequence

from survey.core.figures.cells import Cell, Shown
from survey.core.models import Grade
from survey.output import look
from survey.output.figures import findings
from survey.output.figures.picture import Picture
from survey.output.figures.rows import BAR, Line, hatch, rows_figure


def reasons(cell: Cell, names: Sequence[str]) -> Picture:
    """How often each reason chip was ticked with a bad grade."""
    counts = cell.reasons if isinstance(cell, Shown) else ()
    pairs = sorted(((n, name) for n, name in zip(counts, names, strict=False) if n), reverse=True)
    if not pairs:
        why = no_reasons(cell) if isinstance(cell, Shown) else findings.why_not(cell)
        return Picture("差评原因", "打差评时企业选的原因", f"{why}。")
    figure, places = rows_figure([Line(name, f"{count} 家", None) for count, name in pairs], headings=False)
    figure.add_bar(
        x=[count for count, _ in pairs],
        y=[y for _, y in places],
        orientation="h",
        width=BAR * 0.6,
        marker={"color": look.GRADE_COLOURS[Grade.DISSATISFIED], "pattern": hatch(Grade.DISSATISFIED)},
        hoverinfo="skip",
    )
    figure.update_xaxes(visible=False, range=[0, pairs[0][0]])
    bad = cell.reasoned if isinstance(cell, Shown) else 0
    most = "、".join(f"「{name}」" for count, name in pairs if count == pairs[0][0])
    return Picture(
        f"打差评的企业选得最多的原因是{most}",
        "选了该原因的企业数，一家可选几项",
        f"取自总体上打差评的 {bad:,} 家；再攒够几家新的差评才更新。",
        figure,
    )


def no_reasons(cell: Shown) -> str:
    """Why a department that has figures has no reasons."""
    if cell.approximate:
        return "差评原因只随准数公布"
    bad = cell.bad
    if not bad:
        return "没有企业打差评"
    return "没有企业在打差评时选过原因" if cell.reasons else f"差评只有 {bad} 家，为保护企业不显示原因"
