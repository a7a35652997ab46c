"""系统体检 in the terminal."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from survey.actions import doctor
from survey.core.doctor import State, gravest_first, verdict
from survey.core.names import STATE_NAMES

COLOURS = {State.FAIL: "red", State.WARN: "yellow", State.OK: "green"}


def examine(as_json: bool) -> int:
    """Print all findings; 1 when something must be done, otherwise 0."""
    findings = doctor.examine(datetime.now(UTC))
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    else:
        table = Table(show_lines=True)
        for title in ("项目", "状态", "情况", "怎么办"):
            table.add_column(title, overflow="fold", no_wrap=title == "状态")
        for one in gravest_first(findings):
            mark = f"[{COLOURS[one.state]}]{STATE_NAMES[one.state]}"
            table.add_row(one.name, mark, _plain(one.found), _plain(one.cure))
        Console().print(table)
        print(verdict(findings))
    return int(any(one.state is State.FAIL for one in findings))


def _plain(text: str) -> str:
    """Brackets in names are no markup."""
    return text.replace("[", r"\[")
