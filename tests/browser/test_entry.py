"""代填 by keyboard alone: an officer on the phone enters three departments without touching the mouse."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, sign_in


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.count, self.start = page, 0, time.monotonic()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


def open_form(desk: Page, own: Product) -> list[str]:
    """The entry form of the demo's open wave; names that can be chosen."""
    sign_in(desk, own, "officer", f"/entry/{own.demo['wave']}")
    expect(desk.locator("#find")).to_be_focused()
    return [text.split("　")[0] for text in desk.locator("#enterprise option").all_inner_texts()]


def test_three_departments_take_a_dozen_keys_and_no_mouse(desk: Page, own: Product) -> None:
    name = open_form(desk, own)[0]
    keys = Keys(desk)
    keys.press(*name[2:5], "Enter")  # three digits of the demo name find it
    expect(desk.locator("#enterprise option:checked")).to_contain_text(name)
    keys.press("2")  # 走访, and on to the first department
    keys.press("5", "4", "2")
    expect(desk.locator(".lines > li").nth(2)).to_have_class("bad")
    keys.press("1", "Enter")  # the first reason, and on
    keys.press("Control+Enter")
    seconds = time.monotonic() - keys.start
    expect(desk.locator(".done")).to_contain_text(f"已存下：{name}")
    expect(desk.locator(".done")).to_contain_text(re.compile(r"回执编号 [A-Z2-7]{4}-[A-Z2-7]{4}"))
    expect(desk.locator("#find")).to_be_focused()
    print(f"按键 {keys.count} 次，{seconds:.1f} 秒")
    assert keys.count <= 12
    keys.press(*name[2:5])
    expect(desk.locator("#enterprise option", has_text=name)).to_have_count(0)
    expect(desk.locator("#nobody")).to_contain_text("已由同事代填")


def test_details_remarks_and_corrections_work_by_keys_too(desk: Page, own: Product) -> None:
    name = open_form(desk, own)[1]
    keys = Keys(desk)
    keys.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("请先选企业")
    expect(desk.get_by_role("alert")).to_contain_text("一个部门都没有打分")
    keys.press(*name[2:5], "Enter", "Enter")
    keys.press("4", "ArrowUp", "d", "5")  # back to the first line, its 细评, one dimension
    expect(desk.locator(".lines > li").first.locator(".details .grade").first).to_have_value("5")
    while not desk.locator("#kind input").first.evaluate("one => one === document.activeElement"):
        keys.press("Enter")
    keys.press("1")
    desk.keyboard.insert_text("厂门口路灯不亮，请派人来看看")
    keys.press("Tab", "Tab", "ArrowDown")  # past the department; 请帮我办
    expect(desk.locator("#use")).to_have_value("help")
    keys.press("Tab")
    desk.keyboard.insert_text("王工 分机 8012")
    keys.press("Control+Enter")
    expect(desk.locator(".done")).to_contain_text(f"已存下：{name}")
    expect(desk.locator(".done").locator(".address")).to_contain_text(f"{own.public}/r/")
    desk.goto(desk.locator(".done").locator(".address").inner_text())
    desk.get_by_text("显示我写的内容").click()
    expect(desk.get_by_text("厂门口路灯不亮")).to_be_visible()


def test_a_form_for_an_enterprise_that_answered_meanwhile_is_given_back(desk: Page, own: Product) -> None:
    name = open_form(desk, own)[2]
    keys = Keys(desk)
    keys.press(*name[2:5], "Enter", "Enter", "5")
    other = desk.context.new_page()
    other.goto(desk.url)
    again = Keys(other)
    again.press(*name[2:5], "Enter", "Enter", "4", "Control+Enter")
    expect(other.locator(".done")).to_contain_text("已存下")
    keys.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("这家企业已经答过")
    expect(desk.locator("#g0")).to_have_value("5")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_form_fits_its_screen(desk: Page, own: Product, width: int) -> None:
    open_form(desk, own)
    desk.set_viewport_size({"width": width, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_viewers_and_strangers_get_no_form(desk: Page, own: Product) -> None:
    address = f"{own.office}/entry/{own.demo['wave']}"
    desk.goto(address)
    assert "/login" in desk.url
    sign_in(desk, own, "viewer", f"/entry/{own.demo['wave']}")
    expect(desk.get_by_text("您的账号没有这项权限")).to_be_visible()
    assert desk.request.get(address.replace("/entry/", "/export/") + "/reminders.xlsx").status == 403


def test_a_form_from_another_site_is_not_taken(desk: Page, own: Product) -> None:
    open_form(desk, own)
    answer = desk.request.post(
        f"{own.office}/entry/{own.demo['wave']}", form={"sid": "x" * 20},
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert answer.status == 403
