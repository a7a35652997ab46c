"""One phone, several hands: two tabs, the Back button, and the next person, who sees nothing of the last one's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from survey.storage.database import read_engine
from tests.browser.conftest import PHONE
from tests.browser.test_form import _fill, card, chip, deliver, door, rate, receipt, send, stored
from tests.factories import MadeWave, make_wave

__all__ = ["door"]  # the fixture
CHINESE = {**PHONE, "locale": "zh-CN"}
SECRET = "厂门口的路灯坏了"
CHANGED = "前一份已收到，改动没有存"


@pytest.fixture
def wave(sqlite_database: Path) -> MadeWave:
    return make_wave(departments=["tax", "market"], now=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def hands(browser: Browser) -> Iterator[BrowserContext]:
    """A phone; each new page of it is a new tab, as a new scan in WeChat is."""
    context = browser.new_context(**CHINESE)
    yield context
    context.close()


def ask(page: Page, words: str = SECRET) -> None:
    page.locator(".last").get_by_text("要办的事").tap()
    page.fill("#text", words)
    page.get_by_text("请帮我办").tap()


def begin(page: Page, address: str) -> None:
    """Rate a department and write what nobody else is to read."""
    _fill(page, address)
    ask(page)


def leave(hands: BrowserContext, address: str) -> None:
    """Begin a form in a tab and close that unsent."""
    page = hands.new_page()
    begin(page, address)
    page.close()


def claim(page: Page) -> None:
    page.get_by_role("button", name="是我的，接着填").tap()


def fill_and_deliver(page: Page, address: str) -> None:
    _fill(page, address)
    deliver(page)


def seen(page: Page) -> str:
    """Every word on a page and in its fields."""
    return str(
        page.evaluate("""() => document.body.innerText +
        [...document.querySelectorAll('textarea,input:not([type=radio]):not([type=checkbox])')].map(one => one.value)""")
    )


def drafts(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter(key => /^draft/.test(key)).length"))


def cases() -> list[str]:
    with read_engine().connect() as db:
        return list(db.scalars(text("SELECT text FROM ledger_case")))


def test_two_tabs_of_one_enterprise(hands: BrowserContext, door: str, wave: MadeWave) -> None:
    """The second tab took over the first one's draft with its id. Its other words are not said to be stored."""
    address = f"{door}/q/{wave.codes[0]}"
    first, second = hands.new_page(), hands.new_page()
    _fill(first, address)
    second.goto(address)
    expect(second.get_by_text("已经恢复")).to_be_visible()
    ask(second)
    first.bring_to_front()
    deliver(first)
    send(second)
    expect(second.get_by_role("heading", name=CHANGED)).to_be_visible()
    expect(second.locator("#typed")).to_have_value(SECRET)
    expect(second.get_by_text("补充一件要办的事")).to_be_visible()
    expect(second.get_by_role("button", name="作为新的一份提交")).to_have_count(0)
    second.get_by_role("link", name="看前一份的回执").tap()
    expect(receipt(second)).to_be_visible()
    assert second.url == first.url
    assert (stored(), cases()) == (1, [])


def test_two_tabs_at_an_open_code_and_the_second_as_a_form_of_its_own(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.open_code}"
    first, second = hands.new_page(), hands.new_page()
    _fill(first, address)
    second.goto(address)
    claim(second)
    ask(second)
    first.bring_to_front()
    deliver(first)
    expect(second.get_by_text("已经交过本期的一份")).to_be_visible()
    send(second)
    expect(second.get_by_role("heading", name=CHANGED)).to_be_visible()
    assert (stored(), cases()) == (1, [])
    second.get_by_role("button", name="是另一个人填的，作为新的一份提交").tap()
    expect(receipt(second)).to_be_visible()
    assert second.url != first.url
    assert (stored(), cases()) == (2, [SECRET])
    assert drafts(second) == 0


def test_a_tab_that_says_the_same_as_what_was_sent_elsewhere_is_emptied(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.open_code}"
    first, second = hands.new_page(), hands.new_page()
    begin(first, address)
    second.goto(address)
    claim(second)
    expect(second.locator("#text")).to_have_value(SECRET)
    deliver(first)
    expect(second.locator("#text")).to_have_value("")
    assert SECRET not in seen(second)


@pytest.mark.parametrize("kind", ["enterprise", "open"])
def test_back_after_sending_shows_nothing_and_sends_nothing_again(
    hands: BrowserContext, door: str, wave: MadeWave, kind: str
) -> None:
    page = hands.new_page()
    page.goto(f"{door}/privacy")
    begin(page, f"{door}/q/{wave.codes[0] if kind == 'enterprise' else wave.open_code}")
    deliver(page)
    page.go_back()
    assert "/q/" not in page.url, "the form gave its place in the history to the receipt"
    assert SECRET not in seen(page)
    page.go_forward()
    expect(receipt(page)).to_be_visible()
    assert stored() == 1


