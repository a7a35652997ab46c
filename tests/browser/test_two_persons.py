"""A wave that invites few, in the browser: the officer proposes, 纪检 says no, 领导 says yes on a phone, it opens."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from survey.actions.waves import codes, new_waves
from survey.core.models import Enterprise
from survey.storage import database
from tests.browser.conftest import DESKTOP, PHONE, Product, sign_in

TITLE = "综合保税区小范围测评"
WAIT = 20_000


@pytest.fixture
def draft(own: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A draft in the running product that invites twelve."""
    monkeypatch.setenv("SURVEY_DATA_DIR", str(own.folder))
    database.forget_engines()
    now = datetime.now(UTC)
    with database.writing() as db:
        made = new_waves.create_wave(db, new_waves.NewWave(TITLE, now, now + timedelta(days=14)))
        invited = list(db.exec(select(Enterprise.id).limit(12)))
        codes.issue_codes(db, made.id, codes.make_codes(invited), now, "演示专班")
    yield made.id
    database.forget_engines()


def picture(page: Page, name: str) -> None:
    """Kept to be looked at where `SURVEY_TEST_PICTURES` names a folder."""
    if folder := os.environ.get("SURVEY_TEST_PICTURES"):
        page.wait_for_timeout(4_000)
        page.screenshot(path=Path(folder) / f"{name}.png")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click(timeout=WAIT)


def see(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible(timeout=WAIT)


def test_two_persons_open_a_wave_that_invites_few(
    browser: Browser, desk: Page, own: Product, draft: int
) -> None:
    steps = f"/waves?draft={draft}&step=4"
    sign_in(desk, own, "officer", steps)
    see(desk, "只邀请了 12 家，少于 30 家")
    expect(desk.get_by_role("button", name="现在开启")).to_be_disabled()
    picture(desk, "1-to-propose")
    press(desk, "提请开启")
    see(desk, "已提请。")
    picture(desk, "2-proposed")

    discipline = browser.new_context(**DESKTOP, locale="zh-CN").new_page()
    sign_in(discipline, own, "discipline", "/cases")
    see(discipline, f"等您表态：「{TITLE}」只邀请 12 家")
    picture(discipline, "3-discipline")
    press(discipline, "不同意")
    discipline.get_by_label("理由（记入期次日志）").fill("有 2 家查不到工商登记")
    picture(discipline, "4-no")
    press(discipline, "确认不同意")
    see(discipline, "已记下：不同意开启")

    desk.reload()
    see(desk, "理由：有 2 家查不到工商登记")
    press(desk, "提请开启")
    see(desk, "已提请。")

    leader = browser.new_context(**PHONE, locale="zh-CN").new_page()
    sign_in(leader, own, "viewer")
    see(leader, "等您表态")
    leader.get_by_text("名单（12 家）").click(timeout=WAIT)
    see(leader, "演示001")
    picture(leader, "5-leader-phone")
    press(leader, "同意开启")
    see(leader, f"已同意开启「{TITLE}」")

    desk.reload()
    see(desk, "同意开启。")
    picture(desk, "6-agreed")
    press(desk, "现在开启")
    desk.get_by_role("dialog").get_by_role("button", name="确认开启").click(timeout=WAIT)
    see(desk, "已开启，测评码已生成。")
