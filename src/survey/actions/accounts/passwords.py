"""Passwords: what a profile asks of one, how it is kept, when it must be changed."""

import re
import secrets
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash

from survey.core.models import User
from survey.core.refusals import Refusal
from survey.settings import get_settings

LONGEST = 200
FORMER = 5  # passwords that may not be used again
KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
COMMON = (
    "password",
    "123456",
    "qwerty",
    "abc123",
    "admin",
    "111111",
    "88888888",
    "woaini",
    "a1b2c3",
    "1q2w3e",
)


class WeakPassword(Refusal):
    """A password the profile refuses; the text is a Chinese sentence with the cure."""


@cache
def hasher() -> PasswordHash:
    """argon2id with the library's recommended cost."""
    return PasswordHash.recommended()


@cache
def nobody() -> str:
    """Checked for unknown names, so that an answer takes as long as for known ones."""
    return hasher().hash(secrets.token_hex(16))


def check(name: str, password: str) -> None:
    """Raises `WeakPassword` with what the profile in force asks for."""
    least = 10 if get_settings().password_profile == "dengbao" else 12
    if not least <= len(password) <= LONGEST:
        raise WeakPassword(f"密码要 {least} 到 {LONGEST} 个字符，请换一个。")
    if name.lower() in password.lower():
        raise WeakPassword("密码里不能带账号名，请换一个。")
    if any(word in password.lower() for word in COMMON) or len(set(password)) < 5:
        raise WeakPassword("这个密码太常见，容易被猜到，请换一个。")
    if get_settings().password_profile == "dengbao" and _kinds(password) < 3:
        raise WeakPassword("密码至少要有大写字母、小写字母、数字、符号中的三种，请换一个。")


def rule() -> str:
    """What the profile in force asks for, in one sentence."""
    if get_settings().password_profile == "asvs":
        return "至少 12 个字符，不带账号名，不用常见密码。"
    days = get_settings().password_days
    often = f"每 {days} 天要换一次。" if days else ""
    return f"至少 10 个字符，有大写字母、小写字母、数字、符号中的三种，不带账号名，不与最近 {FORMER} 次相同。{often}"


def _kinds(password: str) -> int:
    return sum(bool(re.search(kind, password)) for kind in KINDS)


def set_password(user: User, password: str, now: datetime, by_others: bool) -> None:
    """Give an account a password that is none of its last five; raises `WeakPassword`.

    `by_others`: someone else knows it, so that it must be changed at the first sign-in.
    """
    check(user.name, password)
    before = [*([user.password_hash] if user.password_hash else []), *user.former][:FORMER]
    if not by_others and any(hasher().verify(password, one) for one in before):
        raise WeakPassword(f"不能用最近 {FORMER} 次用过的密码，请换一个。")
    user.former, user.password_hash = before, hasher().hash(password)
    user.password_set_at, user.must_change = now, by_others


def is_due(user: User, now: datetime) -> bool:
    """Whether the profile asks for another password by now; demo accounts are left alone."""
    days = get_settings().password_days
    if user.demo or get_settings().password_profile != "dengbao" or not days:
        return False
    return user.password_set_at is None or now - user.password_set_at > timedelta(days=days)


def made_up() -> str:
    """A password to hand over once: easy to read out, hard to guess, of all kinds."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    groups = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(3)]
    return f"{groups[0].capitalize()}-{groups[1]}-{groups[2]}{secrets.randbelow(90) + 10}"
