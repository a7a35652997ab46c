"""The office door, its middleware and its lifespan, around things that fail. Run with a port: all of it on one."""

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

PLANTED = "planted-13800001111"


def fail(where: str) -> NoReturn:
    """Raise as libraries do: with what was handed in, twice over."""
    try:
        raise KeyError(f"{PLANTED} {where}")
    except KeyError as error:
        raise ValueError(f"cannot parse {PLANTED!r} in {where}") from error


class Dies:
    """Fails where nobody can catch it."""

    def __del__(self) -> None:
        fail("finalizer")


async def _fail_later(where: str) -> NoReturn:
    fail(where)


async def route(_request: Any) -> NoReturn:
    fail("route")


async def odd(request: Any) -> Any:
    """A task nobody waits for, a callback of the loop, a thread, a finalizer, a quoting message."""
    from logging import getLogger

    from starlette.responses import PlainTextResponse

    asyncio.get_running_loop().create_task(_fail_later("task"))
    asyncio.get_running_loop().call_soon(fail, f"{PLANTED} callback of the loop")
    threading.Thread(target=fail, args=("thread",)).start()
    del request
    one = Dies()
    del one
    try:
        fail("message")
    except ValueError as error:
        getLogger("streamlit.elsewhere").error(f"failed: {error}")
        getLogger("streamlit.elsewhere").error("failed: %s", error)
    return PlainTextResponse("ok")


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application without any net of ours under it."""
    fail("websocket" if scope["type"] == "websocket" else "asgi")


def run(port: int) -> None:
    """Serve; the real app's lifespan, middleware and error page around a page and routes that fail."""
    import streamlit as st
    from starlette.routing import Route

    import app as real
    from survey.running import listening
    from survey.running.runner import JobRunner
    from survey.ui.errors import report
    from survey.web.office import guard

    JobRunner._round = lambda _self: fail("job")  # type: ignore[method-assign]
    app: Any = st.App(
        Path(__file__).with_name("failing_page.py"),
        routes=[Route("/fails", route), Route("/odd", odd), *real.PUBLIC],
        middleware=guard.middleware(), lifespan=real.lifespan, on_script_error=report,
    )  # fmt: skip

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await (bare if scope.get("path") == "/bare" else app)(scope, receive, send)

    listening.run(door, "127.0.0.1", port)


if __name__ == "__main__":
    run(int(sys.argv[1]))
