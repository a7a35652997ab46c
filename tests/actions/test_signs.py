"""Signs of careless or made-up forms: on the right forms only, never more than a flag, and told without exposing anybody."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from survey.actions.answers.claims import Submission
from survey.actions.answers.on_behalf import enter_on_behalf
from survey.actions.answers.submit import store_submissions
from survey.core.answers.answers import check
from survey.core.answers.signs import Effect, Sign, Signs
from survey.core.answers.stamps import new_submission_id
from survey.core.clock import china_day
from survey.core.figures.cells import Shown, Withheld
from survey.core.figures.formulas import FORMULAS, rate_with_basic, score
from survey.core.models import Channel, Mode, Source, Wave
from survey.running.jobs import run_once
from survey.settings import get_settings
from survey.storage.answers import devices
from survey.storage.database import (
    read_engine,
    reading,
    reading_connection,
    transaction,
    write_engine,
    writing,
)
from survey.storage.figures import released
from survey.storage.waves.fingerprint import compute
from survey.storage.waves.verification import verify
from tests.conftest import NOW
from tests.factories import MadeWave, close, make_wave, release, submit

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
TEN_SAME = {f"{one}.{item}": 5 for one in ("tax", "market") for item in ("efficiency", "attitude")}
STRAIGHT = {"tax": 5, "market": 5, "construction": 5} | TEN_SAME | {"construction.attitude": 5}
MIXED = STRAIGHT | {"construction.attitude": 4}


def flags(wave: MadeWave) -> list[int]:
    with read_engine().connect() as db:
        rows = db.execute(text("SELECT flags FROM response WHERE wave_id = :wave"), {"wave": wave.id})
        return sorted(row[0] for row in rows)


def opened(code: str, seconds: float, now: Any = NOW) -> str:
    """The submission id of a form that was opened so long ago."""
    return new_submission_id(get_settings().secret, code, now - seconds * SECOND)


def send(wave: MadeWave, grades: dict[str, int], seconds: float | None = None, **more: Any) -> None:
    """A form by the next code, open for `seconds` when it was sent."""
    code = more.pop("code", None) or wave.next_code()
    sid = None if seconds is None else opened(code, seconds, more.get("now", NOW))
    submit(wave, grades, code=code, submission_id=sid, **more)


def marks() -> list[int]:
    """How many codes each device used."""
    with read_engine().connect() as db:
        return sorted(row[0] for row in db.execute(text("SELECT count FROM device_mark")))


# --- the form itself ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_form_of_eight_grades_sent_within_seconds_is_too_fast() -> None:
    wave = make_wave()
    send(wave, MIXED, 7.9)
    send(wave, MIXED, 8.1)
    assert flags(wave) == [0, Sign.TOO_FAST]


@pytest.mark.usefixtures("sqlite_database")
def test_forms_without_a_good_stamp_are_not_judged_by_time() -> None:
    wave = make_wave()
    submit(wave, MIXED)  # an old draft, or a phone that made its id itself
    first, second, third = (wave.next_code() for _ in range(3))
    submit(wave, MIXED, code=first, submission_id=opened(second, 1))  # opened with another code
    submit(wave, MIXED, code=third, submission_id=opened(third, 1)[:-1] + "~")
    assert flags(wave) == [0, 0, 0]
    send(wave, MIXED, 1)  # positive control: the same with a good one
    assert flags(wave) == [0, 0, 0, Sign.TOO_FAST]


@pytest.mark.usefixtures("sqlite_database")
def test_a_draft_that_was_left_for_days_is_not_fast() -> None:
    wave = make_wave()
    send(wave, MIXED, 3 * 86400)
    assert flags(wave) == [0]


@pytest.mark.usefixtures("sqlite_database")
def test_a_form_that_rates_nobody_cannot_be_too_fast() -> None:
    wave = make_wave()
    send(wave, {}, 1)
    assert flags(wave) == [0]


@pytest.mark.usefixtures("database")
def test_the_same_grade_for_everything_is_a_sign_and_nothing_is_deleted() -> None:
    wave = make_wave()
    send(wave, STRAIGHT, 100)
    send(wave, MIXED, 100)
    send(wave, {"tax": 5, "market": 5}, 100)
    assert flags(wave) == [0, 0, Sign.STRAIGHT_LINED]


# --- many forms from one device ----------------------------------------------------------------------


def by_devices(wave: MadeWave, marks: Iterable[bytes], **more: Any) -> None:
    for mark in marks:
        submit(wave, {"tax": 4, "market": 3}, device=mark, **more)


@pytest.mark.usefixtures("database")
def test_the_sixth_code_of_a_device_is_the_first_to_bear_the_sign() -> None:
    wave = make_wave()
    by_devices(wave, [b"d" * 32] * 7)
    assert flags(wave) == [0] * 5 + [Sign.SAME_DEVICE] * 2
    assert marks() == [7]


@pytest.mark.usefixtures("database")
def test_forms_that_share_a_commit_are_counted_one_by_one() -> None:
    wave = make_wave()
    answers = check(wave.form, {"d": ["tax"], "g.tax.overall": ["4"]}, get_settings())
    one, other = b"d" * 32, b"e" * 32
    batch = [
        Submission(code, secrets.token_urlsafe(16), answers, None, "zh", NOW, other if number == 3 else one)
        for number, code in enumerate(wave.codes[:8])
    ]
    with transaction() as db:
        store_submissions(db, batch)
    assert flags(wave) == [0] * 6 + [Sign.SAME_DEVICE] * 2
    assert marks() == [7], "a device with one code leaves no mark"


@pytest.mark.usefixtures("sqlite_database")
def test_a_network_with_forty_phones_bears_no_sign() -> None:
    wave = make_wave(enterprises=50)
    today = china_day(NOW)
    by_devices(
        wave, [devices.mark(wave.id, today, "203.0.113.7", f"Phone {one}", "zh-CN") for one in range(40)]
    )
    assert flags(wave) == [0] * 40
    by_devices(wave, [devices.mark(wave.id, today, "203.0.113.7", "Phone 1", "zh-CN")] * 6)
    assert flags(wave).count(Sign.SAME_DEVICE) == 2, "positive control: one of them seven times"


@pytest.mark.usefixtures("sqlite_database")
def test_tablets_and_officers_are_there_for_many() -> None:
    wave = make_wave()
    by_devices(wave, [b"d" * 32] * 9, code=wave.open_code, channel=Channel.TABLET, who="citizen")
    answers = check(wave.form, {"d": ["tax"], "g.tax.overall": ["4"]}, get_settings())
    for enterprise in range(1, 9):
        with writing() as db:
            enter_on_behalf(db, wave.id, enterprise, answers, "phone", "演示专班", NOW)
    assert (set(flags(wave)), marks()) == ({0}, [])
    by_devices(wave, [b"d" * 32] * 9, code=wave.open_code, who="citizen")  # a phone is not
    assert flags(wave).count(Sign.SAME_DEVICE) == 4


@pytest.mark.usefixtures("sqlite_database")
def test_a_form_that_comes_twice_counts_once() -> None:
    wave = make_wave()
    for _ in range(9):
        submit(wave, code=wave.codes[0], submission_id="s" * 20, device=b"d" * 32)
    by_devices(wave, [b"d" * 32], code=wave.codes[1])
    assert marks() == [2]


def keys(folder: Path) -> list[str]:
    return sorted(one.name for one in (folder / "keys" / "devices").glob("*"))


def test_every_day_has_a_key_of_its_own_and_yesterdays_is_gone(sqlite_database: Path) -> None:
    today, tomorrow = date(2026, 3, 10), date(2026, 3, 11)
    first = devices.mark(1, today, "203.0.113.7")
    assert devices.mark(1, today, "203.0.113.7") == first
    assert devices.mark(2, today, "203.0.113.7") != first, "waves cannot be joined"
    assert keys(sqlite_database) == ["2026-03-10.key"]
    assert (sqlite_database / "keys" / "devices" / "2026-03-10.key").stat().st_mode & 0o077 == 0
    assert devices.mark(1, tomorrow, "203.0.113.7") != first
    assert keys(sqlite_database) == ["2026-03-11.key"]
    assert devices.mark(1, today, "203.0.113.7") != first, "yesterday's mark cannot be reckoned again"


def test_a_key_is_gone_the_next_day_though_nobody_answers(sqlite_database: Path) -> None:
    make_wave()
    devices.mark(1, china_day(NOW), "203.0.113.7")
    run_once(NOW)
    assert keys(sqlite_database)
    run_once(NOW + DAY)
    assert not keys(sqlite_database)


@pytest.mark.usefixtures("database")
def test_the_final_release_forgets_the_devices_and_closing_the_last_wave_the_key() -> None:
    folder = get_settings().data_dir
    first, second = make_wave(), make_wave(title="另一期", days=30)
    for wave in (first, second):
        by_devices(wave, [devices.mark(wave.id, china_day(NOW), "203.0.113.7")] * 2)
    close(first)
    assert marks() == [2, 2], "open codes are told of a last time yet"
    release(first)
    assert (marks(), len(keys(folder))) == ([2], 1), "the other wave still runs"
    close(second)
    assert keys(folder) == []
    release(second)
    assert marks() == []


# --- many forms in minutes ---------------------------------------------------------------------------


def crowd(wave: MadeWave, forms: int, now: Any, code: str | None = None) -> None:
    for _ in range(forms):
        submit(wave, {"tax": 4}, now=now, code=code, **({"who": "citizen"} if code else {}))


@pytest.mark.usefixtures("sqlite_database")
def test_only_the_forms_beyond_the_threshold_bear_the_sign_of_a_burst() -> None:
    wave = make_wave(enterprises=60)
    crowd(wave, 2, NOW)
    crowd(wave, 30, NOW + DAY)
    assert flags(wave) == [0] * 22 + [Sign.BURST] * 10


@pytest.mark.usefixtures("sqlite_database")
def test_twenty_forms_in_ten_minutes_are_few_and_a_busy_start_is_no_burst() -> None:
    wave = make_wave(enterprises=80)
    crowd(wave, 40, NOW + MINUTE)
    crowd(wave, 20, NOW + DAY)
    assert set(flags(wave)) == {0}


@pytest.mark.usefixtures("sqlite_database")
def test_a_flood_by_the_open_code_puts_no_sign_on_verified_forms() -> None:
    wave = make_wave()
    crowd(wave, 1, NOW)
    crowd(wave, 1, NOW, wave.open_code)
    crowd(wave, 30, NOW + DAY, wave.open_code)
    crowd(wave, 1, NOW + DAY)
    with read_engine().connect() as db:
        rows = db.execute(text("SELECT channel, flags FROM response WHERE flags > 0")).all()
    assert set(rows) == {("open", Sign.BURST)}


@pytest.mark.usefixtures("sqlite_database")
def test_forms_that_were_never_stored_count_for_no_burst() -> None:
    wave = make_wave(enterprises=60)
    crowd(wave, 1, NOW)
    answers = check(wave.form, {"d": ["tax"], "g.tax.overall": ["4"]}, get_settings())
    for code in wave.codes[2:32]:
        with write_engine().connect() as db:
            store_submissions(db, [Submission(code, "s" * 20, answers, None, "zh", NOW + DAY)])
            db.rollback()
    crowd(wave, 20, NOW + DAY)
    assert set(flags(wave)) == {0}


# --- what is told ------------------------------------------------------------------------------------


def told(wave: MadeWave, source: Source = Source.VERIFIED) -> Signs | Withheld:
    with reading() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        return released.signs(db, found, source)


def effect(wave: MadeWave) -> Effect | None:
    found = told(wave)
    assert isinstance(found, Signs)
    return found.effect if isinstance(found.effect, Effect) else None


def fill(wave: MadeWave, doubtful: int, others: int) -> None:
    """`doubtful` forms all 非常满意 within a second, the others various and slow."""
    for _ in range(doubtful):
        send(wave, STRAIGHT, 1)
    for number in range(others):
        grades = {"tax": 1 + number % 5, "market": 5 - number % 4}
        send(wave, grades | ({"construction": 1 + number % 4} if number % 2 else {}), 60)


def raw(wave: MadeWave) -> pd.DataFrame:
    """Every 总体满意度 as one row (borne, department, grade), from the stored vectors."""
    with read_engine().connect() as db:
        rows = db.execute(text("SELECT flags, grades FROM response WHERE wave_id = :wave"), {"wave": wave.id})
        step = len(wave.form.questions)
        return pd.DataFrame(
            [
                (one, name, grade)
                for one, grades in rows
                for name, grade in zip(wave.form.position, bytes(grades)[::step], strict=True)
                if grade
            ],
            columns=["borne", "department", "grade"],
        )


@pytest.mark.usefixtures("database")
def test_figures_with_and_without_are_those_of_the_raw_rows() -> None:
    wave = make_wave(enterprises=60, mode=Mode.NAMED)
    fill(wave, 7, 30)
    send(wave, STRAIGHT, 90)  # one sign only: stays in
    release(wave)
    rows = raw(wave)
    kept = rows[rows.borne != int(Sign.TOO_FAST | Sign.STRAIGHT_LINED)]
    weights = dict(zip(range(1, 6), FORMULAS["10-8-6-3-0"].weights, strict=True))
    found = effect(wave)
    assert found is not None
    for shown, expected in ((found.everyone, rows), (found.without, kept)):
        assert shown.n == len(expected)
        assert score(shown.counts, FORMULAS["10-8-6-3-0"]) == pytest.approx(
            expected.grade.map(weights).mean()
        )
        assert rate_with_basic(shown.counts) == pytest.approx((expected.grade >= 3).mean())
    assert len(rows) - len(kept) == 7 * 3


@pytest.mark.usefixtures("database")
def test_every_sign_is_counted_and_the_counters_are_verified() -> None:
    wave = make_wave(enterprises=60, mode=Mode.NAMED)
    fill(wave, 6, 20)
    send(wave, MIXED, 1)
    release(wave)
    found = told(wave)
    assert isinstance(found, Signs)
    counts = (
        found.forms,
        found.counts[Sign.TOO_FAST],
        found.counts[Sign.STRAIGHT_LINED],
        found.any,
        found.doubtful,
    )
    assert counts == (27, 7, 6, 7, 6)
    with reading_connection() as db:
        assert verify(db) == []


def sealed(wave: MadeWave) -> str:
    """The fingerprint of the wave's data."""
    with reading() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        return compute(db, found)


