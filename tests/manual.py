"""The manual in docs/, written from what the program itself says: `make docs`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from annotated_types import Ge, Le
from click import Command, Group, Option

from survey.cli import app
from survey.settings import ROOT, Settings

DOCS = ROOT / "docs"
GENERATED = "由 `make docs` 从程序生成，请不要手改。"


def commands() -> Iterator[tuple[str, Command]]:
    """Every command that people may use, by its words."""
    yield from _below("survey", typer.main.get_command(app))


def _below(words: str, command: Any) -> Iterator[tuple[str, Command]]:
    if not hasattr(command, "commands"):
        yield words, command
        return
    group: Group = command
    for name, one in group.commands.items():
        if not one.hidden:
            yield from _below(f"{words} {name}", one)


def command_page() -> str:
    parts = [f"# 命令\n\n{GENERATED}每个命令加 `--help` 也会这样说。"]
    for words, command in commands():
        rows = [
            f"| {_called(one)} | {getattr(one, 'help', None) or ''}{_default(one)} |"
            for one in command.params
            if one.name != "help"
        ]
        table = ["", "| 参数 | 含义 |", "| --- | --- |", *rows] if rows else []
        parts.append("\n".join([f"## `{words}`", "", (command.help or "").strip(), *table]))
    return "\n\n".join(parts) + "\n"


def _called(one: Any) -> str:
    names = "、".join(f"`{name}`" for name in [*one.opts, *one.secondary_opts])
    return (
        f"{names}（必填）"
        if one.required or (not isinstance(one, Option) and one.param_type_name == "argument")
        else names
    )


def _default(one: Any) -> str:
    value = one.default
    shown = (
        value
        if isinstance(value, str)
        and value
        and one.param_type_name == "option"
        and not getattr(one, "hide_input", False)
        else ""
    )
    return f"；默认 `{shown}`" if shown else ""


def settings_page() -> str:
    head = [
        f"# 设置\n\n{GENERATED}都是环境变量，写错会用一句话说明并拒绝启动。\n",
        "| 变量 | 默认 | 可以是 | 含义和理由 |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    rows = (
        f"| `SURVEY_{name.upper()}` | {_plain(field.default)} | {_range(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    )
    return "\n".join([*head, *rows]) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, Path):
        value = f"{value.relative_to(ROOT)}/" if value.is_relative_to(ROOT) else value
    return f"`{value}`" if value not in ("", None) else "空"


def _range(field: Any) -> str:
    low = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
    high = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    if low is None and high is None:
        return "、".join(
            f"`{one}`" for one in getattr(field.annotation, "__args__", ()) if isinstance(one, str)
        )
    return f"{low:,} 以上" if high is None else f"{low:,} 到 {high:,}"


PAGES = {"commands.md": command_page, "settings.md": settings_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
