"""The phone form in a real Chromium: thumbs, bad networks, old browsers, no script, hall tablets."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from sqlalchemy import text

from survey.actions.waves.lifecycle import close_wave
from survey.storage.database import read_engine, writing
from survey.web.phone.public import create_app
from tests.browser.conftest import PHONE, free_port
from tests.factories import MadeWave, make_wave

DEPARTMENTS = [
    line.split(",")[0] for line in Path("data/departments.csv").read_text("utf-8").splitlines()[1:]
]
TAX = DEPARTMENTS.index("tax")
CHINESE = {**PHONE, "locale": "zh-CN"}
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}


@pytest.fixture
def wave(sqlite_database: Path) -> MadeWave:
    return make_wave(departments=DEPARTMENTS, now=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def door(wave: MadeWave) -> Iterator[str]:
    """The public door on a port of its own; the value is its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(), port=port, access_log=False, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def complaints(phone: Page) -> Iterator[list[str]]:
    """What the browser complains of: script errors and refused inline parts."""
    heard: list[str] = []
    phone.on("pageerror", lambda error: heard.append(str(error)))
    phone.on("console", lambda one: heard.append(one.text) if "Content Security" in one.text else None)
    yield heard
    assert heard == []


def stored() -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text("SELECT count(*) FROM response")) or 0)


def chip(page: Page, name: str) -> Locator:
    return page.locator(".choose .chip").get_by_text(name, exact=True)


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def rate(page: Page, name: str, grade: int) -> None:
    card(page, name).locator(f".overall .g{grade}").tap()


def send(page: Page) -> None:
    page.get_by_role("button", name="提交评价").tap()


def receipt(page: Page) -> Locator:
    return page.get_by_role("heading", name="已收到，谢谢")


def deliver(page: Page) -> None:
    """Send the form and see that it was received."""
    send(page)
    expect(receipt(page)).to_be_visible()


def test_three_departments_take_at_most_eight_taps(
    phone: Page, door: str, wave: MadeWave, complaints: list[str]
) -> None:
    requests: list[str] = []
    phone.on("request", lambda one: requests.append(one.url))
    phone.goto(f"{door}/q/{wave.codes[0]}")
    assert len(requests) <= 3
    phone.evaluate("window.taps = 0; addEventListener('touchstart', () => sessionStorage.taps = ++taps)")
    for name in ("税务局", "公安分局", "市场监督管理局"):
        chip(phone, name).tap()
    for name in ("税务局", "公安分局", "市场监督管理局"):
        rate(phone, name, 4)
    deliver(phone)
    assert int(phone.evaluate("sessionStorage.taps")) <= 8
    assert stored() == 1
    assert phone.evaluate("Object.keys(localStorage).filter(key => /^draft/.test(key)).length") == 0


