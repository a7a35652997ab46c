"""Searching remarks: in what its reader may read, and nothing else."""

import pytest

from survey.core.accounts.access import Actor, acting
from survey.core.models import Enterprise, Role, User
from survey.core.remarks import masking
from survey.core.remarks.themes import count, readable
from survey.core.study.model import Word
from survey.storage.database import reading, writing
from survey.storage.remarks import listed
from survey.storage.remarks.listed import Labelled, RemarkSearch
from tests.factories import MadeWave, make_wave, release, submit

SECRETS = ("蓝天机械", "13812345678", "138", "张经理")


def who(role: Role) -> Actor:
    return Actor.of(User(name="某", role=role, password_hash="", department_id="tax"))


def found(wave: MadeWave, role: Role, **search: str) -> list[Labelled]:
    with acting(who(role)), reading() as db:
        return [one for one in listed.labelled(db, wave.id) if RemarkSearch(**search).finds(one)]


@pytest.fixture
def wave(sqlite_database: object) -> MadeWave:
    """Ten remarks on 税务 that name an enterprise, a person and a phone, and ten on 市监."""
    masking.all_masked.cache_clear()
    made = make_wave(enterprises=40)
    with writing() as db:
        db.add(Enterprise(name="涪城蓝天机械厂"))
    for number in range(10):
        text = f"涪城蓝天机械厂张经理 13812345678 说排队太久，100%_{number}"
        submit(made, {"tax": 2}, text=text, kind="criticism", use="count", about="tax")
        submit(
            made, {"market": 2}, text=f"请多检查 Excel {number}", kind="request", use="count", about="market"
        )
    release(made)
    return made


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN, Role.HANDLER])
def test_what_is_struck_out_cannot_be_found_by_trying(wave: MadeWave, role: Role, secret: str) -> None:
    assert found(wave, role, text=secret) == []
    assert len(found(wave, role, text="排队")) == 10


@pytest.mark.parametrize("secret", SECRETS)
def test_a_search_of_what_was_written_would_find_it(
    wave: MadeWave, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setattr(listed, "all_masked", lambda texts, names: texts)
    assert len(found(wave, Role.VIEWER, text=secret)) == 10


def test_the_officer_finds_what_was_written(wave: MadeWave) -> None:
    assert len(found(wave, Role.OFFICER, text="13812345678")) == 10


def test_signs_with_a_meaning_elsewhere_are_signs(wave: MadeWave) -> None:
    assert len(found(wave, Role.OFFICER, text="%_")) == 10
    assert len(found(wave, Role.OFFICER, text="%_3")) == 1
    assert found(wave, Role.OFFICER, text="%%") == []
    assert len(found(wave, Role.VIEWER, text="excel")) == 10


def test_department_kind_and_theme_narrow_it(wave: MadeWave) -> None:
    assert len(found(wave, Role.VIEWER, department_id="market")) == 10
    assert len(found(wave, Role.VIEWER, kind="criticism")) == 10
    assert len(found(wave, Role.VIEWER, theme="检查执法")) == 10
    assert found(wave, Role.VIEWER, theme="检查执法", kind="criticism") == []
    assert found(wave, Role.VIEWER, department_id=listed.UNNAMED) == []


def test_a_handler_finds_the_own_department_alone_whatever_is_asked(wave: MadeWave) -> None:
    assert len(found(wave, Role.HANDLER)) == 10
    assert found(wave, Role.HANDLER, department_id="market") == []


def test_words_that_are_struck_out_are_no_telling_words() -> None:
    words = [Word("蓝天", 9, 0), Word("排队", 6, 0), Word("窗口", 4, 0)]
    texts = [f"某企业 排队 {number}" for number in range(6)] + [f"窗口 {number}" for number in range(4)]
    assert [one.word for one in readable(words, texts)] == ["排队"]


def test_themes_of_few_remarks_are_counted_for_the_officer_alone(sqlite_database: object) -> None:
    made = make_wave()
    for number in range(4):
        submit(made, {"tax": 2}, text=f"停车难 {number}", kind="criticism", use="count", about="tax")
    for number in range(6):
        submit(made, {"tax": 2}, text=f"排队 {number}", kind="criticism", use="count", about="tax")
    release(made)
    pairs = [(one.remark.text, one.labels) for one in found(made, Role.VIEWER)]
    with reading() as db:
        known = listed.themes(db)
    assert [(one.label, one.total) for one in count(pairs, known)] == [("等待时间", 6)]
    assert [(one.label, one.total) for one in count(pairs, known, 1)] == [("等待时间", 6), ("园区配套", 4)]


def test_the_same_text_counts_once(sqlite_database: object) -> None:
    made = make_wave()
    for _ in range(10):
        submit(made, {"tax": 2}, text="排队", kind="criticism", use="count", about="tax")
    release(made)
    pairs = [(one.remark.text, one.labels) for one in found(made, Role.VIEWER)]
    assert count(pairs, ["等待时间"]) == []
