"""One officer's whole round, from an Excel list to the opened Word and Excel files, every click counted.

With SURVEY_SCREENSHOTS set, its pictures are kept in docs/screenshots/round.
"""

import http.client
import os
import re
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from survey.core.answers.receipts import new_code
from tests import registry_lists
from tests.browser.conftest import PHONE, ROOT, Product, run_survey, sign_in, start_product, stop_product

PASSWORD = "Long-enough-word-7"
ANSWERS = 80
GRADES = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
SLOW = 60_000  # ms: making 340 codes with their cards takes a while on a small machine


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Product]:
    """A product as a zone first has it: nothing in it but one officer's account."""
    run_survey(tmp_path, "user", "add", "专班小王", "--role", "officer", "--password", PASSWORD)
    running = start_product(tmp_path, demo=False, SURVEY_GRACE_MINUTES="0", SURVEY_HOST_PHONE="0816-0000000")
    running.demo["logins"] = [{"role": "officer", "name": "专班小王", "password": PASSWORD}]
    yield running
    stop_product(running)


class Round:
    """The officer at the desk: clicks are counted, pictures kept on request."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.began = page, 0, time.monotonic()

    def click(self, where: Locator) -> None:
        where.click(timeout=SLOW)
        self.clicks += 1

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name))

    def see(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=SLOW)

    def save(self, name: str, folder: Path) -> Path:
        """Follow a download link and keep the file."""
        with self.page.expect_download(timeout=SLOW) as waiting:
            self.click(self.page.get_by_role("link", name=name))
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def picture(self, name: str) -> None:
        if os.environ.get("SURVEY_SCREENSHOTS"):
            self.page.wait_for_timeout(2_500)
            self.page.screenshot(path=ROOT / "docs" / "screenshots" / "round" / f"{name}.png")


def answer(link: str, grades: dict[str, int]) -> int:
    """One enterprise's form, sent as a phone without script would; the status."""
    address, _, code = link.partition("/q/")
    fields = {f"g.{department}.overall": str(grade) for department, grade in grades.items()}
    body = urlencode([*(("d", one) for one in grades), *fields.items(), ("sid", new_code())])
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("POST", f"/q/{code}", body, {"content-type": "application/x-www-form-urlencoded"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_whole_round_from_the_list_to_the_files(
    desk: Page, browser: Browser, empty: Product, tmp_path: Path
) -> None:
    sign_in(desk, empty, "officer", "/enterprises")
    officer = Round(desk)
    import_the_list(officer, empty, tmp_path)
    make_the_wave(officer, empty)
    links = issue_codes(officer, tmp_path)
    officer.click(desk.get_by_role("link", name="回到「期次」继续"))
    officer.button("4 核对并开启")
    officer.see("邀请")
    officer.picture("4-checks")
    officer.button("现在开启")
    officer.button("确认开启")
    officer.see("已开启，测评码已生成。")

    for place, link in enumerate(links[:ANSWERS]):
        assert answer(link, {"tax": 5 - place % 4, "construction": 4 - place % 4}) == 303
    fill_in_by_phone(browser, links[ANSWERS])
    watch_the_returns(officer, empty)
    files = close_and_take_the_files(officer, empty, tmp_path)
    print(f"一轮：{officer.clicks} 次点击，{time.monotonic() - officer.began:.0f} 秒（机器操作）")
    look_into(files)


def import_the_list(officer: Round, product: Product, folder: Path) -> None:
    """360 enterprises from a spreadsheet, 20 of them faulty."""
    officer.button("导入名单")
    officer.page.locator("input[type=file]").wait_for(state="attached", timeout=SLOW)
    officer.page.set_input_files("input[type=file]", registry_lists.write_list(folder / "参评企业名录.xlsx"))
    officer.see("20 行不能导入")
    officer.picture("1-import")
    officer.button("确认导入 340 家")
    officer.see("已导入：新增 340 家")


def make_the_wave(officer: Round, product: Product) -> None:
    officer.page.goto(f"{product.office}/waves")
    officer.button("新建期次")
    officer.page.get_by_label("名称").fill("2026 年四季度测评", timeout=SLOW)
    officer.page.get_by_label("名称").press("Tab")
    officer.picture("2-wave")
    officer.button("保存，下一步")
    officer.click(officer.page.get_by_role("link", name="去发码页邀请企业"))


def issue_codes(officer: Round, folder: Path) -> list[str]:
    """Codes for all 340; the links of the sending list."""
    officer.button("发码（340 家）")
    officer.see("发码完成：340 家")
    officer.picture("3-codes")
    with ZipFile(officer.save("下载发码包（ZIP）", folder)) as bundle:
        sheet = openpyxl.load_workbook(BytesIO(bundle.read("发送清单.xlsx")))["发送清单"]
    officer.button("已存好，删除服务器上的这份")
    return [str(row[5]) for row in sheet.iter_rows(min_row=2, values_only=True)]


def fill_in_by_phone(browser: Browser, link: str) -> None:
    context = browser.new_context(**PHONE, locale="zh-CN")
    phone = context.new_page()
    phone.goto(link)
    phone.locator(".choose label", has_text="税务局").tap()
    phone.locator(".dep:visible fieldset.overall label", has_text=re.compile(r"^\s*满意")).first.tap()
    phone.locator(".send button").tap()
    phone.wait_for_url("**/r/*")
    context.close()


def watch_the_returns(officer: Round, product: Product) -> None:
    """The dashboard has the figures, the monitor who answered."""
    officer.page.goto(f"{product.office}/dashboard")
    officer.see(f"{ANSWERS + 1} 份")
    officer.picture("5-dashboard")
    officer.page.goto(f"{product.office}/monitor")
    officer.see("服务专员")
    officer.picture("6-monitor")


def close_and_take_the_files(officer: Round, product: Product, folder: Path) -> dict[str, Path]:
    """Close early with a reason, seal, and download what goes to the leadership."""
    officer.page.goto(f"{product.office}/waves")
    officer.button("提前截止")
    dialog = officer.page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("应答企业已全部交卷")
    dialog.get_by_label("理由").press("Tab")
    officer.click(dialog.get_by_role("button", name="确认截止"))
    officer.see("已截止。")
    officer.page.wait_for_timeout(4_000)  # the job closes and publishes
    officer.page.goto(f"{product.office}/codes")
    officer.see("对账平")
    officer.button("封存")
    officer.button("确认封存")
    officer.see("下载封存凭证")
    expect(officer.page.get_by_role("link", name="下载海报")).to_have_count(0)  # nobody is invited any more
    officer.picture("7-sealed")
    officer.page.goto(f"{product.office}/dashboard")
    files = {name: officer.save(name, folder) for name in ("下载汇总表（XLSX）", "一页简报（Word）")}
    return files


def look_into(files: dict[str, Path]) -> None:
    """The files hold the round's own figures."""
    sheet = openpyxl.load_workbook(files["下载汇总表（XLSX）"])["部门汇总"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    header = next(row for row in rows if "评价数" in row)
    tax = next(dict(zip(header, row, strict=True)) for row in rows if "税务局" in row and "总体满意度" in row)
    assert (tax["邀请"], tax["收回"]) == (340, ANSWERS + 1)
    # Exact once closed, and every form of the round is in it.
    assert tax["评价数"] == ANSWERS + 1
    assert [tax[grade] for grade in GRADES] == [ANSWERS // 4, ANSWERS // 4 + 1, ANSWERS // 4, ANSWERS // 4, 0]
    words = "\n".join(one.text for one in docx.Document(str(files["一页简报（Word）"])).paragraphs)
    for heading in ("一、回收情况", "二、总体评价", "三、部门情况", "四、集中诉求", "五、下步建议"):
        assert heading in words
    assert "340" in words
