"""Remarks: in batches of ten different forms of one source, masked, away from scores."""

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from survey.core.accounts.access import Actor, Forbidden, acting
from survey.core.answers.tally_codec import REMARKED
from survey.core.models import Enterprise, Mode, Remark, Role, Source, Tally, User
from survey.storage.answers import tallies
from survey.storage.database import reading, reading_connection, writing
from survey.storage.figures import released
from survey.storage.remarks import listed
from survey.storage.remarks.listed import SeenRemark
from survey.storage.waves import published
from survey.storage.waves.verification import verify
from tests.factories import MadeWave, close, make_wave, release, submit

MANY = {"tax": 1, "market": 1, "construction": 1}
TEXTS = {"t__tax": "要排队", "t__market": "没人接电话", "t__construction": "反复补材料"}


def seen(wave: MadeWave, role: Role = Role.VIEWER, department: str | None = None) -> list[SeenRemark]:
    who = User(name="某", role=role, password_hash="", department_id="tax")
    with reading() as db, acting(Actor.of(who)):
        return listed.released(db, wave.id, department, limit=None)


def left(wave: MadeWave, role: Role) -> list[SeenRemark]:
    with reading() as db, acting(Actor.of(User(name="某", role=role, password_hash=""))):
        return listed.left(db, wave.id)


def over(wave: MadeWave) -> int:
    with reading() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        return listed.over(db, found)


def write(wave: MadeWave, times: int, text: str = "窗口少", *, code: str | None = None) -> None:
    for _ in range(times):
        submit(wave, {"tax": 2}, text=text, kind="suggestion", use="count", about="tax", code=code)


@pytest.mark.usefixtures("database")
def test_ten_remarks_of_four_forms_are_no_batch() -> None:
    wave = make_wave()
    for _ in range(4):
        submit(wave, MANY, **TEXTS)
    release(wave)
    assert seen(wave) == []
    for _ in range(6):
        submit(wave, {"tax": 1}, t__tax="要排队")
    release(wave)
    assert len(seen(wave)) == 4 * 3 + 6
    with reading_connection() as db:
        assert verify(db) == []
        assert tallies.count_remarked(db, wave.id) == dict.fromkeys(Source, 0)


@pytest.mark.usefixtures("sqlite_database")
def test_counting_remarks_instead_of_forms_would_publish_one_enterprise_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def count_remarks(_db: object, wave_id: int) -> dict[Source, int]:
        with reading() as db:
            return dict.fromkeys(Source, len(db.exec(select(Remark).where(Remark.wave_id == wave_id)).all()))

    monkeypatch.setattr(tallies, "count_remarked", count_remarks)
    wave = make_wave()
    for _ in range(4):
        submit(wave, MANY, **TEXTS)
    release(wave)
    assert len(seen(wave)) == 12


@pytest.mark.usefixtures("database")
def test_each_source_fills_a_batch_of_its_own_and_says_which_it_is() -> None:
    wave = make_wave()
    write(wave, 9)
    write(wave, 9, "墙上的码", code=wave.open_code)
    release(wave)
    assert seen(wave) == []
    write(wave, 1, "墙上的码", code=wave.open_code)
    release(wave)
    assert {(one.text, one.source) for one in seen(wave)} == {("墙上的码", Source.OPEN)}
    write(wave, 1)
    release(wave)
    assert len([one for one in seen(wave) if one.source == Source.VERIFIED]) == 10


@pytest.mark.usefixtures("sqlite_database")
def test_what_is_too_few_at_closing_stays_with_the_officer() -> None:
    wave = make_wave()
    write(wave, 10)
    release(wave)
    write(wave, 9, "最后几条")
    assert over(wave) == 0, "a live count would tell how many texts a newcomer wrote"
    assert left(wave, Role.OFFICER) == [], "an open wave keeps what waits from everyone"
    close(wave)
    release(wave)
    assert {one.text for one in seen(wave)} == {"窗口少"}
    assert over(wave) == 9
    assert {one.text for one in left(wave, Role.OFFICER)} == {"最后几条"}
    for role in set(Role) - {Role.OFFICER}:
        with pytest.raises(Forbidden):
            left(wave, role)


@pytest.mark.usefixtures("sqlite_database")
def test_a_named_wave_holds_nothing_back_and_says_who_rated_badly() -> None:
    wave = make_wave(mode=Mode.NAMED)
    write(wave, 1)
    release(wave)
    assert [(one.text, one.rated_bad) for one in seen(wave)] == [("窗口少", True)]


@pytest.mark.usefixtures("sqlite_database")
def test_a_text_stands_beside_no_grade_even_for_the_officer() -> None:
    wave = make_wave()
    write(wave, 10)
    release(wave)
    assert {one.rated_bad for role in (Role.VIEWER, Role.OFFICER) for one in seen(wave, role)} == {None}


@pytest.fixture
def telling(sqlite_database: object) -> MadeWave:
    """A wave whose remarks name a person, a phone and an enterprise of the registry."""
    wave = make_wave()
    with writing() as db:
        db.add(Enterprise(name="涪城蓝天机械厂", name_en="Blue Sky Machinery"))
    write(wave, 10, "涪城蓝天机械厂（Blue Sky Machinery）的张经理，电话 13812345678，等了三天")
    release(wave)
    return wave


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN, Role.HANDLER])
def test_names_and_numbers_are_struck_out_in_the_read(telling: MadeWave, role: Role) -> None:
    text = seen(telling, role)[0].text
    assert "等了三天" in text
    assert not [one for one in ("蓝天", "Blue Sky", "13812345678", "张经理") if one in text]


def test_the_officer_reads_what_was_written_and_nothing_stored_changes(telling: MadeWave) -> None:
    assert "13812345678" in seen(telling, Role.OFFICER)[0].text
    seen(telling, Role.VIEWER)
    with reading() as db:
        assert all("13812345678" in one.text for one in db.exec(select(Remark)))


@pytest.mark.usefixtures("sqlite_database")
def test_a_threshold_lowered_during_a_wave_does_not_break_what_was_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from survey.settings import get_settings

    wave = make_wave()
    for grade in (1, 2, 4, 5):
        submit(wave, {"tax": grade})
    release(wave)
    monkeypatch.setenv("SURVEY_K_SCORES", "1")
    get_settings.cache_clear()
    submit(wave, {"market": 3})
    release(wave)
    with reading() as db:
        kept = released.latest_release(db, wave.id)
        assert kept is not None
        assert kept.figures["k"] == 5
        found = published.wave(db, wave.id)
        assert found is not None
        assert {
            row.record(released.figures(db, found).formula)["n"] for row in released.figures(db, found)
        } == {None}


@pytest.mark.usefixtures("sqlite_database")
def test_verify_finds_a_count_of_forms_that_would_publish_too_early() -> None:
    wave = make_wave()
    write(wave, 3)
    with writing() as db:
        db.execute(update(Tally).where(col(Tally.item) == REMARKED).values(count=4))
    with reading_connection() as db:
        [problem] = verify(db)
    assert "计为来自 4 份答卷，而留言只有 3 条" in problem
