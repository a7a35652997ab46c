"""Whatever a whole run leaves on the disk can be read by the product's own account only."""

import os
import signal
import stat
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from survey.settings import ROOT
from survey.storage import private_files
from tests.bench.doors import free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX")
CARELESS = "import os; os.umask = lambda _mask: 0; from survey.storage import private_files as p; p.keep_private = lambda: None;"
STARTS = {
    "survey": "from survey.cli import main; main()",
    "app.py": "import runpy; runpy.run_path('app.py', run_name='__main__')",
    "streamlit": "import sys; sys.argv = ['streamlit', *sys.argv[1:]]; from streamlit.web.cli import main; main()",
}


class Machine:
    """A data folder, a home and a place for temporary files, all of whose newcomers are looked at."""

    def __init__(self, folder: Path, careless: bool) -> None:
        self.folder, self.careless = folder, careless
        self.data = folder / "data"
        self.ports = {name: str(free_port()) for name in ("SURVEY_PUBLIC_PORT", "SURVEY_OFFICE_PORT")}
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        self.seen: set[str] = set()  # open to others at any time

    def command(self, start: str, *words: str) -> list[str]:
        code = (CARELESS if self.careless else "") + STARTS[start]
        return ["sh", "-c", 'umask 022 && exec "$@"', "sh", sys.executable, "-c", code, *words]

    @property
    def environment(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")}
        return mine | {
            "HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp"), "SURVEY_DATA_DIR": str(self.data),
            "SURVEY_PUBLIC_HOST": "127.0.0.1", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), **self.ports,
        }  # fmt: skip

    def do(self, *words: str) -> None:
        subprocess.run(
            self.command("survey", *words), cwd=ROOT, env=self.environment, check=False, capture_output=True, timeout=120
        )  # fmt: skip
        self.seen |= self.open_to_others()

    def serve(self, start: str, *words: str, port: str) -> None:
        """Serve until the first visitor was answered, and the jobs had a round."""
        process = subprocess.Popen(
            self.command(start, *words), cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 120
            while not _answers(int(self.ports[port])):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            time.sleep(4)
            self.seen |= self.open_to_others()  # while the journal is there
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)

    def open_to_others(self) -> set[str]:
        """What the group or others may read, write or enter."""
        found = [
            self.data,
            *(path for one in ("data", "home", "tmp") for path in (self.folder / one).rglob("*")),
        ]
        return {
            str(path.relative_to(self.folder))
            for path in found
            if path.exists() and not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
        }


def _answers(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def whole_run(machine: Machine) -> None:
    """Demo data, a list that is refused, both doors with jobs, code books, a seal."""
    machine.do("demo")
    bad = machine.folder / "bad.csv"
    bad.write_text("部门,等级\n" + "没有的部门,9\n" * 30, encoding="utf-8")
    machine.do("import", "ratings", str(bad), "--department", "部门", "--grade", "等级")
    if machine.careless:
        return  # the doors are processes of their own, which take care of themselves
    machine.serve("survey", "serve", port="SURVEY_PUBLIC_PORT")
    machine.do("seal")


@pytest.mark.parametrize("careless", [False, True])
def test_a_whole_run_leaves_nothing_for_other_accounts(tmp_path: Path, careless: bool) -> None:
    machine = Machine(tmp_path, careless)
    whole_run(machine)
    names = {path.name for path in machine.data.rglob("*")}
    assert {"survey.db", "secret.key", "audit.key", "demo.json"} <= names
    assert any(name.startswith("rejected-") for name in names)
    if careless:
        assert {"data", "data/survey.db"} <= machine.seen
    else:
        assert machine.seen == set()


@pytest.mark.parametrize(
    ("start", "words", "port"),
    [
        ("app.py", (), "SURVEY_OFFICE_PORT"),
        ("streamlit", ("run", "app.py", "--server.port", "{port}"), "SURVEY_OFFICE_PORT"),
        ("survey", ("door", "public"), "SURVEY_PUBLIC_PORT"),
        ("survey", ("door", "office"), "SURVEY_OFFICE_PORT"),
    ],
)
def test_every_start_mends_what_an_older_version_left_open(
    tmp_path: Path, start: str, words: tuple[str, ...], port: str
) -> None:
    machine = Machine(tmp_path, careless=True)
    machine.do("verify")
    assert "data/survey.db" in machine.seen
    machine.careless, machine.seen = False, set()
    words = tuple(word.format(port=machine.ports[port]) for word in words)
    machine.serve(start, *words, port=port)
    assert machine.seen == set()


def test_what_cannot_be_mended_is_told(
    sqlite_database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (sqlite_database / "survey.db").chmod(0o644)
    (sqlite_database / "elsewhere").symlink_to("/etc")

    def refused(_self: Path, _mode: int) -> None:
        raise PermissionError

    before = os.umask(0o022)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "chmod", refused)
            private_files.keep_private()
        assert "survey.db" in caplog.text
        assert "chmod -R go-rwx" in caplog.text
        caplog.clear()
        private_files.keep_private()
        assert not caplog.text
        assert list(private_files.open_to_others()) == []
    finally:
        os.umask(before)
