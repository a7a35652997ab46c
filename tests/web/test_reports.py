"""Workbook and briefing: opened again, they say what the screen says and never what is withheld."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import count, pairwise
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.core.models import Mode, Role, Wave
from survey.core.study.model import Earlier, Measure, Move
from survey.output.figures.briefing import DRAFT, SECTIONS
from survey.storage.answers.each import each_response
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.waves import published
from survey.web.office.exports import routes
from survey.web.office.gate import COOKIE
from tests import studies
from tests.conftest import NOW
from tests.factories import MadeWave, close, figures, make_wave, release, submit
from tests.people import sign_in

FORMULAS_AS_TEXT = (
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://x","点")',
    "＝1+1",
    "\t=1",
    "{=1}",
    "_x0041_",
)
WEIGHTS = np.array([0, 30, 60, 80, 100])
pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture
def door(sqlite_database: Path) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), follow_redirects=False) as client:
        client.cookies.set(COOKIE, sign_in(Role.VIEWER))
        yield client


def filled(now: datetime = NOW, **more: object) -> MadeWave:
    """税务局 by twelve raters, 住建 by eight, 市场监管 by four only: the last is withheld."""
    wave = make_wave(now=now, **more)  # type: ignore[arg-type]
    grades, texts = [5, 5, 4, 4, 3, 1, 2, 2, 1, 2, 5, 4], iter(FORMULAS_AS_TEXT)
    for number, tax in enumerate(grades):
        sent = {"tax": tax, "tax.efficiency": max(1, tax - 1), "tax.attitude": 6 - tax}
        if number < 8:
            sent["construction"] = grades[number]
        if number < 4:
            sent["market"] = 2
        words = {"t__tax": f"{next(texts, '排队太久')}", "w__tax": ["slow"]} if tax < 3 else {}
        submit(wave, sent, now=now, **words)  # type: ignore[arg-type]
    return wave


def told(**more: object) -> MadeWave:
    """The same, closed, with its exact figures."""
    wave = filled(**more)  # type: ignore[arg-type]
    close(wave)
    release(wave)
    return wave


def remarked(wave: MadeWave) -> None:
    """Ten remarks more, among them every dangerous beginning."""
    numbers = count()
    for text in (*FORMULAS_AS_TEXT, "王科长电话 13812345678 不接，办证太慢"):
        submit(
            wave,
            {"tax": 4},
            text=text + " " * (next(numbers) % 2),
            kind="suggestion",
            use="count",
            about="tax",
        )


def fetch(door: TestClient, address: str) -> bytes:
    answer = door.get(address)
    assert answer.status_code == 200, answer.text
    return answer.content


def workbook(door: TestClient, wave: MadeWave, query: str = "") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(fetch(door, f"/export/{wave.id}/report.xlsx{query}")))


def sheet(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    """Records of a sheet: the first line is a title, the second the header."""
    _, header, *rows = book[name].iter_rows(values_only=True)
    width = len([one for one in header if one is not None])
    return [dict(zip(header[:width], row[:width], strict=True)) for row in rows if any(row)]


def paper(door: TestClient, wave: MadeWave) -> docx.document.Document:
    return docx.Document(io.BytesIO(fetch(door, f"/export/{wave.id}/briefing.docx")))


def words(document: docx.document.Document) -> str:
    return "\n".join(one.text for one in document.paragraphs)


def test_the_workbook_has_the_sheets_people_need(door: TestClient) -> None:
    wave = filled()
    release(wave)
    names = workbook(door, wave).sheetnames
    assert names == ["说明", "部门汇总", "维度", "等级分布", "回收进度", "统计结果", "差评原因", "留言"]


def test_the_workbook_says_what_the_screen_says(door: TestClient) -> None:
    wave = told()
    book, screen = workbook(door, wave), figures(wave)
    by_name = {(one["department"], one["question"]): one for one in screen.values()}
    seen = 0
    for row in sheet(book, "部门汇总"):
        expected = by_name[row["部门"], row["题目"]]
        if expected["withheld"]:
            assert {row[name] for name in ("评价数", "得分", "差评率", "非常满意", "接触")} == {"不予显示"}
            assert row["不予显示原因"] == expected["withheld"]
            continue
        seen += 1
        assert row["评价数"] == expected["n"]
        assert row["得分"] == pytest.approx(expected["score"], abs=0.005)
        assert row["满意率（含基本满意）"] == pytest.approx(expected["rate_with_basic"], abs=0.0005)
        assert [row[name] for name in ("非常不满意", "不满意", "基本满意", "满意", "非常满意")] == [
            expected[f"g{grade}"] for grade in range(1, 6)
        ]
    assert seen == 4  # 税务局 with two dimensions, 住建 with none
    [tax] = [one for one in sheet(book, "维度") if one["部门"] == "税务局"]
    assert tax["办事效率"] == pytest.approx(screen["tax", "efficiency"]["score"])
    assert tax["廉洁自律"] == "不予显示"


def test_every_header_is_the_codebooks(door: TestClient) -> None:
    from survey.output.figures import codebook

    wave = filled()
    release(wave)
    book = workbook(door, wave)
    for layout in (codebook.SUMMARY, codebook.SPREAD, codebook.REASONS, codebook.REMARKS):
        header = next(book[layout.name].iter_rows(min_row=2, max_row=2, values_only=True))
        assert header[: len(layout.header)] == layout.header
    explained = {(row[0], row[1]) for row in book["说明"].iter_rows(values_only=True)}
    assert {("部门汇总", name) for name in codebook.SUMMARY.header} <= explained


def test_figures_of_a_named_wave_are_those_of_pandas_on_the_raw_rows(door: TestClient) -> None:
    wave = filled(mode=Mode.NAMED)
    release(wave)
    raw = pd.DataFrame([list(grades) for *_, grades in each_response(wave.id)])
    places = {
        (department.name, question.name.zh): wave.form.item(d, q)
        for d, department in enumerate(wave.form.departments)
        for q, question in enumerate(wave.form.questions)
    }
    compared = 0
    for row in sheet(workbook(door, wave), "部门汇总"):
        given = raw[places[str(row["部门"]), str(row["题目"])]]
        given = given[given > 0]
        if given.empty:
            assert row["得分"] == "不予显示"
            continue
        compared += 1
        assert row["评价数"] == len(given)
        assert row["得分"] == pytest.approx(WEIGHTS[given - 1].mean(), abs=0.005)
        assert row["差评率"] == pytest.approx((given <= 2).mean(), abs=0.0005)
        assert row["未接触"] == len(raw) - len(given)
    assert compared == 5
    # The four ratings of 市场监管局 are shown here: a 实名 wave withholds nothing.
    text = words(paper(door, wave))
    given = np.concatenate(
        [raw[places[name, "总体满意度"]].to_numpy() for name in {one for one, _ in places}]
    )
    given = given[given > 0]
    assert f"满意度得分{WEIGHTS[given - 1].mean():.1f}分（{len(given)}次评价）" in text
    assert f"满意率{(given >= 3).mean():.0%}" in text


def test_what_is_withheld_stands_nowhere(door: TestClient) -> None:
    wave = told()
    book = workbook(door, wave)
    market = next(one.name for one in wave.form.departments if one.id == "market")
    for name in ("部门汇总", "维度", "等级分布", "差评原因"):
        rows = [one for one in sheet(book, name) if one["部门"] == market]
        assert rows
        for row in rows:
            own = {key: value for key, value in row.items() if key not in ("邀请", "收回", "已公布")}
            assert not any(isinstance(value, int | float) for value in own.values()), (name, row)
    # No chart reaches down to the row of a withheld department.
    shown = sum(one["评价数"] != "不予显示" for one in sheet(book, "等级分布"))
    for chart in book["等级分布"]._charts:
        for series in chart.series:
            assert series.val.numRef.f.endswith(f"${shown + 2}")
    text = words(paper(door, wave))
    assert "未参加比较的3个部门：1个样本不足" in text
    assert market not in text


def test_a_remark_that_looks_like_a_formula_is_text(door: TestClient) -> None:
    wave = filled()
    remarked(wave)
    release(wave)
    door.cookies.set(COOKIE, sign_in(Role.OFFICER))  # others read it without addresses
    book = workbook(door, wave)
    cells = [row[4] for row in book["留言"].iter_rows(min_row=3)]
    assert {"=1+1", "+1+1", "@SUM(A1)", '=HYPERLINK("http://x","点")', "{=1}", "_x0041_"} <= {
        str(one.value).strip() for one in cells
    }
    assert {one.data_type for one in cells if one.value} == {"s"}
    for page in book:
        assert not [
            cell for row in page.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink
        ]


def test_the_workbook_has_native_charts_in_chinese_type_and_prints_on_a4(door: TestClient) -> None:
    wave = filled(demo=True)
    release(wave)
    content = fetch(door, f"/export/{wave.id}/report.xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        charts = [
            parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")
        ]
        theme = parts.read("xl/theme/theme1.xml").decode()
    assert len(charts) == 3
    assert any('<c:grouping val="percentStacked"/>' in one for one in charts)
    assert any("<c:lineChart>" in one and "<c:barChart>" in one for one in charts)
    assert all("微软雅黑" in one for one in charts)
    assert '<a:ea typeface="微软雅黑"/>' in theme
    book = openpyxl.load_workbook(io.BytesIO(content))
    for page in book:
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert "演示数据" in page.oddHeader.right.text
        assert "第 1 次发布" in page.oddFooter.left.text
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes == "A3"
        assert book[name].auto_filter.ref
        assert book[name].print_title_rows == "$1:$2"


def test_the_briefing_has_its_five_sections_type_pictures_and_page_number(door: TestClient) -> None:
    wave = filled(demo=True)
    release(wave)
    content = fetch(door, f"/export/{wave.id}/briefing.docx")
    document = docx.Document(io.BytesIO(content))
    headings = [one.text for one in document.paragraphs if one.style.name == "一级标题"]
    assert headings == list(SECTIONS)
    assert [one.split("、")[1] for one in headings] == [
        "回收情况",
        "总体评价",
        "部门情况",
        "集中诉求",
        "下步建议",
    ]
    faces = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("公文标题", "公文正文", "一级标题")
    }
    assert faces == {"公文标题": "方正小标宋简体", "公文正文": "仿宋_GB2312", "一级标题": "黑体"}
    body = document.styles["公文正文"]
    assert (body.font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 27)
    assert body.element.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert document.styles["公文标题"].font.size.pt == 22
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        pictures = [parts.read(name) for name in parts.namelist() if name.startswith("word/media/")]
        assert b"w:altName" in parts.read("word/fontTable.xml")
    assert len(pictures) == 2
    assert all(one.startswith(b"\x89PNG") for one in pictures)
    section = document.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == (
        pytest.approx(210, 0.01),
        pytest.approx(297, 0.01),
    )
    assert "PAGE" in section.footer._element.xml
    assert "演示数据" in section.header.paragraphs[0].text
    assert DRAFT in words(document)


def test_the_briefing_says_what_the_screen_says_with_n_range_formula_and_release(door: TestClient) -> None:
    wave = told()
    text = words(paper(door, wave))
    with reading() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        note = released.release_note(db, found)
    # 20 shown ratings: 税务局 12 (5: 3, 4: 3, 3: 1, 2: 3, 1: 2), 住建 8 (5: 2, 4: 2, 3: 1, 2: 2, 1: 1)
    score = (5 * 100 + 5 * 80 + 2 * 60 + 5 * 30) / 20
    assert f"满意度得分{score:.1f}分（20次评价）" in text
    assert f"差评率{8 / 20:.0%}" in text
    assert "邀请企业30家，12家已作答，回收率40%；共收回答卷12份" in text
    assert f"第{note.number}次发布" in text
    assert "满意度得分口径" in text
    assert "合理范围" in text


def test_quotes_name_nobody(door: TestClient) -> None:
    wave = filled()
    remarked(wave)
    release(wave)
    text = words(paper(door, wave))
    assert "13812345678" not in text
    assert "王科长" not in text


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(-0.14, -0.02, "下降8个百分点"), (-0.18, 0.02, "看不出变化不等于没有变化")],
)
def test_the_change_against_the_wave_before_is_the_tested_one(
    door: TestClient, low: float, high: float, told: str
) -> None:
    wave = filled()
    release(wave)
    assert "上期" not in words(paper(door, wave)), "nothing is claimed before it has been computed"
    move = Move(0.7, 0.62, low, high, 80, 76)
    studies.keep(wave.id, earlier=Earlier(7, "上半年测评", {}, {}, {Measure.WITH_BASIC: move}))
    assert told in words(paper(door, wave))


def test_another_formula_is_not_compared(door: TestClient) -> None:
    wave = filled()
    release(wave)
    studies.keep(wave.id, earlier=Earlier(7, "上半年测评", {Measure.WITH_BASIC: ("口径不同",)}))
    assert "前后两期不能直接比较：口径不同" in words(paper(door, wave))


def test_files_carry_the_range_tier_and_ranks_of_the_study(door: TestClient) -> None:
    wave = make_wave(enterprises=40, departments=("tax", "market", "ecology"))
    for number in range(35):
        market, ecology = (5 if number < 30 else 2), (4 if number % 3 else 2)
        submit(wave, {"tax": 2 if number < 25 else 4, "market": market, "ecology": ecology})
    close(wave)
    release(wave)
    found = studies.keep(wave.id)
    [tax] = [row for row in sheet(workbook(door, wave), "部门汇总")
             if row["部门"] == "税务局" and row["题目"] == "总体满意度"]  # fmt: skip
    place = next(place for place, one in enumerate(wave.form.departments) if one.id == "tax")
    level = found.results[str(wave.form.item(place))][Measure.WITH_BASIC].plain
    assert tax["合理范围下限"] == pytest.approx(level.low, abs=0.001)
    assert tax["合理范围上限"] == pytest.approx(level.high, abs=0.001)
    assert (tax["梯队"], tax["名次范围"]) == ("明显低于平均", "第 3 位（共 3）")


def test_a_wave_without_answers_has_reports_that_say_so(door: TestClient) -> None:
    wave = make_wave()
    book = workbook(door, wave)
    assert {one["得分"] for one in sheet(book, "部门汇总")} == {"不予显示"}
    text = words(paper(door, wave))
    assert "评价数量还不够公布" in text
    assert not paper(door, wave).inline_shapes


def test_open_answers_have_a_workbook_of_their_own_that_says_so(door: TestClient) -> None:
    wave = filled()
    for _ in range(10):
        submit(wave, {"tax": 5}, code=wave.open_code)
    release(wave)
    verified, opened = workbook(door, wave), workbook(door, wave, "?source=open")
    count_of = [
        next(one["评价数"] for one in sheet(book, "部门汇总") if one["部门"] == "税务局")
        for book in (verified, opened)
    ]
    assert count_of == [12, 10]
    assert "未核验" in str(opened["部门汇总"]["A1"].value)
    assert "开放扫码（未核验）10份，不计入以下评价" in words(paper(door, wave))


def test_a_sealed_wave_carries_its_fingerprint(door: TestClient) -> None:
    wave = filled()
    release(wave)
    with writing() as db:
        found = db.get(Wave, wave.id)
        assert found is not None
        found.fingerprint = "ab12" * 16
    assert "ab12" * 16 in {row[1] for row in workbook(door, wave)["说明"].iter_rows(values_only=True)}
    assert "ab12" * 16 in words(paper(door, wave))


def test_small_files_have_one_row_a_day_and_one_a_reason(door: TestClient) -> None:
    wave = told()

    def rows(name: str) -> list[dict[str, object]]:
        text = fetch(door, f"/export/{wave.id}/{name}.csv").decode("utf-8-sig")
        return pd.read_csv(io.StringIO(text), keep_default_na=False, dtype=str).to_dict("records")

    assert rows("arrivals") == [
        {"期次": "2026 年一季度测评", "日期": "2026-03-10", "渠道": "一企一码", "收回": "12"}
    ]
    tax = next(one for one in rows("reasons") if one["部门"] == "税务局")
    assert (tax["评价数"], tax["差评数"], tax["原因"], tax["选择数"]) == ("12", "5", "办理时间长", "5")
    assert rows("codebook")


def test_documents_are_sent_under_a_chinese_name_and_leave_nothing_behind(
    door: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = filled(title="一季度")
    release(wave)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    for file in ("report.xlsx", "briefing.docx"):
        headers = door.get(f"/export/{wave.id}/{file}").headers
        assert headers["cache-control"] == "no-store"
        assert "%E4%B8%80%E5%AD%A3%E5%BA%A6-" in headers["content-disposition"]
    assert not list((tmp_path / "tmp").iterdir())


def test_the_explanation_tells_the_signs_and_their_rule(door: TestClient) -> None:
    wave = filled(mode=Mode.NAMED)
    release(wave)
    rows = workbook(door, wave)["说明"].iter_rows(values_only=True)
    [told] = [row[1] for row in rows if row[0] == "异常迹象"]
    assert told.startswith("12 份答卷都没有异常迹象。规则事先定好：同时有两种以上迹象的才算存疑")


def test_every_picture_of_the_briefing_is_followed_by_its_own_caption(door: TestClient) -> None:
    wave = told()
    paragraphs = paper(door, wave).paragraphs
    pictures = [
        (one._p.find(f".//{qn('wp:docPr')}"), after)
        for one, after in pairwise(paragraphs)
        if one._p.find(f".//{qn('wp:docPr')}") is not None
    ]
    assert len(pictures) == 2
    for number, (properties, after) in enumerate(pictures, 1):
        assert after.style.name == "图题"
        assert re.sub(r"\s", "", after.text) == re.sub(r"\s", "", f"图 {number}　{properties.get('descr')}")
    first, second = (after.text for _, after in pictures)
    assert "总体满意度和各维度" in first
    assert "税务局" not in first  # the bars are dimensions, not departments
    assert "满意率和合理范围" in second
