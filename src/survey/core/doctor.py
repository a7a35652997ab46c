"""系统体检: what a check finds, and what the findings come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing stands; in the order in which people want to know."""

    FAIL = "fail"
    WARN = "warn"
    OK = "ok"


@dataclass(frozen=True)
class Finding:
    """What was found about one thing, and what to do; nothing to do where all is well."""

    name: str
    state: State
    found: str
    cure: str = ""


def ok(name: str, found: str) -> Finding:
    return Finding(name, State.OK, found)


def warn(name: str, found: str, cure: str) -> Finding:
    return Finding(name, State.WARN, found, cure)


def fail(name: str, found: str, cure: str) -> Finding:
    return Finding(name, State.FAIL, found, cure)


def gravest_first(findings: Sequence[Finding]) -> list[Finding]:
    """In the order of their states, otherwise as they are."""
    order = list(State)
    return sorted(findings, key=lambda one: order.index(one.state))


def verdict(findings: Sequence[Finding]) -> str:
    """The sentence that says how the system is."""
    bad, doubtful = (
        [one.name for one in findings if one.state is state] for state in (State.FAIL, State.WARN)
    )
    if bad:
        more = f"，另有 {len(doubtful)} 项请留意" if doubtful else ""
        return f"有 {len(bad)} 项要处理：{'、'.join(bad)}{more}。"
    if doubtful:
        return f"系统可用，有 {len(doubtful)} 项请留意：{'、'.join(doubtful)}。"
    return f"系统正常，查了 {len(findings)} 项。"
