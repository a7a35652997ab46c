"""The form, its mistakes, receipts and notices in English; the language from the browser, with a switch."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from survey.settings import Settings, get_settings
from survey.storage.database import read_engine
from survey.web.phone.public import create_app
from tests.core.test_texts import CHINESE
from tests.factories import MadeWave, make_wave
from tests.web.forms import FORM

ENGLISH = {"accept-language": "en-US,en;q=0.9"}
DEPARTMENTS = [
    line.split(",")[0] for line in Path("data/departments.csv").read_text("utf-8").splitlines()[1:]
]


@pytest.fixture
def wave(sqlite_database: Path) -> MadeWave:
    return make_wave(departments=DEPARTMENTS, now=datetime.now(UTC) - timedelta(hours=1), demo=True)


@pytest.fixture
def door(wave: MadeWave) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


def said(page: str) -> str:
    """What a page says, without styles and scripts and without what is marked as Chinese."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r'<(\w+)[^>]* lang="zh"[^>]*>.*?</\1>', "", page, flags=re.DOTALL))


def chinese(page: str) -> list[str]:
    return [line for line in said(page).splitlines() if CHINESE.search(line)]


def send(door: TestClient, code: str, query: str = "", **fields: str) -> object:
    body = urlencode({"d": "tax", "g.tax.overall": "5", "sid": "s" * 22} | {
        name.replace("__", "."): value for name, value in fields.items()
    })  # fmt: skip
    return door.post(f"/q/{code}{query}", content=body, headers=FORM | ENGLISH)


def test_nothing_chinese_is_left_on_the_english_form(door: TestClient, wave: MadeWave) -> None:
    for code in (wave.codes[0], wave.open_code):
        page = door.get(f"/q/{code}", headers=ENGLISH)
        assert '<html lang="en">' in page.text
        assert chinese(page.text) == []
        assert "Tax returns and payment, tax relief, invoices" in page.text
        assert re.search(r"closes \d+ [A-Z][a-z]+, \d\d:\d\d \(Beijing time\)", page.text)


def test_the_switch_wins_over_the_browser_and_is_kept(door: TestClient, wave: MadeWave) -> None:
    code = wave.open_code
    english = door.get(f"/q/{code}?channel=tablet", headers=ENGLISH).text
    [switch] = re.findall(r'<a href="([^"]+)" lang="zh"', english)
    assert html.unescape(switch) == "?lang=zh&channel=tablet"
    assert '<html lang="zh-CN">' in door.get(f"/q/{code}?lang=zh", headers=ENGLISH).text
    answer = send(door, code, "?lang=zh&channel=tablet", who="enterprise")
    assert answer.headers["location"].endswith("?lang=zh&channel=tablet")  # type: ignore[attr-defined]
    assert "?lang=" not in send(door, wave.codes[0]).headers["location"]  # type: ignore[attr-defined]
    with read_engine().connect() as db:
        assert sorted(db.scalars(text("SELECT language FROM response"))) == ["en", "zh"]


def test_a_slip_is_explained_in_english(door: TestClient, wave: MadeWave) -> None:
    body = urlencode({"d": "tax", "sid": "s" * 22})
    answer = door.post(f"/q/{wave.open_code}", content=body, headers=FORM | ENGLISH)
    assert answer.status_code == 422
    assert "Please give 'Tax Bureau' an overall rating" in html.unescape(answer.text)
    assert "Please say who you are" in answer.text
    assert chinese(answer.text) == []


def test_the_receipt_of_a_request_is_english(door: TestClient, wave: MadeWave) -> None:
    answer = send(
        door, wave.codes[0], kind="request", text="Street light is broken", about="planning", use="help"
    )
    receipt = door.get(answer.headers["location"], headers=ENGLISH).text  # type: ignore[attr-defined]
    assert chinese(receipt) == []
    today = datetime.now(UTC) + timedelta(hours=8)
    for expected in (
        "Natural Resources and Planning Bureau", "Something to be done", "Street light is broken",
        f"{today.day} {today:%B %Y}", "The business environment team sees what you asked for now",
    ):  # fmt: skip
        assert expected in receipt


def test_a_used_code_gives_the_text_back_in_english(door: TestClient, wave: MadeWave) -> None:
    send(door, wave.codes[0])
    again = send(door, wave.codes[0], sid="t" * 22, g__tax__overall="1", t__tax="Slow")
    assert again.status_code == 409  # type: ignore[attr-defined]
    assert "Tax Bureau: Slow" in again.text  # type: ignore[attr-defined]
    assert chinese(again.text) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["/q/nonsense", "/r/nonsense", "/nothing", "/"])
def test_notices_are_english(door: TestClient, address: str) -> None:
    assert chinese(door.get(address, headers=ENGLISH).text) == []


def test_the_english_form_is_as_light(door: TestClient, wave: MadeWave) -> None:
    with door.stream("GET", f"/q/{wave.open_code}", headers=ENGLISH | {"accept-encoding": "gzip"}) as answer:
        assert len(b"".join(answer.iter_raw())) <= 20_000


def test_an_organiser_without_an_english_name_is_not_given_another_ones() -> None:
    ours = get_settings().host_name
    assert not CHINESE.search(Settings().host_in("en", ours))
    assert Settings().host_in("zh", ours) == ours
    assert Settings(host_name="江南区专班").host_in("en", "江南区专班") == "江南区专班"
    renamed = Settings(host_name="江南区专班", host_name_en="Jiangnan Office")
    assert renamed.host_in("en", "江南区专班") == "Jiangnan Office"
    assert renamed.host_in("en", "别的单位") == "别的单位"
