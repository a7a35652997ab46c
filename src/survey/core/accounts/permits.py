"""Who may upload a file at this moment: whoever has an upload box on the page. Kept in this process only."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic

GOOD_FOR = 3600  # seconds; a box may wait that long for its file, and a lost page is forgotten after it
FILES = 20  # per showing of a box; choosing the wrong file a few times is no attack
REMEMBERED = 2_000  # far more than there are sessions


@dataclass
class _Permit:
    login: str
    since: float
    files: int = FILES


class Permits:
    """Upload permits by page session. A page gives one for as long as it shows a box."""

    def __init__(self) -> None:
        self._by_session: OrderedDict[str, _Permit] = OrderedDict()
        self._lock = Lock()

    def give(self, session: str, login: str) -> None:
        """The page of `session`, opened under the sign-in `login`, shows an upload box now."""
        with self._lock:
            self._by_session[session] = _Permit(login, monotonic())
            self._by_session.move_to_end(session)
            while len(self._by_session) > REMEMBERED:
                self._by_session.popitem(last=False)

    def lapse(self, session: str, given_before: float) -> None:
        """The page was drawn anew; a permit from before shows that its box is gone."""
        with self._lock:
            permit = self._by_session.get(session)
            if permit and permit.since < given_before:
                del self._by_session[session]

    def use(self, session: str, login: str) -> bool:
        """Whether a file may be sent into `session` by `login` now; counts it."""
        with self._lock:
            permit = self._by_session.get(session)
            good = permit is not None and permit.login == login and monotonic() - permit.since < GOOD_FOR
            if permit is None or not good or not permit.files:
                return False
            permit.files -= 1
            return True


uploads = Permits()
