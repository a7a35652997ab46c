"""One code answers once, and what is stored says nothing of who answered."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from survey.actions.answers.claims import Refused
from survey.storage.database import read_engine
from tests.conftest import NOW
from tests.factories import close, figures, make_wave, release, submit

pytestmark = pytest.mark.usefixtures("database")


def count(table: str) -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_a_submission_is_stored_once_and_its_retry_gets_the_same_receipt() -> None:
    wave = make_wave()
    first = submit(wave, code=wave.codes[0], submission_id="s" * 20)
    again = submit(wave, code=wave.codes[0], submission_id="s" * 20)
    assert first == again
    assert count("response") == count("participation") == 1


def test_another_submission_on_a_used_code_is_refused_and_nothing_is_stored() -> None:
    wave = make_wave()
    submit(wave, code=wave.codes[0])
    with pytest.raises(Refused, match="used"):
        submit(wave, code=wave.codes[0], text="又来一次", kind="request", use="help")
    assert count("response") == 1
    assert count("ledger_case") == 0


def test_an_open_code_takes_many_submissions() -> None:
    wave = make_wave()
    receipts = {submit(wave, code=wave.open_code) for _ in range(3)}
    assert len(receipts) == count("response") == 3


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(Refused, match="unknown_code"):
        submit(make_wave(), code="nobody-knows-this-code")


def test_a_form_may_be_sent_until_closing_and_thirty_minutes_later() -> None:
    wave = make_wave(days=1)
    closing = NOW + timedelta(days=1)
    submit(wave, now=closing + timedelta(minutes=29))
    with pytest.raises(Refused, match="closed"):
        submit(wave, now=closing + timedelta(minutes=31))
    assert count("response") == 1


def test_a_retry_after_closing_is_told_of_its_receipt() -> None:
    wave = make_wave(days=1)
    first = submit(wave, code=wave.codes[0], submission_id="s" * 20)
    close(wave)
    late = NOW + timedelta(days=9)
    with pytest.raises(Refused, match="settled") as refused:
        submit(wave, code=wave.codes[0], submission_id="s" * 20, now=late)
    assert refused.value.receipt == first


def test_a_retry_in_the_grace_gets_its_receipt() -> None:
    wave = make_wave(days=1)
    first = submit(wave, code=wave.codes[0], submission_id="s" * 20)
    late = NOW + timedelta(days=1, minutes=29)
    assert submit(wave, code=wave.codes[0], submission_id="s" * 20, now=late) == first


def test_a_request_for_help_becomes_a_case_and_a_remark_for_statistics_does_not() -> None:
    wave = make_wave()
    submit(wave, text="厂门口路灯不亮", kind="request", use="help", contact="王经理 13800000000")
    submit(wave, text="多开几次宣讲会", kind="suggestion", use="count", contact="不该留下")
    with read_engine().connect() as db:
        assert db.execute(text("SELECT text, contact FROM ledger_case")).all() == [
            ("厂门口路灯不亮", "王经理 13800000000")
        ]
        assert db.execute(text("SELECT text FROM remark")).all() == [("多开几次宣讲会",)]


def test_figures_move_when_five_new_raters_have_come_and_not_before() -> None:
    wave = make_wave()

    def come(*grades: int) -> None:
        for grade in grades:
            submit(wave, {"tax": grade}, **({"w__tax": ["slow"]} if grade == 1 else {}))

    come(5, 4, 3, 2, 5, 4, 3, 2, 1)
    release(wave)
    assert figures(wave)["tax", "overall"]["n"] is None
    come(1)
    assert release(wave)
    assert figures(wave)["tax", "overall"]["n"] == 10
    come(5, 4, 3, 2)
    assert not release(wave)
    assert figures(wave)["tax", "overall"]["n"] == 10
    come(1)
    assert release(wave)
    assert figures(wave)["tax", "overall"]["n"] == 15


def test_all_answers_count_exactly_once_the_wave_is_closed() -> None:
    wave = make_wave()
    for grade in (5, 4, 3, 2, 1) * 2 + (3, 2):
        submit(wave, {"tax": grade})
    release(wave)
    submit(wave, {"tax": 4})
    close(wave)
    assert figures(wave)["tax", "overall"]["n"] == 12
    assert release(wave)
    shown = figures(wave)["tax", "overall"]
    # (10·2 + 8·3 + 6·3 + 3·3 + 0) / 13 × 10
    assert (shown["n"], shown["score"], shown["bad_rate"]) == (13, pytest.approx(710 / 13), 5 / 13)
