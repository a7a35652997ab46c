"""From 发码 to the printed card, its QR scanned on a phone, the lost list and the voided code."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import zxingcpp
from playwright.sync_api import Page, expect
from pypdfium2 import PdfDocument

from survey.actions.waves import lifecycle, new_waves
from survey.storage import database
from survey.storage.answers.doors import find_code
from tests.browser.conftest import Product, sign_in

TITLE = "2026 年四季度发码测试"


@pytest.fixture
def draft(own: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A draft wave in the running product."""
    monkeypatch.setenv("SURVEY_DATA_DIR", str(own.folder))
    database.forget_engines()
    now = datetime.now(UTC)
    with database.writing() as db:
        made = new_waves.create_wave(db, new_waves.NewWave(TITLE, now, now + timedelta(days=14)))
    yield made.id
    database.forget_engines()


def download(page: Page, words: str, folder: Path) -> ZipFile:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=words).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return ZipFile(path)


def scanned(pdf: bytes) -> list[str]:
    """The addresses in the QR codes of a PDF, as a phone would read them from paper."""
    return [
        one.text
        for page in PdfDocument(pdf)
        for one in zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    ]


def test_a_printed_card_leads_to_its_wave_until_its_code_is_replaced(
    desk: Page, phone: Page, own: Product, draft: int, tmp_path: Path
) -> None:
    sign_in(desk, own, "officer", f"/codes?wave={draft}")
    desk.get_by_role("button", name="发码（360 家）").click()
    expect(desk.get_by_text("发码完成：360 家")).to_be_visible(timeout=60_000)
    with download(desk, "下载发码包（ZIP）", tmp_path) as file:
        cards = [
            name
            for name in file.namelist()
            if name.endswith("二维码卡-01.pdf") or name.endswith("二维码卡.pdf")
        ]
        sheet = openpyxl.load_workbook(BytesIO(file.read("发送清单.xlsx")))["发送清单"]
        links = {row[5]: row[0] for row in sheet.iter_rows(min_row=2, values_only=True)}
        on_card = scanned(file.read(cards[0]))
    assert len(links) == 360
    assert set(on_card) <= set(links)
    first, *_ = on_card
    found = find_code(first.rpartition("/")[2])
    assert found is not None
    assert found.wave_id == draft

    desk.get_by_role("button", name="已存好，删除服务器上的这份").click()
    expect(desk.get_by_text("发码完成：360 家")).to_have_count(0)
    assert not list((own.folder / "bundles").iterdir())

    with database.writing() as db:
        lifecycle.open_wave(db, draft, datetime.now(UTC))
    phone.goto(first)
    expect(phone.get_by_text(TITLE).first).to_be_visible()
    expect(phone.get_by_text("今年您和哪些部门打过交道？")).to_be_visible()

    name = links[first]
    desk.goto(f"{own.office}/codes?wave={draft}")
    desk.get_by_label("找企业").fill(str(name))
    desk.get_by_label("找企业").press("Enter")
    desk.get_by_role("button", name="换码", exact=True).click()
    desk.get_by_role("button", name="确认换码").click()
    expect(desk.get_by_text("换码完成：1 家")).to_be_visible(timeout=60_000)
    expect(desk.get_by_role("heading", name="换码 1 个，已用 0 个，对账平")).to_be_visible()
    phone.goto(first)
    expect(phone.get_by_text("这个测评码已作废")).to_be_visible()
    with download(desk, "下载发码包（ZIP）", tmp_path) as file:
        [new] = scanned(file.read("二维码卡.pdf"))
    phone.goto(new)
    expect(phone.get_by_text("今年您和哪些部门打过交道？")).to_be_visible()


def test_only_officers_get_code_files_and_an_old_bundle_is_gone(desk: Page, product: Product) -> None:
    wave = product.demo["wave"]
    bundle = f"{product.office}/codes/{wave}/bundle/{'0' * 32}.zip"
    assert "/login" in desk.goto(bundle).url  # type: ignore[union-attr]
    sign_in(desk, product, "viewer")
    assert desk.goto(bundle).status == 403  # type: ignore[union-attr]
    desk.context.clear_cookies()
    sign_in(desk, product, "officer")
    gone = desk.goto(bundle)
    assert gone is not None
    assert gone.status == 410
    expect(desk.get_by_text("这份发码包已经不在了")).to_be_visible()
