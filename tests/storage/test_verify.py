"""`verify` finds every counter that is not what the responses say."""

import pytest
from sqlalchemy import text

from survey.storage.database import reading_connection, write_engine
from survey.storage.waves.verification import read_matrix, verify
from tests.factories import MadeWave, make_wave, submit

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def wave(database: str) -> MadeWave:
    """Three forms: 税务局 5, 4 and 1 with a reason chip; 市场监督管理局 3 once, by the open code."""
    wave = make_wave()
    submit(wave, {"tax": 5, "tax.attitude": 4})
    submit(wave, {"tax": 4, "market": 3}, code=wave.open_code, who="official")
    submit(wave, {"tax": 1}, w__tax=["slow"])
    return wave


def found() -> list[str]:
    with reading_connection() as db:
        return verify(db)


def change(statement: str) -> None:
    with write_engine().begin() as db:
        assert db.execute(text(statement)).rowcount == 1


@pytest.mark.usefixtures("wave")
def test_counters_raised_by_submissions_are_equal_to_the_recount() -> None:
    assert found() == []


def test_the_matrix_holds_every_response(wave: MadeWave) -> None:
    with reading_connection() as db:
        matrix = read_matrix(db, wave.id)
    questions = len(wave.form.questions)
    assert matrix.shape == (3, wave.form.items)
    tax = wave.form.position["tax"] * questions
    assert sorted(matrix[:, tax]) == [1, 4, 5]
    assert matrix.sum() == 5 + 4 + 4 + 3 + 1


def test_a_wave_without_responses_has_an_empty_matrix() -> None:
    wave = make_wave()
    with reading_connection() as db:
        assert read_matrix(db, wave.id).shape == (0, wave.form.items)
    assert found() == []


@pytest.mark.usefixtures("wave")
def test_a_counter_that_is_off_by_one_is_named() -> None:
    change("UPDATE tally SET count = count + 1 WHERE grade = 5")
    [problem] = found()
    assert "税务局·总体满意度·等级 5" in problem
    assert problem.endswith("计数 2，答卷 1")


@pytest.mark.usefixtures("wave")
def test_a_wrong_kind_of_respondent_is_named() -> None:
    change("UPDATE tally SET grade = 2 WHERE item = -1 AND channel = 'open'")
    first, second = found()
    assert "答卷数（分层 0、渠道 open、身份 2）：计数 1，答卷 0" in first
    assert "身份 4）：计数 0，答卷 1" in second


@pytest.mark.usefixtures("wave")
def test_a_lost_reason_is_named() -> None:
    change("DELETE FROM tally WHERE grade >= 100")
    assert [one.split("（")[1].split("：")[-1] for one in found()]
    assert "税务局·总体满意度·原因 1" in found()[0]


@pytest.mark.usefixtures("wave")
def test_a_lost_response_shows_in_every_ledger() -> None:
    change("DELETE FROM response WHERE channel = 'open'")
    problems = "\n".join(found())
    for part in (
        "答卷数（",
        "市场监督管理局·总体满意度·等级 3",
        "用过的测评码有 3 个，答卷有 2 份",
        "渠道 open 按天合计 1 份",
    ):
        assert part in problems


@pytest.mark.usefixtures("wave")
def test_a_lost_day_is_named() -> None:
    change("UPDATE arrival SET count = 1 WHERE channel = 'code'")
    [problem] = found()
    assert problem.endswith("渠道 code 按天合计 1 份，答卷有 2 份")


@pytest.mark.usefixtures("wave")
def test_a_vector_that_does_not_fit_the_questionnaire_is_reported() -> None:
    with write_engine().begin() as db:
        db.execute(text("UPDATE response SET grades = :short WHERE channel = 'open'"), {"short": b"\x05"})
    assert any("1 份答卷的长度或等级与问卷不符" in one for one in found())
    with write_engine().begin() as db:
        wrong = {"wrong": b"\x09" * 15}
        db.execute(text("UPDATE response SET grades = :wrong WHERE channel = 'open'"), wrong)
    assert any("1 份答卷的长度或等级与问卷不符" in one for one in found())
