"""Departments and strata whose names look alike, or like something else: none is lost on any page, in any chart."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from survey.actions.figures.study import study_wave
from survey.core.accounts.access import PAGES, ROLE_RIGHTS
from survey.core.figures.view import View
from survey.core.labels import told_apart
from survey.core.models import Role, Wave
from survey.output.figures import exports
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.study import studies
from survey.storage.waves import published
from tests import factories
from tests.pages.conftest import Open, said
from tests.pages.test_hostile_texts import elements

IDS = ("tax", "market", "construction", "hr", "ecology", "urban", "police")
NAMES = (
    "综合服务中心",
    "综合服务中心",
    "综合服务中心（2）",
    "2024",
    "2024-01-01",
    "甲、乙 · 丙；丁",
    "$x$ <b>局</b>",
)
INDUSTRIES = ("农、林、牧、渔业", "农 · 林", "农", "林；牧")
SHOWN = {"dashboard", "compare", "trust", "monitor"}
"""Pages that show all departments or strata beside each other."""


@pytest.fixture
def wave(sqlite_database: object) -> factories.MadeWave:
    """Closed and studied; every department was rated by 40 of 48 enterprises of four industries."""
    began = datetime.now(UTC) - timedelta(days=5)
    made = factories.make_wave(enterprises=48, now=began, departments=IDS, industries=INDUSTRIES, days=2)
    for number in range(40):
        grades = {one: 1 + (number * 7 + place * 3) % 5 for place, one in enumerate(IDS)}
        efficiency = {f"{one}.efficiency": max(1, grade - 1) for one, grade in grades.items()}
        factories.submit(made, grades | efficiency, now=began + timedelta(hours=number))
    factories.close(made, began + timedelta(days=2))
    factories.release(made)
    with writing() as db:
        found = db.get(Wave, made.id)
        assert found is not None
        names = dict(zip(IDS, NAMES, strict=True))  # as an older program let them be
        frozen = [one | {"name": names[one["id"]], "category": "一类"} for one in found.departments]
        db.execute(update(Wave).where(Wave.id == made.id).values(departments=frozen))  # type: ignore[arg-type]
    study_wave(made.id, datetime.now(UTC))
    with reading() as db:
        found = db.get(Wave, made.id)
        assert found is not None
        made.form = published.form(found)
    return made


def texts(of: Any) -> Iterator[str]:
    """Every text in a part of a chart."""
    if isinstance(of, dict):
        for value in of.values():
            yield from texts(value)
    elif isinstance(of, list):
        for value in of:
            yield from texts(value)
    elif isinstance(of, str):
        yield of


def charts(app: Any) -> list[dict[str, Any]]:
    return [json.loads(proto.spec) for kind, proto in elements(app) if kind == "plotly_chart"]


def keys(chart: dict[str, Any]) -> set[str]:
    return {
        one for trace in chart["data"] for part in ("x", "y", "customdata") for one in texts(trace.get(part))
    }


def test_departments_of_one_name_are_told_apart_in_every_wave(wave: factories.MadeWave) -> None:
    names = [one.name for one in wave.form.departments]
    assert len(set(names)) == len(IDS)
    assert all(name.startswith("综合服务中心") for name in names[:3])


@pytest.mark.parametrize("address", sorted(SHOWN))
def test_every_page_has_a_row_for_every_one(open_page: Open, wave: factories.MadeWave, address: str) -> None:
    role = next(
        one for one in (Role.VIEWER, Role.OFFICER) if not ROLE_RIGHTS[one].isdisjoint(PAGES[address][1])
    )
    app = open_page(f"{address}.py", role, wave=wave.id)
    with reading() as db:
        strata = {str(one.id) for one in published.strata(db, wave.id)}
    assert len(strata) == len(INDUSTRIES)
    everyone = [set(IDS), strata]
    drawn = [keys(one) for one in charts(app)]
    for found in drawn:
        for group in everyone:
            assert found & group in (set(), group), f"{address} 的一张图少了 {group - found}"
    assert any(found >= group for found in drawn for group in everyone), "nothing was looked at"
    labels = [one.name.replace("<", "&lt;").replace(">", "&gt;") for one in wave.form.departments]
    for table in re.findall(r"<table class=\"figures.*?</table>", said(app), re.S):
        rows = re.findall(r"<td>(?:<a [^>]*>)?(.*?)(?:</a>)?</td>", table)
        here = [one for one in rows if one in labels]
        assert not here or set(here) == set(labels), f"{address} 的一张表少了部门"


def test_every_file_has_a_row_for_every_one(wave: factories.MadeWave) -> None:
    with reading() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        figures = studies.judged_figures(db, found)
        forms = released.form_counts(db, found, View())
    rows = "".join(exports.summary("期", figures, forms))
    assert rows.count(",总体满意度,") == len(IDS)


def test_like_names_get_numbers_that_are_nobodys() -> None:
    assert told_apart(["甲", "甲", "甲（2）", "乙"]) == ["甲", "甲（3）", "甲（2）", "乙"]
    assert told_apart(["甲", "甲", "乙"], ["东", "西", ""]) == ["甲（东）", "甲（西）", "乙"]
    assert told_apart(["甲", "甲"], ["东", "东"]) == ["甲（东）", "甲（东）（2）"]
    assert told_apart(["", ""]) == ["", ""]
