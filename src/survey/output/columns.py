"""A column of an export with what it means, and the exports made of them."""

from dataclasses import dataclass

NEVER = "不会为空"


@dataclass(frozen=True)
class Column:
    """One column: what it means, in what unit, how it is computed, what an empty cell says."""

    name: str
    meaning: str
    unit: str = "文字"
    computed: str = "原样写出"
    empty: str = NEVER


@dataclass(frozen=True)
class Layout:
    """One export or sheet: its name and its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)
