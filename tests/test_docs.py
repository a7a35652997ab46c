"""The README names every page and command; the reference behind it is the program's own."""

import re
from pathlib import Path

import pytest

from survey.settings import Settings
from tests import manual

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "menu")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_in_the_readme(page: str) -> None:
    assert f"`/{page}`" in README


@pytest.mark.parametrize("name", manual.PAGES)
def test_the_reference_says_what_the_program_says(name: str) -> None:
    assert (manual.DOCS / name).read_text(encoding="utf-8") == manual.PAGES[name](), "请运行 make docs"
    assert f"(docs/{name})" in README


def test_the_readme_names_only_settings_that_there_are() -> None:
    named = re.findall(r"`SURVEY_([A-Z_]+)`", README)
    assert len(named) >= 5
    assert {one.lower() for one in named} <= Settings.model_fields.keys()


def test_every_command_is_in_the_readme() -> None:
    words = [one for one, _ in manual.commands()]
    assert len(words) > 10
    assert [one for one in words if f"`{one}" not in README] == []


def test_every_picture_and_document_it_links_to_exists() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
