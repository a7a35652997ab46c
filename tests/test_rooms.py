"""Imports go one way; Streamlit stays at the office door. The table is the design's."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ROOT / "src" / "survey"
MAY_IMPORT = {
    "core": {"settings", "core"},
    "output": {"output", "core", "settings"},
    "storage": {"storage", "core", "settings"},
    "actions": {"actions", "storage", "core", "settings"},
    "web": {"web", "actions", "storage", "output", "core", "settings"},
    "ui": {"ui", "actions", "storage", "output", "core", "settings"},
    "pages": {"ui", "actions", "storage", "output", "core", "settings"},
}


def imported(path: Path) -> Iterator[str]:
    """Full names of all modules and names a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} 用了相对导入"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def files(room: str) -> list[Path]:
    folder = ROOT / "pages" if room == "pages" else ROOMS / room
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    assert files(room)
    for path in files(room):
        used = {name.split(".")[1] for name in imported(path) if name.startswith("survey.")}
        assert used <= MAY_IMPORT[room], f"{path.relative_to(ROOT)} 导入了 {used - MAY_IMPORT[room]}"


def test_streamlit_stays_in_the_office() -> None:
    for path in ROOMS.rglob("*.py"):
        if path.relative_to(ROOMS).parts[0] != "ui":
            assert not any(name.split(".")[0] == "streamlit" for name in imported(path)), path


def test_only_storage_and_actions_ask_the_database() -> None:
    for room in ("core", "output", "web", "ui", "pages"):
        for path in files(room):
            queries = {"sqlalchemy.create_engine", "sqlmodel.select", "sqlalchemy.select", "sqlalchemy.text"}
            assert not queries & set(imported(path)), path


def test_settings_know_no_other_room() -> None:
    assert not [name for name in imported(ROOMS / "settings.py") if name.startswith("survey")]
