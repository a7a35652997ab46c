"""A column of an export with what it means, and the exports made of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NEVER = "不会为空"


def _untold(_row: Any) -> Any:
    raise NotImplementedError("this column is written by its table, not by itself")


@dataclass(frozen=True)
class Column:
    """One column: what it means, in what unit, how it is computed, what an empty cell says, and its value in a row."""

    name: str
    meaning: str
    unit: str = "文字"
    computed: str = "原样写出"
    empty: str = NEVER
    value: Callable[[Any], Any] = field(default=_untold, repr=False, compare=False)


@dataclass(frozen=True)
class Layout:
    """One export or sheet: its name and its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def row(self, of: Any) -> list[Any]:
        """The cells of a row, each asked of its column."""
        return [column.value(of) for column in self.columns]
