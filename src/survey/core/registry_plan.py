"""A list compared with the registry: what an import would add, change, leave and refuse. Nothing is done here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.core.registry_cells import LABELS
from survey.core.registry_table import RegistryTable, RejectedRow, Row

FIELD_NAMES = {**LABELS, "archived": "状态"}


@dataclass(frozen=True)
class Change:
    """What an import makes of a known enterprise: field → (before, after)."""

    id: int
    line: int
    name: str
    fields: dict[str, tuple[Any, Any]]

    def told(self) -> list[str]:
        """Each change in words."""
        return [
            f"{FIELD_NAMES[name]}：{_word(name, before)} → {_word(name, after)}"
            for name, (before, after) in self.fields.items()
        ]


def _word(name: str, value: Any) -> str:
    if name == "archived":
        return "已归档" if value else "在册"
    return ("是" if value else "否") if name == "key" else str(value or "（空）")


@dataclass(frozen=True)
class Plan:
    """What an import would do; nothing is done yet."""

    table: RegistryTable
    added: tuple[Row, ...]
    changed: tuple[Change, ...]
    unchanged: int
    rejected: tuple[RejectedRow, ...]
    notes: tuple[str, ...]  # worth a look, no reason to refuse

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed)


def compare(registry: Iterable[Mapping[str, Any]], table: RegistryTable) -> Plan:
    """Compare a file with the registry. Rows meet by USCC, without one by the exact name."""
    known = _Known(registry)
    added, changed, rejected, notes = [], [], list(table.rejected), []
    unchanged, lines = 0, dict[int, int]()
    for row in table.rows:
        found = known.find(row)
        if isinstance(found, str):
            rejected.append(_refuse(row, found))
        elif found is None:
            added.append(row)
            notes += known.note(row)
        elif found["id"] in lines:
            first = lines[found["id"]]
            rejected.append(_refuse(row, f"和第 {first} 行对应名录里的同一家企业「{found['name']}」"))
        else:
            lines[found["id"]] = row.line
            fields = _differences(found, row)
            unchanged += not fields
            notes += _renamed(row, fields)
            if fields:
                changed.append(Change(found["id"], row.line, row.values["name"], fields))
    rejected.sort(key=lambda one: one.line)
    return Plan(table, tuple(added), tuple(changed), unchanged, tuple(rejected), tuple(notes))


def _refuse(row: Row, reason: str) -> RejectedRow:
    return RejectedRow(row.line, row.values["name"], reason, row.cells)


class _Known:
    """The registry by USCC and by name."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._codes: dict[str, Mapping[str, Any]] = {}
        self._names: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for one in rows:
            self._names[one["name"]].append(one)
            if one["uscc"]:
                self._codes[one["uscc"]] = one

    def find(self, row: Row) -> Mapping[str, Any] | str | None:
        """The enterprise a row is about, the reason why that cannot be told, or None for a new one."""
        code, same = row.values.get("uscc"), self._names.get(row.values["name"], [])
        if code in self._codes:
            return self._codes[code]
        if code:
            same = [one for one in same if not one["uscc"]]
        if len(same) > 1:
            return f"名录里有 {len(same)} 家企业叫这个名称，请填信用代码以便区分"
        return same[0] if same else None

    def note(self, row: Row) -> list[str]:
        """A new code for a name that is known: another enterprise, or a slip."""
        same = self._names.get(row.values["name"], [])
        return [
            f"第 {row.line} 行「{one['name']}」和名录里 {one['uscc']} 的企业同名，将作为另一家新增"
            for one in same
        ]


def _renamed(row: Row, fields: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """A known code under another name: a new name, or somebody else's code."""
    before, after = fields.get("name", ("", ""))
    return [f"第 {row.line} 行的信用代码在名录里属于「{before}」，导入后改名为「{after}」"] if before else []


def _differences(found: Mapping[str, Any], row: Row) -> dict[str, tuple[Any, Any]]:
    """Filled cells that differ; an empty cell never wipes out what is known. A listed enterprise is no longer archived."""
    wanted = {**row.values, "archived": False}
    return {name: (found[name], value) for name, value in wanted.items() if found[name] != value}
