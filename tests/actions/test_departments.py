"""The departments file is taken over at every start."""

from datetime import timedelta
from pathlib import Path

import pytest

from survey.actions.registry.departments import RegistryError, load_departments
from survey.actions.waves import new_waves
from survey.core import refusals
from survey.core.models import Department
from survey.storage.database import reading, writing
from survey.storage.waves import published
from tests.conftest import NOW

HEADER = "id,name,category,duty\n"


def names() -> list[str]:
    with reading() as db:
        return [one.name for one in published.departments(db)]


@pytest.mark.usefixtures("database")
def test_departments_are_added_renamed_and_retired_as_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "departments.csv"
    for rows in ("tax,税务局,监管,缴税\nhr,人社局,服务,社保\n", "hr,人力资源局,服务,社保\n"):
        file.write_text(HEADER + rows, encoding="utf-8")
        with writing() as db:
            load_departments(db, file)
    assert names() == ["人力资源局"]


@pytest.mark.usefixtures("sqlite_database")
def test_a_faulty_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "departments.csv"
    file.write_text(HEADER + "tax,,监管,缴税\n", encoding="utf-8")
    with writing() as db, pytest.raises(RegistryError, match="第 2 行的 name 是空的"):
        load_departments(db, file)


@pytest.mark.usefixtures("database")
def test_two_departments_of_one_name_are_in_no_wave_together(tmp_path: Path) -> None:
    """An older program may have stored them; one alone may still be rated."""
    file = tmp_path / "departments.csv"
    file.write_text(HEADER + "east,服务中心,服务,东区\ntax,税务局,监管,缴税\n", encoding="utf-8")
    with writing() as db:
        load_departments(db, file)
        db.add(Department(id="west", name="服务 中心", category="社会事务"))

    def new(*ids: str) -> new_waves.NewWave:
        return new_waves.NewWave("一期", NOW, NOW + timedelta(days=9), department_ids=ids)

    with writing() as db, pytest.raises(refusals.NotAllowed, match="有两个部门都叫「服务中心」"):
        new_waves.create_wave(db, new("east", "west", "tax"))
    with writing() as db:
        wave = new_waves.create_wave(db, new("east", "tax"))
        assert [one["id"] for one in wave.departments] == ["east", "tax"]
