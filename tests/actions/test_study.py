"""The studies that pages read: the reference figures when the fixture is imported, and what a wave of ours gets."""

from pathlib import Path

import pytest
from sqlmodel import Session, select

from survey.core.models import Wave
from survey.core.study.model import Measure, Result, Study, Tier
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import published
from tests import statistics_fixture as fixture
from tests.reference import expected, import_waves

TOP = Measure.WITHOUT_BASIC
RATE = 5e-9  # what the reference figures are printed to


@pytest.fixture
def waves(database: str, tmp_path: Path) -> list[int]:
    return import_waves(tmp_path)


def read(wave_id: int) -> tuple[Study, dict[str, str]]:
    """The study, and the item of each department's 总体满意度."""
    with reading() as db:
        wave = db.exec(select(Wave).where(Wave.id == wave_id)).one()
        found = studies.study(db, wave)
        form = published.form(wave)
    assert found is not None
    return found, {one.name: str(form.item(place)) for place, one in enumerate(form.departments)}


def test_the_studies_hold_the_reference_figures(waves: list[int]) -> None:
    study, items = read(waves[0])
    results: dict[str, Result] = {name: study.results[items[name]][TOP] for name in fixture.DEPARTMENTS}
    weighted = [results[name].weighted for name in fixture.DEPARTMENTS]
    assert [one.value for one in weighted if one] == pytest.approx(expected("B3 dept est R=svyby"), abs=1e-9)
    urban = results["城管"].weighted
    assert urban is not None
    assert (urban.low, urban.high) == pytest.approx(
        expected("B1 wilson(n_eff,t df) = svy ci_method=wilson"), abs=2e-6
    )
    assert (urban.n, urban.effective) == pytest.approx(expected("B1 n,n_eff(no fpc)"), abs=1e-3)
    places = [results[name].place for name in fixture.DEPARTMENTS]
    assert [one.best for one in places] == expected("B3 rank L R=csranks(R=200000)")
    assert [one.worst for one in places] == expected("B3 rank U R=csranks")
    assert results["市监"].place.tier is Tier.ABOVE
    pooled = study.overall[TOP]
    assert pooled.plain.value == pytest.approx(
        expected("B2 pooled unweighted clustered est,se R")[0], abs=1e-8
    )
    assert pooled.best.value == pytest.approx(expected("B2 pooled clustered est,se R")[0], abs=1e-8)
    assert sum(one.invited for one in study.weighting.strata) == 360
    assert sum(one.answered for one in study.weighting.strata) == 214


def test_the_second_wave_is_compared_with_the_first(waves: list[int]) -> None:
    study, items = read(waves[1])
    assert study.earlier is not None
    urban = study.earlier.moves[items["城管"]][TOP]
    change, se = expected("D stacked change weighted est,se R; =svy .contrast")
    assert urban.after - urban.before == pytest.approx(change, abs=1e-8)
    assert (urban.high - urban.low) / 2 == pytest.approx(
        1.98 * se, abs=0.004
    )  # as a range is printed: whole points
    assert urban.low > 0
    pairs = study.earlier.pairs[items["城管"]][TOP]
    n, _, _, won, lost = expected("D fixture pairs,only1,only2,b,c")
    assert [pairs.n, pairs.won, pairs.lost, pairs.blur] == [n, won, lost, 0]
    assert pairs.both + pairs.won + pairs.lost + pairs.neither == n
    assert urban.paired == n
    sure = {name for name, item in items.items() if study.earlier.moves[item][TOP].sure}
    assert sure == {"城管"}  # of eight that were looked at
    gain = study.earlier.gains[items["城管"]][TOP]
    _, net, _, low, high = expected("E net gain fixture 城管: expected,net,se,lo,hi")
    assert gain.net == pytest.approx(net, abs=5e-4)  # as printed, with room: whole points
    assert (gain.low, gain.high) == pytest.approx((low, high), abs=0.005)


def test_strata_too_thin_to_stand_alone_are_raked(database: str, tmp_path: Path) -> None:
    """Industry × size × town: some cells have fewer than five answers, or none."""
    first, _ = import_waves(tmp_path, by=("industry", "size", "town"))
    study, items = read(first)
    rate, _, _, kish = expected("C raked est,wmin,wmax,kish R=survey::rake")
    weighted = study.results[items["税务"]][TOP].weighted
    assert weighted is not None
    assert weighted.value == pytest.approx(rate, abs=1e-6)
    assert weighted.low < rate < weighted.high
    assert study.weighting.margins == 3
    assert study.weighting.kish == pytest.approx(kish, abs=1e-6)


def test_a_study_of_an_older_release_is_not_shown(waves: list[int]) -> None:
    with reading() as db:
        wave = db.get(Wave, waves[0])
        assert wave is not None
        assert studies.study(db, wave) is not None
    _forget_release(waves[0])
    with reading() as db:
        assert studies.study(db, wave) is None


def _forget_release(wave_id: int) -> None:
    from survey.storage.database import writing

    with writing() as db:
        _renumber(db, wave_id)


def _renumber(db: Session, wave_id: int) -> None:
    release = released.latest_release(db, wave_id)
    assert release is not None
    release.number += 1
    db.add(release)
