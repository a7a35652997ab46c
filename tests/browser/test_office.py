"""The office door in a real browser: signing in, cold links, the Chinese shell, and steps with a confirmation."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.conftest import DESKTOP, Product, sign_in, start_product, stop_product

PAGES = {
    "dashboard": "viewer", "department": "handler", "compare": "viewer", "trend": "viewer", "priorities": "viewer",
    "trust": "handler", "remarks": "officer", "invite": "viewer", "waves": "officer", "cases": "discipline",
    "monitor": "officer", "entry": "officer", "screens": "officer", "accounts": "admin", "audit": "auditor",
    "method": "viewer",
}  # fmt: skip
ENGLISH = r"""() => {
  const found = new Set();
  const english = /[A-Za-z]{4,}/, ours = /^https?:|^keyboard_|^arrow_|^add$|^expand_more$|^\/accounts$|（XLSX）$|（Word）$/;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.nodeValue.trim(), tag = walk.currentNode.parentElement.tagName;
    if (walk.currentNode.parentElement.closest(".method, .explain dd")) continue;  // formulas and names of authors
    if (english.test(text) && !ours.test(text) && !["SCRIPT", "STYLE", "NOSCRIPT"].includes(tag)) found.add(text);
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (one.checkVisibility()) for (const name of ["aria-label", "title", "placeholder"]) {
      const text = one.getAttribute(name) || "";
      if (english.test(text) && !/https?:/.test(text)) found.add(`${name}: ${text}`);
    }
  return [...found];
}"""


def test_pages_without_signing_in_lead_to_the_sign_in_page(desk: Page, product: Product) -> None:
    for name in PAGES:
        desk.goto(f"{product.office}/{name}?wave=1")
        assert desk.url == f"{product.office}/login?next=%2F{name}%3Fwave%3D1"
    assert desk.title() == "登录 · 一键测评"


def test_a_cold_deep_link_leaks_no_page(browser: Browser, tmp_path: Path) -> None:
    """The very first Streamlit session of a fresh server goes straight to /cases, past the redirect."""
    fresh = start_product(tmp_path)
    try:
        officer = browser.new_context()
        name, password = fresh.login("officer")
        form = {"name": name, "password": password, "next": "/cases"}
        shell = officer.request.post(
            f"{fresh.office}/login", form=form, headers={"Origin": fresh.office}
        ).text()
        assert 'lang="zh-CN"' in shell
        # A page handed in by the test counts as a foreign network for Chromium, not for the server.
        stranger = browser.new_context(permissions=["local-network-access"]).new_page()
        stranger.route("**/cases", lambda route: route.fulfill(body=shell, content_type="text/html"))
        stranger.goto(f"{fresh.office}/cases")
        expect(stranger.get_by_text("请先登录")).to_be_visible(timeout=20_000)
        expect(stranger.get_by_text("企业请求帮办")).to_have_count(0)
        expect(stranger.locator("[data-testid=stSidebarNav]")).to_have_count(0)
    finally:
        stop_product(fresh)


def test_a_wrong_password_is_said_so_and_the_name_is_kept(desk: Page, product: Product) -> None:
    desk.goto(f"{product.office}/login?next=/waves")
    desk.fill("#name", "没有这个人")
    desk.fill("#password", "not-the-password")
    desk.press("#password", "Enter")
    expect(desk.get_by_role("alert")).to_have_text("账号或密码不对，请检查后重试。")
    assert desk.input_value("#name") == "没有这个人"
    assert desk.input_value("#password") == ""


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"]
)
def test_nobody_is_sent_to_another_site(desk: Page, product: Product, target: str) -> None:
    name, password = product.login("viewer")
    form = {"name": name, "password": password, "next": target}
    answer = desk.request.post(
        f"{product.office}/login", form=form, headers={"Origin": product.office}, max_redirects=0
    )
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_signing_out_ends_every_page(desk: Page, product: Product) -> None:
    sign_in(desk, product, "viewer")
    expect(desk.locator("h1.finding")).to_be_visible(timeout=20_000)
    other = desk.context.new_page()
    other.goto(f"{product.office}/logout")
    assert "/login" in other.url
    desk.locator("[data-testid=stSidebarNav]").get_by_text("部门").click()
    expect(desk.get_by_text("登录已过期")).to_be_visible(timeout=10_000)


def test_a_page_whose_sign_in_ended_says_so_and_heals(desk: Page, product: Product) -> None:
    sessions: list[WebSocketRoute] = []

    def watch(session: WebSocketRoute) -> None:
        session.connect_to_server()
        sessions.append(session)

    desk.route_web_socket("**/_stcore/stream", watch)
    sign_in(desk, product, "officer", "/waves")
    expect(desk.get_by_role("button", name="新建期次")).to_be_enabled()
    cookies = desk.context.cookies()
    desk.context.clear_cookies(name="survey_office")
    sessions[-1].close()
    bar = desk.get_by_role("alert").filter(has_text="请先登录")
    expect(bar.get_by_role("link", name="去登录")).to_be_visible()
    desk.context.add_cookies([one for one in cookies if one["name"] == "survey_office"])  # type: ignore[misc]
    expect(bar).to_have_count(0, timeout=60_000)
    expect(desk.get_by_role("button", name="新建期次")).to_be_enabled()


@pytest.mark.parametrize("name", PAGES)
def test_the_shell_is_chinese_and_nothing_leaves_the_machine(desk: Page, product: Product, name: str) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    desk.on("pageerror", lambda error: errors.append(str(error)))
    desk.on("console", lambda one: "Content Security Policy" in one.text and errors.append(one.text))
    sign_in(desk, product, PAGES[name], f"/{name}")
    expect(desk.locator("h1.finding")).to_be_visible(timeout=20_000)
    desk.wait_for_timeout(1500)
    assert desk.evaluate("document.documentElement.lang") == "zh-CN"
    assert desk.title() in ("看板", "部门", "一键测评", "期次", "交办事项", "回收", "代填", "趋势", "留言")
    assert desk.evaluate(ENGLISH) == []
    assert not errors
    assert not [url for url in asked if not url.startswith((product.office, "data:", "blob:"))]


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_the_screen(browser: Browser, product: Product, width: int) -> None:
    for role in sorted(set(PAGES.values())):
        page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
        sign_in(page, product, role)
        for name in (name for name in PAGES if PAGES[name] == role):
            page.goto(f"{product.office}/{name}")
            expect(page.locator("h1.finding")).to_be_visible(timeout=20_000)
            page.wait_for_timeout(1000)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
        page.context.close()


def test_a_filter_stands_in_the_address_and_a_link_brings_it_back(desk: Page, product: Product) -> None:
    sign_in(desk, product, "viewer")
    box = desk.locator(".st-key-filter-class")
    box.locator("[data-baseweb=select], [role=combobox]").first.click()
    desk.get_by_role("option", name="监管执法").click()
    desk.wait_for_url("**class=*")
    link = desk.url
    desk.goto("about:blank")
    desk.goto(link)
    expect(desk.get_by_role("combobox", name="参评类别")).to_have_value("监管执法", timeout=20_000)
    expect(desk.locator("table.figures")).not_to_contain_text("财政金融局")


def test_a_wave_is_made_opened_and_closed(desk: Page, own: Product) -> None:
    sign_in(desk, own, "officer", "/waves")
    desk.get_by_role("button", name="新建期次").click(timeout=20_000)
    desk.get_by_role("button", name="保存，下一步").click()
    expect(desk.get_by_text("期次名称要填 1 到 60 个字。")).to_be_visible()
    desk.get_by_label("名称").fill("浏览器里新建的一期")
    desk.get_by_label("名称").press("Tab")
    desk.get_by_role("button", name="保存，下一步").click()
    expect(desk.get_by_text("草稿已保存。")).to_be_visible(timeout=10_000)
    desk.get_by_role("button", name="4 核对并开启").click()
    desk.get_by_role("button", name="现在开启").click()
    desk.get_by_role("dialog").get_by_role("button", name="确认开启").click()
    expect(desk.get_by_text("已开启，测评码已生成。")).to_be_visible(timeout=10_000)
    card = desk.locator("[class*=st-key-card-wave]", has_text="浏览器里新建的一期")
    expect(card).to_contain_text("/q/")
    card.get_by_role("button", name="提前截止").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="确认截止").click()
    expect(dialog.get_by_text("请写明理由")).to_be_visible()
    dialog.get_by_label("理由").fill("只是演练")
    dialog.get_by_label("理由").press("Tab")
    dialog.get_by_role("button", name="确认截止").click()
    expect(desk.get_by_text("已截止。")).to_be_visible(timeout=10_000)


def test_the_projected_code_fills_the_screen(desk: Page, product: Product) -> None:
    sign_in(desk, product, "viewer", f"/project/{product.demo['wave']}")
    side = desk.locator(".qr svg").bounding_box()
    assert side is not None
    assert side["height"] > 500
    assert product.demo["open_code"] in desk.locator(".address").inner_text()
    expect(desk.locator("#count")).not_to_be_empty()


def test_closed_addresses_and_unknown_pages(desk: Page, product: Product) -> None:
    for path in ("_stcore/metrics", "_stcore/agent/openapi.json", "_stcore/script-health-check", "nowhere"):
        answer = desk.request.get(f"{product.office}/{path}")
        assert answer.status == 404
        assert "没有" in answer.text()
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_foreign_page_cannot_open_a_session(browser: Browser, product: Product) -> None:
    page = browser.new_context(**DESKTOP).new_page()
    page.goto(f"{product.public}/healthz")  # another origin
    socket = product.office.replace("http", "ws") + "/_stcore/stream"
    opened = page.evaluate(
        "url => new Promise(done => { const s = new WebSocket(url, ['streamlit']);"
        " s.onopen = () => done(true); s.onerror = () => done(false); })",
        socket,
    )
    assert opened is False