@pytest.mark.usefixtures("database")
def test_a_flag_that_is_changed_afterwards_is_named_and_changes_the_fingerprint() -> None:
    wave = make_wave()
    fill(wave, 1, 1)
    before = sealed(wave)
    with transaction() as db:
        db.execute(text("UPDATE response SET flags = 0 WHERE flags > 0"))
    with reading_connection() as db:
        problems = "\n".join(verify(db))
    assert sealed(wave) != before
    assert "有填得过快、全部同一等级迹象的答卷数" in problems
    assert "税务局·存疑答卷·等级 5" in problems


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(
    ("doubtful", "others", "shown"), [(4, 30, False), (5, 30, True), (30, 4, False), (0, 30, False)]
)
def test_the_effect_is_told_only_when_both_parts_have_k_raters(
    doubtful: int, others: int, shown: bool
) -> None:
    wave = make_wave(enterprises=60)
    fill(wave, doubtful, others)
    close(wave)
    release(wave)
    assert (effect(wave) is not None) is shown


@pytest.mark.usefixtures("sqlite_database")
def test_an_open_wave_tells_no_signs_and_the_final_release_tells_them_once() -> None:
    wave = make_wave(enterprises=80)
    fill(wave, 10, 38)
    assert release(wave)
    assert isinstance(told(wave), Withheld)
    close(wave)
    assert isinstance(told(wave), Withheld)
    assert release(wave)
    found = effect(wave)
    assert found is not None
    assert found.everyone.n - found.without.n == 3 * 10
    assert not release(wave)
    assert effect(wave) == found, "noise drawn again could be averaged out"


