"""A plugin that writes down which of the functions asked for ran in each test, in whatever thread."""

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

RAN: defaultdict[str, set[str]] = defaultdict(set)
PLACES: dict[tuple[str, int], str] = {}
current = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--asked")
    parser.addoption("--told")


def pytest_configure(config: pytest.Config) -> None:
    asked = json.loads(Path(str(config.getoption("--asked"))).read_text())
    PLACES.update({(file, line): name for name, (file, line) in asked.items()})
    threading.setprofile(_see)
    sys.setprofile(_see)


def _see(frame: FrameType, event: str, _argument: object) -> None:
    if event == "call":
        code = frame.f_code
        if name := PLACES.get((code.co_filename, code.co_firstlineno)):
            RAN[current].add(name)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global current
    current = item.nodeid.partition("[")[0]
    sys.setprofile(_see)
    yield


def pytest_sessionfinish(session: pytest.Session) -> None:
    sys.setprofile(None)
    told = {name: sorted(found) for name, found in RAN.items()}
    Path(str(session.config.getoption("--told"))).write_text(json.dumps(told))
