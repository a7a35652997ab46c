"""Charts as PNG for documents: drawn here, with a font of our own, without browser or network."""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Protocol

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from survey.core import names
from survey.core.figures.cells import Shown
from survey.core.models import GRADES, Grade
from survey.core.study.model import Level
from survey.output import look
from survey.output.figures.findings import percent
from survey.output.figures.findings_comparison import sides_title
from survey.output.press.typeset import REGULAR
from survey.output.study.compared import Compared, apart_counted, sorted_by

WIDTH = 6.2  # inches: the width of a line of text
DPI = 220
HATCH = {Grade.VERY_DISSATISFIED: "xxxx", Grade.DISSATISFIED: "////"}
KEY = -0.8  # where the key stands, in rows
STANDING = {-1: (look.BELOW, "D"), 0: (look.ALIKE, "o"), 1: (look.ABOVE, "o")}
WORDS = {-1: " 低于同类", 0: "", 1: " 高于同类"}
drawing = Lock()  # matplotlib keeps fonts and settings for the whole process


@cache
def _face() -> str:
    font_manager.fontManager.addfont(REGULAR)
    return FontProperties(fname=REGULAR).get_name()


def _picture(rows: int, each: float, draw: Any, around: float = 0.3) -> bytes:
    """A PNG with `rows` rows of `each` inches, drawn by `draw(axes)`."""
    style: Any = {"font.family": _face(), "font.size": 8, "text.color": look.TEXT, "text.parse_math": False,
                  "hatch.color": "#FFFFFF", "hatch.linewidth": 0.5}  # fmt: skip
    with drawing, rc_context(style):
        figure = Figure(figsize=(WIDTH, rows * each + around), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        draw(axes)
        file = io.BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None})
        return file.getvalue()


class Drawn(Protocol):
    """A picture that can say what it shows: its caption is made from the very lines that are drawn."""

    @property
    def caption(self) -> str: ...
    def png(self) -> bytes: ...


@dataclass(frozen=True)
class GradeBars:
    """Stacked bars of the five grades, best first, each share written on its bar; the first line is the whole."""

    lines: Sequence[tuple[str, Shown]]

    @property
    def caption(self) -> str:
        """What is drawn, and which of the other bars has the largest share of bad ratings."""
        names = [name for name, _ in self.lines]
        subject = f"{names[0]}{'和各维度' if len(names) > 1 else ''}的五级评价分布"
        whole, *rest = [cell.bad / cell.n for _, cell in self.lines]
        about = "约 " if any(cell.approximate for _, cell in self.lines) else ""
        told = f"{names[0]}差评占{about or ' '}{percent(whole)}"
        if len(set(map(percent, rest))) > 1:
            told += f"，各维度中“{names[1 + rest.index(max(rest))]}”最多（{about}{percent(max(rest))}）"
        return f"{subject}：{told}（占比，%{'，约数' if about else ''}）"

    def png(self) -> bytes:
        lines = self.lines

        def draw(axes: Axes) -> None:
            axes.set_xlim(-0.16, 1.13)
            axes.set_ylim(len(lines) - 0.45, -1.2)
            for place, grade in enumerate(reversed(GRADES)):
                _key(axes, 0.0 + place * 0.17, grade)
            axes.text(1.12, KEY, "评价数", ha="right", va="center", color=look.QUIET, fontsize=7)
            for y, (name, cell) in enumerate(lines):
                _name(axes, -0.012, y, name, 50, 8)
                axes.text(1.12, y, f"{cell.n:,}", ha="right", va="center", color=look.QUIET)
                _bar(axes, y, cell)

        return _picture(len(lines) + 1, 0.215, draw, 0.06)


