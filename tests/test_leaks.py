"""The leak budget names every address of both doors, and tests that are there."""

import re
from pathlib import Path

from survey.web.office.doors import office_routes
from survey.web.phone.public import create_app

ROOT = Path(__file__).resolve().parents[1]
BOOK = (ROOT / "docs" / "leaks.md").read_text(encoding="utf-8")
COLUMNS = 7


def rows() -> list[list[str]]:
    lines = [line.strip() for line in BOOK.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_address_has_a_row_and_no_row_is_of_an_address_that_is_gone() -> None:
    there = {getattr(one, "path", "") for one in (*office_routes(), *create_app().routes)}
    told = {row[0].strip("`") for row in rows()}
    nothing = set(re.findall(r"`([^`]+)`", BOOK.partition("## 没有评价的")[2]))
    assert not told & nothing
    assert told | nothing == there


def test_every_row_says_what_each_can_learn_and_by_which_test() -> None:
    for row in rows():
        assert len(row) == COLUMNS, row
        assert all(row), row
        for test in re.findall(r"`(tests/[^`]+)`", row[-1]):
            assert (ROOT / test).exists(), test
        assert "`tests/" in row[-1], row