def test_without_script_the_whole_way_works(browser: Browser, door: str, wave: MadeWave) -> None:
    context = browser.new_context(**CHINESE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{door}/q/{wave.codes[0]}")
    expect(card(page, "税务局")).to_be_hidden()
    chip(page, "税务局").tap()
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("请给「税务局」打一个总体评价")
    rate(page, "税务局", 1)
    card(page, "税务局").get_by_text("办理时间长").tap()
    page.locator(".last").get_by_text("要办的事").tap()
    page.fill("#text", "路灯坏了")
    expect(page.locator("#contact")).to_be_hidden()
    page.get_by_text("请帮我办").tap()
    expect(page.locator("#contact")).to_be_visible()
    send(page)
    expect(page.get_by_text("已收到", exact=True)).to_be_visible()
    context.close()


def _without_has(route: Route) -> None:
    if route.request.method != "GET":
        return route.continue_()  # what is sent and answered is left alone
    answer = route.fetch()
    return route.fulfill(response=answer, body=answer.text().replace(":has(", ":unknown("))


@pytest.mark.parametrize("script", [True, False])
def test_browsers_that_do_not_know_has(browser: Browser, door: str, wave: MadeWave, script: bool) -> None:
    context = browser.new_context(**CHINESE, java_script_enabled=script, bypass_csp=True)
    page = context.new_page()
    page.route("**/q/*", _without_has)
    page.goto(f"{door}/q/{wave.codes[0]}")
    visible = page.locator(".dep:visible").count()
    assert visible == (0 if script else len(DEPARTMENTS))
    chip(page, "税务局").tap()
    rate(page, "税务局", 2)
    expect(card(page, "税务局").get_by_text("推诿、多头跑")).to_be_visible()
    deliver(page)
    context.close()


def test_a_bad_grade_unfolds_reasons_and_nothing_above_moves(
    phone: Page, door: str, wave: MadeWave, complaints: list[str]
) -> None:
    phone.goto(f"{door}/q/{wave.codes[0]}")
    chip(phone, "税务局").tap()
    mine = card(phone, "税务局")
    mine.scroll_into_view_if_needed()
    expect(mine.locator(".why")).to_be_hidden()
    before = [mine.locator(f".overall .g{grade}").bounding_box() for grade in range(1, 6)]
    rate(phone, "税务局", 2)
    expect(mine.locator(".why")).to_be_visible()
    assert before == [mine.locator(f".overall .g{grade}").bounding_box() for grade in range(1, 6)]
    rate(phone, "税务局", 3)
    expect(mine.locator(".why")).to_be_hidden()


def test_after_a_slip_focus_is_on_the_summary_and_everything_stays(
    phone: Page, door: str, wave: MadeWave, complaints: list[str]
) -> None:
    phone.goto(f"{door}/q/{wave.codes[0]}")
    chip(phone, "税务局").tap()
    phone.fill("#text", "路灯坏了")
    send(phone)
    expect(phone.locator("#errors")).to_be_focused()
    expect(phone.locator("#text")).to_have_value("路灯坏了")
    phone.locator("#errors a").first.tap()
    assert phone.evaluate("document.activeElement.name") == "g.tax.overall"
    assert stored() == 0
    rate(phone, "税务局", 5)
    phone.locator(".last").get_by_text("建议", exact=True).tap()
    deliver(phone)


def test_a_draft_survives_a_reload(phone: Page, door: str, wave: MadeWave, complaints: list[str]) -> None:
    phone.goto(f"{door}/q/{wave.codes[0]}")
    chip(phone, "税务局").tap()
    rate(phone, "税务局", 1)
    card(phone, "税务局").locator("textarea").fill("等了三个月")
    expect(phone.locator("#state")).to_contain_text("已保存在本机")
    first = phone.locator("[name=sid]").input_value()
    phone.reload()
    expect(card(phone, "税务局").locator("textarea")).to_have_value("等了三个月")
    assert phone.locator("[name=sid]").input_value() == first
    phone.evaluate(
        "for (const key in localStorage) if (/^draft/.test(key)) {"
        "const one = JSON.parse(localStorage[key]); one.at -= 8 * 864e5; localStorage[key] = JSON.stringify(one) }"
    )
    phone.reload()
    expect(card(phone, "税务局")).to_be_hidden()


def _lose_answer(route: Route) -> None:
    """The server gets the form, the phone never hears of it."""
    if route.request.method == "POST":
        route.fetch(max_redirects=0)
        route.abort()
    else:
        route.continue_()


def _fill(page: Page, address: str) -> None:
    page.goto(address)
    if page.get_by_text("个体户").count():
        page.get_by_text("个体户").tap()
    chip(page, "税务局").tap()
    rate(page, "税务局", 5)


def test_a_lost_answer_is_asked_for_again_until_the_receipt(phone: Page, door: str, wave: MadeWave) -> None:
    _fill(phone, f"{door}/q/{wave.codes[0]}")
    phone.route("**/q/*", _lose_answer)
    send(phone)
    expect(phone.locator("#state")).to_have_text("网络不稳，正在重试…")
    phone.unroute("**/q/*")
    expect(receipt(phone)).to_be_visible(timeout=15_000)
    assert stored() == 1


def test_a_receipt_lost_with_the_page_comes_back_on_the_next_scan(
    phone: Page, door: str, wave: MadeWave, complaints: list[str]
) -> None:
    address = f"{door}/q/{wave.codes[0]}"
    _fill(phone, address)
    phone.route("**/q/*", _lose_answer)
    send(phone)
    expect(phone.locator("#state")).to_have_text("网络不稳，正在重试…")
    phone.goto("about:blank")
    phone.unroute("**/q/*")
    phone.goto(address)
    expect(receipt(phone)).to_be_visible(timeout=15_000)
    mine = phone.url
    phone.goto(address)
    expect(phone.get_by_role("heading", name="这个测评码已经用过")).to_be_visible()
    phone.get_by_role("link", name="看本机回执").tap()
    expect(receipt(phone)).to_be_visible()
    assert (phone.url, stored()) == (mine, 1)


def test_a_form_sent_before_closing_arrives_in_the_grace(phone: Page, door: str, wave: MadeWave) -> None:
    address = f"{door}/q/{wave.codes[0]}"
    _fill(phone, address)
    phone.route("**/q/*", lambda route: route.abort())
    send(phone)
    expect(phone.locator("#state")).to_have_text("网络不稳，正在重试…")
    phone.goto("about:blank")
    with writing() as db:
        close_wave(db, wave.id, datetime.now(UTC))
    phone.unroute("**/q/*")
    phone.goto(address)
    expect(receipt(phone)).to_be_visible(timeout=15_000)
    assert stored() == 1


def test_a_busy_server_is_asked_again(phone: Page, door: str, wave: MadeWave) -> None:
    _fill(phone, f"{door}/q/{wave.codes[0]}")
    tries: list[float] = []

    def refuse_twice(route: Route) -> None:
        tries.append(time.monotonic())
        if len(tries) <= 2:
            route.fulfill(status=503, headers={"retry-after": "1"}, body="busy")
        else:
            route.continue_()

    phone.route("**/q/*", refuse_twice)
    send(phone)
    expect(receipt(phone)).to_be_visible(timeout=15_000)
    assert tries[1] - tries[0] > 0.7
    assert stored() == 1


def test_the_sign_in_page_of_a_hotels_network_is_not_taken_for_an_answer(
    phone: Page, door: str, wave: MadeWave
) -> None:
    _fill(phone, f"{door}/q/{wave.codes[0]}")
    phone.route("**/q/*", lambda route: route.fulfill(status=200, body="<h1>请先登录无线网</h1>"))
    send(phone)
    expect(phone.locator("#state")).to_have_text("网络不稳，正在重试…")
    phone.unroute("**/q/*")
    expect(receipt(phone)).to_be_visible(timeout=15_000)
    assert stored() == 1


def test_a_double_tap_is_harmless(phone: Page, door: str, wave: MadeWave) -> None:
    _fill(phone, f"{door}/q/{wave.open_code}")
    sent: list[str] = []
    phone.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    phone.evaluate("const b = document.querySelector('[type=submit]'); b.click(); b.click(); b.click()")
    expect(receipt(phone)).to_be_visible()
    assert (len(sent), stored()) == (1, 1)


def test_a_code_used_by_a_colleague_gives_the_text_back(
    browser: Browser, phone: Page, door: str, wave: MadeWave, complaints: list[str]
) -> None:
    address = f"{door}/q/{wave.codes[0]}"
    _fill(phone, address)
    phone.fill("#text", "路灯坏了")
    phone.locator(".last").get_by_text("建议", exact=True).tap()
    other: BrowserContext = browser.new_context(**CHINESE)
    colleague = other.new_page()
    _fill(colleague, address)
    deliver(colleague)
    other.close()
    send(phone)
    expect(phone.locator("#typed")).to_have_value("路灯坏了")
    expect(phone.get_by_role("heading", name="这个测评码已经用过")).to_be_in_viewport()
    phone.reload()
    expect(phone.locator("#typed")).to_have_value("路灯坏了")
    assert stored() == 1


def test_a_tablet_keeps_nothing_and_resets_itself(phone: Page, door: str, wave: MadeWave) -> None:
    address = f"{door}/q/{wave.open_code}?channel=tablet"
    _fill(phone, address)
    phone.reload()
    expect(card(phone, "税务局")).to_be_hidden()
    _fill(phone, address)
    send(phone)
    expect(phone.get_by_text("秒后自动回到新的表单")).to_be_visible()
    phone.wait_for_url(address, timeout=15_000)
    expect(card(phone, "税务局")).to_be_hidden()
    assert phone.evaluate("localStorage.length") == 0
    assert stored() == 1


def test_by_keyboard_alone(desk: Page, door: str, wave: MadeWave) -> None:
    desk.goto(f"{door}/q/{wave.codes[0]}")
    desk.keyboard.press("Tab")  # the language
    desk.keyboard.press("Tab")  # how one is protected
    desk.keyboard.press("Tab")
    desk.keyboard.press("Space")  # the first department
    for _ in DEPARTMENTS:
        desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")  # past 都没有, into the card
    desk.keyboard.press("Space")
    desk.keyboard.press("ArrowRight")
    assert desk.evaluate("document.activeElement.value") == "4"
    desk.get_by_role("button", name="提交评价").focus()
    desk.keyboard.press("Enter")
    expect(receipt(desk)).to_be_visible()


SMALL = """() => [...document.querySelectorAll('label.chip, label.g, summary, button, select, textarea, #contact')]
    .filter(one => one.offsetParent && (one.offsetHeight < 44 || one.offsetWidth < 44)).map(one => one.outerHTML)"""
FINE_PRINT = """() => [...document.querySelectorAll('body *')].filter(one => one.offsetParent && one.innerText
    && parseFloat(getComputedStyle(one).fontSize) < 16).map(one => one.outerHTML.slice(0, 80))"""
CUT = """() => [...document.querySelectorAll('label span, h1, h2, p')].filter(one => one.offsetParent
    && !one.classList.contains('vh') && one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""


@pytest.mark.parametrize("width", [390, 360, 341, 320, 300])
def test_targets_text_and_widths(browser: Browser, door: str, wave: MadeWave, width: int) -> None:
    """300 px is a 390 px phone at 130 % zoom."""
    context = browser.new_context(**{**CHINESE, "viewport": {"width": width, "height": 700}})
    page = context.new_page()
    page.goto(f"{door}/q/{wave.codes[0]}")
    chip(page, "税务局").tap()
    rate(page, "税务局", 1)
    card(page, "税务局").locator("summary").tap()
    page.get_by_text("要办的事").tap()
    page.get_by_text("请帮我办").tap()
    assert [page.evaluate(script) for script in (SMALL, FINE_PRINT, CUT)] == [[], [], []]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    best, worst = (card(page, "税务局").locator(f".overall .g{grade}").bounding_box() for grade in (5, 1))
    assert best is not None
    assert worst is not None
    assert (best["y"] == worst["y"]) == (width > 340)  # one row, or a column on narrow screens
    context.close()


def test_text_enlarged_by_the_phone_itself(browser: Browser, door: str, wave: MadeWave) -> None:
    """WeChat enlarges text without telling the page's width, so no media query helps."""
    context = browser.new_context(**CHINESE, bypass_csp=True)
    page = context.new_page()

    def enlarge(route: Route) -> None:
        answer = route.fetch()
        body = answer.text().replace("-webkit-text-size-adjust:100%", "text-size-adjust:130%")
        route.fulfill(response=answer, body=body)

    page.route("**/q/*", enlarge)
    _fill(page, f"{door}/q/{wave.codes[0]}")
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    best, worst = (page.locator(f"#c{TAX} .overall .g{grade}").bounding_box() for grade in (5, 1))
    assert best is not None
    assert worst is not None
    assert best["y"] < worst["y"]
    context.close()


CONTRAST = """() => {
  const light = text => { const [r, g, b] = text.match(/[0-9.]+/g).map(one => one / 255)
    .map(one => one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = one => { for (; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour; } return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('body *')].filter(one => one.offsetParent
      && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())).map(one => {
    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
    return [(a + .05) / (b + .05), one.innerText];
  }).filter(one => one[0] < 4.5); }"""


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_contrast(phone: Page, door: str, wave: MadeWave, grade: int) -> None:
    phone.goto(f"{door}/q/{wave.codes[0]}")
    phone.locator("input[name=d][value=tax]").check()  # both the box and its word can be tapped
    phone.locator(f"input[name='g.tax.overall'][value='{grade}']").check()
    phone.get_by_text("请帮我办").evaluate("one => one.closest('label').querySelector('input').click()")
    assert phone.evaluate(CONTRAST) == []


def test_usable_soon_on_slow_4g_with_a_slow_processor(
    phone: Page, door: str, wave: MadeWave, record_property: Callable[[str, object], None]
) -> None:
    phone.goto("about:blank")
    wires = phone.context.new_cdp_session(phone)
    wires.send("Network.enable")
    wires.send("Network.emulateNetworkConditions", SLOW_4G)
    wires.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    begun = time.monotonic()
    phone.goto(f"{door}/q/{wave.codes[0]}", wait_until="domcontentloaded")
    ready = time.monotonic() - begun
    chip(phone, "税务局").tap()
    expect(card(phone, "税务局")).to_be_visible()
    record_property("ready_seconds", round(ready, 2))
    record_property("card_seconds", round(time.monotonic() - begun, 2))
    print(f"ready {ready:.2f} s, first card {time.monotonic() - begun:.2f} s")
    assert ready < 1.5


@pytest.mark.parametrize("width", [390, 360, 320])
def test_english_fits(browser: Browser, door: str, wave: MadeWave, width: int) -> None:
    english = {**PHONE, "locale": "en-US", "viewport": {"width": width, "height": 844}}
    page = browser.new_context(**english).new_page()
    page.goto(f"{door}/q/{wave.open_code}")
    page.get_by_text("Self-employed").tap()
    for box in page.locator(".choose input[name=d]:not([value=none])").all():
        box.check()
    for row in page.locator(".overall").all():
        row.locator(".g1 input").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_role("heading", name="Received, thank you")).to_be_visible()
    page.get_by_role("link", name="中文").tap()
    expect(receipt(page)).to_be_visible()
    page.context.close()


