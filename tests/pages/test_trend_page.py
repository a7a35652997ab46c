"""趋势: a series followed from wave to wave, and what the page says where it may not be."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from survey.core.models import Role, Wave
from survey.storage.database import writing
from tests import factories
from tests.pages.conftest import Open, said

NOW = datetime.now(UTC)


def rated(title: str, age: int, grades: str, formula: str = "10-8-6-3-0") -> factories.MadeWave:
    """A closed wave `age` days old in which enterprises gave 税务 these grades, and its exact figures."""
    opened = NOW - timedelta(days=age)
    wave = factories.make_wave(enterprises=len(grades), title=title, now=opened, formula=formula)
    for grade in grades:
        factories.submit(wave, {"tax": int(grade)}, now=opened)
    factories.close(wave, opened + timedelta(days=1))
    factories.release(wave, opened + timedelta(days=2))
    return wave


def test_a_rise_is_said_only_where_its_range_leaves_out_zero(open_page: Open) -> None:
    rated("第一期", 90, "1122334455" * 3)
    rated("第二期", 60, "1122334455" * 3)
    rated("第三期", 30, "1445555555" * 3)
    text = said(open_page("trend.py", Role.VIEWER))
    assert "全部部门合并满意度得分上期 54.0 分，本期 86.0 分，上升 32.0 分" in text
    assert "相邻两期比较 2 次：1 次上升、1 次看不出变化" in text
    assert "最近可比的 3 期：" in text


def test_another_formula_breaks_the_line_and_one_for_all_mends_it(open_page: Open) -> None:
    rated("第一期", 60, "2233445555" * 3, "100-75-50-25-0")
    rated("第二期", 30, "2233445555" * 3, "rate-with-basic")
    app = open_page("trend.py", Role.VIEWER)
    assert "第一期 → 第二期：前后两期不能直接比较：满意度得分口径不同" in said(app)
    assert "比较 1 次" not in said(app)
    app.selectbox(key="filter-measure").set_value("score-3").run()
    assert not app.exception
    assert "相邻两期比较 1 次：1 次看不出变化" in said(app)
    assert "不能直接比较" not in said(app)


def test_a_question_worded_otherwise_is_another_question(open_page: Open) -> None:
    rated("第一期", 60, "2233445555" * 3)
    rated("第二期", 30, "2233445555" * 3)
    with writing() as db:
        last = db.exec(select(Wave).where(Wave.title == "第二期")).one()
        overall = {"id": "overall", "name": {"zh": "您满意吗", "en": ""}}
        last.questionnaire = last.questionnaire | {"overall": overall}
    assert "题目措辞不同，前后不是同一个问题" in said(open_page("trend.py", Role.VIEWER))


def test_a_wave_too_small_to_show_stays_a_gap_with_its_sentence(open_page: Open) -> None:
    rated("第一期", 90, "1122334455")
    rated("第二期", 60, "135")
    rated("第三期", 30, "1122334455")
    text = said(open_page("trend.py", Role.VIEWER, department="tax"))
    assert "1 期没有数字：样本不足，为保护企业不予显示" in text
    assert "还没有可以比较的两期" in text


def test_a_handler_follows_the_own_department_only(open_page: Open) -> None:
    rated("第一期", 60, "1122334455" * 3)
    app = open_page("trend.py", Role.HANDLER, department="market")
    assert app.selectbox(key="filter-department").options == ["税务局"]
    assert "税务局满意度得分 54.0 分" in said(app)


def test_a_handler_whose_department_was_never_rated_sees_that_and_no_figure(open_page: Open) -> None:
    wave = factories.make_wave(departments=("market", "construction"), now=NOW - timedelta(days=3))
    for grade in (1, 2, 3, 4, 5, 5):
        factories.submit(wave, {"market": grade}, now=NOW)
    factories.release(wave, NOW)
    text = said(open_page("trend.py", Role.HANDLER))
    assert "各期都没有测评您的部门" in text
    assert "家评价" not in text


@pytest.mark.parametrize("measure", ["own", "score-1", "with_basic", "nothing-like-it"])
def test_every_measure_in_the_address_draws_a_page(open_page: Open, measure: str) -> None:
    rated("第一期", 60, "1122334455" * 3)
    assert "只有这一期" in said(open_page("trend.py", Role.VIEWER, measure=measure))


def test_an_open_wave_says_what_comes_after_closing(open_page: Open) -> None:
    wave = factories.make_wave(now=NOW - timedelta(days=1))
    for grade in (1, 2, 3, 4, 5) * 2:
        factories.submit(wave, {"tax": grade}, now=NOW)
    assert "还没有可以公布的数字" in said(open_page("trend.py", Role.VIEWER))
    factories.release(wave, NOW)
    text = said(open_page("trend.py", Role.VIEWER))
    assert "统计正在计算" in text
    assert "仅 10 家评价，结果仅供参考" in text
