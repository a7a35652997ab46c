"""The whole audit log as a file, for the auditor."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from survey.core.accounts.access import Right
from survey.core.clock import CHINA
from survey.core.models import Role
from survey.core.names import ROLE_NAMES
from survey.output.figures.exports import lines
from survey.storage.accounts import people
from survey.storage.database import reading
from survey.web.office.gate import for_right

HEAD = ("编号", "时间", "账号", "角色", "做什么", "对象", "结果", "校验值")


@for_right(Right.AUDIT, logged="导出")
async def download(_request: Request) -> Response:
    """Every entry, oldest first, with its link of the chain."""
    name = f"audit-{datetime.now(UTC).astimezone(CHINA):%Y%m%d}.csv"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f"attachment; filename={name}"}
    return StreamingResponse(lines(HEAD, _rows()), media_type="text/csv; charset=utf-8", headers=headers)


def _rows() -> Iterator[list[Any]]:
    with reading() as db:
        for one in people.audit_all(db):
            at = f"{one.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
            role = ROLE_NAMES[Role(one.role)] if one.role else ""
            yield [one.id, at, one.who, role, one.what, one.about, one.result, one.hash.hex()]


def routes() -> list[Route]:
    """The file's address."""
    return [Route("/export/audit.csv", download)]