def test_switching_the_language_keeps_what_was_filled_in(phone: Page, door: str, wave: MadeWave) -> None:
    _fill(phone, f"{door}/q/{wave.codes[0]}")
    phone.get_by_role("link", name="English").tap()
    expect(
        phone.get_by_role("heading", name="Which departments did you deal with this year?")
    ).to_be_visible()
    expect(card(phone, "Tax Bureau").locator(".overall .g5 input")).to_be_checked()
    phone.get_by_role("button", name="Send").tap()
    expect(phone.get_by_role("heading", name="Received, thank you")).to_be_visible()


def test_the_next_person_at_a_tablet_starts_in_its_own_language(
    phone: Page, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.open_code}?channel=tablet"
    phone.goto(address)
    phone.get_by_role("link", name="English").tap()
    phone.get_by_text("A company").tap()
    phone.get_by_text("None of them").tap()
    phone.get_by_role("button", name="Send").tap()
    expect(phone.get_by_role("heading", name="Received, thank you")).to_be_visible()
    phone.wait_for_url(address, timeout=15_000)
    expect(phone.get_by_text("您是", exact=True)).to_be_visible()


def test_reading_about_protection_costs_nothing_filled_in(phone: Page, door: str, wave: MadeWave) -> None:
    phone.goto(f"{door}/q/{wave.codes[0]}")
    chip(phone, "税务局").tap()
    rate(phone, "税务局", 2)
    with phone.context.expect_page() as opened:
        phone.get_by_role("link", name="怎样保护、防不住什么").tap()
    expect(opened.value.get_by_text("您这一期")).to_be_visible()
    opened.value.close()
    expect(card(phone, "税务局").locator(".overall .g2 input")).to_be_checked()
    phone.goto(f"{door}/privacy")  # WeChat has no tabs
    phone.go_back()
    expect(card(phone, "税务局").locator(".overall .g2 input")).to_be_checked()


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_about_protection_fits(browser: Browser, door: str, width: int, language: str) -> None:
    context = browser.new_context(**{**PHONE, "viewport": {"width": width, "height": 844}})
    page = context.new_page()
    page.goto(f"{door}/privacy?lang={language}&mode=anonymous")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for folded in page.locator("summary").all():
        box = folded.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        folded.tap()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_report_to_the_inspectors(browser: Browser, door: str, wave: MadeWave, script: bool) -> None:
    context = browser.new_context(**CHINESE, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{door}/q/{wave.codes[0]}")
    chip(page, "都没有").tap()
    expect(page.get_by_label("联系方式（自愿）")).to_be_hidden()
    page.get_by_label("请写在这里").fill("科长暗示要请客送礼")
    page.locator(".use").get_by_text("只转纪检监察").tap()
    expect(page.get_by_label("联系方式（自愿）")).to_be_visible()
    deliver(page)
    expect(page.get_by_text("已转纪检监察")).to_be_visible()
    expect(page.get_by_text("科长暗示")).to_have_count(0)
    context.close()
