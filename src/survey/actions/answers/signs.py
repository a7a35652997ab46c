"""Which signs (异常迹象) a form bears, judged once when it is stored; what they were judged by is not kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache, lru_cache

from sqlalchemy import Connection

from survey.actions.answers.claims import Claim
from survey.core.answers.bursts import Pace
from survey.core.answers.signs import Sign, is_straight_lined, is_too_fast
from survey.core.answers.stamps import seconds_open
from survey.core.clock import china_day
from survey.core.models import Channel, Source, source_of
from survey.settings import get_settings
from survey.storage.answers import devices
from survey.storage.database import after_commit

BY_PHONE = (Channel.CODE, Channel.OPEN)  # one tablet and one officer are there for many


def judge(db: Connection, claims: Sequence[Claim]) -> list[int]:
    """The flags of every form of a batch."""
    flags = [_of_answers(one) for one in claims]
    for sign, places in (
        (Sign.SAME_DEVICE, _on_busy_devices(db, claims)),
        (Sign.BURST, _in_bursts(db, claims)),
    ):
        for place in places:
            flags[place] |= int(sign)
    return flags


def _of_answers(claim: Claim) -> int:
    """Signs that a form bears by itself."""
    settings, sent, answers = get_settings(), claim.submission, claim.submission.answers
    given = len(answers.grades) - answers.grades.count(0)
    seconds = seconds_open(settings.secret, sent.code, sent.id, sent.now)
    flags = int(Sign.TOO_FAST) if is_too_fast(seconds, given, settings) else 0
    if is_straight_lined(answers.grades, answers.questions, settings.straight_grades):
        flags |= int(Sign.STRAIGHT_LINED)
    return flags


def _on_busy_devices(db: Connection, claims: Sequence[Claim]) -> Iterator[int]:
    """Places of the forms whose device has by now used more codes than one enterprise's agent would.

    A device's first code is kept in memory only: most devices leave no mark at all, and most batches ask nothing.
    """
    uses: list[devices.Use | None] = [
        (one.door.id, one.submission.device) if one.submission.device and one.channel in BY_PHONE else None
        for one in claims
    ]
    known, came = uses_of(china_day(claims[0].submission.now)), Counter(filter(None, uses))
    again = {use: n + (known.get(use) == 1) for use, n in came.items() if n + known.get(use, 0) > 1}
    used = devices.count_uses(db, again)
    for place, use in reversed(list(enumerate(uses))):  # the last of a batch is its device's newest
        if use in used:
            if used[use] > get_settings().device_codes:
                yield place
            used[use] -= 1
    after_commit(db, lambda: known.update({use: known.get(use, 0) + n for use, n in came.items()}))


@lru_cache(maxsize=1)
def uses_of(day: date) -> dict[devices.Use, int]:
    """How many codes each device has used today at this process; forgotten with the day."""
    return {}


def _in_bursts(db: Connection, claims: Sequence[Claim]) -> Iterator[int]:
    """Places of the forms that came when there were too many already; the forms are counted once they are durable."""
    bodies: dict[tuple[int, Source], list[int]] = {}
    for place, one in enumerate(claims):
        if one.channel != Channel.OFFICER:
            bodies.setdefault((one.door.id, source_of(one.channel)), []).append(place)
    stored = []
    for body, places in bodies.items():
        pace, minute = pace_of(*body), int(claims[places[0]].submission.now.timestamp()) // 60
        room = pace.limit(minute, get_settings().burst_forms) - pace.recent
        yield from (place for number, place in enumerate(places) if number >= room)
        stored.append((pace, minute, len(places)))

    def count() -> None:
        for pace, minute, forms in stored:
            pace.add(minute, forms)

    after_commit(db, count)


@cache
def pace_of(wave_id: int, source: Source) -> Pace:
    """How fast the forms of one body of answers come in at this process."""
    return Pace()
