"""An officer enters what an enterprise said: once, tagged, counted like any other, and open to its word."""

import secrets
from datetime import timedelta

import pytest
from sqlmodel import select

from survey.actions.answers.claims import Refused
from survey.actions.answers.on_behalf import confirm, enter_on_behalf
from survey.core.answers.answers import Answers, check
from survey.core.answers.receipts import digest
from survey.core.models import (
    Arrival,
    Case,
    Channel,
    Invitation,
    Mode,
    Reply,
    Response,
    Source,
    Wave,
    WaveEvent,
    source_of,
)
from survey.core.refusals import NotAllowed
from survey.settings import get_settings
from survey.storage.database import read_engine, reading, writing
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, close, make_wave, submit

pytestmark = pytest.mark.usefixtures("database")


def answers(wave: MadeWave, **fields: str) -> Answers:
    sent = {"d": ["tax"], "g.tax.overall": ["2"], "w.tax": ["slow"]} | {
        key: [one] for key, one in fields.items()
    }
    return check(wave.form, sent, get_settings())


def enterprise_of(code: str) -> int:
    with reading() as db:
        found = db.exec(select(Invitation.enterprise_id).where(Invitation.code_hash == digest(code))).one()
        assert found is not None
        return found


def enter(wave: MadeWave, code: str, submission_id: str = "", **fields: str) -> str:
    with writing() as db:
        return enter_on_behalf(
            db, wave.id, enterprise_of(code), answers(wave, **fields), "phone", "演示专班", NOW, submission_id
        )


def say(code: str, word: Reply) -> None:
    with writing() as db:
        confirm(db, code, word, NOW)


def problems() -> list[str]:
    with read_engine().connect() as db:
        return verify(db)


def test_every_counter_equals_a_recount_after_phones_and_officers_have_sent_forms() -> None:
    wave = make_wave()
    for code in wave.codes[:4]:
        submit(wave, {"tax": 4, "market": 1}, code=code)
    for code in wave.codes[4:9]:
        enter(wave, code)
    assert problems() == []
    with reading() as db:
        stored = db.exec(select(Response.channel)).all()
        days = {one.channel: one.count for one in db.exec(select(Arrival))}
    assert sorted(stored) == [Channel.CODE] * 4 + [Channel.OFFICER] * 5
    assert {source_of(one) for one in stored} == {Source.VERIFIED}
    assert days == {Channel.CODE: 4, Channel.OFFICER: 5}


def test_an_enterprise_that_answered_cannot_be_entered_and_one_entered_cannot_answer() -> None:
    wave = make_wave()
    submit(wave, code=wave.codes[0])
    with pytest.raises(NotAllowed, match="已经答过"):
        enter(wave, wave.codes[0])
    enter(wave, wave.codes[1])
    with pytest.raises(Refused, match="used"):
        submit(wave, code=wave.codes[1])
    with pytest.raises(NotAllowed, match="已经答过"):
        enter(wave, wave.codes[1])
    assert problems() == []


def test_pressing_enter_twice_stores_one_form() -> None:
    wave, same = make_wave(), secrets.token_urlsafe(16)
    assert enter(wave, wave.codes[0], same) == enter(wave, wave.codes[0], same)
    with reading() as db:
        assert len(db.exec(select(Response.id)).all()) == 1
        assert len(db.exec(select(WaveEvent).where(WaveEvent.what == "on_behalf")).all()) == 1


def test_another_form_of_the_same_page_is_not_said_to_be_stored() -> None:
    """An officer goes back and mends a grade, or phone to visit: what is stored stays, and the officer is told."""
    wave, same = make_wave(), secrets.token_urlsafe(16)
    receipt = enter(wave, wave.codes[0], same)
    with pytest.raises(NotAllowed, match="和那一份不一样，没有再存"):
        enter(wave, wave.codes[0], same, text="路灯不亮", kind="request", use="help")
    with pytest.raises(NotAllowed, match="和那一份不一样，没有再存"), writing() as db:
        enter_on_behalf(
            db, wave.id, enterprise_of(wave.codes[0]), answers(wave), "visit", "演示专班", NOW, same
        )
    assert enter(wave, wave.codes[0], same) == receipt
    assert enter(wave, wave.codes[1], same) != receipt, "another enterprise is another form"
    assert problems() == []
    close(wave)
    with pytest.raises(NotAllowed, match="已截止"):
        enter(wave, wave.codes[0], same)


@pytest.mark.parametrize("mode", list(Mode))
def test_the_answers_say_who_gave_them_only_as_far_as_the_mode_says_and_never_who_entered(mode: Mode) -> None:
    wave = make_wave(mode=mode)
    enter(wave, wave.codes[0], text="路灯不亮", kind="request", use="help")
    with reading() as db:
        stored = db.exec(select(Response)).one()
        case, event = db.exec(select(Case)).one(), db.exec(
            select(WaveEvent).where(WaveEvent.what == "on_behalf")
        ).one()  # fmt: skip
    assert (stored.enterprise_id is not None) == (mode == Mode.NAMED)
    assert (stored.pseudonym is not None) == (mode == Mode.PSEUDONYMOUS)
    assert "演示专班" not in repr((stored, case))
    assert (event.who, event.detail) == ("演示专班", "代填一份（电话）")


def test_the_source_stands_at_the_invitation_until_the_enterprise_has_its_word() -> None:
    wave = make_wave()
    enter(wave, wave.codes[0])
    for word in ("confirmed", "disputed"):
        say(wave.codes[0], word)
        with reading() as db:
            found = db.exec(select(Invitation).where(Invitation.on_behalf != "")).one()
            assert (found.on_behalf, found.confirmed) == ("phone", word)


def test_only_a_code_that_was_entered_for_can_be_confirmed_and_not_after_sealing() -> None:
    wave = make_wave()
    submit(wave, code=wave.codes[0])
    for code in (wave.codes[0], wave.codes[1], "nobody-knows-this-code"):
        with pytest.raises(NotAllowed, match="没有代填"):
            say(code, "confirmed")
    enter(wave, wave.codes[2])
    with writing() as db:
        sealed = db.get(Wave, wave.id)
        assert sealed
        sealed.fingerprint = "f" * 64
        db.add(sealed)
    with pytest.raises(NotAllowed, match="已封存"):
        say(wave.codes[2], "disputed")


def test_nothing_is_entered_for_a_void_code_a_stranger_or_a_closed_wave() -> None:
    wave, other = make_wave(), make_wave(title="另一期")
    with pytest.raises(NotAllowed, match="不在本期的邀请名单"):
        enter(wave, other.codes[0])
    with writing() as db:
        lost = db.exec(select(Invitation).where(Invitation.code_hash == digest(wave.codes[0]))).one()
        lost.void = True
        db.add(lost)
    with pytest.raises(NotAllowed, match="已作废"):
        enter(wave, wave.codes[0])
    close(wave, NOW + timedelta(days=1))
    with pytest.raises(NotAllowed, match="已截止"):
        enter(wave, wave.codes[1])
    with reading() as db:
        assert not db.exec(select(Response.id)).all()