@pytest.mark.usefixtures("sqlite_database")
def test_with_all_answers_it_is_the_figure_on_every_other_page() -> None:
    wave = make_wave(enterprises=80)
    fill(wave, 6, 20)
    release(wave)
    fill(wave, 0, 3)  # too few for any cell to move
    close(wave)
    release(wave)
    found = effect(wave)
    with reading() as db:
        one = db.get(Wave, wave.id)
        assert one is not None
        assert found is not None
        assert found.everyone == released.figures(db, one).pooled


@pytest.mark.usefixtures("sqlite_database")
def test_what_is_withheld_elsewhere_is_not_in_it() -> None:
    wave = make_wave(enterprises=80)
    for number in range(20):
        send(wave, {"tax": 2 if number < 3 else 4} | ({"market": 1} if number < 3 else {}), 60)
    for _ in range(6):
        send(wave, {f"tax.{one.id}" if one.id != "overall" else "tax": 5 for one in wave.form.questions}, 1)
    with transaction() as db:  # one department only: the second sign is put there by hand, counters too
        db.execute(text("UPDATE response SET flags = 9 WHERE flags = 1"))
        db.execute(text("UPDATE tally SET grade = 9 WHERE item = -3"))
        place = wave.form.position["tax"]
        db.execute(
            text(
                "INSERT INTO tally (wave_id, item, grade, stratum_id, channel, slot, count) "
                "VALUES (:wave, :item, 5, 1, 'code', 0, 6)"
            ),
            {"wave": wave.id, "item": -4 - place},
        )
    close(wave)
    release(wave)
    found = effect(wave)
    assert found is not None
    assert found.everyone == Shown((0, 3, 0, 17, 6)), "the three raters of 市场监管 stay out"


