"""The same enterprises asked twice, counted."""

from dataclasses import replace

from pydantic.dataclasses import dataclass

from survey.core.figures.noise import projected


@dataclass(frozen=True)
class PairCounts:
    """`n` enterprises that rated a department in both waves: satisfied both times, newly, no longer, neither time.

    约数 where `blur`, the variance of the noise in each of the four, is not 0; then they need not add up to `n`.
    """

    both: int
    won: int
    lost: int
    neither: int
    n: int
    blur: float = 0.0

    @property
    def told(self) -> "PairCounts":
        """As they are shown: none negative, and together `n`."""
        both, won, lost, neither = projected((self.both, self.won, self.lost, self.neither), self.n)
        return replace(self, both=both, won=won, lost=lost, neither=neither)
