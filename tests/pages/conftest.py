"""Pages opened as someone, in a database of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from survey.core.accounts import access
from survey.core.answers.receipts import digest
from survey.core.models import Role
from tests.people import sign_in as sign_in

MENU = Path(__file__).resolve().parents[2] / "pages" / "menu.py"
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def nobody_unless_named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in the office: a page run acts for nobody until it has asked who is there."""
    monkeypatch.setattr(access, "_otherwise", access.NOBODY)
    with access.acting(access.SYSTEM):  # the test itself
        yield


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
