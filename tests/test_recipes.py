"""docs/recipes.md does what it says: each recipe is followed to the letter on a copy of the tree, and the copy tried."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, copytree, ignore_patterns

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    "app.py",
    "pages",
    "src",
    "tests",
    "data/departments.csv",
    "data/questionnaires",
    "README.md",
    "pyproject.toml",
)
LEFT_OUT = ignore_patterns("__pycache__", "bench", "browser", "screenshots")
STEP = re.compile(r"^\d\. (?P<told>[^\n]+)\n\n   ```\w*\n(?P<text>.+?)^   ```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w/]+\.(?:py|toml|md))`")
PLACE = re.compile(r"有 (`+) ?(?P<line>.+?) ?\1 的那一行(?P<side>前|后)面")


@dataclass(frozen=True)
class Step:
    """What is written into a file, and beside which line; a new file has none."""

    file: str
    text: str
    line: str = ""
    after: bool = False

    def take(self, tree: Path) -> None:
        path = tree / self.file
        if not self.line:
            assert not path.exists()
            path.write_text(self.text, encoding="utf-8")
            return
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        [place] = [place for place, line in enumerate(lines) if self.line in line]
        lines.insert(place + self.after, self.text)
        path.write_text("".join(lines), encoding="utf-8")


def step(told: str, text: str) -> Step:
    file = FILE.search(told)
    assert file, told
    plain = re.sub("^   ", "", text, flags=re.MULTILINE)
    if told.startswith("新文件"):
        return Step(file[1], plain)
    place = PLACE.search(told)
    assert place, told
    return Step(file[1], plain, place["line"], place["side"] == "后")


def recipes() -> dict[str, list[Step]]:
    """Title → its steps, as the document tells them."""
    _, *parts = (ROOT / "docs/recipes.md").read_text(encoding="utf-8").split("\n## ")
    return {
        part.partition("\n")[0]: [step(found["told"], found["text"]) for found in STEP.finditer(part)]
        for part in parts
    }


RECIPES = recipes()
TRIED = {"加一个页面": "page", "加一个导出列": "column", "加一个交办事项的状态": "state"}


@pytest.mark.parametrize("name", TRIED)
def test_a_recipe_opens_at_most_three_files(name: str) -> None:
    files = [one.file for one in RECIPES[name]]
    assert 1 <= len(files) <= 3
    assert [one.file for one in RECIPES[name] if (ROOT / one.file).exists() != bool(one.line)] == []


def test_every_recipe_is_tried_and_every_step_is_understood() -> None:
    assert RECIPES.keys() == TRIED.keys()
    text = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    assert sum(map(len, RECIPES.values())) == len(re.findall(r"^\d\. ", text, re.MULTILINE))


def test_the_tests_that_a_recipe_names_exist() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "docs/recipes.md").read_text(encoding="utf-8")))
    assert len(named) >= 3
    assert [one for one in named if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("name", TRIED)
def test_a_recipe_followed_on_a_copy_works(name: str, tmp_path: Path) -> None:
    for part in PARTS:
        copied(ROOT / part, tmp_path / part)
    for one in RECIPES[name]:
        one.take(tmp_path)
    status, said = tried(tmp_path, TRIED[name])
    assert status == 0, said[-3000:]


def copied(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        copytree(source, to, ignore=LEFT_OUT)
    else:
        copyfile(source, to)


def tried(tree: Path, what: str) -> tuple[int, str]:
    """The checks of `tried_recipes.py` on the copy, in a process that knows no other survey."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tree}/temp",
         "tests/tried_recipes.py", "-k", f"of_a_new_{what}"],
        cwd=tree, env=os.environ | {"PYTHONPATH": str(tree / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
