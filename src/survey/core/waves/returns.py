"""回收: who was invited, who is still to be reminded, and the rates of groups. Never what anybody answered."""

from dataclasses import dataclass
from datetime import date, datetime

NOBODY = "未指定服务专员"


@dataclass(frozen=True)
class Invited:
    """An invited enterprise, as those who remind it know it."""

    id: int
    name: str
    officer: str
    contact: str
    phone: str
    stratum_id: int
    archived: bool
    on_behalf: str
    uscc: str | None


@dataclass(frozen=True)
class Group:
    """Some of the invited, and how many of them answered; `key` tells groups of one name apart."""

    name: str
    invited: int
    answered: int
    key: str = ""

    @property
    def share(self) -> float:
        return self.answered / self.invited

    @property
    def missing(self) -> int:
        return self.invited - self.answered


@dataclass(frozen=True)
class Returns:
    """Rates by stratum and 服务专员 at one moment, lowest first; no groups before the first day has passed."""

    at: datetime | None
    strata: tuple[Group, ...] = ()
    officers: tuple[Group, ...] = ()
    final: bool = False

    @property
    def whole(self) -> Group:
        """All of them together."""
        return Group("", sum(one.invited for one in self.strata), sum(one.answered for one in self.strata))


@dataclass(frozen=True)
class Due:
    """An enterprise on today's list."""

    enterprise: Invited
    reminded: int  # before today
    today: str  # who marked it as reminded today


@dataclass(frozen=True)
class DayList:
    """今天的催填名单: the same all day. `spared` are not on it, since they were reminded often enough."""

    at: datetime
    due: tuple[Due, ...]
    spared: int

    def of(self, officer: str | None) -> tuple[Due, ...]:
        """The part of one 服务专员; None: all of it."""
        return tuple(
            one for one in self.due if officer is None or (one.enterprise.officer or NOBODY) == officer
        )


@dataclass(frozen=True)
class DailyReturns:
    """How many invited enterprises had answered by the end of each day."""

    days: tuple[date, ...]
    answered: tuple[int, ...]
    invited: int
    opens: date
    closes: date


@dataclass(frozen=True)
class Entered:
    """代填: how many forms officers entered, and what the enterprises said to that."""

    phone: int = 0
    visit: int = 0
    confirmed: int = 0
    disputed: tuple[str, ...] = ()  # names of the enterprises

    @property
    def total(self) -> int:
        return self.phone + self.visit
