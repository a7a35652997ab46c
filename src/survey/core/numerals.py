"""Figures as they are printed in sentences."""

from dataclasses import dataclass

from survey.core.statistics.intervals import Interval


@dataclass(frozen=True)
class Unit:
    """How one kind of figure is printed: its factor, digits, and the words after a level and after a change."""

    factor: float
    digits: int
    level: str
    change: str

    def of(self, value: float) -> str:
        """A level. What is not quite all or nothing is never printed as 100 or 0."""
        shown = f"{value * self.factor:.{self.digits}f}"
        if self.level == "%" and shown in ("0", "100") and 1e-12 < value < 1 - 1e-12:
            shown = f"{min(max(value, 0.001), 0.999) * 100:.1f}"
        return shown + self.level

    def span(self, interval: Interval) -> str:
        """A range of levels."""
        low, high = (self.of(end) for end in interval)
        return f"{low.removesuffix(self.level)}–{high}"

    def moved(self, value: float) -> str:
        """The size of a change."""
        return f"{abs(value) * self.factor:.{self.digits}f} {self.change}"

    def moves(self, interval: Interval) -> str:
        """A range of changes, signed: −8 到 +12 个百分点."""
        low, high = (self.signed(end) for end in interval)
        return f"{low} 到 {high} {self.change}"

    def signed(self, value: float) -> str:
        """A change with its sign and without its unit."""
        shown = f"{value * self.factor:+.{self.digits}f}".replace("-", "−")
        return shown[1:] if float(shown[1:]) == 0 else shown


SHARE = Unit(100, 0, "%", "个百分点")  # of shares 0–1: whole percents, samples here are too small for more
SCORE = Unit(1, 1, " 分", "分")  # of scores 0–100
WHOLE = Unit(1, 0, " 分", "分")  # of scores made of 约数 of few


def percent(share: float) -> str:
    """A share 0–1 in whole percents."""
    return SHARE.of(share)
