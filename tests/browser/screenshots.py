"""Take the README's pictures of the running product: `make screenshots`."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import (
    CHROMIUM,
    DESKTOP,
    FLAGS,
    PHONE,
    ROOT,
    Product,
    sign_in,
    start_product,
    stop_product,
)

FOLDER = ROOT / "docs" / "screenshots"
DRAWN = 4_000  # ms until charts stand still
OFFICE = {
    "dashboard": "/dashboard", "department": "/department?department=urban", "compare": "/compare",
    "priorities": "/priorities?wave=1", "trust": "/trust?wave=1", "invite": "/invite",
}  # fmt: skip


def take(page: Page, name: str, whole: bool = False) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)
    print(name)


def phone_pictures(page: Page, product: Product) -> None:
    """First screen, a bad grade unfolded, the receipt."""
    page.goto(f"{product.public}/q/{product.demo['codes'][-1]}")
    take(page, "form-phone")
    for name, grade in (("税务局", "^\\s*满意"), ("住房和城乡建设局", "^\\s*不满意")):
        page.locator(".choose label", has_text=re.compile(rf"^\s*{name}\s*$")).tap()
        card = page.locator("section.dep", has=page.get_by_role("heading", name=name))
        card.locator("fieldset.overall label", has_text=re.compile(grade)).first.tap()
    page.locator("section.dep:visible").last.get_by_text("办理时间长").tap()
    page.locator("section.dep:visible").last.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    take(page, "form-bad-grade-phone")
    page.locator("#text").fill("消防验收预约排队二十多天，请帮忙协调。")
    page.locator("label", has_text="要办的事").first.tap()
    page.locator("label.use", has_text="请帮我办").tap()
    page.locator(".send button").tap()
    page.wait_for_url("**/r/*")
    page.wait_for_timeout(500)
    take(page, "receipt-phone", whole=True)


def office_pictures(page: Page, product: Product, size: str) -> None:
    """The office pages as they open."""
    sign_in(page, product, "officer")
    for name, path in OFFICE.items():
        page.goto(product.office + path)
        page.wait_for_timeout(DRAWN)
        take(page, f"{name}-{size}")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        product = start_product(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        try:
            phone_pictures(browser.new_context(**PHONE, locale="zh-CN").new_page(), product)
            office_pictures(browser.new_context(**DESKTOP, locale="zh-CN").new_page(), product, "desktop")
            office_pictures(browser.new_context(**PHONE, locale="zh-CN").new_page(), product, "phone")
        finally:
            stop_product(product)


if __name__ == "__main__":
    main()
