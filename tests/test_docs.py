"""The README names every page, setting and command."""

import re
from pathlib import Path

import pytest

from survey.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "menu")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_in_the_readme(page: str) -> None:
    assert f"`/{page}`" in README


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"`SURVEY_{setting.upper()}`" in README


def test_every_command_is_in_the_readme() -> None:
    source = (ROOT / "src" / "survey" / "cli.py").read_text(encoding="utf-8")
    commands = re.findall(r"^@app\.command\(\)\ndef (\w+)", source, re.M)
    assert commands
    assert all(f"`survey {name}" in README for name in commands)


def test_every_picture_and_document_it_links_to_exists() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
