"""The reference figures as the pages print them."""

import re
from html import unescape
from pathlib import Path

import pytest

from survey.core.models import Role
from tests import statistics_fixture as fixture
from tests.pages.conftest import Open
from tests.pages.test_compare_page import said
from tests.reference import department_ids, expected, import_waves

TOP = "without_basic"


@pytest.fixture
def waves(open_page: Open, tmp_path: Path) -> list[int]:
    return import_waves(tmp_path)


def plain(markup: str) -> str:
    """The words of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def percent(share: float) -> str:
    return f"{100 * share:.0f}"


def test_departments_are_compared_by_the_reference_figures(open_page: Open, waves: list[int]) -> None:
    text = plain(said(open_page("compare.py", Role.VIEWER, wave=waves[0], measure=TOP)))
    places = zip(expected("B3 rank L R=csranks(R=200000)"), expected("B3 rank U R=csranks"), strict=True)
    rates = expected("B3 dept est R=svyby")
    for name, rate, (best, worst) in zip(fixture.DEPARTMENTS, rates, places, strict=True):
        row = re.search(rf"{name} (\d+)% (\d+)% (\d+)–(\d+)% (\S+) 第 (\d+)–(\d+) 位（共 8） (\d+)", text)
        assert row is not None, name
        _, weighted, _, _, _, low, high, _ = row.groups()
        assert weighted == percent(rate)
        assert (int(low), int(high)) == (best, worst)
    low, high = expected("B1 wilson(n_eff,t df) = svy ci_method=wilson")
    assert f"城管 45% 43% {percent(low)}–{percent(high)}%" in text


def test_a_department_tells_the_reference_change(open_page: Open, waves: list[int]) -> None:
    urban = department_ids(waves[1])["城管"]
    text = plain(said(open_page("department.py", Role.VIEWER, wave=waves[1], department=urban, measure=TOP)))
    change, _ = expected("D stacked change weighted est,se R; =svy .contrast")
    assert f"上升 {percent(change)} 个百分点" in text
    pairs, _, _, won, lost = map(int, expected("D fixture pairs,only1,only2,b,c"))
    assert f"同一批 {pairs} 家企业中，{won} 家由不满意变为满意，{lost} 家由满意变为不满意" in text
    _, net, _, low, high = expected("E net gain fixture 城管: expected,net,se,lo,hi")
    assert (
        f"净提高约 {percent(net)} 个百分点（合理范围 +{percent(low)} 到 +{percent(high)} 个百分点）" in text
    )


def test_the_checks_tell_who_answered(open_page: Open, waves: list[int]) -> None:
    text = plain(said(open_page("trust.py", Role.VIEWER, wave=waves[0])))
    rate, _, _ = expected("C response rate,R-indicator,max contrast S/rho")
    assert "邀请 360 家" in text
    assert f"占邀请的 {percent(rate)}%" in text


def test_the_trend_joins_the_two_waves(open_page: Open, waves: list[int]) -> None:
    urban = department_ids(waves[1])["城管"]
    text = plain(said(open_page("trend.py", Role.VIEWER, department=urban, measure=TOP)))
    change, _ = expected("D stacked change weighted est,se R; =svy .contrast")
    assert f"上升 {percent(change)} 个百分点" in text
