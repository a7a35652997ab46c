"""企业: empty, import with preview, cancel, confirm, search, edit, archive and undo, as an officer sees it."""

from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from survey.core.intake.list_text import TextRefused
from survey.core.models import Enterprise, Role
from survey.core.registry.rows import RegistryTable
from survey.core.registry.table import read_registry
from survey.storage.database import reading, writing
from survey.storage.registry import enterprises
from tests import registry_lists
from tests.pages.conftest import Open, said


def counts() -> enterprises.Counts:
    with reading() as db:
        return enterprises.counts(db)


def press(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception


def choose_file(app: AppTest, path: Path) -> None:
    app.file_uploader[0].upload(path.name, path.read_bytes(), "application/octet-stream").run()
    assert not app.exception


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page("enterprises.py", Role.OFFICER)


@pytest.fixture
def preview(page: AppTest, tmp_path: Path) -> AppTest:
    """The preview of the made-up list."""
    press(page, "导入名单")
    choose_file(page, registry_lists.write_list(tmp_path / "名单.xlsx"))
    return page


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_the_registry_is_for_officers(open_page: Open, role: Role | None) -> None:
    with_phone()
    text = said(open_page("enterprises.py", role, cold=role is None))
    assert "13800138000" not in text
    assert "请先登录" in text or "您的账号没有这项权限" in text


def with_phone() -> None:
    with writing() as db:
        db.add(Enterprise(name="甲<b>公司</b>", contact="张三", phone="13800138000"))


def test_an_empty_registry_explains_the_columns_and_hands_out_a_template(page: AppTest) -> None:
    assert "名录里还没有企业" in said(page)
    assert "统一社会信用代码" in said(page)
    assert [one.label for one in page.get("download_button")] == ["下载模板"]


def test_the_preview_counts_and_explains_and_writes_nothing(preview: AppTest) -> None:
    text = said(preview)
    assert "将新增 340 家，5 家的手机号要补，20 行不能导入。确认之后才写入。" in text
    assert "15 位的旧注册号" in text
    assert "企业名称 ← 企业名称（全称）" in text
    assert "没有用到的列：序号、备注" in text
    assert counts().listed == 0


def test_cancelling_changes_nothing(preview: AppTest) -> None:
    press(preview, "取消")
    assert "已取消，名录没有变化。" in said(preview)
    assert counts().listed == 0


def test_confirming_imports_and_offers_the_way_back(preview: AppTest) -> None:
    press(preview, "确认导入 340 家")
    assert "已导入：新增 340 家，更改 0 家。另有 20 行没有导入。5 家的手机号要补。" in said(preview)
    assert "名录里有 340 家企业" in said(preview)
    assert "下载要改的 25 行" in [one.label for one in preview.get("download_button")]
    assert "撤销这次导入" in [one.label for one in preview.button]
    assert counts().listed == 340


def test_a_file_that_is_no_list_says_what_to_do(page: AppTest, tmp_path: Path) -> None:
    press(page, "导入名单")
    wrong = tmp_path / "说明.csv"
    wrong.write_text("请于周五前报送\n", encoding="gb18030")
    choose_file(page, wrong)
    assert "没有找到表头" in said(page)
    assert "取消" not in [one.label for one in page.button]


def test_names_are_text_and_a_search_finds_them(open_page: Open) -> None:
    with_phone()
    with writing() as db:
        db.add(Enterprise(name="乙公司"))
    page = open_page("enterprises.py", Role.OFFICER)
    assert "甲&lt;b&gt;公司" in said(page)
    page.text_input(key="registry-text").input("13800").run()
    assert "找到 1 家" in said(page)
    assert "乙公司" not in said(page)
    page.text_input(key="registry-text").input("没有的").run()
    assert "没有找到企业" in said(page)


def test_an_archived_enterprise_is_put_back_with_one_press(open_page: Open) -> None:
    with_phone()
    page = open_page("enterprises.py", Role.OFFICER)
    press(page, "归档")
    assert "已归档，不再邀请" in said(page)
    assert counts() == enterprises.Counts(0, 1, 0, 0, 0)
    press(page, "撤销")
    assert counts().listed == 1


CASES = Path(__file__).resolve().parents[1] / "data" / "cases" / "lists"


def preview_of(open_page: Open, path: Path) -> AppTest:
    page = open_page("enterprises.py", Role.OFFICER)
    press(page, "导入名单")
    choose_file(page, path)
    return page


def test_hidden_rows_are_said_and_read_only_when_chosen(open_page: Open) -> None:
    page = preview_of(open_page, CASES / "04_filtered_rows.xlsx")
    assert "将新增 3 家。" in said(page)
    assert "3 行隐藏着（或被筛选掉），没有读：第 3、5、7 行" in said(page)
    page.checkbox[0].check().run()
    assert "将新增 6 家。" in said(page)
    assert "隐藏着" not in said(page)
    page.checkbox[0].uncheck().run()
    assert "将新增 3 家。" in said(page)
    page.checkbox[0].check().run()
    press(page, "确认导入 6 家")
    assert counts().listed == 6


def read(path: Path) -> RegistryTable | str:
    """The table, or the sentence against it."""
    try:
        return read_registry(path.read_bytes(), path.name)
    except TextRefused as refused:
        return str(refused)


def test_every_case_that_leaves_something_out_says_so_on_the_page(open_page: Open) -> None:
    """「每一行都认得」 stands only where the file has nothing more to see, and each line left out is shown."""
    for path in sorted(CASES.iterdir()):
        page = preview_of(open_page, path)
        text, table = said(page), read(path)
        if isinstance(table, str):
            assert table in text, path.name
            assert "确认导入" not in " ".join(one.label for one in page.button)
            continue
        assert ("每一行都认得" in text) == table.complete, path.name
        for one in (*table.hidden, *table.unread):
            assert one in text, path.name
        for aside in table.asides:
            assert f"<td>{aside.line}</td>" in text, path.name
            assert aside.text in text, path.name
        for row in table.rejected:
            assert f"<td>{row.line}</td>" in text, path.name
            assert escape(row.reason, quote=False) in text or escape(row.reason) in text, path.name
        for gap in (reason for row in table.rows for reason in row.gaps):
            assert gap in text, path.name
