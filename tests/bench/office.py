"""Officials who open the dashboard: each a websocket session, as a browser makes it."""

import asyncio
import os
import sys
import time

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from survey.core.models import Role
from survey.settings import get_settings
from tests import people


def sign_ins(pages: int) -> list[str]:
    """A cookie for each page: of as many sign-ins as are needed, since each may have so many pages open."""
    each = get_settings().office_sessions_each
    several = [people.sign_in(Role.VIEWER, name=f"看板 {number}") for number in range(-(-pages // each))]
    return [several[number // each] for number in range(pages)]


def rerun(page: str) -> bytes:
    """What a browser sends to have a page drawn."""
    run = BackMsg()
    run.rerun_script.page_name = page
    return bytes(run.SerializeToString())


async def open_dashboard(port: int, token: str, hold: asyncio.Event) -> float:
    """Open the dashboard and keep it open; seconds until its first run was finished."""
    began = time.perf_counter()
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    headers = {"Cookie": f"survey_office={token}"}
    async with websockets.connect(
        address, origin=f"http://127.0.0.1:{port}", additional_headers=headers,  # type: ignore[arg-type]
        subprotocols=[Subprotocol("streamlit")], max_size=None, open_timeout=120, ping_interval=None,
    ) as session:  # fmt: skip
        await session.send(rerun("dashboard"))
        drawn = 0
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(session.recv(), 120))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            drawn += kind == "delta"
            if kind == "script_finished":
                break
        assert drawn > 5, f"驾驶舱只画了 {drawn} 个元素"
        took = time.perf_counter() - began
        await hold.wait()
    return took


async def open_many(port: int, seconds: float, tokens: list[str]) -> list[float]:
    """Open a dashboard with each of the cookies at the same moment."""
    hold = asyncio.Event()
    sessions = [asyncio.create_task(open_dashboard(port, token, hold)) for token in tokens]
    asyncio.get_running_loop().call_later(seconds, hold.set)
    return await asyncio.gather(*sessions)


if __name__ == "__main__":  # port, seconds to stay, cookies
    os.nice(19)  # browsers have machines of their own
    print(max(asyncio.run(open_many(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))))
