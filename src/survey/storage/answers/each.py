"""Responses one by one, for waves that may be exported so."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from survey.core.accounts.access import Right, needs
from survey.core.models import Table
from survey.storage.database import reading_connection

tables = Table.metadata.tables
response, enterprise = tables["response"], tables["enterprise"]
PAGE = 5000  # responses read at a time; a slow download holds no transaction open


@needs(Right.ROWS)
def each_response(wave_id: int) -> Iterator[tuple[bytes, bytes | None, str | None, bytes]]:
    """id, pseudonym, enterprise's name and packed grades of every response, in the order of random ids."""
    query = (
        select(response.c.id, response.c.pseudonym, enterprise.c.name, response.c.grades)
        .join_from(response, enterprise, response.c.enterprise_id == enterprise.c.id, isouter=True)
        .where(response.c.wave_id == wave_id)
        .order_by(response.c.id)
        .limit(PAGE)
    )
    page: list[Any] = []
    while not page or len(page) == PAGE:
        after = query.where(response.c.id > page[-1][0]) if page else query
        with reading_connection() as db:
            page = [tuple(row) for row in db.execute(after)]
        yield from page
        if not page:
            return
