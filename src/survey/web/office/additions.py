"""企业添加簿 as a file, for those who run the registry and those who check them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from survey.core.accounts.access import Right
from survey.core.clock import CHINA
from survey.output.figures.exports import lines
from survey.storage.database import reading
from survey.storage.registry import enterprises
from survey.web.office.gate import for_right

HEAD = (
    "企业名称",
    "统一社会信用代码",
    "谁添加",
    "何时添加",
    "来自文件",
    "谁改过名称或信用代码",
    "何时改",
    "状态",
)


@for_right(Right.ROUNDS, Right.AUDIT, logged="导出")
async def download(_request: Request) -> Response:
    """Who made which enterprise when, by which file."""
    name = f"enterprises-{datetime.now(UTC).astimezone(CHINA):%Y%m%d}.csv"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f"attachment; filename={name}"}
    return StreamingResponse(lines(HEAD, _rows()), media_type="text/csv; charset=utf-8", headers=headers)


def _rows() -> Iterator[list[Any]]:
    with reading() as db:
        for line in enterprises.book(db):
            one = line.enterprise
            yield [
                one.name, one.uscc or "", one.made_by or "没有记录", _said(one.made_at), line.file_name,
                one.renamed_by, _said(one.renamed_at), "已归档" if one.archived else "在册",
            ]  # fmt: skip


def _said(moment: datetime | None) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}" if moment else ""


def routes() -> list[Route]:
    """The file's address."""
    return [Route("/export/enterprises.csv", download)]