@pytest.mark.parametrize("kind", ["enterprise", "open"])
def test_back_without_script_and_other_words(browser: Browser, door: str, wave: MadeWave, kind: str) -> None:
    context = browser.new_context(**CHINESE, java_script_enabled=False)
    page = context.new_page()
    address = f"{door}/q/{wave.codes[0] if kind == 'enterprise' else wave.open_code}"
    _fill(page, address)
    sid = page.locator("[name=sid]").get_attribute("value")
    deliver(page)
    first = page.url
    page.go_back()
    if kind == "enterprise":  # asked anew: Chromium keeps no page that says no-store
        expect(page.get_by_role("heading", name="这个测评码已经用过")).to_be_visible()
    else:
        assert page.locator("[name=sid]").get_attribute("value") != sid
        expect(card(page, "税务局")).to_be_hidden()
    # Other browsers show the page as it was left, and send its id again.
    changed = {
        "d": "tax",
        "g.tax.overall": "1",
        "text": SECRET,
        "kind": "request",
        "use": "help",
        "sid": str(sid),
    }
    sent = changed | ({"who": "enterprise"} if kind == "open" else {})
    inputs = "".join(f"<input name='{name}' value='{value}'>" for name, value in sent.items())
    page.set_content(f"<form method=post action='{address}'>{inputs}<button>x</button></form>")
    page.get_by_role("button", name="x").tap()
    expect(page.get_by_role("heading", name=CHANGED)).to_be_visible()
    assert SECRET in seen(page)
    assert (stored(), cases()) == (1, [])
    if kind == "open":
        page.get_by_role("button", name="作为新的一份提交").tap()
        expect(receipt(page)).to_be_visible()
        assert (stored(), cases()) == (2, [SECRET])
    else:
        page.get_by_role("link", name="看前一份的回执").tap()
        expect(page).to_have_url(first)
    context.close()


def test_the_next_person_at_an_open_code_sees_nothing_of_the_last_ones_draft(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.open_code}"
    leave(hands, address)
    following = hands.new_page()
    following.goto(address)
    expect(following.get_by_text("本机上有一份没交的评价")).to_be_visible()
    expect(card(following, "税务局")).to_be_hidden()
    assert SECRET not in seen(following)
    following.get_by_role("button", name="不是我填的，清空").tap()
    expect(following.get_by_text("本机上有一份没交的评价")).to_be_hidden()
    assert drafts(following) == 0
    fill_and_deliver(following, address)
    assert (stored(), cases(), drafts(following)) == (1, [], 0)


def test_whoever_ignores_the_last_ones_draft_does_not_overwrite_it(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.open_code}"
    last, following = hands.new_page(), hands.new_page()
    begin(last, address)
    last.close()
    fill_and_deliver(following, address)
    back = hands.new_page()
    back.goto(address)
    claim(back)
    expect(back.locator("#text")).to_have_value(SECRET)
    deliver(back)
    assert (stored(), cases()) == (2, [SECRET])


def test_an_enterprises_own_draft_comes_back_and_can_be_cleared(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.codes[0]}"
    leave(hands, address)
    second = hands.new_page()
    second.goto(address)
    expect(second.locator("#text")).to_have_value(SECRET)
    second.get_by_role("button", name="不是我填的，清空").tap()
    expect(second.locator("#text")).to_have_value("")
    assert drafts(second) == 0


