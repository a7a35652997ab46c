"""The team's accounts: make one, sign in, sign out."""

import secrets
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from sqlalchemy import delete
from sqlmodel import col, select

from survey.core.models import Login, Role, User
from survey.core.receipts import digest
from survey.settings import get_settings
from survey.storage.database import reading, writing

hasher = PasswordHash.recommended()
# Checked for unknown names, so that an answer takes as long as for known ones.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$jHbN1eiuqFyrXgrdLMrS7kcdmhvYJmVCzXJ2sTDDLeM"


PASSWORD_LENGTH = 10  # with argon2id and a slow sign-in, enough for an intranet


class AccountError(Exception):
    """An account that cannot be made; the text is a Chinese sentence with the cure."""


def add_user(name: str, role: Role, password: str, demo: bool = False) -> None:
    """A new account; the password is kept as argon2id only. Raises `AccountError`."""
    if not 1 <= len(name.strip()) <= 40:
        raise AccountError("账号要填 1 到 40 个字。")
    if len(password) < PASSWORD_LENGTH:
        raise AccountError(f"密码至少 {PASSWORD_LENGTH} 个字符，请换一个长一些的。")
    password_hash = hasher.hash(password)
    with writing() as db:
        if db.exec(select(User.id).where(User.name == name)).first() is not None:
            raise AccountError(f"账号「{name}」已经有了，请换一个名字。")
        db.add(User(name=name, role=role, password_hash=password_hash, demo=demo))


def sign_in(name: str, password: str, now: datetime) -> str | None:
    """A fresh sign-in token, or None for a wrong name or password. Slow on purpose: call it in a thread."""
    with reading() as db:
        user = db.exec(select(User).where(User.name == name)).first()
    if not hasher.verify(password, user.password_hash if user else NOBODY) or user is None:
        return None
    token = secrets.token_urlsafe(32)
    until = now + timedelta(hours=get_settings().session_hours)
    with writing() as db:
        db.execute(delete(Login).where(col(Login.expires_at) < now))
        db.add(Login(token_hash=digest(token), user_id=user.id, expires_at=until))
    return token


def sign_out(token: str) -> None:
    """Forget a sign-in token."""
    with writing() as db:
        db.execute(delete(Login).where(col(Login.token_hash) == digest(token)))
