"""Verified and open answers: two bodies of figures, each moving by k raters, never added together."""

from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from survey.core.figures.cells import Withheld, load_cell
from survey.core.figures.view import View
from survey.core.models import Channel, Mode, Release, Respondent, Response, Source, Wave, source_of
from survey.running.jobs import run_once
from survey.storage.database import reading, reading_connection, writing
from survey.storage.figures import released
from survey.storage.waves import arriving, published
from survey.storage.waves.verification import verify
from tests.actions.test_release_attack import recovered
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


@pytest.mark.usefixtures("database")
def test_open_answers_never_reach_verified_figures() -> None:
    wave = make_wave()
    for _ in range(6):
        submit(wave, {"tax": 5})
    for _ in range(7):
        submit(wave, {"tax": 1}, code=wave.open_code)
    release(wave)
    assert (n(wave, Source.VERIFIED), n(wave, Source.OPEN)) == (6, 7)
    assert "满意率不低于 80%" in str(figures(wave)[TAX]["withheld"])
    assert "满意率不高于 15%" in str(figures(wave, OPEN)[TAX]["withheld"])
    with reading_connection() as db:
        assert verify(db) == []


@pytest.mark.usefixtures("database")
def test_each_body_moves_by_itself_and_says_how_many_wait() -> None:
    wave = make_wave()
    for _ in range(5):
        submit(wave, {"tax": 5})
    release(wave)
    for _ in range(4):
        submit(wave, {"tax": 1}, code=wave.open_code)
    submit(wave, {"tax": 4})
    release(wave)
    assert (n(wave, Source.VERIFIED), n(wave, Source.OPEN)) == (5, None)
    submit(wave, {"tax": 1}, code=wave.open_code)
    release(wave)
    assert (n(wave, Source.VERIFIED), n(wave, Source.OPEN)) == (5, 5)
    assert note(wave, Source.VERIFIED) == (5, 1)
    assert note(wave, Source.OPEN) == (5, 0)


@pytest.mark.usefixtures("sqlite_database")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.booleans()), min_size=12, max_size=40))
def test_no_two_releases_of_a_body_differ_by_fewer_than_k_raters(forms: list[tuple[bool, int, bool]]) -> None:
    wave = make_wave(enterprises=40, departments=["tax"])
    for by_own_code, grade, then_release in forms:
        submit(wave, {"tax": grade}, code=None if by_own_code else wave.open_code)
        if then_release:
            release(wave)
    for source in Source:
        cells = [load_cell(one[source].get("cells", {}).get("0", "")) for one in releases(wave)]
        sizes = [cell.n for cell in cells if not isinstance(cell, Withheld)]
        came = sum((source == Source.VERIFIED) == own for own, _, _ in forms)
        assert all(size >= K for size in sizes)
        assert all(later == earlier or later - earlier >= K for earlier, later in pairwise(sizes))
        assert not any(recovered(earlier, later) for earlier, later in combinations(cells, 2))
        assert not sizes or sizes[-1] <= came


@pytest.mark.usefixtures("sqlite_database")
def test_nothing_in_a_release_adds_the_bodies_together() -> None:
    wave = make_wave()
    for number in range(24):
        submit(wave, {"tax": 1 + number % 5}, code=wave.open_code if number % 2 else None)
    release(wave)
    [stored] = releases(wave)
    assert set(stored) == {"k", *Source}
    tax = str(wave.form.position["tax"] * len(wave.form.questions))
    assert {sum(stored[source]["cells"][tax][0]) for source in Source} == {12}
    assert set(stored[Source.OPEN]["strata"][tax]) == {"0"}, "an open code knows no stratum"


def test_open_answers_have_no_strata() -> None:
    with pytest.raises(ValueError, match="不分层"):
        View(stratum_id=1, source=Source.OPEN)


@pytest.mark.usefixtures("sqlite_database")
def test_strata_hold_verified_answers_only() -> None:
    wave = make_wave()
    for number in range(24):
        submit(wave, {"tax": 4 if number % 4 > 1 else 2})
    for _ in range(9):
        submit(wave, {"tax": 1}, code=wave.open_code)
    release(wave)
    close(wave)
    with reading() as db:
        strata = published.strata(db, wave.id)
    found = [figures(wave, View(stratum_id=one.id))[TAX] for one in strata]
    assert sum(int(str(one["n"])) for one in found) == 24
    assert all(one["g1"] == 0 for one in found)


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
    submit(wave, {"tax": 4}, code=wave.open_code, who="official")  # shows with four more
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
