"""`survey import enterprises`: the same preview in the terminal, asked before anything is written."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from survey.cli import app
from survey.core.refusals import Refusal
from survey.core.registry.table import read_registry
from survey.storage.database import reading
from survey.storage.registry import enterprises
from tests import registry_lists


def run(file: Path, *options: str, answer: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["import", "enterprises", str(file), *options], input=answer)
    return result.exit_code, result.stdout


def listed() -> int:
    with reading() as db:
        return enterprises.counts(db).listed


@pytest.fixture
def names(sqlite_database: Path, tmp_path: Path) -> Path:
    return registry_lists.write_list(tmp_path / "名单.xlsx")


def test_it_shows_the_preview_and_asks(names: Path) -> None:
    status, said = run(names, answer="n\n")
    assert status == 1
    assert "新增 340 家，更改 0 家，不变 0 家，不能导入 20 行。" in said
    assert "第 25 行不能导入：信用代码「91999999MAT0000210」校验不符，至少有一位写错了" in said
    assert "已取消，名录没有变化。" in said
    assert listed() == 0
    status, said = run(names, answer="y\n")
    assert (status, listed()) == (0, 340)


def test_yes_imports_at_once_and_keeps_the_rejected_rows(names: Path, sqlite_database: Path) -> None:
    status, said = run(names, "--yes")
    assert (status, listed()) == (0, 340)
    assert "已导入：新增 340 家，更改 0 家。" in said
    [kept] = sqlite_database.glob("要改的行-*.xlsx")
    assert f"存为 {kept}" in said
    assert kept.stat().st_mode & 0o077 == 0  # phones are in it
    again = read_registry(kept.read_bytes(), "")
    assert len(again.rejected) >= 18
    assert sum(bool(row.gaps) for row in again.rows) == registry_lists.GAPS


def test_what_cannot_be_read_is_one_sentence(sqlite_database: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "说明.txt"
    wrong.write_text("没有表头\n", encoding="utf-8")
    for file, sentence in ((wrong, "前 10 行里没有找到表头"), (tmp_path / "没有.xlsx", "打不开文件")):
        told = CliRunner().invoke(app, ["import", "enterprises", str(file), "--yes"])
        assert isinstance(told.exception, Refusal), "told by `main` like every refusal"
        assert str(told.exception).startswith(sentence)
        assert listed() == 0


def test_ratings_that_cannot_be_read_are_told_line_by_line(sqlite_database: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "评价.csv"
    wrong.write_text("部门,等级\n" + "税务局,9\n" * 25, encoding="utf-8")
    told = CliRunner().invoke(
        app, ["import", "ratings", str(wrong), "--department", "部门", "--grade", "等级"]
    )
    assert isinstance(told.exception, Refusal)
    *lines, rest, last = str(told.exception).splitlines()
    assert [one.partition("：")[0] for one in lines] == [f"第 {number} 行" for number in range(2, 22)]
    [kept] = sqlite_database.glob("rejected-*.csv")
    assert rest == f"……共 25 行不能导入，全部列在 {kept}"
    assert len(kept.read_text(encoding="utf-8-sig").splitlines()) == 26
    assert last == "没有导入任何一行。"
