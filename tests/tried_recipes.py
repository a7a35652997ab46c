"""What must hold where a recipe of docs/recipes.md was followed; `test_recipes.py` runs this on such a copy alone."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import select, update
from starlette.applications import Starlette
from starlette.testclient import TestClient

import survey
from survey.core.models import AuditEntry, Case, Mode, Role
from survey.core.texts import LANGUAGES, texts
from survey.storage.database import reading, writing
from survey.web.office import exports
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from survey.web.phone import public
from tests import factories
from tests.pages.conftest import MENU, Open, nobody_unless_named, open_page, said
from tests.people import sign_in
from tests.rooms import files, table, violations

__all__ = ["nobody_unless_named", "open_page"]
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def the_copy_is_what_is_tried() -> None:
    assert Path(survey.__file__).is_relative_to(ROOT)
    assert MENU.is_relative_to(ROOT)


def test_of_a_new_page(open_page: Open) -> None:
    """It opens for whom its line says, refuses the others, and keeps to its room."""
    app = open_page("notes.py", Role.OFFICER)
    assert "这一页的结论" in said(app)
    with reading() as db:
        looks = db.exec(select(AuditEntry.about).where(AuditEntry.what == "查看")).all()
    assert looks[-1] == "须知", "the menu calls it so"
    assert "请先登录" in said(open_page("notes.py"))
    for role in set(Role) - {Role.OFFICER}:
        text = said(open_page("notes.py", role))
        assert "您的账号没有这项权限" in text
        assert "这一页的结论" not in text
    [page] = [file for file in files() if file.module == "pages.notes"]
    assert violations(page, table()) == []
    assert "`/notes`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_of_a_new_page_at_the_door(sqlite_database: Path) -> None:
    assert "/notes" in {getattr(route, "path", "") for route in office_routes()}
    with TestClient(Starlette(routes=office_routes()), follow_redirects=False) as door:
        assert door.get("/notes").headers["location"].startswith("/login")


def test_of_a_new_column(sqlite_database: Path) -> None:
    """It stands in the CSV and the workbook with its value, empty where withheld, and in the codebook."""
    wave = factories.make_wave(enterprises=12, mode=Mode.NAMED)  # exact while open
    for grade in (5, 5, 5, 3, 3, 3, 3, 3, 1, 1):
        factories.submit(wave, {"tax": grade})
    factories.release(wave)
    with TestClient(Starlette(routes=exports.routes())) as door:
        door.cookies.set(COOKIE, sign_in(Role.VIEWER))
        rows = table_of(door.get(f"/export/{wave.id}/summary.csv").text)
        book = openpyxl.load_workbook(io.BytesIO(door.get(f"/export/{wave.id}/report.xlsx").content))
        explained = table_of(door.get(f"/export/{wave.id}/codebook.csv").text)
    found = {one["部门"]: one["中评率"] for one in rows if one["题目"] == "总体满意度"}
    assert found["税务局"] == "50.0"
    assert {found.pop(name) for name in list(found) if name != "税务局"} == {""}
    header = [cell.value for cell in book["部门汇总"][2]]
    values = {row[2].value: row[header.index("中评率")].value for row in book["部门汇总"].iter_rows(min_row=3)
              if row[3].value == "总体满意度"}  # fmt: skip
    assert values["税务局"] == pytest.approx(0.5)
    assert [one["含义"] for one in explained if one["列"] == "中评率"] == ["基本满意占比"]


def table_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_of_a_new_state(open_page: Open) -> None:
    """A case in it is called by its name in the office and on its receipt, in every language."""
    now = datetime.now(UTC)
    wave = factories.make_wave(now=now)
    receipt = factories.submit(
        wave, {"tax": 2}, now=now, text="请派人来看看", kind="request", about="tax", use="help"
    )
    with writing() as db:
        db.exec(update(Case).values(state="done"))
    assert "<td>已办结</td>" in said(open_page("cases.py", Role.OFFICER))
    with TestClient(Starlette(routes=public.routes())) as door:
        shown = {one: door.get(f"/r/{receipt}?lang={one}").text for one in LANGUAGES}
    assert "已办结" in shown["zh"]
    assert [one for one in LANGUAGES if texts(one)["receipt.state.done"] not in shown[one]] == []
