"""What the tests compare with is beside them; only two public data sets, which others own, may be missing."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
BORROWED = re.compile(r"\bSHARED\b|\.\.[/\\]shared|[\"']shared[\"']")


def test_only_the_public_data_sets_are_looked_for_beside_the_project() -> None:
    lookers = {
        str(path.relative_to(TESTS))
        for path in TESTS.rglob("*.py")
        if path != Path(__file__).resolve() and BORROWED.search(path.read_text(encoding="utf-8"))
    }
    # Where they are; who reads them; and who skips when they are not there.
    assert lookers == {"conftest.py", "bench/real_data.py", "test_real_data.py", "core/test_influence.py"}


def test_whoever_skips_for_them_waits_for_one_of_them() -> None:
    marks = [
        mark
        for path in TESTS.rglob("test_*.py")
        for mark in re.findall(r"skipif\((.+?), reason=\"[^\"]*\.\./shared", path.read_text(encoding="utf-8"))
    ]
    assert len(marks) == 2
    assert set(marks) == {"not INSTEVAL.exists()"}


def test_what_the_tests_bring_along_is_small() -> None:
    files = [path for path in (TESTS / "data").rglob("*") if path.is_file()]
    assert len(files) > 30
    assert [path.name for path in files if path.stat().st_size > 2_000_000] == []
