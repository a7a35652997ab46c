"""The gate between the rooms: what the README's table says, and what a file does against it."""

import ast
import graphlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SURVEY = ROOT / "src" / "survey"

DATABASE = ("不碰", "定义表", "开读", "开事务", "问、写", "引擎")
"""How near to the database a room may come; each may do what those before it may, but 定义表 and 引擎 stand alone."""
OPENS = {"不碰": set(), "定义表": set(), "开读": {"reading"}}
ENGINES = {"write_engine", "read_engine", "create_engine", "transaction", "raw_connection"}
"""What writes past an action: engines and bare transactions."""
ASKING = {"exec", "execute", "exec_driver_sql", "scalar", "scalars"}
"""Methods that ask, whatever they are called on."""
OF_SESSIONS = {
    "get",
    "get_one",
    "stream",
    "add",
    "add_all",
    "merge",
    "delete",
    "flush",
    "commit",
    "rollback",
    "refresh",
    "query",
}
"""Methods that ask or write when they are called on a session."""
HANDED_ON = {"sqlmodel.Session", "sqlalchemy.exc.SQLAlchemyError"}
"""A session's type and its failure: for those who open a transaction and hand it on."""


@dataclass(frozen=True)
class Room:
    """A row of the table: the rooms it may use, the packages it may import, and how near it comes to the database."""

    name: str
    uses: frozenset[str]
    packages: frozenset[str]
    database: str


@dataclass(frozen=True)
class File:
    """A module of ours with its text, so that planted ones are judged like real ones."""

    module: str  # survey.core.waves.phase, pages.menu, app
    text: str

    @property
    def room(self) -> str:
        return room_of(self.module)

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)


def room_of(name: str) -> str:
    """The room of a module or of what is imported from it; a row for one file goes before its room's."""
    parts = name.split(".")
    if parts[0] != "survey" or len(parts) == 1:
        return parts[0]
    file = ".".join(parts[1:3])
    return file if file in table() else parts[1]


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def table() -> dict[str, Room]:
    """The table of README.md, by room; one row may name several."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.search(r"^\| 房间 \|.*?\n\n", text, re.M | re.S)
    assert rows, "README 里没有房间表"
    found: dict[str, Room] = {}
    for line in rows[0].strip().splitlines()[2:]:
        names, uses, packages, database = (cell.strip() for cell in line.strip("|").split("|"))
        assert database in DATABASE, line
        for name in _words(names):
            assert name not in found, f"{name} 在表里两次"
            found[name] = Room(name, frozenset(_words(uses)), frozenset(_words(packages)), database)
    return found


def _words(cell: str) -> list[str]:
    return [one.strip().strip("`").rstrip("/") for one in cell.split("、") if one.strip() not in ("", "—")]


def files() -> list[File]:
    """Everything that is ours but the tests: `src/survey`, `pages/`, `app.py`."""
    paths = [*SURVEY.rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    return [File(_module(path), path.read_text(encoding="utf-8")) for path in sorted(paths)]


def _module(path: Path) -> str:
    base = ROOT / "src" if path.is_relative_to(SURVEY) else ROOT
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(file: File) -> Iterator[tuple[str, ast.AST]]:
    """Full names of all that a file imports, wherever in it."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, node) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            before = "." * node.level + (node.module or "")
            yield from ((f"{before}.{one.name}", node) for one in node.names)


def violations(file: File, rooms: Mapping[str, Room]) -> list[str]:
    """What a file does that the table forbids, each as one sentence."""
    if file.room == "survey":  # the package itself
        return [name for name, _ in imported(file) if name.split(".")[0] not in sys.stdlib_module_names]
    if file.room not in rooms:
        return [f"{file.room} is no room of the table"]
    room = rooms[file.room]
    return [*_roundabout(file), *_across(file, room), *_foreign(file, room), *_asking(file, room)]


