"""`survey import`: lists of enterprises, tables of ratings."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from survey.cli.terminal import console, prepare
from survey.core.refusals import Refusal
from survey.settings import get_settings

imports = typer.Typer(help="导入企业名单，或把已有的评价表导入为已截止的期次。", no_args_is_help=True)
SHOWN_PROBLEMS = 20


@imports.command("ratings")
def import_ratings(
    file: Annotated[Path, typer.Argument(help="CSV 文件，每行一个评价")],
    department: Annotated[str, typer.Option(help="部门所在的列名")],
    grade: Annotated[str, typer.Option(help="等级所在的列名，5 为非常满意，0 为未接触")],
    rater: Annotated[str | None, typer.Option(help="评价者所在的列名")] = None,
    question: Annotated[str | None, typer.Option(help="题目所在的列名")] = None,
    wave: Annotated[str | None, typer.Option(help="期次所在的列名")] = None,
    title: Annotated[str | None, typer.Option(help="期次名称的开头")] = None,
    overall: Annotated[str | None, typer.Option(help="题目列里哪一题是总体满意度，名称不同时指明")] = None,
    formula: Annotated[str, typer.Option(help="满意度得分口径")] = "10-8-6-3-0",
    frame: Annotated[Path | None, typer.Option(help="受邀名单 CSV，评价者的列名与评价表相同")] = None,
    by: Annotated[str, typer.Option(help="受邀名单里作分层的列名，多列用逗号隔开")] = "",
) -> None:
    """把一张评价表导入为已截止的期次：全部成功才公布，有一行不对就一行也不留。"""
    from survey.actions.intake.plan import ImportPlan
    from survey.actions.intake.ratings import import_ratings as run
    from survey.core.intake.rating_table import ImportRefused

    prepare()
    plan = ImportPlan(
        file, rater, department, grade, question, wave, title, overall=overall, formula=formula, frame=frame,
        by=tuple(part.strip() for part in by.replace("，", ",").split(",") if part.strip()),
    )  # fmt: skip
    try:
        with Progress(console=console, transient=True) as bar:
            tasks: dict[str, Any] = {}

            def show(step: str, done: int, of: int) -> None:
                if step not in tasks:
                    tasks[step] = bar.add_task(step)
                bar.update(tasks[step], completed=done, total=of or None)

            result = run(plan, now=datetime.now(UTC), progress=show)
    except ImportRefused as refused:
        raise Refusal(all_of(refused.problems)) from refused
    print(f"导入 {result.rows:,} 行，得到 {len(result.waves)} 个期次：")
    for number, name, responses in result.waves:
        print(f"  {number}　{name}　答卷 {responses:,} 份")


@imports.command("enterprises")
def import_enterprises(
    file: Annotated[Path, typer.Argument(help="企业名单，Excel（.xlsx）或 CSV")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问，直接导入")] = False,
    hidden_rows: Annotated[bool, typer.Option("--hidden-rows", help="隐藏或筛选掉的行也导入")] = False,
) -> None:
    """导入企业名单：先列出新增、更改和不能导入的行，确认之后才写入；信用代码相同的是同一家。"""
    from survey.cli import registry

    prepare()
    raise typer.Exit(registry.import_enterprises(file, yes, hidden_rows))


def all_of(problems: list[tuple[int, str]]) -> str:
    """The first bad rows in words; where there are more, all of them are in a file beside the data."""
    told = [f"第 {line} 行：{reason}" if line else reason for line, reason in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        path = get_settings().data_dir / f"rejected-{datetime.now():%Y%m%d-%H%M%S}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("行号", "原因"), *problems])
        told.append(f"……共 {len(problems):,} 行不能导入，全部列在 {path}")
    return "\n".join([*told, "没有导入任何一行。"])
