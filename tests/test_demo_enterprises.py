"""Demo enterprises are enterprises like others: they can be edited, exported and imported again."""

import random
from pathlib import Path

import pytest
from sqlmodel import select

from survey import demo
from survey.actions.registry import enterprises
from survey.core.models import Enterprise
from survey.core.registry.cells import LABELS, check_fields
from survey.core.registry.table import read_registry
from survey.demo import invited
from survey.output.registry import files
from survey.storage.database import reading, writing
from tests.conftest import NOW


@pytest.fixture
def stored(sqlite_database: Path) -> list[Enterprise]:
    with writing() as db:
        db.add_all(invited.made_up_enterprises(random.Random(demo.SEED), NOW))
    with reading() as db:
        return list(db.exec(select(Enterprise)))


def fields(one: Enterprise) -> dict[str, str]:
    """What the form holds when it is opened."""
    given = {name: getattr(one, name) for name in LABELS}
    return {name: {True: "是", False: "否"}.get(value, value or "") for name, value in given.items()}


def test_every_one_can_be_saved_as_it_is(stored: list[Enterprise]) -> None:
    assert len(stored) == invited.ENTERPRISES
    for one in stored:
        values, problems = check_fields(fields(one))
        assert problems == []
        assert {name: values.get(name, "") for name in LABELS if name != "key"} == {
            name: getattr(one, name) or "" for name in LABELS if name != "key"
        }
    first = stored[0]
    with writing() as db:
        enterprises.save_enterprise(db, first.id, fields(first) | {"contact": "新联系人"})
    with reading() as db:
        kept = db.get(Enterprise, first.id)
        assert kept is not None
        assert (kept.contact, kept.phone) == ("新联系人", first.phone)


def test_their_list_comes_in_again_without_a_change(stored: list[Enterprise]) -> None:
    table = read_registry(files.listing(stored), "企业名录.xlsx")
    assert table.rejected == ()
    assert len(table.rows) == invited.ENTERPRISES
    with reading() as db:
        plan = enterprises.plan_import(db, table)
    assert (list(plan.added), list(plan.changed)) == ([], [])