def test_what_the_last_person_sent_and_lost_is_sent_for_them_and_shown_to_nobody(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    address = f"{door}/q/{wave.open_code}"
    last = hands.new_page()
    begin(last, address)
    last.route("**/q/*", lambda route: route.abort())
    send(last)
    expect(last.locator("#state")).to_have_text("网络不稳，正在重试…")
    last.close()
    following = hands.new_page()
    following.goto(address)
    expect(following.get_by_text("已经交过本期的一份")).to_be_visible()
    assert SECRET not in seen(following)
    assert "/q/" in following.url
    assert (stored(), cases()) == (1, [SECRET])
    fill_and_deliver(following, address)
    assert (stored(), cases()) == (2, [SECRET])


def test_a_phone_that_holds_a_receipt_of_this_wave_is_told_whatever_the_code(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    page = hands.new_page()
    begin(page, f"{door}/q/{wave.codes[0]}")
    deliver(page)
    mine = page.url
    for code, says in ((wave.open_code, "接着往下填就是新的一份"), (wave.codes[1], "已经交过本期的一份。")):
        other = hands.new_page()
        other.goto(f"{door}/q/{code}")
        expect(other.get_by_text(says)).to_be_visible()
        other.get_by_role("link", name="看那份回执").tap()
        expect(receipt(other)).to_be_visible()
        assert other.url == mine
        assert SECRET not in seen(other), "the words stay folded until asked for"
        other.get_by_text("显示我写的内容").tap()
        assert SECRET in seen(other)
        other.close()


def test_another_waves_receipt_is_not_told_of(hands: BrowserContext, door: str, wave: MadeWave) -> None:
    other = make_wave(departments=["tax"], now=datetime.now(UTC) - timedelta(hours=1), title="另一期")
    page = hands.new_page()
    fill_and_deliver(page, f"{door}/q/{other.codes[0]}")
    page.goto(f"{door}/q/{wave.open_code}")
    expect(page.locator("#done")).to_be_hidden()
    page.goto(f"{door}/q/{other.open_code}")
    expect(page.locator("#done")).to_be_visible()


def test_a_receipt_can_be_cleared_from_a_phone_that_others_use(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    page = hands.new_page()
    _fill(page, f"{door}/q/{wave.open_code}")
    send(page)
    page.get_by_role("button", name="从本机清除").tap()
    expect(page.get_by_text("已清除")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    page.goto(f"{door}/q/{wave.open_code}")
    expect(page.locator("#done")).to_be_hidden()


def test_a_tablet_left_on_a_refusal_goes_back_to_an_empty_form(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    """What was typed is handed back there, and must not wait for the next person."""
    page = hands.new_page()
    page.clock.install()
    address = f"{door}/q/{wave.codes[0]}?channel=tablet"
    begin(page, address)
    colleague = hands.new_page()
    fill_and_deliver(colleague, f"{door}/q/{wave.codes[0]}")
    send(page)
    expect(page.locator("#typed")).to_have_value(SECRET)
    page.clock.fast_forward(121_000)
    expect(page.locator("#words")).to_be_hidden()
    assert SECRET not in seen(page)


def test_an_old_browser_that_cannot_tell_where_it_was_led_keeps_no_draft(
    hands: BrowserContext, door: str, wave: MadeWave
) -> None:
    page = hands.new_page()
    page.add_init_script(
        "Object.defineProperty(XMLHttpRequest.prototype, 'responseURL', { get: () => undefined })"
    )
    begin(page, f"{door}/q/{wave.open_code}")
    deliver(page)
    assert drafts(page) == 0
    following = hands.new_page()
    following.goto(f"{door}/q/{wave.open_code}")
    assert SECRET not in seen(following)


def test_a_phone_that_keeps_nothing_still_works(browser: Browser, door: str, wave: MadeWave) -> None:
    context = browser.new_context(**CHINESE)
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('denied') } })"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    fill_and_deliver(page, f"{door}/q/{wave.open_code}")
    page.goto(f"{door}/q/nonsense")
    expect(page.get_by_role("heading", name="没有找到这个测评码")).to_be_visible()
    assert complaints == []
    context.close()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("width", [390, 320])
def test_what_is_told_fits_a_narrow_phone(
    browser: Browser, door: str, wave: MadeWave, language: str, width: int
) -> None:
    context = browser.new_context(
        **{**PHONE, "viewport": {"width": width, "height": 844}, "locale": language}
    )
    page = context.new_page()
    page.goto(f"{door}/q/{wave.open_code}")
    page.locator("[name=who]").first.check()
    page.locator("input[name=d]").first.check()
    page.locator(".dep .g5 input").first.check()
    page.locator(".send button").tap()
    expect(page.locator("svg.tick")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.goto(f"{door}/q/{wave.open_code}")
    page.locator("input[name=d]").first.check()
    other = context.new_page()
    other.goto(f"{door}/q/{wave.open_code}")
    for told in ("#done", "#kept"):
        expect(other.locator(told)).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth") == width
    for box in [one.bounding_box() for one in other.locator(".note button:visible, .note a").all()]:
        assert box is not None
        assert box["height"] >= 44
    context.close()


def test_what_is_chosen_in_a_draft_of_ones_own_comes_back(phone: Page, door: str, wave: MadeWave) -> None:
    """Positive control: in the same tab an open code's draft comes back by itself."""
    phone.goto(f"{door}/q/{wave.open_code}")
    chip(phone, "税务局").tap()
    rate(phone, "税务局", 2)
    phone.reload()
    expect(card(phone, "税务局").locator(".overall .g2 input")).to_be_checked()
    expect(phone.get_by_role("button", name="不是我填的，清空")).to_be_visible()
