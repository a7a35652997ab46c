"""`survey user`: accounts of the office."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from survey.cli.terminal import prepare
from survey.core.models import Role

users = typer.Typer(help="办公端账号。", no_args_is_help=True)


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
    from survey.actions.accounts.accounts import add_user as add
    from survey.storage.database import writing

    prepare()
    with writing() as db:
        add(db, name, role, password, datetime.now(UTC), department_id=department)
    print(f"已新增账号「{name}」，第一次登录时请换成自己的密码。")


@users.command("reset")
def reset_user(name: Annotated[str, typer.Argument(help="登录用的账号")]) -> None:
    """重设一个账号的密码并解除暂停；新密码印在终端里，本人登录后要换掉。"""
    from survey.actions.accounts.accounts import AccountError, find, reset_password
    from survey.storage.database import writing

    prepare()
    with writing() as db:
        user = find(db, name)
        if user is None:
            raise AccountError(f"没有账号「{name}」。")
        password = reset_password(db, user.id, datetime.now(UTC))
    print(f"账号「{name}」的新密码：{password}")
