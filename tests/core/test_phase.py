"""Where a wave stands: one rule, right to the microsecond at its edges."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.models import WaveState
from survey.core.waves.phase import Phase, last_moment, phase_of, phase_told
from tests.conftest import NOW

TICK, GRACE = timedelta(microseconds=1), timedelta(minutes=30)
CLOSES = NOW + timedelta(days=14)


@dataclass
class Times:
    state: str = WaveState.OPEN
    opens_at: datetime = NOW
    closes_at: datetime = CLOSES
    timed: bool = False
    fingerprint: str = ""


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (NOW - TICK, Phase.WAITING),  # the clock went back after it opened
        (NOW, Phase.OPEN),
        (CLOSES - TICK, Phase.OPEN),
        (CLOSES, Phase.WINDING_UP),
        (CLOSES + GRACE, Phase.WINDING_UP),
        (CLOSES + GRACE + TICK, Phase.CLOSED),
    ],
)
def test_edges(now: datetime, phase: Phase) -> None:
    assert phase_of(Times(), now) is phase
    assert phase_of(Times(WaveState.CLOSED), now) is Phase.CLOSED
    assert phase_of(Times(WaveState.CLOSED, fingerprint="ab"), now) is Phase.SEALED
    assert phase_of(Times(WaveState.DRAFT), now) is Phase.DRAFT
    assert phase_of(Times(WaveState.DRAFT, timed=True), now) is Phase.WAITING


def test_an_extension_reopens_nothing_but_moves_the_edge() -> None:
    later = Times(closes_at=CLOSES + timedelta(days=1))
    assert phase_of(later, CLOSES) is Phase.OPEN
    assert last_moment(later) == later.closes_at + GRACE


def test_the_mark_says_until_when_with_the_day_only_if_it_is_another() -> None:
    assert phase_told(Times(), CLOSES) == "收尾中（10:30 前仍可提交）"
    midnight = Times(closes_at=datetime.fromisoformat("2026-03-25T00:00:00+08:00"))
    assert phase_told(midnight, midnight.closes_at) == "收尾中（00:30 前仍可提交）"
    shortly = Times(closes_at=datetime.fromisoformat("2026-03-24T23:45:00+08:00"))
    assert phase_told(shortly, shortly.closes_at) == "收尾中（3 月 25 日 00:15 前仍可提交）"
    assert phase_told(Times(), NOW) == "进行中"


@given(st.timedeltas(timedelta(days=-40), timedelta(days=40)), st.timedeltas(timedelta(), timedelta(days=40)))
def test_as_time_passes_a_wave_only_goes_on(start: timedelta, step: timedelta) -> None:
    order = list(Phase)
    before, after = phase_of(Times(), NOW + start), phase_of(Times(), NOW + start + step)
    assert order.index(before) <= order.index(after)


def test_what_a_phase_allows() -> None:
    assert [one for one in Phase if one.taking] == [Phase.OPEN, Phase.WINDING_UP]
    assert [one for one in Phase if one.inviting] == [Phase.DRAFT, Phase.WAITING, Phase.OPEN]
    assert [one for one in Phase if one.over] == [Phase.CLOSED, Phase.SEALED]
    assert not any(one.over and (one.taking or one.inviting) for one in Phase)
