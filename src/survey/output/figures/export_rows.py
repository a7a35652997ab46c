"""Rows of exports as their columns read them: what stands in a cell is the field of its column."""

from typing import NamedTuple


class RemarkRow(NamedTuple):
    """One remark; `rated_bad` is None where text and grade are kept apart."""

    title: str
    source: str
    department: str
    kind: str
    text: str
    rated_bad: str | None


class ReasonRow(NamedTuple):
    """One reason ticked for a department, or why there is none."""

    title: str
    category: str
    department: str
    n: int | None = None
    bad: int | None = None
    reason: str | None = None
    ticked: int | None = None
    why: str = ""


class ArrivalRow(NamedTuple):
    """The forms of a day and channel."""

    title: str
    day: str
    channel: str
    forms: int


class RatingRow(NamedTuple):
    """One grade given."""

    title: str
    rater: str
    form: str
    department: str
    question: str
    grade: str
