"""How a part of the product is told to stop."""

import os
import signal
import threading
import time
from types import FrameType

ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # SIGHUP: the terminal was closed
LOOK_SECONDS = 0.1
ALONE_SECONDS = 1.0


class Stop:
    """Signals that end the program. Made in the main thread, which alone runs handlers.

    A handler runs in the middle of whatever the main thread does. One that takes a lock, as `Event.set` does, waits
    for ever when a second signal finds the lock taken; this one only raises a flag, and who waits looks at it.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (getattr(signal, name) for name in ENDING if hasattr(signal, name)):
            kept = number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) is signal.SIG_IGN
            if not kept:  # nohup: a closed terminal is to end nothing
                signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def wait(self, seconds: float) -> bool:
        """Sleep for so long, or until asked to stop; whether that was asked."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK_SECONDS, left))
        return self.asked


def end_when_left_alone() -> None:
    """A part whose parent was killed without a chance to stop it ends by itself and frees its port."""
    if os.name == "posix":
        watch = threading.Thread(target=_watch, args=(os.getppid(),), name="parent", daemon=True)
        watch.start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(ALONE_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
