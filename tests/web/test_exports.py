"""Downloads: who may, what is in them, and that they say what the screen says."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions.intake.plan import ImportPlan
from survey.actions.intake.ratings import import_ratings
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.view import View
from survey.core.models import Mode, Role
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.waves import published
from survey.web.office.exports import routes
from survey.web.office.gate import COOKIE
from tests import people
from tests.conftest import NOW
from tests.factories import MadeWave, close, figures, make_wave, release, submit

FORMULA = FORMULAS["10-8-6-3-0"]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def door(database: str) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), follow_redirects=False) as client:
        yield client


def sign_in(door: TestClient, role: Role) -> None:
    door.cookies.set(COOKIE, people.sign_in(role))


def table(door: TestClient, address: str) -> list[dict[str, str]]:
    answer = door.get(address)
    assert answer.status_code == 200, answer.text
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def filled(**more: object) -> MadeWave:
    """Twelve raters of 税务局 (5, 5, 4, 3, 2, 1, twice), two of 市场监督管理局, released."""
    wave = make_wave(**more)  # type: ignore[arg-type]
    for number, grade in enumerate((5, 5, 4, 3, 2, 1) * 2):
        submit(wave, {"tax": grade} | ({"market": 2} if number < 2 else {}))
    release(wave)
    return wave


def test_nobody_downloads_without_signing_in(door: TestClient) -> None:
    answer = door.get("/export/1/summary.csv?category=监管执法")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Fexport%2F1%2Fsummary.csv%3F")


def test_a_wave_that_is_not_there_is_404(door: TestClient) -> None:
    sign_in(door, Role.VIEWER)
    answer = door.get("/export/7/summary.csv")
    assert (answer.status_code, "没有这个期次" in answer.text) == (404, True)


def test_the_summary_says_what_the_screen_says(door: TestClient) -> None:
    wave = filled()
    close(wave)
    release(wave)
    sign_in(door, Role.VIEWER)
    rows = {(one["部门"], one["题目"]): one for one in table(door, f"/export/{wave.id}/summary.csv")}
    screen = figures(wave)
    tax = rows["税务局", "总体满意度"]
    # Twice (10 + 10 + 8 + 6 + 3 + 0) / 6 × 10 = 61.67; eight of twelve at least 基本满意; six at least 满意
    assert (tax["得分"], tax["满意率（含基本满意）"], tax["满意率（不含基本满意）"], tax["差评率"]) == (
        "61.67", "66.7", "50.0", "33.3",
    )  # fmt: skip
    assert (tax["邀请"], tax["收回"], tax["已公布"], tax["接触"], tax["评价数"], tax["未接触"]) == (
        "30", "12", "12", "12", "12", "0",
    )  # fmt: skip
    assert screen["tax", "overall"]["score"] == pytest.approx(float(tax["得分"]), abs=0.005)
    assert screen["tax", "overall"]["n"] == int(tax["评价数"])
    market = rows["市场监督管理局", "总体满意度"]
    assert market["不予显示原因"] == screen["market", "overall"]["withheld"]
    assert {market[name] for name in ("接触", "评价数", "不满意", "未接触", "得分")} == {""}


def test_forms_that_came_since_are_not_read_as_untouched(door: TestClient) -> None:
    wave = filled()
    for _ in range(10):
        submit(wave, {"construction": 4})
    submit(wave, {"tax": 4})  # the thirteenth rater of 税务局: too few new ones to be released
    release(wave)
    sign_in(door, Role.VIEWER)
    rows = {
        one["部门"]: one
        for one in table(door, f"/export/{wave.id}/summary.csv")
        if one["题目"] == "总体满意度"
    }
    assert (rows["税务局"]["评价数"], rows["税务局"]["未接触"]) == ("12", "0")
    # All 23 forms were there when 住建 was released: 13 of them did not rate it.
    construction = next(one for name, one in rows.items() if name not in ("税务局", "市场监督管理局"))
    assert (construction["已公布"], construction["评价数"], construction["未接触"]) == ("23", "10", "13")


def test_filters_are_those_of_the_page(door: TestClient) -> None:
    wave = filled()
    close(wave)
    release(wave)
    sign_in(door, Role.VIEWER)
    categories = {one["参评类别"] for one in table(door, f"/export/{wave.id}/summary.csv?category=监管执法")}
    assert categories == {"监管执法"}
    by_open_code = table(door, f"/export/{wave.id}/summary.csv?source=open")
    assert {(one["邀请"], one["收回"], one["评价数"]) for one in by_open_code} == {("", "0", "")}
    with reading() as db:
        strata = published.strata(db, wave.id)
        found = published.wave(db, wave.id)
        assert found is not None
        for stratum in strata:
            expected = [
                row.record(FORMULA)["n"] for row in released.figures(db, found, View(None, stratum.id))
            ]
            got = table(door, f"/export/{wave.id}/summary.csv?stratum={stratum.id}")
            assert [one["评价数"] for one in got] == ["" if n is None else str(n) for n in expected]
            assert {one["邀请"] for one in got} == {str(stratum.invited)}


@pytest.mark.parametrize("query", ["stratum=1&source=open", "stratum=x", "source=radio"])
def test_a_filter_that_cannot_be_is_explained(door: TestClient, query: str) -> None:
    wave = filled()
    sign_in(door, Role.VIEWER)
    assert door.get(f"/export/{wave.id}/summary.csv?{query}").status_code == 400


def test_only_released_remarks_come_out_and_no_formula_runs(door: TestClient) -> None:
    wave = make_wave()
    for number in range(10):
        submit(wave, {"tax": 1}, t__tax=f"=HYPERLINK({number})")
    release(wave)
    submit(wave, {"tax": 5}, text="还没公布", kind="suggestion", use="count")
    sign_in(door, Role.VIEWER)
    rows = table(door, f"/export/{wave.id}/remarks.csv")
    assert {one["内容"] for one in rows} == {f"'=HYPERLINK({number})" for number in range(10)}
    assert {(one["部门"], one["类型"], one["该部门得差评"]) for one in rows} == {("税务局", "不满意", "")}


@pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.PSEUDONYMOUS])
def test_nobody_downloads_single_ratings_that_were_promised_to_stay_unseen(
    door: TestClient, mode: Mode
) -> None:
    wave = filled(mode=mode)
    sign_in(door, Role.OFFICER)
    answer = door.get(f"/export/{wave.id}/ratings.csv")
    assert (answer.status_code, "逐条的评价谁也下载不到" in answer.text) == (403, True)


def test_single_ratings_need_an_officer(door: TestClient) -> None:
    wave = filled(mode=Mode.NAMED)
    sign_in(door, Role.VIEWER)
    assert door.get(f"/export/{wave.id}/ratings.csv").status_code == 403


def test_single_ratings_of_a_named_wave_name_the_enterprise(door: TestClient) -> None:
    wave = filled(mode=Mode.NAMED)
    sign_in(door, Role.OFFICER)
    rows = table(door, f"/export/{wave.id}/ratings.csv")
    assert sorted(one["等级"] for one in rows if one["部门"] == "税务局") == sorted(
        ["非常满意", "非常满意", "满意", "基本满意", "不满意", "非常不满意"] * 2
    )
    assert len({one["评价者"] for one in rows}) == 12
    assert all(one["评价者"].startswith("企业") for one in rows)
    assert len({one["答卷"] for one in rows}) == 12


def test_imported_ratings_come_out_as_they_went_in(door: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "一期.csv"
    file.write_text(
        "谁,局,题,级\n甲,税务局,总体满意度,5\n甲,税务局,总体满意度,2\n乙,环保局,效率,4\n", encoding="utf-8"
    )
    plan = ImportPlan(file, "谁", "局", "级", "题")
    [(number, _, _)] = import_ratings(plan, now=NOW, progress=lambda *_: None).waves
    sign_in(door, Role.OFFICER)
    rows = table(door, f"/export/{number}/ratings.csv")
    assert sorted((one["部门"], one["题目"], one["等级"]) for one in rows) == [
        ("环保局", "效率", "满意"), ("税务局", "总体满意度", "不满意"), ("税务局", "总体满意度", "非常满意"),
    ]  # fmt: skip
    assert len({one["评价者"] for one in rows}) == 2
    assert not {"甲", "乙"} & {one["评价者"] for one in rows}
    [overall] = [
        one for one in table(door, f"/export/{number}/summary.csv")
        if (one["部门"], one["题目"]) == ("税务局", "总体满意度")
    ]  # fmt: skip
    assert (overall["邀请"], overall["收回"], overall["评价数"], overall["未接触"]) == ("", "3", "2", "1")


def test_a_download_has_a_chinese_name_and_is_kept_nowhere(door: TestClient) -> None:
    wave = filled(title="一季度")
    sign_in(door, Role.VIEWER)
    headers = door.get(f"/export/{wave.id}/summary.csv").headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        "filename*=UTF-8''%E4%B8%80%E5%AD%A3%E5%BA%A6-%E9%83%A8%E9%97%A8%E6%B1%87%E6%80%BB.csv"
        in (headers["content-disposition"])
    )
