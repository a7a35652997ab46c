"""A new wave from the last one, driven as an officer would, with every click and second counted."""

import re
import time
from secrets import token_hex

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PHONE, Product, sign_in

MOST_CLICKS = 8


class Hand:
    """Clicks, and counts them."""

    def __init__(self) -> None:
        self.clicks, self.began = 0, time.monotonic()

    def click(self, where: Locator) -> None:
        where.click(timeout=20_000)
        self.clicks += 1


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def test_a_wave_from_the_last_one_in_a_few_clicks(desk: Page, browser: Browser, own: Product) -> None:
    sign_in(desk, own, "officer", "/waves")
    hand = Hand()
    hand.click(button(desk, "沿用上期"))
    expect(desk.get_by_label("名称")).to_have_value(re.compile("20.. 年.半年测评"), timeout=20_000)
    expect(desk.get_by_text("已沿用「")).to_be_visible()
    hand.click(button(desk, "保存，下一步"))
    expect(desk.get_by_text("还没有邀请企业。")).to_be_visible(timeout=20_000)
    expect(desk.get_by_text("上期邀请的企业还有 360 家在册")).to_be_visible()
    hand.click(button(desk, "下一步：预览和试填"))
    address = desk.locator("[class*=st-key-card-trial] .address a").get_attribute("href", timeout=20_000)
    assert address is not None
    try_it(browser, address)
    expect(desk.get_by_text("已试填 1 份")).to_be_visible(timeout=15_000)
    expect(desk.get_by_text("税务局 不满意")).to_be_visible()
    hand.click(button(desk, "下一步：核对并开启"))
    checks = desk.locator("ul.checks")
    expect(checks).to_contain_text("试填过 1 份，开启时自动清除", timeout=20_000)
    expect(checks).to_contain_text("还没有邀请企业")
    expect(checks).to_contain_text("没有设置核实电话")
    hand.click(button(desk, "现在开启"))
    hand.click(desk.get_by_role("dialog").get_by_role("button", name="确认开启"))
    expect(desk.get_by_text("已开启，测评码已生成。")).to_be_visible(timeout=20_000)
    seconds = time.monotonic() - hand.began
    print(f"沿用上期到开启：{hand.clicks} 次点击，{seconds:.0f} 秒（含试填一份）")
    assert hand.clicks <= MOST_CLICKS
    assert desk.request.get(address).status == 404  # the trial code is gone with what was tried
    card = desk.locator("[class*=st-key-card-wave]").first
    expect(card).to_contain_text("收回 0 份")


def try_it(browser: Browser, address: str) -> None:
    """Fill in the trial form on a phone."""
    phone = browser.new_context(**PHONE, locale="zh-CN").new_page()
    phone.goto(address)
    expect(phone.get_by_text("试填：不计入结果")).to_be_visible()
    phone.locator(".chip", has_text="税务局").click()
    phone.locator(".dep:visible .g2").first.click()
    phone.get_by_role("button", name="提交评价").click()
    phone.wait_for_url("**/r/trial")
    expect(phone.get_by_role("heading", name="试填成功")).to_be_visible()
    phone.get_by_role("link", name="再试填一份").click()
    expect(phone.locator(".choose input:checked")).to_have_count(0)  # the draft went with the receipt
    phone.context.close()


