"""Two hundred spoiled lists: no enterprise vanishes or changes without a line that says so. And readers that let one."""

import csv
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from survey.core.intake import list_file, list_text, sheets, workbook
from survey.core.intake.list_text import TextRefused
from survey.core.registry import cells
from survey.core.registry import table as registry_table
from survey.core.registry.plan import compare
from survey.core.registry.table import read_registry
from tests import list_mutants
from tests.list_mutants import MUTATIONS, judge, mutant

LISTS = 200


def faults(seed: int) -> list[str]:
    """What is wrong with the reading of one list."""
    draft, content = mutant(seed)
    try:
        table = read_registry(content, "名单")
    except TextRefused as refused:
        fits = any(one in str(refused) for one in draft.refusals) and "请" in str(refused) and refused.line
        return [] if fits else [f"{seed} {draft.done}: refused: {refused}"]
    wrong = judge(draft, table)
    plan = compare([], table)
    if len(plan.added) + len(plan.rejected) + plan.unchanged + len(plan.changed) != len(table.rows) + len(
        table.rejected
    ):
        wrong.append("the plan lost a row")
    return [f"{seed} {draft.done}: {one}" for one in wrong]


@pytest.mark.parametrize("tens", range(0, LISTS, 10))
def test_no_enterprise_vanishes_or_changes_in_silence(tens: int) -> None:
    assert [fault for seed in range(tens, tens + 10) for fault in faults(seed)] == []


def test_every_mutation_is_met_often_and_few_lists_are_refused_whole() -> None:
    met: Counter[str] = Counter()
    refused = 0
    for seed in range(LISTS):
        draft, content = mutant(seed)
        met.update(draft.done)
        try:
            read_registry(content, "")
        except TextRefused:
            refused += 1
    assert {one.__name__ for one in MUTATIONS} <= met.keys()
    assert min(met.values()) >= 5
    assert refused <= LISTS // 5


Patch = Callable[[pytest.MonkeyPatch], None]


def _only_the_first_sheet(patch: pytest.MonkeyPatch) -> None:
    read = list_file.read_sheets
    patch.setattr(registry_table, "read_sheets", lambda content: read(content)[:1])


def _without_merged_cells(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workbook, "fill_merged", lambda lines, boxes: None)


def _hidden_things_read(patch: pytest.MonkeyPatch) -> None:
    read = registry_table._Told.visible
    patch.setattr(
        registry_table._Told, "visible", lambda self, sheet, several, hidden: read(self, sheet, several, True)
    )


def _rare_characters_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cells, "unreadable", lambda text: "")


def _formulas_blank(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workbook, "NOT_CALCULATED", "")


def _errors_blank(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cells, "EMPTY", cells.EMPTY | {"#REF!", "#N/A", "#NAME?", "#VALUE!"})


def _names_as_they_are(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(registry_table, "name_key", lambda name: name)


def _quotes_as_they_come(patch: pytest.MonkeyPatch) -> None:
    def lenient(lines: Any) -> Any:
        for number, row in enumerate(csv.reader(lines), 1):
            if row:
                yield number, row

    patch.setattr(list_file, "csv_rows", lenient)


def _phones_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(registry_table, "OPTIONAL", frozenset())


def _titles_are_enterprises(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(registry_table, "aside", lambda line, given: "")


def _long_lines_cut(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        sheets.Sheet, "delimited", property(lambda self: False, lambda self, value: None), raising=False
    )


def _mixed_encodings_guessed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(list_text, "_refuse_mixed", lambda file, marked: None)


@pytest.mark.parametrize(
    "spoil",
    [
        _only_the_first_sheet, _without_merged_cells, _hidden_things_read, _rare_characters_dropped, _formulas_blank,
        _errors_blank, _names_as_they_are, _quotes_as_they_come, _phones_dropped, _titles_are_enterprises, _long_lines_cut,
        _mixed_encodings_guessed,
    ],
)  # fmt: skip
def test_a_careless_reader_is_found_out(spoil: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control: each carelessness that was in the reader once loses or changes an enterprise."""
    spoil(monkeypatch)
    assert any(_falls(seed) for seed in range(LISTS))


def _falls(seed: int) -> bool:
    return bool(faults(seed))


def test_a_draft_means_what_it_says() -> None:
    draft, _ = mutant(1)
    assert all(row.means for row in draft.enterprises())
    assert list_mutants.mutant(1)[1][:2] == mutant(1)[1][:2]
