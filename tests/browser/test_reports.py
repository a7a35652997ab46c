"""Workbook and briefing, one click each on the dashboard."""

import re
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Product, sign_in


@pytest.mark.parametrize("button", ["下载汇总表（XLSX）", "一页简报（Word）"])
def test_one_click_gives_a_file_that_opens(desk: Page, product: Product, tmp_path: Path, button: str) -> None:
    sign_in(desk, product, "viewer")
    desk.goto(f"{product.office}/dashboard?wave={product.demo['wave']}")
    with desk.expect_download(timeout=30_000) as waiting:
        desk.get_by_role("link", name=button).click(timeout=30_000)
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name.startswith("2026 年")
    told = desk.locator("dl.counts dd").nth(1).inner_text().splitlines()[0]  # 总体满意度 on the screen
    score = told.replace(" ", "")
    assert re.fullmatch(r"约\d+分", score)  # while answers come in
    if file.suffix == ".xlsx":
        assert openpyxl.load_workbook(file).sheetnames[0] == "说明"
    else:
        assert f"得分{score}（" in "".join(one.text for one in docx.Document(str(file)).paragraphs)