def test_timed_opening_extension_early_closing_and_the_refusal_to_reopen(desk: Page, own: Product) -> None:
    title = f"定时的一期 {token_hex(2)}"  # tried a second time, it meets what the first try left
    sign_in(desk, own, "officer", "/waves")
    button(desk, "沿用上期").click(timeout=20_000)
    desk.get_by_label("名称").fill(title, timeout=20_000)
    desk.get_by_label("名称").press("Tab")
    button(desk, "保存，下一步").click()
    expect(desk.get_by_text("设置已保存。")).to_be_visible(timeout=20_000)
    button(desk, "4 核对并开启").click()
    button(desk, "自动开启").click(timeout=20_000)
    card = desk.locator("[class*=st-key-card-wave]", has_text=title)
    expect(card).to_contain_text("到时自动开启", timeout=20_000)
    card.get_by_role("button", name="继续设置").click()
    button(desk, "4 核对并开启").click(timeout=20_000)
    button(desk, "取消定时开启").click(timeout=20_000)
    expect(desk.get_by_text("已取消定时开启。")).to_be_visible(timeout=20_000)
    expect(button(desk, "现在开启")).to_have_count(1)  # the page is drawn anew
    button(desk, "现在开启").click()
    button(desk, "确认开启").click()
    expect(card).to_contain_text("进行中", timeout=20_000)

    card.get_by_role("button", name="延期").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="确认延期").click()
    expect(dialog.get_by_text("请写明理由")).to_be_visible(timeout=10_000)
    dialog.get_by_label("理由").fill("回收率偏低")
    dialog.get_by_label("理由").press("Tab")
    dialog.get_by_role("button", name="确认延期").click()
    expect(desk.get_by_text(f"「{title}」已延期至")).to_be_visible(timeout=20_000)

    card.get_by_role("button", name="提前截止").click()
    dialog.get_by_label("理由").fill("应答企业已全部交卷")
    dialog.get_by_label("理由").press("Tab")
    dialog.get_by_role("button", name="确认截止").click()
    expect(desk.get_by_text(f"「{title}」已截止。")).to_be_visible(timeout=20_000)

    expect(card).not_to_contain_text("延期")
    reopen = card.get_by_role("button", name="重新开启")
    for _ in range(10):  # until the job has marked it closed
        desk.wait_for_timeout(3000)
        desk.reload()
        expect(card).to_be_visible(timeout=20_000)
        if reopen.count():
            break
    reopen.click(timeout=20_000)
    expect(dialog.get_by_text("看过结果再补收，结果就不可信了")).to_be_visible(timeout=10_000)
    desk.keyboard.press("Escape")
    card.get_by_role("button", name="日志").click()
    log = dialog.locator("table.log")
    expect(log).to_contain_text("理由：应答企业已全部交卷", timeout=10_000)
    for step in ("沿用「", "定时开启", "取消定时开启", "理由：回收率偏低", "演示专班", "不再接收答卷"):
        expect(log).to_contain_text(step)


def test_those_invited_last_time_are_invited_again(desk: Page, own: Product) -> None:
    sign_in(desk, own, "officer", "/waves")
    button(desk, "沿用上期").click(timeout=20_000)
    desk.get_by_label("名称").fill("照旧邀请的一期", timeout=20_000)
    desk.get_by_label("名称").press("Tab")
    button(desk, "保存，下一步").click()
    step = desk.locator(".st-key-card-invite")
    expect(step).to_contain_text("上期邀请的企业还有", timeout=20_000)
    before = re.search(r"还有 ([\d,]+) 家", step.inner_text())
    assert before is not None
    desk.get_by_role("link", name="去发码页邀请企业").click()
    expect(desk.get_by_text("照旧邀请的一期").first).to_be_visible(timeout=20_000)
    desk.locator(".st-key-part-before label").click(timeout=20_000)
    expect(desk.get_by_text(f"将发 {before[1]} 家")).to_be_visible(timeout=10_000)
    desk.get_by_role("link", name="回到「期次」继续").click()
    expect(desk.locator(".st-key-card-invite")).to_be_visible(timeout=20_000)


def test_a_draft_is_deleted_after_a_warning(desk: Page, own: Product) -> None:
    sign_in(desk, own, "officer", "/waves")
    button(desk, "沿用上期").click(timeout=20_000)
    desk.get_by_label("名称").fill("写错的一期", timeout=20_000)
    desk.get_by_label("名称").press("Tab")
    button(desk, "保存，下一步").click()
    expect(desk.get_by_text("设置已保存。")).to_be_visible(timeout=20_000)
    button(desk, "返回列表").click()
    card = desk.locator("[class*=st-key-card-wave]", has_text="写错的一期")
    card.get_by_role("button", name="删除草稿").click(timeout=20_000)
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("删除后不能恢复")
    dialog.get_by_role("button", name="确认删除").click()
    expect(desk.get_by_text("草稿「写错的一期」已删除。")).to_be_visible(timeout=20_000)
    expect(card).to_have_count(0)
