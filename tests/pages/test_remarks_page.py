"""留言: found by words in the address, sorted by themes, with what telling words may be shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from survey.core.models import Enterprise, RemarkTheme, Role, Source
from survey.core.study.model import Study, Word, Words
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.study import studies
from tests import factories
from tests.pages.conftest import Open, said

NOW = datetime.now(UTC)
OPENED = NOW - timedelta(days=3)


def written(closed: bool = True) -> factories.MadeWave:
    """24 remarks on 税务 and 市监; the former name an enterprise of the registry."""
    wave = factories.make_wave(enterprises=40, now=OPENED)
    with writing() as db:
        db.add(Enterprise(name="涪城蓝天机械厂"))
    for number in range(12):
        text = f"<b>涪城蓝天机械厂</b>排队 {number}"
        factories.submit(wave, {"tax": 2}, text=text, kind="criticism", use="count", about="tax", now=OPENED)
        factories.submit(
            wave,
            {"market": 4},
            text=f"多检查 {number}",
            kind="suggestion",
            use="count",
            about="market",
            now=OPENED,
        )
    factories.release(wave, OPENED)
    if closed:
        factories.close(wave, OPENED + timedelta(days=1))
        factories.release(wave, OPENED + timedelta(days=1))
    return wave


def studied(wave: factories.MadeWave, closed: bool = True) -> None:
    words = Words((Word("排队", 12, 0), Word("蓝天", 12, 0)), {"market": (Word("检查", 12, 0),)})
    with writing() as db:
        release = released.latest_release(db, wave.id)
        assert release is not None
        studies.keep(db, wave.id, Source.VERIFIED, Study(release.number, closed, words=words), NOW)


def test_the_first_line_and_a_page_of_twenty(open_page: Open) -> None:
    written()
    app = open_page("remarks.py", Role.VIEWER)
    text = said(app)
    assert "公布了 24 条留言：不满意 12 条、建议 12 条；说得最多的是“等待时间”（12 条）" in text
    assert len([one for one in app.get("html") if 'class="about"' in one.proto.body]) == 20
    assert "&lt;b&gt;某企业&lt;/b&gt;排队" in text
    assert "蓝天" not in text
    assert "24 条已公布的留言" in text


def test_a_search_stands_in_the_address_and_finds_only_what_is_shown(open_page: Open) -> None:
    written()
    app = open_page("remarks.py", Role.VIEWER, q="检查 3")
    assert "找到 1 条" in said(app)
    app.text_input(key="filter-q").set_value("蓝天").run()
    assert app.query_params["q"] == "蓝天"
    assert "没有找到" in said(app)
    assert "找到 12 条" in said(open_page("remarks.py", Role.OFFICER, q="蓝天"))


def test_a_handler_reads_and_counts_the_own_department_alone(open_page: Open) -> None:
    written()
    app = open_page("remarks.py", Role.HANDLER, department="market")
    text = said(app)
    assert "公布了 12 条留言：不满意 12 条" in text
    assert "检查执法" not in text
    assert not [one for one in app.selectbox if one.key == "filter-department"]


def test_telling_words_wait_for_closing_and_for_the_study(open_page: Open) -> None:
    wave = written(closed=False)
    assert "收齐答卷后计算" in said(open_page("remarks.py", Role.VIEWER))
    studied(wave, closed=False)
    assert "收齐答卷后计算" in said(open_page("remarks.py", Role.VIEWER))
    factories.close(wave, NOW)
    assert "统计正在计算" in said(open_page("remarks.py", Role.VIEWER))


def test_telling_words_search_for_themselves_and_name_nobody(open_page: Open) -> None:
    wave = written()
    studied(wave)
    text = said(open_page("remarks.py", Role.VIEWER, department="market"))
    assert "不满意的企业更常提到：排队。" in text
    assert "说到市场监督管理局的留言更常提到：检查。" in text
    assert f'href="/remarks?wave={wave.id}&amp;q=%E6%8E%92%E9%98%9F"' in text
    assert "蓝天" not in text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN, Role.HANDLER])
def test_only_the_officer_sets_themes(open_page: Open, role: Role) -> None:
    written()
    app = open_page("remarks.py", role)
    assert not app.multiselect
    assert not [one for one in app.button if one.key and one.key.startswith(("confirm-", "theme-"))]


def confirmed() -> list[str]:
    with reading() as db:
        return [one.label for one in db.exec(select(RemarkTheme))]


def test_the_officer_confirms_a_suggestion_and_takes_it_back(open_page: Open) -> None:
    written()
    app = open_page("remarks.py", Role.OFFICER, q="排队")
    next(one for one in app.button if one.label == "确认建议").click().run()
    assert not app.exception
    assert confirmed() == ["等待时间"]
    assert "确认 1，建议 11" in said(app)
    next(one for one in app.multiselect if one.value).set_value([]).run()
    assert not app.exception
    assert confirmed() == []


def labelled(fields: Any, label: str) -> Any:
    """The one field whose label begins so."""
    [found] = [one for one in fields if one.label.startswith(label)]
    return found


def test_the_officer_edits_the_list_and_is_told_what_is_wrong(open_page: Open) -> None:
    written()
    app = open_page("remarks.py", Role.OFFICER)
    labelled(app.text_input, "名称").set_value("蓝天的事").run()
    app.button(key="theme-save").click().run()
    assert "词要填 1 到 40 个" in said(app)
    assert labelled(app.text_input, "名称").value == "蓝天的事"
    labelled(app.text_area, "词（").set_value("蓝天").run()
    app.button(key="theme-save").click().run()
    assert "已新增主题「蓝天的事」" in said(app)
    assert "蓝天的事（12）" in app.selectbox(key="filter-theme").options
    # Struck out for others, so that the theme finds nothing for them.
    assert "蓝天的事" not in str(open_page("remarks.py", Role.VIEWER).selectbox(key="filter-theme").options)
    app.selectbox(key="theme-edited").set_value("蓝天的事").run()
    app.button(key="theme-remove").click().run()
    assert "删除「蓝天的事」？有 0 条留言已确认归入它" in said(app)
