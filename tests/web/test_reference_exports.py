"""The reference figures as the files carry them."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.core.models import Role
from survey.web.office.exports import routes
from survey.web.office.gate import COOKIE
from tests import people
from tests import statistics_fixture as fixture
from tests.reference import expected, import_waves

TOP = "满意率（不含基本满意）"
Rows = dict[str, dict[str, str]]


@pytest.fixture
def door(sqlite_database: Path) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes())) as client:
        client.cookies.set(COOKIE, people.sign_in(Role.VIEWER))
        yield client


def rows(door: TestClient, wave: int) -> Rows:
    """The rows of 办事效率 by department, 满意率 without 基本满意."""
    text = door.get(f"/export/{wave}/statistics.csv").text.removeprefix("\ufeff")
    found = csv.DictReader(io.StringIO(text, newline=""))
    return {one["部门"]: one for one in found if one["题目"] == "办事效率" and one["指标"] == TOP}


def percent(share: float) -> float:
    return pytest.approx(round(100 * share, 1), abs=0.051)  # type: ignore[return-value]


def test_the_files_carry_the_reference_figures(door: TestClient, tmp_path: Path) -> None:
    first, second = import_waves(tmp_path)
    found = rows(door, first)
    for name, rate in zip(fixture.DEPARTMENTS, expected("B3 dept est R=svyby"), strict=True):
        assert float(found[name]["加权后"]) == percent(rate)
    low, high = expected("B1 wilson(n_eff,t df) = svy ci_method=wilson")
    urban = found["城管"]
    assert (float(urban["合理范围下限"]), float(urban["合理范围上限"])) == (percent(low), percent(high))
    assert float(urban["有效样本量"]) == pytest.approx(expected("B1 n,n_eff(no fpc)")[1], abs=0.06)
    assert urban["名次范围"] == "第 4–8 位（共 8）"
    assert found["市监"]["梯队"] == "明显高于平均"
    assert float(found["全部部门"]["加权前"]) == percent(
        expected("B2 pooled unweighted clustered est,se R")[0]
    )
    assert float(found["全部部门"]["加权后"]) == percent(expected("B2 pooled clustered est,se R")[0])
    urban = rows(door, second)["城管"]
    assert float(urban["变化"]) == percent(expected("D stacked change weighted est,se R; =svy .contrast")[0])
    assert urban["变化结论"] == "上升"
    pairs, _, _, won, lost = expected("D fixture pairs,only1,only2,b,c")
    assert [int(urban[one]) for one in ("同一批企业", "由不满意变满意", "由满意变不满意")] == [
        pairs,
        won,
        lost,
    ]
    assert (
        sum(int(urban[one]) for one in ("两期都满意", "由不满意变满意", "由满意变不满意", "两期都不满意"))
        == pairs
    )
    _, net, _, least, most = expected("E net gain fixture 城管: expected,net,se,lo,hi")
    gains = [float(urban[one]) for one in ("净提高", "净提高下限", "净提高上限")]
    assert gains == [pytest.approx(100 * one, abs=0.5) for one in (net, least, most)]


def test_the_workbook_has_the_same_rows(door: TestClient, tmp_path: Path) -> None:
    first, _ = import_waves(tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(door.get(f"/export/{first}/report.xlsx").content))
    sheet = [[cell.value for cell in row] for row in book["统计结果"].iter_rows(min_row=2)]
    header, body = sheet[0], sheet[1:]
    table = [dict(zip(header, row, strict=True)) for row in body]
    urban = next(
        one for one in table if one["部门"] == "城管" and one["题目"] == "办事效率" and one["指标"] == TOP
    )
    assert urban["加权后"] == percent(expected("B1 城管 top2 est,se no fpc R=svymean")[0])
