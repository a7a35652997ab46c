"""Strangers at both doors: foreign handshakes and silent connections, and how long a health probe then takes."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from typing import Any

import websockets
from websockets.typing import Origin

from tests.bench import doors, worlds
from tests.bench.journeys import percentile

HANDSHAKES, SILENT, PROBES = 20, 200, 100
FOREIGN = Origin("http://evil.example")


def measure() -> Iterator[dict[str, Any]]:
    """Per door: milliseconds of health probes alone, during foreign handshakes, beside silent connections."""
    with worlds.world():
        worlds.open_wave(1)
        for name in ("public", "office"):
            port = doors.free_port()
            with doors.door(name, port):
                _probe(port)
                alone = _probe(port)
                handshakes = asyncio.run(_besieged(port))
                with ExitStack() as stack:
                    for _ in range(SILENT):
                        stack.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
                    silent = _probe(port)
            found = {"alone": alone, "handshakes": handshakes, "silent": silent}
            yield {"door": name, **{key: (percentile(t, 0.5), 1000 * max(t)) for key, t in found.items()}}


def _probe(port: int) -> list[float]:
    """Seconds of probes one after the other, each on a connection of its own."""
    times = []
    for _ in range(PROBES):
        began = time.perf_counter()
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        times.append(time.perf_counter() - began)
    return times


async def _besieged(port: int) -> list[float]:
    """Probes while foreign pages try to open sessions, again and again."""
    probing = asyncio.create_task(asyncio.to_thread(_probe, port))
    while not probing.done():
        await asyncio.gather(*(_knock(port) for _ in range(HANDSHAKES)))
    return await probing


async def _knock(port: int) -> None:
    try:
        async with websockets.connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin=FOREIGN, proxy=None):
            raise AssertionError("一个外站打开了会话")
    except websockets.exceptions.InvalidHandshake:
        pass
