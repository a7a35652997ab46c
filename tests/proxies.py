"""A bad network: a proxy that forwards to a door and then loses, cuts, delays or doubles what comes back."""

import asyncio
import random
from collections.abc import Callable
from threading import Event, Thread

FAULTS = ("lose", "cut", "delay", "double", "none")
DELAY_SECONDS = 1.0  # longer than the phone below waits


class Proxy:
    """Listens on a port of its own; `choose()` names the fault of each connection."""

    def __init__(self, to: int, choose: Callable[[], str]) -> None:
        self._to, self._choose = to, choose
        self.port, self.met = 0, list[str]()
        self._loop, ready = asyncio.new_event_loop(), Event()
        self._thread = Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    def _run(self, ready: Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = int(server.sockets[0].getsockname()[1])
        ready.set()
        self._loop.run_forever()
        server.close()
        late = asyncio.all_tasks(self._loop)
        for one in late:
            one.cancel()
        self._loop.run_until_complete(asyncio.gather(*late, return_exceptions=True))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            request = await self._read(phone)
            fault = self._choose()
            self.met.append(fault)
            answer = await self._forward(request)
            if fault == "double":
                answer = (await asyncio.gather(self._forward(request), self._forward(request)))[1]
            if fault == "delay":
                await asyncio.sleep(DELAY_SECONDS)
            if fault != "lose":
                back.write(answer[: len(answer) // 4] if fault == "cut" else answer)
                await back.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the phone or the door has hung up
        finally:
            back.close()

    @staticmethod
    async def _read(phone: asyncio.StreamReader) -> bytes:
        head = await phone.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head + await phone.readexactly(int(length.split(b":")[1]))

    async def _forward(self, request: bytes) -> bytes:
        """The door's whole answer; the request asks it to close the connection behind it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._to)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer


def dice(seed: int) -> Callable[[], str]:
    """Every fault equally often, in an order of its own."""
    order = random.Random(seed)
    return lambda: order.choice(FAULTS)