def _name(axes: Axes, x: float, y: float, name: str, room: float, size: float) -> None:
    """A name left of its row: whole, in up to three lines of smaller letters where `room` points are not enough."""
    for count, smaller in ((1, 1.0), (2, 0.62), (3, 0.45)):
        each = -(-len(name) // count)
        told = [name[start : start + each] for start in range(0, len(name), each)]
        if max(map(look.wide, told), default=0) * size * smaller <= room:
            break
    axes.text(x, y, "\n".join(told), ha="right", va="center", fontsize=size * smaller, linespacing=1.0)


def _key(axes: Axes, x: float, grade: Grade) -> None:
    axes.barh(KEY, 0.02, left=x, height=0.34, color=look.GRADE_COLOURS[grade], hatch=HATCH.get(grade), lw=0)
    axes.text(x + 0.027, KEY, names.GRADE_NAMES[grade], va="center", fontsize=7, color=look.QUIET)


def _bar(axes: Axes, y: float, cell: Shown) -> None:
    left = 0.0
    for grade in reversed(GRADES):
        share = cell.counts[grade - 1] / cell.n
        if share:
            axes.barh(y, share, left=left, height=0.66, color=look.GRADE_COLOURS[grade],
                      hatch=HATCH.get(grade), edgecolor=look.CARD, lw=0.6)  # fmt: skip
        if share >= 0.03:
            under = {"facecolor": look.GRADE_COLOURS[grade], "edgecolor": "none", "pad": 0.6}
            axes.text(left + share / 2, y, f"{share * 100:.0f}", ha="center", va="center", fontsize=7,
                      color=look.INK_ON[grade], bbox=under if grade in HATCH else None)  # fmt: skip
        left += share


@dataclass(frozen=True)
class RateDots:
    """Dots with ranges: each department's 满意率, and its side of the class, or why it was not compared.

    `omitted`: departments with a figure that are not drawn, all of them better than those that are. `about`: those
    whose figures are 约数.
    """

    lines: Sequence[tuple[str, Level, int | str]]
    omitted: int = 0
    about: Collection[str] = ()

    @property
    def caption(self) -> str:
        found = sorted_by((name, where) for name, _, where in self.lines)
        title = sides_title(found) if found.low or found.high else self._level(found)
        part = f"，只画满意率最低的 {len(self.lines)} 个部门" if self.omitted else ""
        return f"各部门满意率和合理范围{part}：{title}"

    @staticmethod
    def _level(found: Compared) -> str:
        if not found.count:
            return f"{found.left} 个部门未作比较"
        apart = f"，{apart_counted(found)}" if found.left else ""
        return f"{found.count} 个部门与同类平均看不出差别，不宜排先后{apart}"

    def png(self) -> bytes:
        lines = self.lines
        least = max(0.0, min(level.low for _, level, _ in lines) // 0.1 * 0.1)
        span = 1 - least

        def draw(axes: Axes) -> None:
            axes.set_xlim(least - 0.42 * span, 1 + 0.36 * span)
            axes.set_ylim(len(lines) + 0.55, -0.6)
            step = 0.1 if span <= 0.5 else 0.2
            for tick in (1 - step * number for number in range(round(span / step) + 1)):
                axes.plot([tick, tick], [-0.5, len(lines) - 0.4], color=look.LINE, lw=0.7, zorder=0)
                axes.text(tick, len(lines) + 0.1, percent(tick), ha="center", va="center", fontsize=6.5,
                          color=look.QUIET)  # fmt: skip
            for y, line in enumerate(lines):
                _dot(axes, y, line, least, span, "约 " if line[0] in self.about else "")

        return _picture(len(lines) + 1, 0.155, draw, 0.06)


def _dot(
    axes: Axes, y: int, line: tuple[str, Level, int | str], least: float, span: float, about: str
) -> None:
    name, level, where = line
    colour, shape = (look.ALIKE, "o") if isinstance(where, str) else STANDING[where]
    fill = look.CARD if isinstance(where, str) else colour
    _name(axes, least - 0.03 * span, y, name, 96, 7.5)
    axes.plot([level.low, level.high], [y, y], color=colour, lw=2.2, alpha=0.5, solid_capstyle="butt")
    axes.plot([level.value], [y], shape, color=colour, mfc=fill, ms=5)
    words = " 未比较" if isinstance(where, str) else WORDS[where]
    axes.text(1 + 0.04 * span, y, f"{about}{percent(level.value)}  n={level.n:,}{words}", va="center", fontsize=7.5,
              color=colour if words and fill == colour else look.TEXT)  # fmt: skip
