"""Two officers in two browsers edit one draft and one enterprise: what is typed stays, nothing of either is lost."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Product, run_survey, sign_in
from tests.browser.test_enterprises import edit

ASKED = "您填的还在，请选保留哪一个。"


@pytest.fixture
def officers(browser: Browser, own: Product) -> Iterator[tuple[Page, Page]]:
    """演示专班 at a desk and 李四 with a phone."""
    if not any(one["role"] == "李四" for one in own.demo["logins"]):
        run_survey(own.folder, "user", "add", "李四", "--role", "officer", "--password", "Slow-Horse-47")
        own.demo["logins"].append({"role": "李四", "name": "李四", "password": "Slow-Horse-47"})
    desk, phone = (browser.new_context(**size, locale="zh-CN") for size in (DESKTOP, PHONE))
    one, other = desk.new_page(), phone.new_page()
    sign_in(one, own, "officer", "/waves")
    sign_in(other, own, "李四", "/waves")
    yield one, other
    desk.close()
    phone.close()


def picture(page: Page, name: str) -> None:
    """Kept to be looked at where `SURVEY_TEST_PICTURES` names a folder."""
    if folder := os.environ.get("SURVEY_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def save(page: Page) -> None:
    button(page, "保存，下一步").click()


def choose(page: Page, what: str, answer: str) -> None:
    page.get_by_role("radiogroup", name=f"「{what}」保留哪一个").get_by_text(answer).click()


def test_two_officers_on_one_draft(officers: tuple[Page, Page], own: Product) -> None:
    one, other = officers
    button(one, "沿用上期").click()
    expect(one.get_by_label("名称", exact=True)).to_have_value(re.compile("测评"), timeout=20_000)
    other.goto(one.url)
    expect(other.get_by_label("名称", exact=True)).to_have_value(re.compile("测评"), timeout=20_000)

    one.get_by_label("名称", exact=True).fill("专班起的名称")
    save(one)
    expect(one.get_by_text("设置已保存。")).to_be_visible(timeout=20_000)
    other.get_by_label("名称", exact=True).fill("李四起的名称")
    save(other)
    told = other.get_by_text(re.compile("您打开之后，演示专班改了「名称」：.* → 专班起的名称。" + ASKED))
    expect(told).to_be_visible(timeout=20_000)
    expect(other.get_by_label("名称", exact=True)).to_have_value("李四起的名称")
    expect(told).to_be_in_viewport()  # asked where the button was pressed
    expect(other.get_by_text("留我填的：李四起的名称")).to_be_visible()
    picture(other, "draft-phone")
    other.set_viewport_size(DESKTOP["viewport"])
    picture(other, "draft-desktop")
    save(other)
    expect(other.get_by_text("还没有选保留哪一个")).to_be_visible()
    choose(other, "名称", "留我填的")
    save(other)
    expect(other.get_by_text("设置已保存。")).to_be_visible(timeout=20_000)

    button(one, "1 设置").click()  # left and opened again: as it is now
    expect(one.get_by_label("名称", exact=True)).to_have_value("李四起的名称", timeout=20_000)
    button(other, "1 设置").click()
    expect(other.get_by_label("名称", exact=True)).to_have_value("李四起的名称", timeout=20_000)
    other.get_by_text("实名：主办单位能看到").click()
    save(other)
    expect(other.get_by_text("设置已保存。")).to_be_visible(timeout=20_000)
    one.get_by_label("名称", exact=True).fill("两个人定的名称")
    save(one)
    kept = one.get_by_text("设置已保存。您打开之后，李四改了「保密方式」：不记名 → 实名，已一并保留。")
    expect(kept).to_be_visible(timeout=20_000)
    picture(one, "draft-kept")
    button(one, "1 设置").click()
    expect(one.get_by_label("名称", exact=True)).to_have_value("两个人定的名称", timeout=20_000)
    expect(one.get_by_role("radio", name=re.compile("实名"))).to_be_checked()

    button(other, "4 核对并开启").click()
    button(other, "现在开启").click()
    expect(button(other.get_by_role("dialog"), "确认开启")).to_be_visible(timeout=20_000)
    one.get_by_label("名称", exact=True).fill("又改了的名称")
    save(one)
    expect(one.get_by_text("设置已保存。")).to_be_visible(timeout=20_000)
    button(other.get_by_role("dialog"), "确认开启").click()
    expect(other.get_by_role("dialog").get_by_text("期次还没有开启，请核对后再点一次。")).to_be_visible(
        timeout=20_000
    )
    picture(other, "open-refused")


def test_two_officers_on_one_enterprise(officers: tuple[Page, Page], own: Product) -> None:
    one, other = officers
    for page in officers:
        page.goto(f"{own.office}/enterprises")
        expect(page.locator("h1.finding")).to_contain_text("名录里有", timeout=20_000)
    name = one.locator("[class*=st-key-enterprise-] b").first.inner_text()
    for page in officers:
        page.get_by_label("查找").fill(name)
        page.keyboard.press("Enter")
        expect(page.get_by_text("找到 1 家")).to_be_visible(timeout=20_000)
    first, second = edit(one), edit(other)
    first.get_by_label("手机号", exact=True).fill("13900139001")
    first.get_by_label("服务专员").fill("周专员")
    second.get_by_label("手机号", exact=True).fill("13900139002")
    second.get_by_label("联系人", exact=True).fill("吴经理")
    button(first, "保存").click()
    expect(one.get_by_text(f"「{name}」已保存。")).to_be_visible(timeout=20_000)
    button(second, "保存").click()
    expect(
        second.get_by_text(re.compile("演示专班改了「手机号」：.* → 13900139001。" + ASKED))
    ).to_be_visible(timeout=20_000)
    expect(second.get_by_label("手机号", exact=True)).to_have_value("13900139002")
    expect(second.get_by_label("联系人", exact=True)).to_have_value("吴经理")
    expect(second.get_by_text(ASKED)).to_be_in_viewport()
    expect(second.get_by_text("留我填的：13900139002")).to_be_visible()
    picture(other, "enterprise-phone")
    other.set_viewport_size(DESKTOP["viewport"])
    picture(other, "enterprise-desktop")
    choose(other, "手机号", "用现在的")
    button(second, "保存").click()
    expect(other.get_by_text(f"「{name}」已保存。")).to_be_visible(timeout=20_000)
    row = other.locator("[class*=st-key-enterprise-]").first
    for kept in ("吴经理", "13900139001", "周专员"):
        expect(row).to_contain_text(kept)
