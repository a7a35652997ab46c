"""The numbers of counters are made and read in one place, and each means one thing."""

import re
from pathlib import Path

import pytest

from survey.core.answers import tally_codec
from survey.core.answers.tally_codec import Counting, Meaning, column_of, meaning

SOURCE = Path(tally_codec.__file__).resolve().parents[2]
ARITHMETIC = re.compile(
    r"""\bitem\b["']?\)?\s*(?:[=!<>]=|[<>=:])\s*-\s*\d  # an item below none, compared or written
    |\bitem\b\s*<\s*0\b
    |\bgrade\b["']?\)?\s*(?:[=!<>]=|[-+<>=:])\s*1\d\d\b
    |\b1\d\d\s*\+\s*\w*chip
    |\b(?:RESPONSES|REMARKED|SIGNS|DOUBTFUL|REASON)\s*(?:[-+<>]|[<>]=)\s*\w
    |(?:\w\s|[\w)\]])[-+]\s*(?:RESPONSES|REMARKED|SIGNS|DOUBTFUL|REASON)\b""",
    re.VERBOSE,
)


def test_every_number_means_what_it_was_made_for() -> None:
    made = {
        tally_codec.response(2): Meaning(Counting.RESPONSES, 0, 2),
        tally_codec.remarked(): Meaning(Counting.REMARKED, 0, 0),
        tally_codec.signs(6): Meaning(Counting.SIGNS, 0, 6),
        (tally_codec.doubtful_item(0), 4): Meaning(Counting.DOUBTFUL, 0, 4),
        (tally_codec.doubtful_item(7), 1): Meaning(Counting.DOUBTFUL, 7, 1),
        tally_codec.reason(10, 0): Meaning(Counting.REASON, 10, 0),
        tally_codec.reason(0, 3): Meaning(Counting.REASON, 0, 3),
        (10, 5): Meaning(Counting.GRADE, 10, 5),
    }
    assert {key: meaning(*key) for key in made} == made
    assert len(made) == 8


def test_stored_numbers_stay_what_they_are() -> None:
    """Databases are full of them."""
    assert (tally_codec.response(1), tally_codec.remarked(), tally_codec.signs(3)) == (
        (-1, 1),
        (-2, 0),
        (-3, 3),
    )
    assert (tally_codec.doubtful_item(2), tally_codec.reason(5, 3)) == (-6, (5, 103))


def test_grades_and_reasons_stand_in_one_row() -> None:
    columns = [column_of(grade) for grade in range(1, 6)]
    columns += [column_of(tally_codec.reason(0, chip)[1]) for chip in range(3)]
    assert columns == list(range(8))


def test_nobody_else_does_arithmetic_on_them() -> None:
    files = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in files
        if path.name != "tally_codec.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if ARITHMETIC.search(line)
    ]
    assert found == []
    assert len(files) > 200


@pytest.mark.parametrize(
    "line",
    [
        "query.where(tally.c.item == -1)", "select(Tally).where(col(Tally.item) != -2)", '{"item": -1, "grade": 0}',
        "if grade or item < 0:", "chip = grade - 100", "if grade >= 100:", "counts[item, 100 + chip] += 1",
        "tally.get(DOUBTFUL - place, {})", "counts[item, REASON + chip] += 1", "place = 5 + grade - REASON",
        "if item <= -4:", "Tally(item=-3, grade=flags)",
    ],
)  # fmt: skip
def test_it_is_found_where_it_comes_back(line: str) -> None:
    assert ARITHMETIC.search(line)
