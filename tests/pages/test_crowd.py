"""Pages are drawn a few at a time, and take files only while they show a box for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.core.models import Role
from survey.core.permits import uploads
from survey.core.receipts import digest
from survey.settings import get_settings
from survey.ui import crowd
from tests.pages.conftest import Open, said, sign_in
from tests.pages.test_enterprises_page import press

SESSION = "test session id"  # what AppTest calls every session


@pytest.fixture
def one_place(sqlite_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SURVEY_OFFICE_RUNS", "1")
    get_settings.cache_clear()
    monkeypatch.setattr(crowd, "WAIT_SECONDS", 0.1)
    crowd._places.cache_clear()
    yield
    crowd._places.cache_clear()


@pytest.mark.usefixtures("one_place")
def test_a_page_that_finds_no_place_asks_to_wait(open_page: Open) -> None:
    page = open_page("waves.py", Role.OFFICER)
    with crowd.place():
        page.run()
        assert "现在打开的人多，请稍候" in said(page)
        assert not page.button
    page.run()
    assert "现在打开的人多" not in said(page)


@pytest.mark.usefixtures("one_place")
@pytest.mark.parametrize("page", ["enterprises.py", "waves.py"])
def test_a_run_that_is_stopped_gives_its_place_back(open_page: Open, page: str) -> None:
    for role in (None, Role.VIEWER, Role.OFFICER):  # stopped at the sign-in, stopped at the page, drawn
        open_page(page, role, cold=role is None)
        assert crowd._places().acquire(blocking=False)
        crowd._places().release()


def test_a_permit_for_files_lasts_as_long_as_the_box(open_page: Open) -> None:
    login = digest(sign_in(Role.OFFICER)).hex()
    page = open_page("enterprises.py", Role.OFFICER)
    page.user = {"login": login}
    page.run()
    assert not uploads.use(SESSION, login)
    press(page, "导入名单")
    assert page.file_uploader
    assert uploads.use(SESSION, login)
    assert not uploads.use(SESSION, "somebody else")
    page.run()
    assert uploads.use(SESSION, login)
    page.switch_page("dashboard.py").run()
    assert not uploads.use(SESSION, login)
