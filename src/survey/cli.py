"""The `survey` command."""

import csv
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from survey.core.models import Role
from survey.core.refusals import Refusal
from survey.settings import SettingsError, get_settings

app = typer.Typer(
    help="一键测评：企业扫码评部门，结果看得见、可核对。", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,
)  # fmt: skip
imports = typer.Typer(help="导入企业名单，或把已有的评价表导入为已截止的期次。", no_args_is_help=True)
app.add_typer(imports, name="import")
users = typer.Typer(help="办公端账号。", no_args_is_help=True)
app.add_typer(users, name="user")
audit_log = typer.Typer(help="审计日志。", no_args_is_help=True)
app.add_typer(audit_log, name="audit")
console = Console(stderr=True)
SHOWN_PROBLEMS = 20
MENDABLE = (SettingsError, Refusal)


def main() -> None:
    """Run the command; what a person can mend is one Chinese sentence and status 1."""
    try:
        app()
    except MENDABLE as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)


@app.callback()
def _begin() -> None:
    """Before every command."""
    from survey.core.discreet import quiet_errors
    from survey.storage.private_files import keep_private

    quiet_errors()
    keep_private()


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar in the terminal; yields `show(done, of)`."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _prepare() -> None:
    from survey.actions.registry import refresh_departments
    from survey.storage.anchors import open_places
    from survey.storage.schema import prepare

    prepare()
    open_places()
    refresh_departments()


@app.command()
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="没有任何数据时先放入演示数据")] = False,
) -> None:
    """打开企业端和办公端，并在后台发布结果；Ctrl-C 全部停止。"""
    from survey.running import serving
    from survey.running.stopping import Stop

    stop = Stop()  # first of all: an interrupt that is raised while something is prepared may be lost there
    _prepare()
    _refuse_lost_keys()
    _tell_mistakes()
    made = _demo_data() if demo and not stop.asked else None
    serving.serve(made, stop)


def _tell_mistakes() -> None:
    """Say what is wrong with files that the doors can open without."""
    from survey.actions.own_files import mistakes

    for sentence in mistakes():
        console.print(sentence, style="yellow", markup=False, highlight=False)


def _refuse_lost_keys() -> None:
    from survey.actions.keys import refuse_lost_keys
    from survey.storage.database import reading

    with reading() as db:
        refuse_lost_keys(db)


@app.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出地址、测评码和登录")] = False,
) -> None:
    """在空白的系统里放入演示数据（两期、360 家演示企业）。"""
    from survey.running import serving

    _prepare()
    made = _demo_data()
    if made is None:
        raise SettingsError(
            "系统里已有数据，没有放入演示数据。要另试一套，请用 SURVEY_DATA_DIR 指一个空文件夹。"
        )
    if as_json:
        print(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        serving.print_welcome(made)


def _demo_data() -> dict[str, Any] | None:
    from survey.demo import load_demo_when_empty

    with progress_bar("放入演示数据") as show:
        return load_demo_when_empty(show)


@app.command()
def verify() -> None:
    """逐份重新计数，核对每个计数是否与答卷一致。"""
    from survey.storage.database import reading_connection
    from survey.storage.verification import verify as recount

    _prepare()
    with progress_bar("核对") as show, reading_connection() as db:
        problems = recount(db, show)
    for problem in problems:
        print(problem)
    print(f"发现 {len(problems)} 处不一致。" if problems else "全部计数与答卷一致。")
    raise typer.Exit(1 if problems else 0)


@app.command("seal")
def seal_tables() -> None:
    """封存数据表：重排答卷各表，使数据库文件里看不出谁先谁后；每天凌晨和截止后自动做，也可随时手动做。"""
    from survey.storage.sealing import seal

    _prepare()
    seal()
    print(
        "已封存：数据库文件里不再留有填写的先后顺序。更早的备份和 PostgreSQL 归档日志不受影响，请按期销毁。"
    )


@app.command("destroy-key")
def destroy_series_key(
    series: Annotated[str, typer.Argument(help="系列，例如 main")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问，直接销毁")] = False,
) -> None:
    """销毁一个系列的代号密钥：最后一期截止后做，不能撤销；此后代号无法再算出，也不能再办代号期次。"""
    from survey.actions.keys import destroy_key, key_path
    from survey.storage.database import writing

    _prepare()
    if not yes:
        typer.confirm(f"销毁后，「{series}」前后几期再也不能对应，且不能恢复。确定销毁吗", abort=True)
    with writing() as db:
        destroy_key(db, series, datetime.now(UTC), getpass.getuser())
    print(f"系列「{series}」的代号密钥已销毁（{key_path(series)}）。另存的密钥备份请一并销毁，并记录在案。")


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
    from survey.actions.import_plan import ImportPlan
    from survey.actions.imports import import_ratings as run
    from survey.core.rating_table import ImportRefused

    _prepare()
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
        _report_refused(refused.problems)
        raise typer.Exit(1) from refused
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
    from survey import cli_registry

    _prepare()
    raise typer.Exit(cli_registry.import_enterprises(file, yes, hidden_rows))


def _report_refused(problems: list[tuple[int, str]]) -> None:
    """Show the first bad rows and write all of them to a file beside the data."""
    for line, reason in problems[:SHOWN_PROBLEMS]:
        print(f"第 {line} 行：{reason}" if line else reason)
    if len(problems) > SHOWN_PROBLEMS:
        path = get_settings().data_dir / f"rejected-{datetime.now():%Y%m%d-%H%M%S}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("行号", "原因"), *problems])
        print(f"……共 {len(problems):,} 行不能导入，全部列在 {path}")
    print("没有导入任何一行。")


@users.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="登录用的账号")],
    role: Annotated[
        Role,
        typer.Option(
            help="admin 系统管理员，officer 营商专班，handler 部门经办人，discipline 纪检监察，viewer 领导，auditor 审计员"
        ),
    ] = Role.OFFICER,
    department: Annotated[str | None, typer.Option(help="部门经办人所属部门的编号")] = None,
    password: Annotated[
        str,
        typer.Option(
            prompt="密码", hide_input=True, confirmation_prompt="再输一次", help="初始密码；不写就会问"
        ),
    ] = "",
) -> None:
    """新增一个办公端账号；本人第一次登录时要换成自己的密码。"""
    from survey.actions.accounts import add_user as add
    from survey.storage.database import writing

    _prepare()
    with writing() as db:
        add(db, name, role, password, datetime.now(UTC), department_id=department)
    print(f"已新增账号「{name}」，第一次登录时请换成自己的密码。")


