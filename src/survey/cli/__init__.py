"""The `survey` command."""

import getpass
import json
import os
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from survey.cli.accounts import users
from survey.cli.imports import imports
from survey.cli.terminal import console, prepare, progress_bar
from survey.core.refusals import Refusal
from survey.settings.errors import SettingsError

app = typer.Typer(
    help="一键测评：企业扫码评部门，结果看得见、可核对。", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,
)  # fmt: skip
audit_log = typer.Typer(help="审计日志。", no_args_is_help=True)
app.add_typer(imports, name="import")
app.add_typer(users, name="user")
app.add_typer(audit_log, name="audit")
MENDABLE = (SettingsError, Refusal)


def main() -> None:
    """Run the command; what a person can mend is one Chinese sentence and status 1."""
    try:
        app()
    except MENDABLE as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


@app.callback()
def _begin() -> None:
    """Before every command."""
    from survey.core.discreet import quiet_errors
    from survey.storage.private_files import keep_private

    quiet_errors()
    keep_private()


@app.command()
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="没有任何数据时先放入演示数据")] = False,
) -> None:
    """打开企业端和办公端，并在后台发布结果；Ctrl-C 全部停止。"""
    from survey.running import serving
    from survey.running.stopping import Stop

    stop = Stop()  # first of all: an interrupt that is raised while something is prepared may be lost there
    prepare()
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
    from survey.actions.waves.keys import refuse_lost_keys
    from survey.storage.database import reading

    with reading() as db:
        refuse_lost_keys(db)


@app.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出地址、测评码和登录")] = False,
) -> None:
    """在空白的系统里放入演示数据（两期、360 家演示企业）。"""
    from survey.running import serving

    prepare()
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
    from survey.storage.waves.verification import verify as recount

    prepare()
    with progress_bar("核对") as show, reading_connection() as db:
        problems = recount(db, show)
    for problem in problems:
        print(problem)
    print(f"发现 {len(problems)} 处不一致。" if problems else "全部计数与答卷一致。")
    raise typer.Exit(1 if problems else 0)


@app.command("seal")
def seal_tables() -> None:
    """封存数据表：重排答卷各表，使数据库文件里看不出谁先谁后；每天凌晨和截止后自动做，也可随时手动做。"""
    from survey.storage.waves.sealing import seal

    prepare()
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
    from survey.actions.waves.keys import destroy_key, key_path
    from survey.storage.database import writing

    prepare()
    if not yes:
        typer.confirm(f"销毁后，「{series}」前后几期再也不能对应，且不能恢复。确定销毁吗", abort=True)
    with writing() as db:
        destroy_key(db, series, datetime.now(UTC), getpass.getuser())
    print(f"系列「{series}」的代号密钥已销毁（{key_path(series)}）。另存的密钥备份请一并销毁，并记录在案。")


@audit_log.command("verify")
def verify_audit() -> None:
    """核对审计日志：有没有哪一条被改过、删过。"""
    from survey.actions.accounts.audit import verify_chain
    from survey.storage.database import reading

    prepare()
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
    """清理早于某一天的审计日志；还在保存期内的（SURVEY_AUDIT_DAYS，默认最近 183 天）不能清理。"""
    from survey.actions.accounts.audit import purge
    from survey.storage.database import writing

    prepare()
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
    from survey.cli import checkup

    raise typer.Exit(checkup.examine(as_json))


@app.command(hidden=True)
def door(name: str) -> None:
    """One door or the job runner, in a process of its own; started by `serve`."""
    from survey.running import serving

    os.environ["SURVEY_DOOR"] = name
    serving.run_part(name)
