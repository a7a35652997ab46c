"""Every member of every enumeration has one Chinese name, in one place."""

import ast
import re
from enum import Enum
from importlib import import_module
from types import MappingProxyType

from survey.core import names
from survey.core.accounts.access import Right
from survey.core.answers.taking import NotTaken
from survey.core.answers.tally_codec import Counting
from survey.core.figures.noise import Noise
from survey.core.models import Reply, WaveState, WaveStep
from tests.rooms import ROOT, files

HAN = re.compile(r"[\u4e00-\u9fff]")
UNSAID = MappingProxyType(
    {
        WaveState: "what people see is the phase of a wave",
        Right: "what people see is the role that has it",
        WaveStep: "the log of a wave says it in a sentence of its own",
        Counting: "how a counter is kept; nobody sees it",
        Noise: "people see 约数, however strong the noise was",
        NotTaken: "said in the phone's catalogue of texts",
        Reply: "said by the phone page, in the language of the one who answers",
    }
)


def enumerations() -> list[type[Enum]]:
    found = []
    for file in files():
        classes = [node for node in ast.walk(file.tree) if isinstance(node, ast.ClassDef)]
        wanted = [
            one.name
            for one in classes
            if any("Enum" in ast.unparse(base) or "Flag" in ast.unparse(base) for base in one.bases)
        ]
        if wanted:
            module = import_module(file.module)
            found += [getattr(module, name) for name in wanted]
    return found


def named() -> dict[type[Enum], dict[Enum, str]]:
    """What `core.names` says, by enumeration."""
    tables = [
        one
        for one in vars(names).values()
        if isinstance(one, dict) and one and all(isinstance(key, Enum) for key in one)
    ]
    return {type(next(iter(table))): table for table in tables}


def test_no_member_is_without_a_name() -> None:
    tables, every = named(), enumerations()
    assert len(every) > 20
    for one in every:
        if one in UNSAID or all(HAN.search(str(member.value)) for member in one):
            continue
        assert one in tables or hasattr(one, "text"), f"{one.__name__} 没有中文名称"
        if one in tables:
            assert set(tables[one]) == set(one), one.__name__
            assert all(HAN.search(name) for name in tables[one].values())


def test_names_stand_nowhere_else() -> None:
    """A dictionary of an enumeration's members that says Chinese belongs into `core.names`."""
    enums = {one.__name__ for one in enumerations()}
    found = []
    for file in files():
        if file.module == "survey.core.names":
            continue
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Dict) and len(node.keys) > 1 and all(
                isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) and key.value.id in enums for key in node.keys
            ) and all(isinstance(value, ast.Constant) and HAN.search(str(value.value)) and len(str(value.value)) < 12 for value in node.values):  # fmt: skip
                found.append(f"{file.module}:{node.lineno}")
    assert found == []


def test_it_looks_where_it_should() -> None:
    assert {one.__name__ for one in enumerations()} >= {"Mode", "Sign", "Verdict", "Severity", "Phase"}
    assert (ROOT / "src/survey/core/names.py").exists()