@pytest.mark.usefixtures("sqlite_database")
def test_departments_are_told_as_they_are_with_all_forms_and_without_the_doubtful() -> None:
    wave = make_wave(enterprises=80)
    fill(wave, 8, 30)
    close(wave)
    release(wave)
    found = told(wave)
    assert isinstance(found, Signs)
    rows = raw(wave)
    for name in ("tax", "market", "construction"):
        part = found.departments[name]
        assert isinstance(part, Effect)
        mine = rows[rows.department == name]
        assert part.everyone.n == len(mine)
        assert part.without.n == len(mine[mine.borne == 0])


@pytest.mark.usefixtures("sqlite_database")
def test_before_k_forms_not_even_counts_are_told_and_a_named_wave_tells_at_once() -> None:
    wave = make_wave()
    fill(wave, 2, 2)
    release(wave)
    assert isinstance(told(wave), Withheld)
    named = make_wave(mode=Mode.NAMED, title="实名")
    fill(named, 1, 1)
    release(named)
    fill(named, 1, 0)
    release(named)
    found = effect(named)
    assert found is not None
    assert found.everyone.n - found.without.n == 2 * 2, "市场监管 and 税务; of 住建 nobody else spoke"


@pytest.mark.usefixtures("sqlite_database")
def test_open_answers_have_signs_of_their_own() -> None:
    wave = make_wave(enterprises=60, mode=Mode.NAMED)
    fill(wave, 6, 20)
    for _ in range(6):
        send(wave, {"tax": 3}, 1, code=wave.open_code, who="citizen")
    release(wave)
    verified, by_open_code = told(wave), told(wave, Source.OPEN)
    assert isinstance(verified, Signs)
    assert isinstance(by_open_code, Signs)
    assert (verified.forms, verified.any) == (26, 6)
    assert (by_open_code.forms, by_open_code.any, by_open_code.doubtful) == (6, 6, 0)
