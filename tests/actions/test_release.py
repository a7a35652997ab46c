"""Verified and open answers: two bodies of figures, each moving by k raters, never added together."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, func, select

from survey.core.figures.cells import Withheld, load_cell
from survey.core.figures.noise import Noise
from survey.core.figures.view import View
from survey.core.models import (
    Channel,
    DeviceMark,
    Mode,
    Release,
    Respondent,
    Response,
    Source,
    Wave,
    source_of,
)
from survey.running.jobs import run_once
from survey.storage.database import reading, reading_connection, writing
from survey.storage.figures import released
from survey.storage.waves import arriving, published
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, close, figures, make_wave, release, submit

K = 5
OPEN = View(source=Source.OPEN)
TAX = ("tax", "overall")


def n(wave: MadeWave, source: Source) -> object:
    return figures(wave, View(source=source))[TAX]["n"]


def note(wave: MadeWave, source: Source) -> tuple[int, int]:
    with reading() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        one = released.release_note(db, found, source)
        return one.responses, one.waiting


def releases(wave: MadeWave) -> list[dict[str, Any]]:
    with reading() as db:
        query = select(Release).where(Release.wave_id == wave.id).order_by(col(Release.number))
        return [one.figures for one in db.exec(query)]


def marks(wave: MadeWave) -> int:
    with reading() as db:
        return db.exec(select(func.count()).where(DeviceMark.wave_id == wave.id)).one()


def later(days: int) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.usefixtures("database")
def test_open_answers_never_reach_verified_figures() -> None:
    wave = make_wave()
    for number in range(12):
        submit(wave, {"tax": 5 if number % 2 else 1})
    for _ in range(14):
        submit(wave, {"tax": 3}, code=wave.open_code)
    release(wave)
    assert (n(wave, Source.VERIFIED), n(wave, Source.OPEN)) == (12, 14)
    close(wave)
    release(wave)
    told = figures(wave)[TAX]
    assert [told[f"g{grade}"] for grade in range(1, 6)] == [6, 0, 0, 0, 6]
    assert n(wave, Source.OPEN) == 14
    with reading_connection() as db:
        assert verify(db) == []


@pytest.mark.usefixtures("database")
def test_each_body_moves_by_itself_and_says_how_many_wait() -> None:
    wave = make_wave()
    for _ in range(10):
        submit(wave, {"tax": 5})
    release(wave)
    for _ in range(9):
        submit(wave, {"tax": 1}, code=wave.open_code)
    submit(wave, {"tax": 4})
    release(wave)
    assert (n(wave, Source.VERIFIED), n(wave, Source.OPEN)) == (10, None)
    submit(wave, {"tax": 1}, code=wave.open_code)
    release(wave)
    assert (n(wave, Source.VERIFIED), n(wave, Source.OPEN)) == (10, 10)
    assert note(wave, Source.VERIFIED) == (10, 1)
    assert note(wave, Source.OPEN) == (10, 0)


@pytest.mark.usefixtures("sqlite_database")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.booleans()), min_size=12, max_size=40))
def test_no_two_releases_of_a_body_differ_by_fewer_than_k_raters(forms: list[tuple[bool, int, bool]]) -> None:
    wave = make_wave(enterprises=40, departments=["tax"], days=60)
    for day, (by_own_code, grade, then_release) in enumerate(forms):
        submit(wave, {"tax": grade}, code=None if by_own_code else wave.open_code)
        if then_release:
            release(wave, later(day))
    for source in Source:
        stored = [one[source].get("cells", {}).get("0", "") for one in releases(wave)]
        cells = [one for one in stored if not isinstance(load_cell(one), Withheld)]
        came = sum((source == Source.VERIFIED) == own for own, _, _ in forms)
        assert all(2 * K <= one["n"] <= came for one in cells)
        assert all(new == old or new["n"] - old["n"] >= K for old, new in pairwise(cells))


@pytest.mark.usefixtures("sqlite_database")
def test_nothing_in_a_release_adds_the_bodies_together() -> None:
    wave = make_wave()
    for number in range(24):
        submit(wave, {"tax": 1 + number % 5}, code=wave.open_code if number % 2 else None)
    release(wave)
    close(wave)
    release(wave)
    tax = str(wave.form.position["tax"] * len(wave.form.questions))
    live, last = releases(wave)
    assert set(live) == set(last) == {"k", "final", *Source}
    for stored in (live, last):
        assert {load_cell(stored[source]["cells"][tax]).n for source in Source} == {12}  # type: ignore[union-attr]
    assert {"strata", "signs", "structure"}.isdisjoint(last[Source.OPEN]), "nobody knows who it was"


@pytest.mark.usefixtures("database")
def test_open_figures_move_once_a_day_and_never_become_exact() -> None:
    wave = make_wave()

    def come(count: int) -> None:
        for number in range(count):
            submit(wave, {"tax": 1 + number % 5}, code=wave.open_code)

    come(10)
    assert release(wave)
    come(10)
    assert not release(wave, NOW + timedelta(hours=13)), "the same day in China"
    assert n(wave, Source.OPEN) == 10
    assert release(wave, NOW + timedelta(hours=14))
    assert n(wave, Source.OPEN) == 20
    come(3)
    close(wave)
    release(wave)
    last = releases(wave)[-1][Source.OPEN]
    tax = last["cells"][str(wave.form.item(wave.form.position["tax"]))]
    assert (tax["n"], tax["noise"]) == (23, Noise.OVERALL)
    assert not any(isinstance(cell, list) for cell in last["cells"].values())


@pytest.mark.usefixtures("database")
def test_a_few_devices_make_no_open_figure_and_their_marks_go_with_the_final_release() -> None:
    wave = make_wave()

    def come(device: bytes) -> None:
        submit(wave, {"tax": 4}, code=wave.open_code, device=device)

    for number in range(20):
        come(bytes([number % 4]))
    release(wave)
    assert n(wave, Source.OPEN) is None
    come(b"4")
    release(wave)
    assert n(wave, Source.OPEN) == 21
    close(wave)
    assert marks(wave) == 4, "a device that sends one form leaves none"
    release(wave)
    assert marks(wave) == 0
    assert n(wave, Source.OPEN) == 21


def test_open_answers_have_no_strata() -> None:
    with pytest.raises(ValueError, match="不分层"):
        View(stratum_id=1, source=Source.OPEN)


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.NAMED])
def test_strata_hold_verified_answers_only(mode: Mode) -> None:
    wave = make_wave(mode=mode, enterprises=64)
    for number in range(64):
        submit(wave, {"tax": 4 if number % 4 > 1 else 2})
    for _ in range(9):
        submit(wave, {"tax": 1}, code=wave.open_code)
    close(wave)
    release(wave)
    with reading() as db:
        strata = published.strata(db, wave.id)
    found = [figures(wave, View(stratum_id=one.id))[TAX] for one in strata]
    assert sum(int(str(one["n"])) for one in found) == 64
    assert mode == Mode.ANONYMOUS or all(one["g1"] == 0 for one in found)


@pytest.mark.usefixtures("sqlite_database")
def test_an_enterprise_code_on_a_tablet_is_verified_and_an_open_code_is_not() -> None:
    wave = make_wave()
    submit(wave, {"tax": 5}, channel=Channel.TABLET)
    submit(wave, {"tax": 5}, code=wave.open_code, channel=Channel.TABLET)
    submit(wave, {"tax": 5}, code=wave.open_code)
    with reading() as db:
        stored = sorted(db.exec(select(Response.channel)).all())
    assert stored == [Channel.CODE, Channel.OPEN, Channel.TABLET]
    assert [source_of(one) for one in stored] == [Source.VERIFIED, Source.OPEN, Source.OPEN]


@pytest.mark.usefixtures("database")
def test_kinds_of_respondents_are_counted_for_open_codes_and_small_ones_pooled() -> None:
    wave = make_wave()
    for who, times in (("enterprise", 6), ("self_employed", 5), ("citizen", 2)):
        for _ in range(times):
            submit(wave, {"tax": 4}, code=wave.open_code, who=who)
    submit(wave, {"tax": 4})
    release(wave)
    submit(wave, {"tax": 4}, code=wave.open_code, who="official")  # shows when four more have come
    with reading() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        # 2 alone are too few, so that 个体户 joins them.
        assert released.respondents(db, found) == ({Respondent.ENTERPRISE: 6}, 7)
        assert arriving.progress(db, found).of(Source.OPEN) == 14
    with reading_connection() as db:
        assert verify(db) == []


@pytest.mark.usefixtures("sqlite_database")
def test_a_wave_without_invited_enterprises_shows_open_answers_first() -> None:
    walls, invited = make_wave(enterprises=0), make_wave()
    with reading() as db:
        shown = [
            published.default_source(db, one)
            for one in map(published.wave, [db, db], [walls.id, invited.id])
            if one
        ]
    assert shown == [Source.OPEN, Source.VERIFIED]


@pytest.mark.usefixtures("sqlite_database")
def test_a_closed_wave_whose_release_an_upgrade_took_gets_it_anew() -> None:
    wave = make_wave(mode=Mode.NAMED)
    submit(wave, {"tax": 3})
    release(wave)
    close(wave)
    with writing() as db:
        for one in db.exec(select(Release)):
            db.delete(one)
    assert figures(wave)[TAX]["n"] is None
    run_once(NOW)
    run_once(NOW)
    assert figures(wave)[TAX]["n"] == 1
    with reading() as db:
        assert released.latest_release(db, wave.id).number == 1  # type: ignore[union-attr]
