"""试填: a trial form goes nowhere near the answers, and opening leaves nothing of it."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text

from survey.actions.answers import trials
from survey.actions.answers.claims import Refused
from survey.actions.answers.submit import submit_response
from survey.actions.waves import drafts, lifecycle
from survey.core.answers.answers import check
from survey.core.answers.receipts import digest
from survey.core.models import Table, Wave
from survey.core.refusals import NotAllowed
from survey.settings import get_settings
from survey.storage.answers import doors
from survey.storage.database import read_engine, reading, write_engine, writing
from survey.storage.waves import arriving, published, rounds
from survey.storage.waves.verification import verify
from tests import factories
from tests.conftest import NOW

WHO = "王经办"
FIELDS = {
    "d": ["tax"], "g.tax.overall": ["1"], "t.tax": ["等了三个月"], "text": ["请修路灯"],
    "kind": ["request"], "about": ["tax"], "use": ["help"], "contact": ["王工 138"],
}  # fmt: skip
pytestmark = pytest.mark.usefixtures("database")


def draft() -> tuple[Wave, str]:
    """A draft with one enterprise invited, and its trial code."""
    last = factories.make_wave(now=NOW - timedelta(days=90))
    with writing() as db:
        wave = drafts.copy_wave(db, last.id, NOW, WHO)
        lifecycle.invite(db, wave.id, rounds.last_invited(db, wave)[:1])
        return wave, trials.make_trial_code(db, wave.id, NOW, WHO)


def send(wave: Wave, code: str, submission_id: str | None = None) -> None:
    answers = check(published.form(wave), FIELDS, get_settings())
    with writing() as db:
        trials.submit_trial(db, code, submission_id or secrets.token_urlsafe(16), FIELDS, answers)


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    with read_engine().connect() as db:
        return {
            name: int(db.scalar(text(f"SELECT count(*) FROM {name}")) or 0) for name in Table.metadata.tables
        }


def test_a_trial_form_touches_its_own_table_only() -> None:
    wave, code = draft()
    before = rows()
    for _ in range(3):
        send(wave, code)
    assert rows() == before | {"trial": 3}
    with reading() as db:
        [one, *_] = rounds.trials(db, wave.id)
    assert one.answers["fields"]["contact"] == ["王工 138"]
    assert one.answers["case"]["text"] == "请修路灯"


def test_opening_discards_forms_and_code_and_counts_nothing() -> None:
    wave, code = draft()
    for _ in range(3):
        send(wave, code)
    with writing() as db:
        lifecycle.open_wave(db, wave.id, NOW, WHO)
    after = rows()
    for table in (
        "trial",
        "response",
        "participation",
        "tally",
        "remark",
        "ledger_case",
        "arrival",
        "release",
    ):
        assert after[table] == 0, table
    assert doors.find_code(code) is None
    with reading() as db:
        assert arriving.progress(db, wave).collected == 0
        assert published.open_code(db, wave.id) not in (None, code)
        assert rounds.events(db, wave.id)[0].detail == "清除试填 3 份，不计入结果"
    with read_engine().connect() as connection:
        assert verify(connection) == []


def test_a_trial_code_is_never_taken_for_a_real_one() -> None:
    wave, code = draft()
    answers = check(published.form(wave), {"d": ["tax"], "g.tax.overall": ["5"]}, get_settings())
    status = doors.find_code(code)
    assert status is not None
    assert status.kind == "trial"
    with reading() as db:
        assert published.open_code(db, wave.id) is None  # it hangs on no wall
        assert arriving.progress(db, wave).invited == 1
    for opened in (False, True):
        if opened:
            with writing() as db:
                lifecycle.open_wave(db, wave.id, NOW, WHO)
        with pytest.raises(Refused) as refused, write_engine().begin() as connection:
            submit_response(
                connection, code=code, submission_id="s" * 22, answers=answers, channel=None, language="zh",
                now=NOW + timedelta(days=1),
            )  # fmt: skip
        assert refused.value.key == ("unknown_code" if opened else "not_open")
    assert rows()["response"] == 0


def test_a_real_code_takes_no_trial_form_and_nothing_comes_after_opening() -> None:
    wave, code = draft()
    other = factories.make_wave(title="另一期")
    for real in (other.codes[0], other.open_code):
        with pytest.raises(Refused):
            send(wave, real)
    with writing() as db:
        lifecycle.open_wave(db, wave.id, NOW, WHO)
    with pytest.raises(Refused):
        send(wave, code)
    with pytest.raises(NotAllowed, match="已经开启"), writing() as db:
        trials.make_trial_code(db, wave.id, NOW, WHO)
    assert rows()["trial"] == 0


def test_the_same_form_sent_twice_is_kept_once_and_a_flood_is_not_kept() -> None:
    wave, code = draft()
    send(wave, code, "s" * 22)
    send(wave, code, "s" * 22)
    assert rows()["trial"] == 1
    with write_engine().begin() as db:
        trial = Table.metadata.tables["trial"]
        many = [
            {"id": secrets.token_bytes(16), "wave_id": wave.id, "answers": {}} for _ in range(trials.MOST)
        ]
        db.execute(trial.insert(), many)
    with pytest.raises(Refused, match="trial_full"):
        send(wave, code)
    send(wave, code, "s" * 22)  # kept already
    assert rows()["trial"] == trials.MOST + 1


def test_another_form_under_the_same_id_is_kept_too() -> None:
    wave, code = draft()
    send(wave, code, "s" * 22)
    answers = check(published.form(wave), {"d": ["none"]}, get_settings())
    with writing() as db:
        trials.submit_trial(db, code, "s" * 22, {"d": ["none"]}, answers)
    with reading() as db:
        kept = [one.answers["fields"]["d"] for one in rounds.trials(db, wave.id)]
    assert sorted(kept) == [["none"], ["tax"]]


def test_a_draft_has_one_trial_code_kept_by_its_hash() -> None:
    wave, code = draft()
    with writing() as db:
        assert trials.make_trial_code(db, wave.id, NOW, WHO) == code
    with read_engine().connect() as db:
        invitation = Table.metadata.tables["invitation"]
        query = invitation.select().where(invitation.c.code_hash == digest(code))
        found = db.execute(query).mappings().one()
    assert found["trial"]
    assert found["enterprise_id"] is None
