"""企业 in a real browser: a list with 25 faulty rows, five only in the phone, is imported, mended, imported again, edited and undone."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from survey.core.registry.table import read_registry
from tests import registry_lists
from tests.browser.conftest import Product, sign_in
from tests.browser.test_office import ENGLISH

QUOTED = re.compile(r"\.xlsx|「")  # the file and what stands in it
ICONS = {"upload", "download", "search", "undo", "close", "table"}


def choose(page: Page, path: Path) -> None:
    expect(page.locator("input[type=file]")).to_have_count(0)
    page.get_by_role("button", name="导入名单").click()
    page.locator("input[type=file]").wait_for(state="attached")
    page.set_input_files("input[type=file]", path)
    expect(page.get_by_text("列是这样对应的")).to_be_visible(timeout=30_000)


def mend(rejected: Path, repaired: Path) -> None:
    """Type the right values into the downloaded list, by the original line numbers it carries."""
    right = dict(enumerate(registry_lists.make_rows(repaired=True), registry_lists.FIRST_LINE))
    book = openpyxl.load_workbook(rejected)
    for row in book.active.iter_rows(min_row=2):
        for cell, value in zip(row[2:], right[int(row[0].value)], strict=False):
            cell.value = value
    book.save(repaired)


def test_a_list_is_imported_mended_edited_and_undone(desk: Page, own: Product, tmp_path: Path) -> None:
    sign_in(desk, own, "officer", "/enterprises")
    expect(desk.get_by_text(re.compile("名录里有 [0-9]+ 家企业"))).to_be_visible(timeout=20_000)
    before = desk.locator("h1.finding").inner_text()
    choose(desk, registry_lists.write_list(tmp_path / "参评企业名录.xlsx"))
    expect(desk.get_by_text("将新增 340 家，5 家的手机号要补，20 行不能导入")).to_be_visible()
    assert not [one for one in desk.evaluate(ENGLISH) if not QUOTED.search(one) and one not in ICONS]
    desk.get_by_role("button", name="取消").click()
    expect(desk.get_by_text("已取消，名录没有变化。")).to_be_visible()
    assert desk.locator("h1.finding").inner_text() == before

    choose(desk, tmp_path / "参评企业名录.xlsx")
    desk.get_by_role("button", name="确认导入 340 家").click()
    expect(
        desk.get_by_text("已导入：新增 340 家，更改 0 家。另有 20 行没有导入。5 家的手机号要补。")
    ).to_be_visible(timeout=20_000)
    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载要改的 25 行").click()
    rejected, mended = tmp_path / "rejected.xlsx", tmp_path / "改好.xlsx"
    download.value.save_as(rejected)
    assert download.value.suggested_filename == "要改的行.xlsx"
    assert (
        len(read_registry(rejected.read_bytes(), "").rejected) + 2 == 20
    )  # two clash only inside the whole list
    mend(rejected, mended)
    choose(desk, mended)
    expect(desk.get_by_text("将新增 20 家、更改 5 家。")).to_be_visible()
    desk.get_by_role("button", name="确认导入 25 家").click()
    expect(desk.get_by_text("已导入：新增 20 家，更改 5 家。")).to_be_visible(timeout=20_000)

    desk.get_by_label("查找").fill(registry_lists.made_up_uscc(41))
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("找到 1 家")).to_be_visible()
    edit_phone(desk, "138001380")
    expect(desk.get_by_role("dialog").get_by_text("有 9 位，不是 11 位手机号")).to_be_visible()
    give_up(desk)
    expect(edit(desk).get_by_label("手机号")).not_to_have_value("138001380")
    give_up(desk)
    edit_phone(desk, "139 0013 9000", then=press_late)
    expect(desk.get_by_text("「虚构第00042号科技有限公司」已保存。")).to_be_visible()
    expect(desk.get_by_text("13900139000")).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载这些企业").click()
    [one] = read_registry(Path(download.value.path()).read_bytes(), "").rows
    assert (one.values["uscc"], one.values["phone"]) == (registry_lists.made_up_uscc(41), "13900139000")

    undo(desk)
    expect(desk.get_by_text("已撤销：20 家新增和 5 家更改都恢复到导入之前。")).to_be_visible(timeout=20_000)
    undo(desk)  # the first import; one of its enterprises has been edited since
    expect(desk.get_by_text("（「虚构第00042号科技有限公司」）在导入之后又改过")).to_be_visible()
    desk.keyboard.press("Escape")
    edit_phone(desk, "19900000041")
    undo(desk)
    expect(desk.get_by_text("已撤销：340 家新增和 0 家更改都恢复到导入之前。")).to_be_visible(timeout=20_000)
    desk.reload()
    expect(desk.locator("h1.finding")).to_have_text(before, timeout=20_000)


def edit_phone(page: Page, phone: str, then: Callable[[Page], None] | None = None) -> None:
    dialog = edit(page)
    dialog.get_by_label("手机号").fill(phone)
    if then:
        then(page)
        expect(dialog.get_by_label("手机号")).to_have_value(phone)
    dialog.get_by_role("button", name="保存").click()


def press_late(page: Page) -> None:
    """A second press of 编辑 whose turn comes when the dialog of the first is already being typed into."""
    page.get_by_role("button", name="编辑", include_hidden=True).dispatch_event("click")
    rest(page)


def give_up(page: Page) -> None:
    page.keyboard.press("Escape")
    rest(page)


def rest(page: Page) -> None:
    """Until the page has been drawn anew."""
    page.wait_for_timeout(500)  # for the run to begin
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()


def edit(page: Page) -> Locator:
    """The dialog of the one enterprise found; a click is lost when the list is just being drawn anew."""
    dialog = page.get_by_role("dialog")
    for _ in range(5):
        page.get_by_role("button", name="编辑").click()
        with suppress(TimeoutError):
            dialog.get_by_label("手机号").wait_for(timeout=5_000)
            break
    return dialog


def undo(page: Page) -> None:
    page.get_by_role("button", name="撤销这次导入").click()
    page.get_by_role("dialog").get_by_role("button", name="确认撤销").click()


def test_a_file_is_taken_only_while_its_page_shows_a_box(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    """Streamlit itself would take a file from anyone who knows an open page's session."""
    officer, viewer = browser.new_context().new_page(), browser.new_context().new_page()
    sign_in(viewer, product, "viewer")
    sign_in(officer, product, "officer", "/enterprises")
    with officer.expect_request(lambda one: one.method == "PUT") as sent:
        choose(officer, registry_lists.write_list(tmp_path / "名录.xlsx"))
    headers = sent.value.all_headers()
    token, xsrf = headers["x-xsrftoken"], headers["cookie"].partition("_streamlit_xsrf=")[2].partition(";")[0]

    def put(page: Page, megabytes: int = 0) -> int:
        page.context.add_cookies([{"name": "_streamlit_xsrf", "value": xsrf, "url": product.office}])
        file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * (megabytes * 2**20 + 1)}
        return page.request.put(
            sent.value.url, multipart={"file": file}, headers={"X-Xsrftoken": token}
        ).status

    assert put(officer) == 204
    assert put(officer, megabytes=6) == 413
    assert put(viewer) == 403
    officer.get_by_role("button", name="取消").click()
    expect(officer.get_by_text("已取消，名录没有变化。")).to_be_visible()
    assert put(officer) == 403


@pytest.mark.parametrize("role", [None, "viewer"])
def test_handed_out_files_need_a_sign_in(browser: Browser, product: Product, role: str | None) -> None:
    page = browser.new_context().new_page()
    if role:
        sign_in(page, product, role)
    assert page.request.get(f"{product.office}/media/unknown.xlsx").status == (404 if role else 403)
