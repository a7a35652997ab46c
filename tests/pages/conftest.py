"""Pages opened as someone, in a database of their own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from survey.actions import accounts
from survey.core.models import Role
from survey.core.receipts import digest

MENU = Path(__file__).resolve().parents[2] / "pages" / "menu.py"
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def fast_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 is slow on purpose; pages only need a sign-in, not a strong one."""
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(accounts, "hasher", quick)
    monkeypatch.setattr(accounts, "NOBODY", quick.hash("nobody"))


def sign_in(role: Role) -> str:
    """A fresh sign-in with this role; its token."""
    name = f"{role.value}-{datetime.now(UTC).timestamp()}"
    accounts.add_user(name, role, "secret-enough")
    token = accounts.sign_in(name, "secret-enough", datetime.now(UTC))
    assert token is not None
    return token


@pytest.fixture
def open_page(sqlite_database: Path) -> Open:
    """`open_page("cases.py", Role.OFFICER, wave=…)`: the page after its first run, without exceptions."""

    def open_as(page: str, role: Role | None = None, cold: bool = False, **query: object) -> AppTest:
        app = AppTest.from_file(str(MENU), default_timeout=30)
        app.user = {"login": digest(sign_in(role)).hex()} if role else {}
        if not cold:
            app.run()
        app.switch_page(page)
        for name, value in query.items():
            app.query_params[name] = str(value)
        app.run()
        assert not app.exception
        return app

    return open_as


def said(app: AppTest) -> str:
    """Everything a page wrote, as one text."""
    return "\n".join(str(one.body) for one in app.get("html") if hasattr(one, "body")) + "\n".join(
        str(one.proto.body) for one in app.get("html") if hasattr(one.proto, "body")
    )
