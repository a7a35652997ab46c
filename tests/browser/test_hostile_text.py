"""Hostile texts in a real browser: every page shows them, none runs, none asks another host for anything."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Error, Frame, Page, expect

from survey.core.models import Role
from tests.browser.conftest import DESKTOP, PHONE, Product, start_product, stop_product
from tests.hostile import ELSEWHERE, MARKDOWN, MARKUP
from tests.people import PASSWORD
from tests.planted import Planted, world

LOOK = """() => {
  const bad = window.__pwned ? ["ran"] : [];
  for (const one of document.querySelectorAll("*")) {
    if (one.id === "planted" || one.matches(".katex, .stMarkdownColoredText")) bad.push(one.outerHTML.slice(0, 200));
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name)) bad.push(name);
      if (/^(href|xlink:href|src|srcset|action)$/.test(name) && /elsewhere\\.example|^\\s*javascript:/i.test(value))
        bad.push(one.outerHTML.slice(0, 200));
    }
  }
  return bad;
}"""


@dataclass
class Watch:
    """A page, and everything on it that must not happen."""

    page: Page
    hosts: set[str]
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.route(f"**://{ELSEWHERE}/**", lambda route: route.abort())

    def _dialog(self, dialog: Any) -> None:
        self.happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in ("http", "https", "ws", "wss") and asked.netloc not in self.hosts:
            self.happened.append(f"request {request.url}")

    def live(self) -> list[str]:
        """What acted or could act, in the page and its frames."""
        self.page.wait_for_timeout(200)
        return self.happened + [found for frame in self.page.frames for found in look(frame)]


def look(frame: Frame) -> list[str]:
    """What an open frame holds; one that was put away meanwhile holds nothing."""
    try:
        return list(frame.evaluate(LOOK))
    except Error:
        if frame.is_detached():
            return []
        return list(frame.evaluate(LOOK))  # it was being loaded anew


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Planted, Product]]:
    folder = tmp_path_factory.mktemp("hostile")
    with world(folder) as made:
        pass
    product = start_product(folder, demo=False)
    yield made, product
    stop_product(product)


def watch(browser: Browser, product: Product, shape: Any = DESKTOP) -> Watch:
    hosts = {urlsplit(address).netloc for address in (product.public, product.office)}
    return Watch(browser.new_context(**shape, locale="zh-CN").new_page(), hosts)


def sign_in(seen: Watch, planted: tuple[Planted, Product], role: Role) -> str:
    """Sign in under a hostile name; the office's address."""
    made, product = planted
    seen.page.goto(f"{product.office}/login?next={quote(MARKUP[0])}")
    assert seen.live() == []
    seen.page.fill("input[name=name]", made.names[role])
    seen.page.fill("input[name=password]", PASSWORD)
    seen.page.press("input[name=password]", "Enter")
    seen.page.wait_for_url(lambda address: "/login" not in address)
    return product.office


def drawn(page: Page) -> None:
    """Wait until a Streamlit page stands and no longer moves."""
    expect(page.locator("h1.finding, .nothing, [data-testid=stForm]").first).to_be_visible(timeout=30_000)
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=30_000
    )


def test_the_officers_pages(browser: Browser, planted: tuple[Planted, Product]) -> None:
    seen, wave = watch(browser, planted[1]), planted[0].wave.id
    office, page = sign_in(seen, planted, Role.OFFICER), seen.page
    steps = [f"waves?draft={planted[0].draft}&step={step}" for step in (1, 2, 3, 4)]
    pages = (
        "dashboard",
        "department",
        "invite",
        "enterprises",
        "waves",
        "codes",
        "monitor",
        "entry",
        "cases",
        "screens",
    )
    for address in (*(f"{one}?wave={wave}" for one in pages), *steps):
        page.goto(f"{office}/{address}")
        drawn(page)
        assert seen.live() == [], address
        if address.startswith("dashboard"):
            page.locator(".js-plotly-plot").first.hover()
            for chart in page.locator(".js-plotly-plot").all():
                chart.scroll_into_view_if_needed()
                box = chart.bounding_box()
                assert box
                for part in (0.3, 0.6, 0.9):
                    page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * part)
                    page.wait_for_timeout(60)
            assert seen.live() == []
    for address in (f"project/{wave}", f"entry/{wave}", f"preview/{wave}", f"screen/{planted[0].screen}"):
        page.goto(f"{office}/{address}")
        assert seen.live() == [], address


def test_boxes_menus_and_messages(browser: Browser, planted: tuple[Planted, Product]) -> None:
    """What opens only when pressed: an edit, a log, a list of choices, what a step says."""
    seen = watch(browser, planted[1])
    office, page = sign_in(seen, planted, Role.OFFICER), seen.page
    page.goto(f"{office}/waves?wave={planted[0].wave.id}")
    drawn(page)
    page.get_by_role("button", name="日志").last.click()
    expect(page.get_by_role("dialog")).to_contain_text(MARKDOWN[0])
    assert seen.live() == []
    page.goto(f"{office}/enterprises")
    drawn(page)
    page.get_by_role("button", name="归档").first.click()
    expect(page.locator(".message.done")).to_contain_text("已归档")
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.locator(".message.done")).to_contain_text("仍在名录里")
    assert seen.live() == []
    page.get_by_role("combobox", name="行业").click()
    expect(page.get_by_role("option").first).to_be_visible()
    assert seen.live() == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="编辑").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert seen.live() == []


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.ADMIN, "accounts"),
        (Role.AUDITOR, "audit"),
        (Role.HANDLER, "department"),
        (Role.HANDLER, "cases"),
    ],
)
def test_the_pages_of_others(
    browser: Browser, planted: tuple[Planted, Product], role: Role, address: str
) -> None:
    seen = watch(browser, planted[1])
    office = sign_in(seen, planted, role)
    seen.page.goto(f"{office}/{address}")
    drawn(seen.page)
    assert seen.live() == []


def test_the_phone_pages(browser: Browser, planted: tuple[Planted, Product]) -> None:
    made, product = planted
    seen = watch(browser, product, PHONE)
    codes = [made.wave.codes[0], made.wave.codes[-2], made.wave.open_code, made.trial_code]
    for address in (*(f"q/{one}" for one in codes), *(f"r/{one}" for one in made.receipts[:6])):
        for language in ("zh", "en"):
            seen.page.goto(f"{product.public}/{address}?lang={language}")
            assert seen.live() == [], address


def test_a_page_with_the_bare_texts_does_all_of_it(
    browser: Browser, planted: tuple[Planted, Product]
) -> None:
    seen = watch(browser, planted[1])
    bare = "".join(f"<p>{text}</p>" for text in MARKUP) + "<script>alert(1)</script>"
    seen.page.route("**/bare", lambda route: route.fulfill(status=200, content_type="text/html", body=bare))
    seen.page.goto(f"{planted[1].office}/bare")
    found = " ".join(seen.live())
    for sign in (
        "dialog 1",
        f"request http://{ELSEWHERE}/p.png",
        "ran",
        "onerror",
        'id="planted"',
        "javascript:",
    ):
        assert sign in found
