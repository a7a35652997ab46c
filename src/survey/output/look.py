"""Colours and type shared by everything the office sees; safe for colour-blind eyes and for mono print."""

from collections.abc import Mapping
from typing import Any

from survey.core.models import Grade

FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
TEXT, QUIET, LINE, GROUND, CARD = "#1D2129", "#5E6673", "#E5E8ED", "#F7F8FA", "#FFFFFF"
BLUE = "#1F5AA6"
BELOW, ALIKE, ABOVE = "#B2182B", "#8A8F98", "#2166AC"

GRADE_COLOURS: Mapping[Grade, str] = {
    Grade.VERY_DISSATISFIED: "#B2182B",
    Grade.DISSATISFIED: "#EF8A62",
    Grade.BASICALLY_SATISFIED: "#BFD9EA",
    Grade.SATISFIED: "#67A9CF",
    Grade.VERY_SATISFIED: "#2166AC",
}
INK_ON: Mapping[Grade, str] = {  # at least 4.5 : 1 on the colour above
    Grade.VERY_DISSATISFIED: "#FFFFFF",
    Grade.DISSATISFIED: TEXT,
    Grade.BASICALLY_SATISFIED: TEXT,
    Grade.SATISFIED: TEXT,
    Grade.VERY_SATISFIED: "#FFFFFF",
}
# 不满意 and 满意 are nearly the same grey in mono print, so the two reds are hatched.
HATCHED: Mapping[Grade, str] = {Grade.VERY_DISSATISFIED: "x", Grade.DISSATISFIED: "/"}


def wide(text: str) -> float:
    """How wide a text is, in Chinese characters."""
    return sum(0.3 if mark == " " else 1 if mark > "\u2e7f" or mark in "“”…—·" else 0.6 for mark in text)


def layout(height: int, **more: Any) -> dict[str, Any]:
    """A quiet chart: white card, no legend, no zoom, our type."""
    return {
        "template": "none",
        "height": height,
        "xaxis": {"automargin": True, "ticks": ""},
        "yaxis": {"automargin": True, "ticks": ""},
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        "font": {"family": FONT, "size": 13, "color": TEXT},
        "paper_bgcolor": CARD,
        "plot_bgcolor": CARD,
        "showlegend": False,
        "dragmode": False,
        "bargap": 0.4,
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "bgcolor": CARD, "bordercolor": LINE},
        **more,
    }
