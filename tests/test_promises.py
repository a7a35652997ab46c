"""A screen promises only what the code does: every promising sentence names the function that keeps it, and a test in
which that function runs."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import unwrap
from pathlib import Path

import pytest

from survey.core.texts import LANGUAGES, texts
from tests.promises import IN_THE_PHONE, NO_PROMISE, OFFICE, OFFICE_NO_PROMISE, TEXTS, Keeper

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "survey"
WORDS = {
    "zh": re.compile(
        "会(?!议|场|计|员|被猜)|将|保证|每周|每夜|每天|自动|删除|销毁|清除|只有|才|只能|看不到|不显示|当即|现在就|催办|销号"
        "|工作日内|封存|作废|之内|当场"
    ),
    "en": re.compile(
        r"\b(will|never|only|nobody|guarantee|destroy|deleted?|automatic|weekly|within|at once|cannot|always|closed once)\b",
        re.I,
    ),
}
OFFICE_WORDS = re.compile(
    "自动|随即|当即|立即|届时|每周|催办|销号|工作日内|销毁|清除(?!筛选)|不会|当天不变|0 点做"
)
KEEPERS = {one for ones in (*TEXTS.values(), *OFFICE.values()) for one in ones}


def promising(language: str, sentence: str) -> bool:
    return bool(WORDS[language].search(sentence))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_promise_to_enterprises_has_a_keeper(language: str) -> None:
    found = {key for key, sentence in texts(language).items() if promising(language, sentence)}
    unkept = found - TEXTS.keys() - IN_THE_PHONE.keys() - NO_PROMISE.keys() - NOTICES
    assert not unkept, {key: texts(language)[key] for key in unkept}


NOTICES = {"privacy.not_protected.administrator", "privacy.not_protected.network", "privacy.not_protected.last",
           "privacy.lead", "privacy.not", "privacy.from", "on_behalf.title",
           "on_behalf.text", "privacy.yourself.network", "privacy.yourself.paper", "privacy.yourself.entered", "notice.void.title",
           "notice.void.text", "problem.who_missing", "form.choose_hint", "form.count", "form.count_hint",
           "problem.help_without_text", "problem.integrity_without_text", "form.integrity"}  # fmt: skip
"""What is asked, told of something that has happened, or said not to be protected: nothing is promised there."""


def test_nothing_is_registered_that_is_not_said() -> None:
    assert not (TEXTS.keys() | IN_THE_PHONE.keys() | NO_PROMISE.keys() | NOTICES) - texts().keys()
    said = "\n".join(office_sentences())
    assert not [one for one in (*OFFICE, *OFFICE_NO_PROMISE) if one not in said]


def test_what_the_script_keeps_stands_in_it_and_is_tried_in_a_browser() -> None:
    script = (SOURCE / "web" / "form.js").read_text(encoding="utf-8")
    for word, test in IN_THE_PHONE.values():
        assert word in script
        assert _node(test)


def office_sentences() -> Iterator[str]:
    """Every Chinese sentence of source, pages and templates, but docstrings."""
    for path in (*SOURCE.rglob("*.py"), *(ROOT / "pages").glob("*.py")):
        if path.parent.name != "settings":
            yield from _strings(ast.parse(path.read_text(encoding="utf-8")))
    for path in SOURCE.rglob("*.html"):
        yield from re.findall(r"[^<>{}\n]*[\u4e00-\u9fff][^<>{}\n]*", path.read_text(encoding="utf-8"))


def _strings(tree: ast.Module) -> Iterator[str]:
    documented = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    heads = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in heads:
            yield node.value


def unkept(sentence: str) -> bool:
    """Whether a sentence promises what nothing is registered for."""
    for one in (*OFFICE, *OFFICE_NO_PROMISE):
        sentence = sentence.replace(one, "")
    return bool(OFFICE_WORDS.search(sentence))


def test_every_promise_to_officials_has_a_keeper() -> None:
    assert [one for one in office_sentences() if unkept(one)] == []


@pytest.mark.parametrize(
    "sentence",
    ["3 个工作日内交给责任部门，每周催办一次。", "企业确认后销号", "到期自动提醒部门", "办完随即短信告诉您"],
)
def test_a_promise_without_a_keeper_is_seen(sentence: str) -> None:
    assert promising("zh", sentence) or unkept(sentence)
    assert unkept(sentence)
    assert promising("en", "We will call you within 3 days.")


def keeper(one: Keeper) -> object:
    """The function itself."""
    parts = one.function.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module("survey." + ".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name)
        return unwrap(found)  # type: ignore[arg-type]
    raise ModuleNotFoundError(one.function)


def test_every_keeper_is_a_function_and_runs_in_its_test(tmp_path: Path) -> None:
    """Each test once, in a process of its own that writes down which keepers ran in it."""
    assert all(callable(keeper(one)) for one in KEEPERS)
    names = sorted({_node(one.test) for one in KEEPERS})
    wanted = {one.function: _place(keeper(one)) for one in KEEPERS}
    asked, told = tmp_path / "asked.json", tmp_path / "told.json"
    asked.write_text(json.dumps(wanted))
    # A folder of its own: pytest closes the common one, in which the PostgreSQL of this run lives.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.witness",
               f"--basetemp={tmp_path / 'own'}", f"--asked={asked}", f"--told={told}", "-k", "not postgresql", *names]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=550, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    ran = json.loads(told.read_text())
    idle = [one for one in KEEPERS if one.function not in ran.get(_node(one.test), ())]
    assert idle == []
    assert (
        "web.limits.WrongTries.note" not in ran["tests/core/test_phase.py::test_edges"]
    )  # the witness sees a difference


def _node(test: str) -> str:
    """The test as pytest names it: some stand in classes. Fails for one that does not exist."""
    file, _, name = test.partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and one.name == name:
            return f"tests/{file}::{name}"
        if isinstance(one, ast.ClassDef) and any(
            isinstance(part, ast.FunctionDef) and part.name == name for part in one.body
        ):
            return f"tests/{file}::{one.name}::{name}"
    raise AssertionError(test)


def _place(function: object) -> list[object]:
    code = function.__code__  # type: ignore[attr-defined]
    return [code.co_filename, code.co_firstlineno]
