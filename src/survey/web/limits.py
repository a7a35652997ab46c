"""How much one visitor may ask of a door. All counts stay in this process and tell nobody's address."""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address, ip_network
from math import inf
from time import monotonic
from typing import Any

from survey.settings import get_settings


def bucket(address: str) -> str:
    """Whom an address stands for: itself, or for IPv6 the network of 2⁶⁴ addresses that one line is given."""
    if ":" not in address:
        return address
    try:
        known = IPv6Address(address)
    except ValueError:
        return address
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


class Unfinished:
    """Who has not sent a whole request, by the address they come from; whoever is to make room first stands first.
    `who` is whatever the caller knows them by, for example a connection."""

    def __init__(self) -> None:
        self._by_source: dict[str, OrderedDict[Any, None]] = {}

    def moved(self, who: Any, source: str) -> None:
        """`who` came, or sent something."""
        self._place(who, source, last=True)

    def idle(self, who: Any, source: str) -> None:
        """`who` has its answer, and loses nothing by making room."""
        self._place(who, source, last=False)

    def _place(self, who: Any, source: str, last: bool) -> None:
        if (waiting := self._by_source.get(source)) is None:
            waiting = self._by_source[source] = OrderedDict()
        waiting[who] = None
        waiting.move_to_end(who, last)

    def left(self, who: Any, source: str) -> None:
        """`who` has sent everything, or is gone."""
        if waiting := self._by_source.get(source):
            waiting.pop(who, None)
            if not waiting:
                del self._by_source[source]

    def count(self, source: str) -> int:
        return len(self._by_source.get(source, ()))

    def first(self, source: str | None = None) -> Any | None:
        """Who makes room: whoever of a source, or else of the largest one, has been silent longest."""
        largest = max(self._by_source.values(), key=len, default=())
        return next(iter(largest if source is None else self._by_source.get(source, ())), None)


class WrongTries:
    """Counts wrong tries by address in windows of fixed length; nobody can tell an address from the counts."""

    SECONDS = 600
    REMEMBERED = 10_000  # addresses in a window; beyond that, the longest unseen are forgotten

    def __init__(self, limit: Callable[[], int], clock: Callable[[], float] = monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._tries: OrderedDict[bytes, int] = OrderedDict()
        self.forget()

    def forget(self, window: int = -1) -> None:
        """Begin a window; with a fresh key, so that counts of two windows cannot be joined."""
        self._window, self._key = window, secrets.token_bytes(16)
        self._tries.clear()

    def note(self, address: str) -> int:
        """Count a wrong try; seconds to wait when there were too many, else 0."""
        who, left = self._now(address)
        self._tries[who] = self._tries.pop(who, 0) + 1
        while len(self._tries) > self.REMEMBERED:
            self._tries.popitem(last=False)
        return left if self._tries[who] > self._limit() else 0

    def wait(self, address: str) -> int:
        """Seconds to wait before another try, when as many as may be were wrong already; else 0."""
        who, left = self._now(address)
        return left if self._tries.get(who, 0) >= self._limit() else 0

    def _now(self, address: str) -> tuple[bytes, int]:
        """An address's key in the window, and how many seconds it still lasts."""
        now = self._clock()
        window = int(now // self.SECONDS)
        if window != self._window:
            self.forget(window)
        key = blake2b(bucket(address).encode(), key=self._key, digest_size=8).digest()
        return key, int((window + 1) * self.SECONDS - now) + 1


class Throttle:
    """So much at once, and so much a second after that: whoever wants more waits, and nothing is lost."""

    def __init__(self, at_once: float, a_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._ahead, self._a_second, self._clock = at_once / a_second, a_second, clock
        self._paid = -inf  # until when is paid what was taken

    def wait(self, much: float) -> float:
        """Take so much; seconds to wait before going on."""
        now = self._clock()
        self._paid = max(self._paid, now - self._ahead) + much / self._a_second
        return max(0.0, self._paid - now)

    def is_rested(self) -> bool:
        """Whether nothing is known of it that a new one would not know."""
        return self._paid <= self._clock() - self._ahead


class Sessions:
    """Open page sessions of the office door, in all and by sign-in, and how fast they may ask for pages."""

    BURST = 6  # seconds' worth that may come at once: a page opens with several messages
    PAGES = (
        4  # pages' worth for one sign-in: a person uses one or two at a time, the others refresh themselves
    )
    PIECE = 16_384  # bytes that count as one message; reading one takes time in which nobody else is served
    OPENING = 4  # messages' worth of opening a session, which is as much work

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._paces: dict[str, Throttle] = {}

    def is_full(self, login: str) -> bool:
        """Whether `login` may open no further session now."""
        settings = get_settings()
        everyone = self._open.total() >= settings.office_sessions
        return everyone or self._open[login] >= settings.office_sessions_each

    @contextmanager
    def one(self, login: str) -> Iterator["Messages"]:
        """A session while it is open; the value says how long its messages wait."""
        rate = get_settings().office_messages
        if login not in self._paces:
            self._paces = {one: pace for one, pace in self._paces.items() if not pace.is_rested()}
            self._paces[login] = Throttle(rate * self.PAGES * self.BURST, rate * self.PAGES)
        self._open[login] += 1
        try:
            yield Messages(Throttle(rate * self.BURST, rate), self._paces[login])
        finally:
            self._open[login] -= 1
            if not self._open[login]:
                del self._open[login]


@dataclass(frozen=True)
class Messages:
    """The pace of one session, and that of all sessions of its sign-in."""

    own: Throttle
    shared: Throttle

    def wait(self, size: int) -> float:
        """Seconds that a message of so many bytes waits."""
        much = 1 + size / Sessions.PIECE
        return max(self.own.wait(much), self.shared.wait(much))

    def wait_to_open(self) -> float:
        return self.shared.wait(Sessions.OPENING)


sessions = Sessions()
