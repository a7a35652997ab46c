"""What a door counts: wrong tries, open sessions, permits for files."""

import pytest

from survey.core.accounts import permits
from survey.core.accounts.permits import Permits
from survey.settings import get_settings
from survey.web.limits import Messages, Sessions, Throttle, WrongTries, bucket


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_an_address_stands_for_one_line(one: str, other: str, same: bool) -> None:
    assert (bucket(one) == bucket(other)) == same


def test_wrong_tries_are_counted_by_address_and_forgotten_with_their_window() -> None:
    now = [0.0]
    tries = WrongTries(lambda: 3, lambda: now[0])
    assert [tries.note("10.0.0.1") for _ in range(3)] == [0, 0, 0]
    assert tries.note("10.0.0.1") == WrongTries.SECONDS + 1
    assert tries.note("10.0.0.2") == 0
    now[0] = WrongTries.SECONDS
    assert tries.note("10.0.0.1") == 0


def test_wrong_tries_take_bounded_room_and_hold_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WrongTries, "REMEMBERED", 100)
    tries = WrongTries(lambda: 3)
    for number in range(1000):
        tries.note(f"10.0.{number // 256}.{number % 256}")
    assert len(tries._tries) == 100
    assert all(len(key) == 8 for key in tries._tries)
    assert not any(b"10.0" in key for key in tries._tries)


def test_sessions_are_counted_in_all_and_by_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_OFFICE_SESSIONS", "3")
    monkeypatch.setenv("SURVEY_OFFICE_SESSIONS_EACH", "2")
    get_settings.cache_clear()
    sessions = Sessions()
    with sessions.one("a"), sessions.one("a"):
        assert sessions.is_full("a")
        assert not sessions.is_full("b")
        with sessions.one("b"):
            assert sessions.is_full("c")
    assert not sessions.is_full("a")
    with pytest.raises(RuntimeError), sessions.one("a"):
        raise RuntimeError
    assert not sessions._open
    get_settings.cache_clear()


class TestPace:
    """A stream of messages waits; none is lost, and nobody's rest is shortened by asking."""

    def test_a_burst_goes_through_and_the_rest_at_its_pace(self) -> None:
        now = [100.0]
        pace = Throttle(10, 5, lambda: now[0])
        assert [round(pace.wait(1), 6) for _ in range(10)] == [0] * 10
        assert [round(pace.wait(1), 6) for _ in range(3)] == [0.2, 0.4, 0.6]
        now[0] += 0.6
        assert round(pace.wait(1), 6) == 0.2
        assert not pace.is_rested()
        now[0] += 60
        assert pace.is_rested()
        assert [round(pace.wait(1), 6) for _ in range(10)] == [0] * 10

    def test_a_large_message_counts_as_many(self) -> None:
        messages = Messages(Throttle(30, 5), Throttle(120, 20))
        assert messages.wait(100) == 0
        assert messages.wait(1 << 20) > 5  # sixty-five at five a second, thirty of them at once

    def test_all_sessions_of_a_sign_in_share_a_pace_that_outlives_them(self) -> None:
        sessions = Sessions()
        rate = get_settings().office_messages
        for _ in range(10 * rate * Sessions.PAGES):
            with sessions.one("busy") as messages:
                waits = messages.wait_to_open(), messages.wait(100)
        assert min(waits) > 1  # whoever opens sessions anew and anew
        with sessions.one("official") as messages:
            assert (messages.wait_to_open(), messages.wait(100)) == (0, 0)

    def test_what_is_remembered_of_sign_ins_is_bounded(self) -> None:
        sessions = Sessions()
        for number in range(1000):
            with sessions.one(str(number)):
                pass
        assert len(sessions._paces) == 1


class TestPermits:
    def test_a_file_needs_a_box_on_the_page_of_the_same_sign_in(self) -> None:
        box = Permits()
        assert not box.use("page", "a")
        box.give("page", "a")
        assert not box.use("page", "b")
        assert not box.use("other page", "a")
        assert box.use("page", "a")

    def test_a_box_that_is_not_shown_again_takes_nothing_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [0.0]
        monkeypatch.setattr(permits, "monotonic", lambda: now[0])
        box = Permits()
        box.give("page", "a")
        box.lapse("page", given_before=0)  # the very run that showed it
        assert box.use("page", "a")
        box.lapse("page", given_before=1)
        assert not box.use("page", "a")
        box.give("page", "a")
        now[0] = permits.GOOD_FOR
        assert not box.use("page", "a")

    def test_a_box_takes_a_few_files_only(self) -> None:
        box = Permits()
        box.give("page", "a")
        assert [box.use("page", "a") for _ in range(permits.FILES + 1)] == [True] * permits.FILES + [False]

    def test_permits_take_bounded_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(permits, "REMEMBERED", 10)
        box = Permits()
        for number in range(100):
            box.give(str(number), "a")
        assert len(box._by_session) == 10
