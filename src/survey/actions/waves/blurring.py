"""截止后合并: no response may be told apart by what little it knows of its enterprise. See docs/decisions/0015.

Who answered is known, and so is everybody's stratum: where only one of a stratum answered, its response would be
theirs for certain. So once a wave is closed, strata with few answers join their likes, and a channel or language that
few share is no longer told. Counters, releases and invitations follow.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from survey.core.figures import withholding
from survey.core.models import NO_STRATUM, Channel, Invitation, Release, Response, Stratum, Wave
from survey.core.waves import strata
from survey.storage.answers import tallies
from survey.storage.waves import published

UNTOLD = ""
"""In place of a response's language."""
Counts = Mapping[tuple[int, Channel], int]


def hide_few(db: Session, wave: Wave) -> None:
    """Leave no response of a closed wave among fewer than k alike; done twice, it changes nothing more."""
    k = withholding.threshold(wave)
    if k < 2:
        return
    db.flush()
    moved = _join_strata(db, wave.id, k)
    channels = _channels(tallies.count_responses(db.connection(), wave.id), moved, k)
    for old, new in channels.items():
        db.execute(update(Response).where(_of(wave), col(Response.channel) == old).values(channel=new))
    tallies.regroup(db.connection(), wave.id, moved, channels)
    _hide_languages(db, wave, k)


def _of(wave: Wave) -> Any:
    return col(Response.wave_id) == wave.id


def _join_strata(db: Session, wave_id: int, k: int) -> dict[int, int]:
    """Join strata with fewer than `k` answers; returns stratum → the one that has taken it in."""
    rows = {one.id: one for one in published.strata(db, wave_id)}
    answered = dict.fromkeys(rows, 0)
    for (stratum, _), count in tallies.count_responses(db.connection(), wave_id).items():
        if stratum != NO_STRATUM:
            answered[stratum] = answered.get(stratum, 0) + count
    moved: dict[int, int] = {}
    for group in strata.join_few({one.id: one.made_of for one in rows.values()}, answered, k):
        kept, *gone = sorted(group)
        _take_in(rows[kept], [rows[one] for one in gone])
        rows[kept].invited += sum(rows[one].invited for one in gone)
        moved |= dict.fromkeys(gone, kept)
    names = strata.labels({one.id: one.made_of for one in rows.values() if one.id not in moved})
    for kept in set(moved.values()):
        rows[kept].name = names[kept]
    for old, new in moved.items():
        for table in (Response, Invitation):
            mine = col(table.wave_id) == wave_id, col(table.stratum_id) == old
            db.execute(update(table).where(*mine).values(stratum_id=new))
    db.execute(delete(Stratum).where(col(Stratum.id).in_(moved)))
    if moved:
        _follow(db, wave_id, moved)
    return moved


def _take_in(kept: Stratum, gone: list[Stratum]) -> None:
    """One stratum is made of what several were."""
    made = strata.joined([kept.made_of, *(one.made_of for one in gone)])
    for column, values in strata.columns(made).items():
        setattr(kept, column, values)


def _follow(db: Session, wave_id: int, moved: Mapping[int, int]) -> None:
    """Add up the joined strata's counts in the releases too."""
    for release in db.exec(select(Release).where(Release.wave_id == wave_id)):
        release.figures = {
            name: {**body, "strata": {item: _joined(parts, moved) for item, parts in body["strata"].items()}}
            if isinstance(body, dict) and "strata" in body
            else body
            for name, body in release.figures.items()
        }
        db.add(release)


def _joined(parts: Mapping[str, Any], moved: Mapping[int, int]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for name, part in parts.items():
        to = str(moved.get(int(name), int(name)))
        before = joined.get(to, [[0] * len(one) for one in part])
        joined[to] = [[a + b for a, b in zip(*pair, strict=True)] for pair in zip(before, part, strict=True)]
    return joined


def _channels(counts: Counts, moved: Mapping[int, int], k: int) -> dict[str, str]:
    """代填 is told of no response when somewhere it, or what is not 代填, has fewer than `k`: that it was entered
    stands at the invitation."""
    by_stratum: dict[int, dict[Channel, int]] = {}
    for (stratum, channel), count in counts.items():
        part = by_stratum.setdefault(moved.get(stratum, stratum), {})
        part[channel] = part.get(channel, 0) + count
    both = [(part.get(Channel.OFFICER, 0), part.get(Channel.CODE, 0)) for part in by_stratum.values()]
    told = any(entered and (entered < k or 0 < own < k) for entered, own in both)
    return {Channel.OFFICER.value: Channel.CODE.value} if told else {}


def _hide_languages(db: Session, wave: Wave, k: int) -> None:
    """A language that few of a stratum and channel share is told of none of them."""
    place = (col(Response.stratum_id), col(Response.channel))
    query = select(*place, Response.language, func.count()).where(_of(wave))
    groups: dict[tuple[int, Channel], list[int]] = {}
    for stratum, channel, _, count in db.exec(query.group_by(*place, col(Response.language))):
        groups.setdefault((stratum, channel), []).append(count)
    for (stratum, channel), counts in groups.items():
        if len(counts) > 1 and min(counts) < k:
            here = _of(wave), place[0] == stratum, place[1] == channel
            db.execute(update(Response).where(*here).values(language=UNTOLD))
