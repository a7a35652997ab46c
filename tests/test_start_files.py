"""Whatever is wrong with a file of `data/`: each command says so in Chinese with the line, and ends without a trace."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = (
    ["serve"], ["demo"], ["verify"], ["user", "reset", "x"], ["import", "enterprises", "x.csv"],
    ["import", "ratings", "x.csv", "--department", "部门", "--grade", "等级"],
)  # fmt: skip
BAD_DEPARTMENTS = {
    "short": (b"id,name,category,duty\ntax\n", "第 2 行"),
    "double": (b"id,name,category,duty\ntax,a1,b,c\ntax,a2,b,c\n", "第 3 行"),
    "reserved": (b"id,name,category,duty\n,,,\nnone,a1,b,c\n", "第 3 行"),
    "broken": (b"\xff\xfe\xff\xff\xff", "departments.csv"),
}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program, whose files may be spoilt."""
    home = tmp_path_factory.mktemp("installation")
    for name in ("src", "pages", "docs"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__", "screenshots"))
    shutil.copytree(
        ROOT / "data", home / "data", ignore=shutil.ignore_patterns("*.db*", "*.key", "demo.json")
    )
    shutil.copy(ROOT / "app.py", home)
    return home


def run(home: Path, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")}
    own = {
        "PYTHONPATH": str(home / "src"),
        "SURVEY_DATA_DIR": str(home / "kept"),
        "PYTHONIOENCODING": "utf-8",
    }
    program = [sys.executable, *(command if command[0] == "app.py" else ["-m", "survey.cli", *command])]
    return subprocess.run(
        program, cwd=home, env={**kept, **own, "COLUMNS": "400", **more}, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], says: str) -> None:
    told = done.stdout + done.stderr
    assert done.returncode not in (0, None)
    assert says in told
    assert "Traceback" not in told
    assert re.search("[\u4e00-\u9fff]", told)


@pytest.mark.parametrize("kind", BAD_DEPARTMENTS)
def test_every_command_refuses_a_bad_departments_file(installation: Path, kind: str) -> None:
    file = installation / "data/departments.csv"
    good, (content, says) = file.read_bytes(), BAD_DEPARTMENTS[kind]
    file.write_bytes(content)
    try:
        for command in COMMANDS if kind == "short" else COMMANDS[:1]:
            refused(run(installation, command), says)
        if kind == "short":
            refused(run(installation, ["app.py"], SURVEY_OFFICE_PORT="9131", SURVEY_PUBLIC_PORT="9131"), says)
    finally:
        file.write_bytes(good)


def test_a_demo_needs_a_questionnaire_that_can_be_read(installation: Path) -> None:
    file = installation / "data/questionnaires/business.toml"
    good = file.read_text("utf-8")
    file.write_text(good.replace('id = "policy"', "id = “policy”"), encoding="utf-8")
    try:
        refused(run(installation, ["demo"]), "business.toml 第 23 行")
    finally:
        file.write_text(good, encoding="utf-8")


def test_a_departments_file_of_ones_own_as_a_spreadsheet_saves_it_makes_a_demo(installation: Path) -> None:
    file = installation / "data/departments.csv"
    good = file.read_bytes()
    own = (
        "id,name,category,duty\r\n" + "".join(f"own{n},虚构{n}局,一类,职责\r\n" for n in range(5)) + ",,,\r\n"
    )
    file.write_bytes(own.encode("gb18030"))
    try:
        done = run(installation, ["demo", "--json"], SURVEY_DATA_DIR=str(installation / "other"))
    finally:
        file.write_bytes(good)
    assert done.returncode == 0, done.stderr
    assert '"logins"' in done.stdout


def test_mistakes_that_the_doors_can_open_without_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from survey.actions import own_files

    (tmp_path / "a.toml").write_text("x", encoding="utf-8")
    (tmp_path / "b.toml").write_text('id = "b"', encoding="utf-8")
    monkeypatch.setattr(own_files, "QUESTIONNAIRES", tmp_path)
    told = own_files.mistakes()
    assert told[0].startswith("问卷文件 a.toml 第 1 行附近")
    assert all(one.startswith("问卷文件 b.toml") for one in told[1:])
    assert len(told) > 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SURVEY_PUBLIC_PORT", "x"), ("SURVEY_WORKERS", ""), ("SURVEY_FAST_SECONDS", "快"), ("SURVEY_SECRET_KEY", "geheim"),
        ("SURVEY_PASSWORD_PROFILE", "none"), ("SURVEY_DATABASE_URL", "mysql://u:geheim@x/y"), ("SURVEY_K_SCORES", "5.5"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_sentence_at_every_start(installation: Path, name: str, value: str) -> None:
    done = run(installation, ["serve"], **{name: value})
    refused(done, name)
    assert "geheim" not in done.stdout + done.stderr


def test_settings_are_read_as_people_type_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from survey.settings import Settings

    monkeypatch.setenv("SURVEY_PUBLIC_PORT", " ８５００ ")
    monkeypatch.setenv("SURVEY_HOST_NAME", " 高新区（绵阳）专班 ")
    monkeypatch.setenv("SURVEY_BASE_URL", "https://survey.example/ ")
    found = Settings()
    assert (found.public_port, found.host_name) == (8500, "高新区（绵阳）专班")
    assert found.base_url == "https://survey.example"
