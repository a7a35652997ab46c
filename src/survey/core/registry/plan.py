"""A list compared with the registry: what an import would add, change, leave and refuse. Nothing is done here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core.plain_text import name_key
from survey.core.registry.cells import LABELS
from survey.core.registry.rows import ListRow, RegistryTable, RejectedRow

NAMED_AT_MOST = 5  # rows named in a note
FIELD_NAMES = {**LABELS, "archived": "状态"}


@dataclass(frozen=True)
class EnterpriseChange:
    """What an import makes of a known enterprise: field → (before, after)."""

    id: int
    row: ListRow
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
    added: tuple[ListRow, ...]
    changed: tuple[EnterpriseChange, ...]
    unchanged: int
    rejected: tuple[RejectedRow, ...]
    notes: tuple[str, ...]  # worth a look, no reason to refuse

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed)

    @property
    def gaps(self) -> tuple[ListRow, ...]:
        """Rows that are taken without a field that could not be understood."""
        refused = {(one.sheet, one.line) for one in self.rejected}
        return tuple(row for row in self.table.rows if row.gaps and (row.sheet, row.line) not in refused)

    @property
    def complete(self) -> bool:
        """Whether every visible line of the file is taken with all it says."""
        return self.table.complete and not self.rejected

    @property
    def to_mend(self) -> tuple[RejectedRow, ...]:
        """Rejected rows, and those taken with a gap, in the order of the file: to be mended and imported again."""
        gaps = (
            RejectedRow(
                line=row.line, sheet=row.sheet, name=row.values["name"], cells=row.cells,
                reason=f"{'；'.join(row.gaps)}；企业照常导入，只缺这一项",
            )
            for row in self.gaps
        )  # fmt: skip
        return _in_order(self.table, (*self.rejected, *gaps))


def compare(registry: Iterable[Mapping[str, Any]], table: RegistryTable) -> Plan:
    """Compare a file with the registry. Rows meet by USCC, without one by name (`name_key`)."""
    known = _Known(registry)
    added, changed, rejected, notes = [], [], list(table.rejected), []
    unchanged, places, spelled = 0, dict[int, str](), list[ListRow]()
    for row in table.rows:
        found = known.find(row)
        if isinstance(found, str):
            rejected.append(_refuse(row, found))
        elif found is None:
            added.append(row)
            notes += known.note(row)
        elif found["id"] in places:
            reason = f"和{places[found['id']]}对应名录里的同一家企业「{found['name']}」"
            rejected.append(_refuse(row, reason))
        else:
            places[found["id"]] = row.place
            fields = _differences(found, row)
            unchanged += not fields
            notes += _renamed(row, fields)
            spelled += [row] if found["name"] != row.values["name"] and "name" not in fields else []
            if fields:
                changed.append(EnterpriseChange(found["id"], row, fields))
    notes += _other_spellings(spelled) + _only_names(added)
    return Plan(table, tuple(added), tuple(changed), unchanged, _in_order(table, rejected), tuple(notes))


def _refuse(row: ListRow, reason: str) -> RejectedRow:
    return RejectedRow(
        line=row.line, sheet=row.sheet, name=row.values["name"], reason=reason, cells=row.cells
    )


def _in_order(table: RegistryTable, rows: Iterable[RejectedRow]) -> tuple[RejectedRow, ...]:
    """In the order of the file."""
    order = {name: place for place, name in enumerate(table.sheets)}
    return tuple(sorted(rows, key=lambda one: (order.get(one.sheet, 0), one.line)))


def _other_spellings(rows: Sequence[ListRow]) -> list[str]:
    if not rows:
        return []
    return [f"{len(rows):,} 家企业的名称和名录里只差在括号、全半角或空格，保留名录里的写法：{_places(rows)}"]


def _only_names(rows: Iterable[ListRow]) -> list[str]:
    """New enterprises of which the file says nothing but the name: perhaps titles."""
    bare = [row for row in rows if set(row.values) == {"name"}]
    return [f"{len(bare):,} 行只有名称、没有别的内容，请看看是不是企业：{_places(bare)}"] if bare else []


def _places(rows: Sequence[ListRow]) -> str:
    named = "、".join(f"{row.place}「{row.values['name']}」" for row in rows[:NAMED_AT_MOST])
    return named + ("等" if len(rows) > NAMED_AT_MOST else "")


class _Known:
    """The registry by USCC and by name."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._codes: dict[str, Mapping[str, Any]] = {}
        self._names: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for one in rows:
            self._names[name_key(one["name"])].append(one)
            if one["uscc"]:
                self._codes[one["uscc"]] = one

    def find(self, row: ListRow) -> Mapping[str, Any] | str | None:
        """The enterprise a row is about, the reason why that cannot be told, or None for a new one."""
        code, same = row.values.get("uscc"), self._names.get(name_key(row.values["name"]), [])
        if code in self._codes:
            return self._codes[code]
        if code:
            same = [one for one in same if not one["uscc"]]
        if len(same) > 1:
            return f"名录里有 {len(same)} 家企业叫这个名称，请填信用代码以便区分"
        return same[0] if same else None

    def note(self, row: ListRow) -> list[str]:
        """A new code for a name that is known: another enterprise, or a slip."""
        same = self._names.get(name_key(row.values["name"]), [])
        return [
            f"{row.place}「{row.values['name']}」和名录里 {one['uscc']} 的企业同名，将作为另一家新增"
            for one in same
        ]


def _renamed(row: ListRow, fields: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """A known code under another name: a new name, or somebody else's code."""
    before, after = fields.get("name", ("", ""))
    return [f"{row.place}的信用代码在名录里属于「{before}」，导入后改名为「{after}」"] if before else []


def _differences(found: Mapping[str, Any], row: ListRow) -> dict[str, tuple[Any, Any]]:
    """Filled cells that differ; an empty cell never wipes out what is known. A listed enterprise is no longer archived."""
    wanted = {**row.values, "archived": False}
    if name_key(found["name"]) == name_key(row.values["name"]):
        del wanted["name"]  # another way of writing is no other name
    return {name: (found[name], value) for name, value in wanted.items() if found[name] != value}
