"""After closing, no answer stands among fewer than k of its kind, and all books still agree."""

from collections import Counter

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from survey.actions.answers.on_behalf import enter_on_behalf
from survey.actions.waves.blurring import hide_few
from survey.core.answers.answers import check
from survey.core.answers.receipts import digest
from survey.core.figures.noise import Noise
from survey.core.figures.view import View
from survey.core.models import Channel, Invitation, Mode, Release, Response, Stratum
from survey.settings import get_settings
from survey.storage.database import read_engine, reading, reading_connection, write_engine, writing
from survey.storage.waves import fingerprint, monitor, published
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, close, figures, make_wave, release, submit

pytestmark = pytest.mark.usefixtures("database")
INDUSTRIES = ("农业", "制造业", "服务业")


def three_strata(answers: tuple[int, int, int], of: int = 12, **more: object) -> MadeWave:
    """So many invited in each of three strata, `answers` of them answer: 2 and 4 by turns, so that few agree."""
    wave = make_wave(enterprises=3 * of, industries=INDUSTRIES, **more)  # type: ignore[arg-type]
    for place, count in enumerate(answers):
        for code in wave.codes[place::3][:count]:
            submit(wave, {"tax": 2 + 2 * (wave.codes.index(code) // 3 % 2), "market": 4}, code=code)
    return wave


def enter(wave: MadeWave, code: str) -> None:
    fields = {"d": ["tax"], "g.tax.overall": ["2"]}
    with writing() as db:
        who = db.exec(select(Invitation.enterprise_id).where(Invitation.code_hash == digest(code))).one()
        enter_on_behalf(
            db, wave.id, who or 0, check(wave.form, fields, get_settings()), "phone", "王专员", NOW
        )


def answered() -> dict[str, int]:
    with reading() as db:
        names = {one.id: one.name for one in db.exec(select(Stratum))}
        return dict(Counter(names[one] for one in db.exec(select(Response.stratum_id))))


def told(column: str) -> Counter[str]:
    with read_engine().connect() as db:
        return Counter(db.scalars(text(f"SELECT {column} FROM response")))


def problems() -> list[str]:
    with reading_connection() as db:
        return verify(db)


def test_a_stratum_in_which_one_answered_joins_its_like() -> None:
    wave = three_strata((1, 6, 7))
    assert answered() == {"农业 · 规上": 1, "制造业 · 规上": 6, "服务业 · 规上": 7}
    close(wave)
    assert answered() == {"农业、制造业 · 规上": 7, "服务业 · 规上": 7}
    with reading() as db:
        assert {one.name: one.invited for one in published.strata(db, wave.id)} == {
            "农业、制造业 · 规上": 24, "服务业 · 规上": 12,
        }  # fmt: skip
        assert set(db.exec(select(Invitation.stratum_id).where(Invitation.open_code == None))) == {  # noqa: E711
            one.id for one in published.strata(db, wave.id)
        }
        rates = monitor.returns(db, published.wave(db, wave.id))  # type: ignore[arg-type]
        assert {(one.name, one.answered) for one in rates.strata} == {
            ("农业、制造业 · 规上", 7), ("服务业 · 规上", 7),
        }  # fmt: skip
    assert problems() == []


def test_strata_with_enough_answers_or_none_stay_as_they_are() -> None:
    wave = three_strata((0, 5, 7))
    close(wave)
    assert answered() == {"制造业 · 规上": 5, "服务业 · 规上": 7}
    with reading() as db:
        assert len(published.strata(db, wave.id)) == 3


def test_figures_by_stratum_are_those_of_the_joined_strata() -> None:
    wave = three_strata((2, 33, 35), of=40)
    release(wave)
    close(wave)
    release(wave)
    with reading() as db:
        strata = {one.name: one.id for one in published.strata(db, wave.id)}
    found = {name: figures(wave, View(stratum_id=one))["tax", "overall"] for name, one in strata.items()}
    assert {name: one["n"] for name, one in found.items()} == {
        "农业、制造业 · 规上": 35, "服务业 · 规上": 35,
    }  # fmt: skip


def test_only_the_final_release_has_strata_and_theirs_are_no_exact_counts() -> None:
    wave = three_strata((5, 5, 5), of=40)
    release(wave)
    for place in range(3):
        for code in wave.codes[place::3][5:35]:
            submit(wave, {"tax": 5}, code=code)
    release(wave)
    close(wave)
    release(wave)
    with reading() as db:
        bodies = [one.figures["verified"] for one in db.exec(select(Release).order_by(col(Release.number)))]
    assert ["strata" in one for one in bodies] == [False, False, True]
    tax = bodies[-1]["strata"][str(wave.form.item(wave.form.position["tax"]))]
    assert [(n, level) for _, n, _, level in tax] == [(35, Noise.OVERALL)] * 3


@pytest.mark.parametrize(("entered", "own", "hidden"), [(1, 8, True), (8, 1, True), (6, 6, False)])
def test_entered_by_an_officer_is_told_only_of_enough(entered: int, own: int, hidden: bool) -> None:
    wave = make_wave(enterprises=14, industries=("制造业",))
    for code in wave.codes[:entered]:
        enter(wave, code)
    for code in wave.codes[entered : entered + own]:
        submit(wave, code=code)
    assert told("channel") == {Channel.OFFICER: entered, Channel.CODE: own}
    close(wave)
    all_alike = {Channel.CODE: entered + own}
    assert told("channel") == (all_alike if hidden else {Channel.OFFICER: entered, Channel.CODE: own})
    with reading() as db:
        assert monitor.entered(db, wave.id).phone == entered  # that, and of whom, stands at the invitations
    assert problems() == []


def test_the_only_english_answer_is_not_told_apart() -> None:
    wave = make_wave(enterprises=14, industries=("制造业",))
    for code in wave.codes[:7]:
        submit(wave, code=code)
    with write_engine().begin() as db:
        one = db.scalar(text("SELECT id FROM response LIMIT 1"))
        db.execute(text("UPDATE response SET language = 'en' WHERE id = :id"), {"id": one})
    close(wave)
    assert told("language") == {"": 7}


def test_one_language_or_enough_of_each_stay() -> None:
    wave = make_wave(enterprises=14, industries=("制造业",))
    for code in wave.codes[:7]:
        submit(wave, code=code)
    close(wave)
    assert told("language") == {"zh": 7}


def test_a_named_wave_has_nothing_to_hide() -> None:
    wave = three_strata((1, 6, 7), mode=Mode.NAMED)
    close(wave)
    assert sorted(answered().values()) == [1, 6, 7]


def test_done_twice_it_changes_nothing_and_the_fingerprint_is_of_what_is_kept() -> None:
    wave = three_strata((1, 2, 9))
    close(wave)
    release(wave)
    with writing() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        before = fingerprint.compute(db, found)
        hide_few(db, found)
        assert fingerprint.compute(db, found) == before
    assert sorted(answered().values()) == [12]
