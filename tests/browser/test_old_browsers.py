"""The office door in browsers below the floor: a plain page with a way on, never a blank one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, Product, sign_in

NO_MODULES = "delete HTMLScriptElement.prototype.noModule"
NO_HAS_OWN = "delete Object.hasOwn"
NO_LOOK_BEHIND = """const Real = RegExp;
RegExp = function (source, flags) {
  if (String(source).includes('(?<=')) throw new SyntaxError('Invalid group');
  return new Real(source, flags);
}; RegExp.prototype = Real.prototype; Object.setPrototypeOf(RegExp, Real);"""
WINDOWS_7 = """delete AbortSignal.timeout; delete Array.prototype.toSorted;
const Real = RegExp;
function Old(source, flags) {
  if (String(flags).includes('v')) throw new SyntaxError('Invalid flags');
  return new.target ? Reflect.construct(Real, [source, flags], this.constructor) : Real(source, flags);
}
Object.setPrototypeOf(Old, Real);
Old.prototype = Real.prototype;
window.RegExp = Old;"""


@pytest.fixture
def old(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(**DESKTOP, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("missing", [NO_MODULES, NO_HAS_OWN, NO_LOOK_BEHIND])
def test_a_browser_below_the_floor_is_told_to_switch(old: Page, product: Product, missing: str) -> None:
    old.add_init_script(missing)
    sign_in(old, product, "officer", "/waves")  # signing in is plain HTML and works everywhere
    old.wait_for_url(f"{product.office}/old-browser", timeout=10_000)
    expect(old.get_by_role("heading", name="请切换到极速模式")).to_be_visible()
    expect(old.get_by_role("link", name="已经切换好，重新打开")).to_have_attribute("href", "/")


def test_a_script_that_cannot_be_read_leads_there_too(old: Page, product: Product) -> None:
    """What no probe foresees, such as syntax that is too new."""
    sign_in(old, product, "officer", "/old-browser")
    old.route(
        "**/static/js/index.*.js",
        lambda route: route.fulfill(body="class A { static { ((( } }", content_type="text/javascript"),
    )
    old.goto(f"{product.office}/waves")
    old.wait_for_url(f"{product.office}/old-browser", timeout=15_000)


def test_what_is_only_a_little_too_old_is_helped_along(old: Page, product: Product) -> None:
    """Chromium 94 to 111, so also the newest there is for Windows 7, lacks three small things."""
    errors: list[str] = []
    old.on("pageerror", lambda error: errors.append(str(error)))
    old.add_init_script(WINDOWS_7)
    sign_in(old, product, "officer", f"/dashboard?wave={product.demo['wave']}")
    expect(old.locator("h1.finding")).to_contain_text("已收回", timeout=20_000)
    expect(old.locator(".js-plotly-plot").first).to_be_visible(timeout=20_000)
    assert errors == []
    taught = "[/a/ instanceof RegExp, RegExp('[a]', 'gv').flags, new RegExp('b').test('b'), 'a,b'.split(/,/).length]"
    assert old.evaluate(taught) == [True, "gu", True, 2]


def test_the_plain_page_needs_neither_sign_in_nor_script_nor_style(
    browser: Browser, product: Product
) -> None:
    context = browser.new_context(**DESKTOP, java_script_enabled=False)
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(f"{product.office}/old-browser")
    expect(page.get_by_text("极速模式").first).to_be_visible()
    context.close()


def test_two_engine_browsers_are_asked_for_the_newer_one(old: Page, product: Product) -> None:
    sign_in(old, product, "officer", "/waves")
    for path in ("/waves", "/login", "/old-browser"):
        page = old.request.get(f"{product.office}{path}").text()
        assert '<meta name="renderer" content="webkit">' in page
    shell = old.request.get(f"{product.office}/waves").text()
    assert shell.index("/office/floor.js") < shell.index('type="module"')
    script = old.request.get(f"{product.office}/office/floor.js").text()
    assert not [word for word in ("=>", "const ", "let ", "`", "?.", "async ") if word in script]
