"""The public door as phones meet it: a process of its own behind a port."""

import os
import signal
import socket
import subprocess
import sys
import time


class Door:
    """The public door as its own process, started anew on the same port after each kill."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "survey.cli", "door", "public"]
        settings = {"SURVEY_PUBLIC_PORT": str(self.port), "SURVEY_PUBLIC_HOST": "127.0.0.1"}
        self.process = subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
