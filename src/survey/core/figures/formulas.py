"""Scores and rates from counts of the five grades. Pure functions; every figure names its formula."""

from collections.abc import Sequence
from dataclasses import dataclass

Counts = Sequence[int]
"""Five counts, 非常不满意 first (grade 1 … grade 5). 未接触 is never among them."""


@dataclass(frozen=True)
class Formula:
    """口径: a named way from five grades to 0–100. `weights` go from grade 1 to grade 5."""

    id: str
    name: str
    weights: tuple[float, float, float, float, float]
    source: str

    @property
    def text(self) -> str:
        """The formula as printed under every figure."""
        return f"满意度得分口径：{self.name}"


FORMULAS = {
    formula.id: formula
    for formula in (
        Formula(
            "10-8-6-3-0",
            "非常满意 10、满意 8、基本满意 6、不满意 3、非常不满意 0，平均后乘 10",
            (0, 30, 60, 80, 100),
            "广东省政务服务“好差评”实施办法所印分值",
        ),
        Formula(
            "100-80-60-40-20",
            "非常满意 100、满意 80、基本满意 60、不满意 40、非常不满意 20，取平均",
            (20, 40, 60, 80, 100),
            "调查报告常用分值",
        ),
        Formula(
            "100-75-50-25-0",
            "非常满意 100、满意 75、基本满意 50、不满意 25、非常不满意 0，取平均",
            (0, 25, 50, 75, 100),
            "五级等距换算",
        ),
        Formula(
            "rate-with-basic",
            "满意率（含基本满意）：前三级占比",
            (0, 0, 100, 100, 100),
            "“好差评”差评为后两级，前三级为好评",
        ),
        Formula(
            "rate-without-basic",
            "满意率（不含基本满意）：前两级占比",
            (0, 0, 0, 100, 100),
            "鄂州等地按三档分列公布",
        ),
    )
}


def score(counts: Counts, formula: Formula) -> float:
    """Mean weight of the given grades, 0–100. Raises ZeroDivisionError for no grades at all."""
    return sum(weight * count for weight, count in zip(formula.weights, counts, strict=True)) / sum(counts)


def sides(counts: Counts) -> tuple[Counts, Counts]:
    """差评, and the others."""
    return counts[:2], counts[2:]


def bad(counts: Counts) -> int:
    """差评: how many of the given grades are 1–2."""
    return sum(sides(counts)[0])


def satisfied(counts: Counts) -> int:
    """满意, with 基本满意: how many of the given grades are 3–5."""
    return sum(sides(counts)[1])


def rate_with_basic(counts: Counts) -> float:
    """满意率（含基本满意）: grades 3–5 among all given, 0–1."""
    return satisfied(counts) / sum(counts)


def rate_without_basic(counts: Counts) -> float:
    """满意率（不含基本满意）: grades 4–5 among all given, 0–1."""
    return sum(counts[3:]) / sum(counts)


def bad_rate(counts: Counts) -> float:
    """差评率: grades 1–2 among all given, 0–1."""
    return bad(counts) / sum(counts)


def mean_grade(counts: Counts) -> float:
    """Plain mean of the grades 1–5."""
    return sum(grade * count for grade, count in enumerate(counts, 1)) / sum(counts)