def _roundabout(file: File) -> Iterator[str]:
    """Imports that the other rules could not see through."""
    for name, node in imported(file):
        if name.startswith("."):
            yield f"relative import {name}"
        if name.split(".")[0] == "importlib" and not name.startswith(
            ("importlib.metadata", "importlib.util.find_spec")
        ):
            yield f"imports by name: {name}"
        if isinstance(node, ast.Import) and name.split(".")[0] == "survey":
            yield f"imports {name} as a whole"
        if isinstance(node, ast.ImportFrom) and any(one.name == "*" for one in node.names):
            yield f"imports everything: {name}"
    for node in ast.walk(file.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("__import__", "exec", "eval")
        ):
            yield f"calls {node.func.id}"


def _across(file: File, room: Room) -> Iterator[str]:
    """Imports of rooms that it may not use. A room uses itself; a row of several rooms uses them all."""
    for name, _ in imported(file):
        other = room_of(name)
        strange = name.startswith("survey.") and other != room.name
        if strange and room.uses.isdisjoint((other, name.split(".")[1])):
            yield f"imports {name}"


def _foreign(file: File, room: Room) -> Iterator[str]:
    """Packages of others that are not on the room's list."""
    for name, _ in imported(file):
        package = name.split(".")[0]
        if package not in sys.stdlib_module_names | room.packages | {"survey", ""}:
            yield f"uses the package {package}"


def _asking(file: File, room: Room) -> Iterator[str]:
    """Queries, sessions and engines beyond what the room may."""
    if room.database == "引擎":
        return
    engines = ENGINES - ({"transaction"} if room.database == "问、写" else set())
    for name, _ in imported(file):
        last = name.rpartition(".")[2]
        if name.split(".")[0] in ("sqlalchemy", "sqlmodel") and not _may_import(name, file, room):
            yield f"imports {name}"
        if last in engines:
            yield f"holds the engine {last}"
        if name.startswith("survey.storage.database.") and last in (
            "reading",
            "reading_connection",
            "writing",
        ):
            allowed = OPENS.get(room.database, {"reading", "reading_connection", "writing"})
            if last not in allowed:
                yield f"opens a session: {last}"
    if room.database != "问、写":
        yield from _calls(file)


def _may_import(name: str, file: File, room: Room) -> bool:
    if room.database == "定义表":
        return file.module.startswith("survey.core.models")
    return room.database == "问、写" or (room.database == "开事务" and name in HANDED_ON)


def _calls(file: File) -> Iterator[str]:
    sessions = set(_sessions(file))
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in ASKING:
            yield f".{node.attr} in line {node.lineno}"
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if node.attr in OF_SESSIONS and (owner in sessions or _is_session(node.value)):
            yield f"{owner or 'a session'}.{node.attr} in line {node.lineno}"


def _sessions(file: File) -> Iterator[str]:
    """Names that stand for a session: by annotation, as the target of a `with`, by assignment, or called `db`."""
    yield "db"
    for node in ast.walk(file.tree):
        if isinstance(node, ast.arg) and node.annotation and _names_session(node.annotation):
            yield node.arg
        if (
            isinstance(node, ast.withitem)
            and _is_session(node.context_expr)
            and isinstance(node.optional_vars, ast.Name)
        ):
            yield node.optional_vars.id
        if isinstance(node, ast.Assign) and _is_session(node.value):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


def _names_session(annotation: ast.expr) -> bool:
    return bool(
        {"Session", "Connection"} & {one.id for one in ast.walk(annotation) if isinstance(one, ast.Name)}
    )


def _is_session(value: ast.expr) -> bool:
    """A call of what opens one, also with `.__enter__()` behind it."""
    return any(
        isinstance(one, ast.Name) and one.id in ("reading", "reading_connection", "writing", "transaction", "Session")
        for call in ast.walk(value) if isinstance(call, ast.Call) for one in [call.func]
    )  # fmt: skip


def circle(found: Iterable[File]) -> list[str]:
    """The modules of a circle of imports, if there is one. An import for types alone counts: it is read as one."""
    known = {file.module: file for file in found}
    graph = {module: _ours(file, known) - {module} for module, file in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def _ours(file: File, known: Mapping[str, File]) -> set[str]:
    names = {name for name, _ in imported(file)}
    return {next((one for one in (name, name.rpartition(".")[0]) if one in known), "") for name in names} - {
        ""
    }
