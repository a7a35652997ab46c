"""统计: what the kernel made of a release. Computed once by a job, stored beside the release, read by every page.

A figure on a page comes from released counts; the study adds what counts alone cannot tell: how figures hang together,
whom the silent would have been, what may be ranked, and what has changed.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from survey.core.figures.formulas import Formula
from survey.core.study.pair_counts import PairCounts


class Measure(StrEnum):
    """The three figures of every cell. Shares are 0–1, the score is 0–100 by the wave's 口径."""

    SCORE = "score"
    WITH_BASIC = "with_basic"
    WITHOUT_BASIC = "without_basic"

    def grade_values(self, formula: Formula) -> tuple[float, ...]:
        """What grades 1 … 5 count."""
        return {
            Measure.SCORE: formula.weights,
            Measure.WITH_BASIC: (0.0, 0.0, 1.0, 1.0, 1.0),
            Measure.WITHOUT_BASIC: (0.0, 0.0, 0.0, 1.0, 1.0),
        }[self]


class Tier(StrEnum):
    """三个梯队: a department against the mean of its class."""

    ABOVE = "明显高于平均"
    SAME = "与平均相当"
    BELOW = "明显低于平均"


@dataclass(frozen=True)
class Level:
    """A figure with its 合理范围: `n` ratings, as sure as `effective` independent ones."""

    value: float
    low: float
    high: float
    n: int
    effective: float


@dataclass(frozen=True)
class Standing:
    """Where a department stands: its tier within the class, distance from its mean, and the ranks it may have; `why` when
    it has none."""

    tier: Tier | None = None
    distance: float = 0.0
    best: int = 0
    worst: int = 0
    of: int = 0
    why: str = ""


@dataclass(frozen=True)
class Result:
    """One measure of one item: as answered, weighted to the invited (None: cannot be), and its place.

    The place is that of the weighted figures where there are any.
    """

    plain: Level
    weighted: Level | None = None
    place: Standing = field(default_factory=Standing)

    @property
    def best(self) -> Level:
        """What pages compare by."""
        return self.weighted or self.plain


Results = dict[Measure, Result]


@dataclass(frozen=True)
class StratumTurnout:
    """Invited and answered of a frozen stratum; `key` is its id."""

    name: str
    invited: int
    answered: int
    key: str = ""


@dataclass(frozen=True)
class Weighting:
    """How figures were weighted; `problem` is the sentence why they were not. `kish` what unequal weights cost;
    `margins`: raked to so many, 0: by the strata themselves."""

    strata: tuple[StratumTurnout, ...] = ()
    kish: float = 1.0
    r_indicator: float = 0.0
    problem: str = ""
    margins: int = 0


@dataclass(frozen=True)
class Trust:
    """体检 of one department: `verdict` as `trust.Verdict`, reasons gravest first."""

    verdict: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A dimension's share of what all dimensions explain of 总体满意度, with its range; shares add up to 1."""

    question_id: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class DriverSet:
    """关联 of the dimensions of one department, or of all: their shares, the spread they explain together (R²) and the `n`
    enterprises behind it; `why` when it cannot be told."""

    shares: tuple[Share, ...] = ()
    r_squared: float = 0.0
    n: int = 0
    why: str = ""

    @property
    def strongest(self) -> int | None:
        """Place of the dimension whose range lies wholly above all others; None where none does."""
        best = max(range(len(self.shares)), key=lambda place: self.shares[place].share)
        others = [one.high for place, one in enumerate(self.shares) if place != best]
        return best if all(self.shares[best].low > high for high in others) else None


@dataclass(frozen=True)
class Move:
    """A figure of the wave before and of this one, and the range of the difference; `paired`: enterprises in both.

    `sure`: it has moved even if one looks at all departments for those that have (Holm).
    """

    before: float
    after: float
    low: float
    high: float
    n_before: int
    n_after: int
    weighted: bool = False
    paired: int = 0
    sure: bool = False

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class NetGain:
    """What is left of a department's change without the town's drift and the pull to the mean; shares 0–1."""

    net: float
    low: float
    high: float
    drift: float
    pull: float


@dataclass(frozen=True)
class Earlier:
    """Against the wave before in the same series. `moves`: item → measure; `overall` of all departments together; `breaks`
    says per measure why it cannot be compared: then there are no moves of it."""

    wave_id: int
    title: str
    breaks: dict[Measure, tuple[str, ...]] = field(default_factory=dict)
    moves: dict[str, dict[Measure, Move]] = field(default_factory=dict)
    overall: dict[Measure, Move] = field(default_factory=dict)
    pairs: dict[str, dict[Measure, PairCounts]] = field(default_factory=dict)
    gains: dict[str, dict[Measure, NetGain]] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """A telling word: in so many different remarks of ours and of the others; 0 where that is not told."""

    word: str
    ours: int = 0
    others: int = 0


@dataclass(frozen=True)
class Words:
    """Telling words: of those who rated badly against the others, and of each department against the rest."""

    dissatisfied: tuple[Word, ...] = ()
    departments: dict[str, tuple[Word, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """Of one source's release `release`. `closed`: of the final release; before that without weights and drivers.
    `results`: item number as text → measure."""

    release: int
    closed: bool
    results: dict[str, Results] = field(default_factory=dict)
    overall: Results = field(default_factory=dict)
    weighting: Weighting = field(default_factory=Weighting)
    trust: dict[str, Trust] = field(default_factory=dict)
    drivers: dict[str, DriverSet] = field(default_factory=dict)  # by department id, "" all of them
    earlier: Earlier | None = None
    words: Words = field(default_factory=Words)
    bounds: tuple[float, float] | None = None  # of 满意率（含基本满意）of all, whatever the silent think
    failed: bool = False  # could not be computed, and says nothing


_ADAPTER = TypeAdapter(Study)


def dump_study(study: Study) -> dict[str, object]:
    """As JSON."""
    return dict(_ADAPTER.dump_python(study, mode="json"))


def load_study(stored: Mapping[str, object]) -> Study:
    """The inverse of `dump_study`."""
    return _ADAPTER.validate_python(dict(stored))
