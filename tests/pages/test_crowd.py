"""Pages are drawn a few at a time, and take files only while they show a box for them."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

from survey.core.accounts.permits import uploads
from survey.core.answers.receipts import digest
from survey.core.models import Role
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
        assert crowd._places().free == 1


class TestPlaces:
    def served(self, places: crowd.Places, waiting: list[str]) -> list[str]:
        """In what order those who wait get the one place that becomes free again and again."""
        order: list[str] = []

        def run(who: str) -> None:
            assert places.take(who, 60)
            order.append(who)
            places.give_back(who)

        assert places.take("first", 0)
        threads = []
        for who in waiting:
            threads.append(Thread(target=run, args=(who,)))
            threads[-1].start()
            while len(places._waiting) < len(threads):
                sleep(0.01)
        places.give_back("first")
        for one in threads:
            one.join()
        return order

    def test_who_has_the_fewest_is_next(self) -> None:
        places = crowd.Places(2, 1)
        assert places.take("busy", 0)
        assert not places.take("busy", 0)  # one each
        assert self.served(places, ["official", "other"]) == ["official", "other"]
        places.give_back("busy")
        assert places.free == 2

    def test_someone_who_keeps_twenty_pages_busy_is_passed_by_one_who_opens_one(self) -> None:
        places = crowd.Places(2, 2)
        assert places.take("busy", 0)
        assert self.served(places, [*["busy"] * 20, "official"])[0] == "official"
        assert places.free == 1

    def test_without_a_name_they_are_served_as_they_came(self) -> None:
        assert self.served(crowd.Places(1, 1), [str(n) for n in range(20)])[-1] == "19"

    def test_a_place_that_does_not_come_in_time_is_waited_for_no_longer(self) -> None:
        places = crowd.Places(1, 1)
        assert places.take("a", 0)
        assert not places.take("b", 0.05)
        assert not places._waiting


@pytest.mark.usefixtures("one_place")
def test_a_piece_of_a_page_needs_no_second_place(open_page: Open) -> None:
    page = open_page("dashboard.py", Role.VIEWER)
    assert "现在打开的人多" not in said(page)
    assert crowd._places().free == 1


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
