"""Many rows at once, as fast as each database takes them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

Rows = Sequence[tuple[Any, ...]]


def insert_rows(db: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    """Insert rows of plain values (no enums, no JSON): COPY on PostgreSQL, a bare executemany on SQLite.

    The ORM's way takes three times as long for a million responses.
    """
    names = ", ".join(columns)
    if db.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        db.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))
        return
    cursor: Any = db.connection.cursor()
    with cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
