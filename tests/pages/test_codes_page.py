"""发码: the page in every state a wave can be in."""

from datetime import UTC, datetime

from survey.actions.waves.seal import seal_wave
from survey.core.models import Role
from survey.storage.database import writing
from tests.conftest import NOW
from tests.factories import close, make_wave, release, submit
from tests.pages.conftest import Open, said


def test_without_a_wave_it_says_where_to_make_one(open_page: Open) -> None:
    assert "还没有期次" in said(open_page("codes.py", Role.OFFICER))


def test_a_viewer_may_not_give_codes(open_page: Open) -> None:
    assert "没有这项权限" in said(open_page("codes.py", Role.VIEWER, cold=True))


def test_a_running_wave_shows_its_books_and_the_lost_list(open_page: Open) -> None:
    now = datetime.now(UTC)
    made = make_wave(enterprises=12, now=now)
    submit(made, now=now)
    page = open_page("codes.py", Role.OFFICER, wave=made.id)
    assert "已给 12 家企业发码，已用 1 个，对账平。" in said(page)
    assert "11 家" in next(one.label for one in page.button if "未用" in one.label)
    assert f"/codes/{made.id}/poster.pdf" in said(page)


def test_a_closed_wave_is_sealed_once_and_then_shows_its_fingerprint(open_page: Open) -> None:
    made = make_wave(enterprises=12)
    for _ in range(6):
        submit(made)
    close(made)
    release(made)
    page = open_page("codes.py", Role.OFFICER, wave=made.id)
    assert [one.label for one in page.button if one.label == "封存"]
    with writing() as db:
        print_of = seal_wave(db, made.id, NOW, "王专员")
    page = open_page("codes.py", Role.OFFICER, wave=made.id)
    assert print_of[:16].upper() in said(page)
    assert f"/codes/{made.id}/voucher.pdf" in said(page)
