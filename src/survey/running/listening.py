"""How a door listens: uvicorn without a word about visitors, and few accepted in one breath."""

import logging
import os
import sys
from asyncio import SelectorEventLoop, Server
from contextlib import closing
from typing import Any

import uvicorn

from survey.core.cookie_probe import parsing_is_linear
from survey.running.open_files import AT_ONCE, QUEUE, allow_many_files
from survey.running.patient import Patient

SESSION_MESSAGE = 1_048_576  # bytes; Streamlit's maxWidgetStateSize takes no more, but only after reading all
SLOW_COOKIES = "这个 Python 解析 Cookie 很慢（CVE-2024-7592），一个请求能让所有人等。两个门已把这样的 Cookie 挡在前面；方便时请把 Python 升级到最新的小版本。"

log = logging.getLogger(__name__)


def run(app: Any, host: str, port: int, **more: Any) -> None:
    """Without access log: it would tell addresses and codes. `Server` headers tell versions."""
    allow_many_files()
    if os.environ.get("SURVEY_DOOR") != "office" and not parsing_is_linear():  # once for both doors
        log.warning(SLOW_COOKIES)
    uvicorn.run(
        app, host=host, port=port, http=Patient, access_log=False, log_level="warning", server_header=False,
        timeout_graceful_shutdown=3, ws_max_size=SESSION_MESSAGE,
        loop="auto" if sys.platform == "win32" else "survey.running.listening:Loop", **more,
    )  # fmt: skip


class Loop(SelectorEventLoop):
    """Python's own would accept all that wait, two thousand, before a first one is looked at: no file would be left
    for the database, nor any limit be kept."""

    async def create_server(self, *args: Any, **about: Any) -> Server:
        server = await super().create_server(*args, **{**about, "backlog": AT_ONCE})
        for one in server.sockets:
            with closing(one.dup()) as same:
                same.listen(QUEUE)
        return server
