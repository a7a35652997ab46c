"""What a list of enterprises holds: good rows, bad rows, lines that are no enterprises, and what was not read."""

from dataclasses import dataclass, field

from survey.core.registry.cells import Values


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A line of the file; `sheet` only when several were read."""

    line: int
    sheet: str = ""

    @property
    def place(self) -> str:
        return place_of(self.sheet, self.line)


@dataclass(frozen=True, kw_only=True)
class ListRow(_Placed):
    """A good row: the fields it fills, its cells as they stood, and reasons against fields that stay empty."""

    values: Values
    cells: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RejectedRow(_Placed):
    """A bad row with the reasons, and its cells as they stood, to be mended and imported again."""

    name: str
    reason: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Aside(_Placed):
    """A line that is no enterprise: what it says, and what kind of line it is."""

    text: str
    kind: str


@dataclass(frozen=True)
class RegistryTable:
    """What a file holds."""

    file_name: str
    header: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)  # field → what the file calls it
    unused: tuple[str, ...] = ()
    rows: tuple[ListRow, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    asides: tuple[Aside, ...] = ()
    hidden: tuple[str, ...] = ()  # sentences about hidden sheets, rows and columns that were not read
    unread: tuple[str, ...] = ()  # sentences about visible sheets that were not read
    hidden_rows: int = 0  # in the sheets that were read; left out unless wanted
    sheets: tuple[str, ...] = ()  # that were read, when more than one

    @property
    def complete(self) -> bool:
        """Whether every visible line became an enterprise with all it says."""
        gaps = any(row.gaps for row in self.rows)
        return not (self.rejected or self.asides or self.unread or gaps)


def place_of(sheet: str, line: int) -> str:
    """Where a line stands, in words."""
    return f"「{sheet}」第 {line} 行" if sheet else f"第 {line} 行"
