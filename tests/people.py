"""Accounts for tests, ready to use."""

import secrets
from datetime import UTC, datetime

from survey.actions.accounts import accounts, sessions
from survey.actions.registry import departments
from survey.core.models import Role, User
from survey.storage.database import writing
from survey.storage.waves import published

PASSWORD = "Slow-Horse-47"


def account(role: Role, name: str = "", department_id: str | None = None) -> User:
    """A new account with `PASSWORD`, which is its holder's own already."""
    name = name or f"{role.value}-{secrets.token_hex(4)}"
    if role == Role.HANDLER and department_id is None:
        department_id = "tax"
    with writing() as db:
        if not published.departments(db):
            departments.load_departments(db)
        return accounts.add_user(
            db, name, role, PASSWORD, datetime.now(UTC), department_id=department_id, own=True
        )


def sign_in(role: Role, now: datetime | None = None, department_id: str | None = None, name: str = "") -> str:
    """A fresh sign-in of a new account; its token."""
    user = account(role, name, department_id)
    return sessions.sign_in(user.name, PASSWORD, now or datetime.now(UTC)).token
