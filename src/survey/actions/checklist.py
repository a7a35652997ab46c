"""How a check of the 系统体检 is made known."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from survey.core.doctor import Finding

CLOCKS_APART = timedelta(minutes=1)  # closing times and deadlines are told to the minute
SHOWN = 5
RESTART = "请重新启动 survey serve；还不行，把这一行发给维护人员。"

Found = Finding | Iterable[Finding]


class Checklist:
    """Checks in their order, each with the name that is told when it cannot be made. A new check is a function with
    `@CHECKS.check`; it may find several things."""

    def __init__(self) -> None:
        self.checks: list[tuple[str, Callable[[datetime], Found]]] = []

    def check(self, name: str) -> Callable[[Callable[[datetime], Found]], Callable[[datetime], Found]]:
        """Add a check to the list."""

        def add(function: Callable[[datetime], Found]) -> Callable[[datetime], Found]:
            self.checks.append((name, function))
            return function

        return add
