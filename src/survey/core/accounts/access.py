"""Who may do what. Roles have rights; actions and reads name the right they need and ask who is acting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from survey.core.models import Role, User

P = ParamSpec("P")
R = TypeVar("R")


class Right(StrEnum):
    """What an account can be allowed."""

    FIGURES = "figures"  # released figures and remarks of every department
    OWN_FIGURES = "own_figures"  # of one's own department
    ROUNDS = "rounds"  # waves, codes, registry, entering for enterprises
    CASES = "cases"  # what enterprises asked for, integrity matters excepted
    OWN_CASES = "own_cases"  # of one's own department
    INTEGRITY = "integrity"  # integrity matters alone
    CONSENT = "consent"  # the second person, where one alone may not
    ROWS = "rows"  # single answers, where the mode keeps them
    ACCOUNTS = "accounts"  # accounts and pseudonym keys
    AUDIT = "audit"  # the audit log
    SYSTEM = "system"  # how the installation fares


# 三员分立: who runs the system, who runs the survey and who checks them both are different people.
ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset({Right.FIGURES, Right.ACCOUNTS, Right.SYSTEM}),
    Role.OFFICER: frozenset({Right.FIGURES, Right.ROUNDS, Right.CASES, Right.CONSENT, Right.ROWS}),
    Role.HANDLER: frozenset({Right.OWN_FIGURES, Right.OWN_CASES}),
    Role.DISCIPLINE: frozenset({Right.INTEGRITY, Right.CONSENT}),
    Role.VIEWER: frozenset({Right.FIGURES, Right.CONSENT}),
    Role.AUDITOR: frozenset({Right.AUDIT}),
}


EVERYONE = tuple(Right)
SURVEY = tuple(right for right in Right if right not in (Right.ACCOUNTS, Right.AUDIT, Right.SYSTEM))
"""Whoever has to do with what was asked and answered; not those who only run or check the system."""
SEES_FIGURES = (Right.FIGURES, Right.OWN_FIGURES)
SEES_CASES = (Right.CASES, Right.OWN_CASES, Right.INTEGRITY)

PAGES: dict[str, tuple[str, tuple[Right, ...]]] = {
    "dashboard": ("看板", (Right.FIGURES,)),
    "department": ("部门", SEES_FIGURES),
    "compare": ("比较", (Right.FIGURES,)),
    "trend": ("趋势", SEES_FIGURES),
    "priorities": ("先改什么", SEES_FIGURES),
    "trust": ("体检", SEES_FIGURES),
    "remarks": ("留言", SEES_FIGURES),
    "invite": ("一键测评", (Right.FIGURES,)),
    "enterprises": ("企业", (Right.ROUNDS,)),
    "waves": ("期次", (Right.ROUNDS,)),
    "codes": ("发码", (Right.ROUNDS,)),
    "monitor": ("回收", (Right.FIGURES,)),
    "entry": ("代填", (Right.ROUNDS,)),
    "cases": ("交办事项", SEES_CASES),
    "screens": ("大屏", (Right.ROUNDS,)),
    "accounts": ("账号", (Right.ACCOUNTS,)),
    "audit": ("审计", (Right.AUDIT,)),
    "doctor": ("系统体检", (Right.SYSTEM,)),
    "method": ("方法", SEES_FIGURES),
}
"""Address of each office page → its title and the rights of which one opens it, in the order of the menu."""


@dataclass(frozen=True)
class Actor:
    """On whose behalf the program acts: an account, the system itself, or nobody yet."""

    name: str
    role: Role | None = None
    department_id: str | None = None
    rights: frozenset[Right] = frozenset()

    @classmethod
    def of(cls, user: User) -> "Actor":
        role = Role(user.role)
        return cls(user.name, role, user.department_id, ROLE_RIGHTS[role])


SYSTEM = Actor("系统", rights=frozenset(Right) - {Right.OWN_FIGURES, Right.OWN_CASES})
NOBODY = Actor("未登录")
_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)
_otherwise = SYSTEM


class Forbidden(Exception):
    """The one who acts lacks the right."""

    def __init__(self, needed: frozenset[Right]) -> None:
        super().__init__("您的账号没有这项权限，需要时请联系系统管理员。")
        self.needed = needed


def actor() -> Actor:
    """Who is acting in this run, request or command."""
    return _acting.get() or _otherwise


@contextmanager
def acting(one: Actor) -> Iterator[None]:
    """Everything in the block is done on behalf of `one`."""
    token = _acting.set(one)
    try:
        yield
    finally:
        _acting.reset(token)


def act_as(one: Actor) -> None:
    """Everything that follows in this run or request is done on behalf of `one`."""
    _acting.set(one)


def nobody_by_default() -> None:
    """From now on whoever was not named is nobody: for processes that serve people."""
    global _otherwise
    _otherwise = NOBODY


def may(who: User | Actor, *rights: Right) -> bool:
    """Whether someone has at least one of the rights."""
    have = ROLE_RIGHTS[Role(who.role)] if isinstance(who, User) else who.rights
    return not have.isdisjoint(rights)


def demand(*rights: Right) -> Actor:
    """Who is acting; raises `Forbidden` when they have none of the rights."""
    one = actor()
    if not may(one, *rights):
        raise Forbidden(frozenset(rights))
    return one


def first_page(who: User) -> str:
    """Where someone starts: the first page they may open."""
    return next(page for page, (_, rights) in PAGES.items() if may(who, *rights))


def own_department() -> str | None:
    """The only department whose figures and cases the one who acts may see; None: all of them."""
    one = actor()
    if may(one, Right.FIGURES, Right.CASES):
        return None
    return one.department_id or "" if may(one, Right.OWN_FIGURES, Right.OWN_CASES) else None


PROTECTED: dict[str, frozenset[Right]] = {}
"""Every function that checks for itself, and the rights of which it wants one."""


def needs(*rights: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function for those who have one of the rights; others get `Forbidden`."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        PROTECTED[f"{function.__module__}.{function.__qualname__}"] = frozenset(rights)

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            demand(*rights)
            return function(*args, **kwargs)

        return checked

    return wrap
