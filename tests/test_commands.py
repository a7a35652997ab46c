"""Every documented command does what it says, run over a database of its own. `serve` runs in `test_stopping`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from survey.cli import app
from survey.core.models import Mode, Role
from tests import manual
from tests.factories import close, make_wave, submit
from tests.people import account

ELSEWHERE = {"survey serve": "tests/test_stopping.py"}


def nothing(folder: Path) -> list[str]:
    return []


def an_answered_wave(folder: Path) -> list[str]:
    submit(make_wave(enterprises=3))
    return []


def a_closed_pseudonymous_wave(folder: Path) -> list[str]:
    wave = make_wave(enterprises=3, mode=Mode.PSEUDONYMOUS)
    submit(wave)
    close(wave)
    return ["main", "--yes"]


def an_account(folder: Path) -> list[str]:
    return [account(Role.VIEWER, "李主任").name]


def a_table_of_ratings(folder: Path) -> list[str]:
    path = folder / "评价.csv"
    path.write_text("部门,等级\n税务局,5\n税务局,4\n", encoding="utf-8")
    return [str(path), "--department", "部门", "--grade", "等级"]


def a_list_of_enterprises(folder: Path) -> list[str]:
    path = folder / "名单.csv"
    path.write_text("企业名称,行业\n虚构甲公司,制造业\n", encoding="utf-8")
    return [str(path), "--yes"]


RUNS: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "survey demo": (nothing, "演示登录"),
    "survey verify": (an_answered_wave, "全部计数与答卷一致"),
    "survey seal": (an_answered_wave, "已封存"),
    "survey destroy-key": (a_closed_pseudonymous_wave, "代号密钥已销毁"),
    "survey sbom": (nothing, "CycloneDX"),
    "survey doctor": (an_answered_wave, "数据库"),
    "survey import ratings": (a_table_of_ratings, "得到 1 个期次"),
    "survey import enterprises": (a_list_of_enterprises, "新增 1 家"),
    "survey user add": (lambda _: ["王专员", "--role", "officer", "--password", "Jq7-kmzp-vvw2"], "已新增账号「王专员」"),
    "survey user reset": (an_account, "的新密码："),
    "survey audit verify": (an_answered_wave, "审计日志完整"),
    "survey audit purge": (lambda _: ["--before", "2020-01-01"], "已清理 0 条"),
}  # fmt: skip


@pytest.mark.parametrize("words", RUNS)
def test_a_command_does_what_it_says(sqlite_database: Path, words: str) -> None:
    prepare, said = RUNS[words]
    told = CliRunner().invoke(app, [*words.split()[1:], *prepare(sqlite_database)])
    assert said in told.output, told.output
    assert told.exit_code == 0 or words == "survey doctor"  # what it finds on this machine is its own matter


def test_every_documented_command_is_run_and_none_besides() -> None:
    assert RUNS.keys() | ELSEWHERE.keys() == {words for words, _ in manual.commands()}
    for words, file in ELSEWHERE.items():
        assert f'"{words.split()[1]}"' in (manual.ROOT / file).read_text(encoding="utf-8")


def test_what_is_printed_for_programs_is_json(sqlite_database: Path) -> None:
    for words in (["doctor", "--json"], ["sbom"]):
        assert json.loads(CliRunner().invoke(app, words).output)


def test_help_is_chinese() -> None:
    for words, command in manual.commands():
        texts = [command.help, *(getattr(one, "help", "") for one in command.params if one.name != "help")]
        assert all(any("\u4e00" <= mark <= "\u9fff" for mark in text or "") for text in texts), words
