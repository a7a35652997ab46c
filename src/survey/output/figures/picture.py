"""A chart with its words, and what every chart of figures says under itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from survey.core import names
from survey.core.figures.cells import Figures, Row
from survey.core.models import GRADES
from survey.output import look
from survey.output.figures import findings
from survey.output.figures.findings import shown


@dataclass(frozen=True)
class Key:
    """One entry of the key above a picture."""

    name: str
    colour: str
    hatched: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart with its words. `figure` is None when there is nothing to draw; `note` then says why."""

    title: str
    subtitle: str
    note: str
    figure: go.Figure | None = None
    key: tuple[Key, ...] = field(default=())

    @property
    def alt(self) -> str:
        return f"{self.title}。{self.subtitle}。{self.note}"


GRADE_KEY = tuple(
    Key(names.GRADE_NAMES[grade], look.GRADE_COLOURS[grade], grade in look.HATCHED) for grade in GRADES
)


def nothing(subject: str, rows: Sequence[Row]) -> Picture:
    """A picture without figures: says what would be here and why it is not."""
    return Picture(subject, "还没有可以公布的数字", f"{findings.withheld_note(rows) or '还没有评价'}。")


def note(figures: Figures, rows: Sequence[Row]) -> str:
    ratings = sum(cell.n for _, cell in shown(rows))
    withheld = findings.withheld_note(rows)
    return f"n = {ratings:,} 次部门评价。{figures.formula.text}。" + (f"{withheld}。" if withheld else "")