@users.command("reset")
def reset_user(name: Annotated[str, typer.Argument(help="登录用的账号")]) -> None:
    """重设一个账号的密码并解除暂停；新密码印在终端里，本人登录后要换掉。"""
    from survey.actions.accounts import AccountError, find, reset_password
    from survey.storage.database import writing

    _prepare()
    with writing() as db:
        user = find(db, name)
        if user is None:
            raise AccountError(f"没有账号「{name}」。")
        password = reset_password(db, user.id, datetime.now(UTC))
    print(f"账号「{name}」的新密码：{password}")


@audit_log.command("verify")
def verify_audit() -> None:
    """核对审计日志：有没有哪一条被改过、删过。"""
    from survey.actions.audit import verify_chain
    from survey.storage.database import reading

    _prepare()
    with reading() as db:
        problems = verify_chain(db)
    for problem in problems:
        print(problem)
    print(f"发现 {len(problems)} 处问题。" if problems else "审计日志完整，没有改动。")
    raise typer.Exit(1 if problems else 0)


@audit_log.command("purge")
def purge_audit(
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="清理这一天之前的记录")],
) -> None:
    """清理早于某一天的审计日志；最近 183 天的不能清理。"""
    from survey.actions.audit import purge
    from survey.storage.database import writing

    _prepare()
    with writing() as db:
        removed = purge(db, before.date(), datetime.now(UTC))
    print(f"已清理 {removed} 条，清理本身也记入了日志。")


@app.command()
def sbom() -> None:
    """列出本机安装的全部组件和版本（CycloneDX 格式），供安全检查核对；不连数据库，不联网。"""
    from importlib.metadata import PackageNotFoundError

    from survey.sbom import bill

    try:
        print(json.dumps(bill(datetime.now(UTC)), ensure_ascii=False, indent=2))
    except PackageNotFoundError as error:
        raise SettingsError(f"安装不完整：缺少 {error.name}。请重新安装（make setup）后再列。") from error


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False) -> None:
    """系统体检：数据库、磁盘、时钟、文件权限、后台任务……逐项查看，有要处理的就说怎么办，退出码为 1。"""
    from survey import cli_doctor

    raise typer.Exit(cli_doctor.examine(as_json))


@app.command(hidden=True)
def door(name: str) -> None:
    """One door or the job runner, in a process of its own; started by `serve`."""
    from survey.running import serving

    os.environ["SURVEY_DOOR"] = name
    serving.run_part(name)


if __name__ == "__main__":
    main()
