"""`streamlit run app.py` and `python app.py` serve both doors on one port, with demo data where there is none."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, START_SECONDS, free_port

WAYS = {
    "streamlit": ["-m", "streamlit", "run", "app.py", "--server.port", "{port}"],
    "python": ["app.py"],
}


def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, place it sends to, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.getheader("location") or "", answer.read().decode()
    connection.close()
    return found


@pytest.fixture(params=WAYS)
def one_port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """The port of a fresh server; nothing has been asked of it yet but its health."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SURVEY_")}
    environment |= {"SURVEY_DATA_DIR": str(tmp_path)}
    if request.param == "python":
        environment["SURVEY_OFFICE_PORT"] = str(port)
    command = [sys.executable, *(part.format(port=port) for part in WAYS[request.param])]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            assert get(port, "/healthz")[0] == 200
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail((tmp_path / "log").read_text(encoding="utf-8"))
            time.sleep(0.2)
    yield port
    process.terminate()
    process.wait(timeout=20)


def test_both_doors_answer_and_pages_ask_to_sign_in(one_port: int, tmp_path: Path) -> None:
    status, place, _ = get(one_port, "/cases")  # cold: the very first page asked for
    assert (status, place) == (303, "/login?next=%2Fcases")
    demo = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))
    assert demo["public"] == f"http://127.0.0.1:{one_port}"
    status, _, form = get(one_port, f"/q/{demo['open_code']}")
    assert status == 200
    assert "演示数据" in form
    assert "约 1 分钟" in form
    assert get(one_port, "/readyz")[0] == 200
    assert 'survey_responses{wave="2"} 214.0' in get(one_port, "/metrics")[2]
    assert get(one_port, "/_stcore/metrics")[0] == 404
    assert "演示" in (tmp_path / "log").read_text(encoding="utf-8")
