"""比较, 看板 and 部门 with a study: tiers, ranks and changes are told; without one the page says what is missing."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import update

from survey.core.figures.cells import Shown
from survey.core.figures.view import View
from survey.core.models import Case, Role
from survey.core.study.model import Earlier, Measure, Move, NetGain, Trust, Word, Words
from survey.core.study.pair_counts import PairCounts
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.waves import published
from tests import factories, studies
from tests.pages.conftest import Open, said

RATE = Measure.WITH_BASIC
BAD_TAX = ((1,) * 12 + (2,) * 13 + (3,) * 5 + (4,) * 5, (5,) * 20 + (3,) * 12 + (1,) * 3)


def rated_wave(times: int = 1) -> factories.MadeWave:
    """35 enterprises: 10 of them satisfied with 税务, 32 with 市场监管 and 23 with 生态环境 of the same class, 6 rated
    住建; all of it so many `times`."""
    began = datetime.now(UTC) - timedelta(days=2)
    wave = factories.make_wave(
        enterprises=60 * times, now=began, departments=("tax", "market", "ecology", "construction")
    )
    for number, (tax, market) in [*enumerate(zip(*BAD_TAX, strict=True))] * times:
        grades = {"tax": tax, "market": market, "ecology": 4 if number % 3 else 2}
        grades["market.efficiency"] = max(market - 1, 1)
        if number < 6:
            grades["construction"] = 1 + number % 5
        factories.submit(wave, grades, now=datetime.now(UTC) - timedelta(days=1))
    factories.release(wave)
    return wave


def closed_wave(times: int = 1) -> factories.MadeWave:
    """The same, with its exact figures."""
    wave = rated_wave(times)
    factories.close(wave, datetime.now(UTC))
    factories.release(wave)
    return wave


def test_departments_of_a_class_stand_in_tiers_with_ranges_of_ranks(open_page: Open) -> None:
    studies.keep(closed_wave().id)
    text = said(open_page("compare.py", Role.VIEWER))
    assert "总体满意度的满意率（含基本满意）：税务局明显低于同类平均，市场监督管理局明显高于同类平均" in text
    assert "税务局 <small>第 3 位（共 3）</small>" in text
    assert "29%" in text  # 10 of 35
    assert "住房和城乡建设局（" in text.partition("<b>未参加比较：</b>")[2]


def test_while_the_study_is_computed_the_page_says_so_and_ranks_nobody(open_page: Open) -> None:
    rated_wave()
    text = said(open_page("compare.py", Role.VIEWER))
    assert "统计正在计算，几秒钟后自动出现" in text
    assert "名次范围" in text
    assert "位（共" not in text


def test_an_open_wave_says_what_waits_for_its_closing(open_page: Open) -> None:
    studies.keep(rated_wave().id, closed=False)
    text = said(open_page("compare.py", Role.VIEWER))
    assert "数字是约数，截止后公布准数；加权、分层和维度关联收齐以后才有。" in text
    assert "分层结果收齐答卷后公布" in text


def test_after_closing_departments_are_crossed_with_strata_and_small_cells_stay_out(open_page: Open) -> None:
    studies.keep(closed_wave(times=2).id)
    text = said(open_page("compare.py", Role.VIEWER))
    crossed = text.partition("部门 × 企业分层")[2].partition("</table>")[0]
    small = crossed.partition("住房和城乡建设局</td>")[2].partition("</tr>")[0]
    assert small.count("不显示") == 2
    assert " <small>" not in small  # 6 of each stratum
    large = crossed.partition("税务局</td>")[2].partition("</tr>")[0]
    assert large.count(" <small>") == 2  # 35 of each
    assert "不显示" not in large


def test_strata_with_fewer_than_thirty_raters_stand_together(open_page: Open) -> None:
    studies.keep(closed_wave().id)
    crossed = (
        said(open_page("compare.py", Role.VIEWER)).partition("部门 × 企业分层")[2].partition("</table>")[0]
    )
    row = crossed.partition("税务局</td>")[2].partition("</tr>")[0]
    assert row.count("评价的企业少，与相近的分层合在一起计算，不单独公布") == 2
    assert " <small>" not in crossed


def test_the_same_answers_are_scored_by_every_formula(open_page: Open) -> None:
    """税务 has more of the middle, 市场监管 more of the top and of the bottom: 满意率 turns them round."""
    wave = factories.make_wave(enterprises=60, now=datetime.now(UTC) - timedelta(days=2))
    for number in range(40):
        tax, market = (3 if number < 30 else 2), (5 if number < 24 else 1)
        factories.submit(wave, {"tax": tax, "market": market}, now=datetime.now(UTC) - timedelta(days=1))
    factories.close(wave, datetime.now(UTC))
    factories.release(wave)
    text = said(open_page("compare.py", Role.VIEWER)).partition("换一种口径")[2]
    assert "有 1 对部门先后颠倒：市场监督管理局与税务局" in text
    # 税务 30 × 60 + 10 × 30, 市场监管 24 × 100 of 40
    assert "<td>52.5</td>" in text
    assert "<td>60.0</td>" in text


UNSEEN = Move(0.20, 0.29, -0.05, 0.22, 40, 35, paired=30)


def with_earlier(item: str, move: Move = UNSEEN) -> Earlier:
    return Earlier(
        7, "上期测评", {}, {item: {RATE: move}}, {RATE: Move(0.70, 0.62, -0.14, -0.02, 80, 76)},
        {item: {RATE: PairCounts(both=12, won=10, lost=6, neither=2, n=30)}}, {item: {RATE: NetGain(0.02, -0.1, 0.14, 0.03, 0.04)}},
    )  # fmt: skip


def test_the_dashboard_says_what_changed_who_stands_out_and_what_waits(open_page: Open) -> None:
    wave = rated_wave()
    for about in ("market", "market", "tax"):
        factories.submit(wave, {about: 2}, text="请派人来", kind="request", about=about, use="help",
                         now=datetime.now(UTC) - timedelta(days=1))  # fmt: skip
    studies.keep(wave.id, earlier=with_earlier("0"), words=Words((Word("等待", 9, 1),)))
    text = said(open_page("dashboard.py", Role.VIEWER))
    assert "下降 8 个百分点（合理范围 −14 到 −2 个百分点）" in text
    assert "市场监督管理局明显高于平均；税务局明显低于平均" in text
    assert "不满意的企业更常提到：等待" in text
    assert "企业请求帮办 3 件" in text
    assert "都没有超过 3 个工作日。" in text
    assert "请派人来" not in text
    assert "<span>已公布</span> <b>35 份</b>" in text


def test_the_dashboard_says_what_is_overdue_and_with_whom(open_page: Open) -> None:
    wave = rated_wave()
    for about in ("market", "market", "tax"):
        factories.submit(wave, {about: 2}, text="请派人来", kind="request", about=about, use="help",
                         now=datetime.now(UTC) - timedelta(days=1))  # fmt: skip
    with writing() as db:
        db.execute(update(Case).values(received_on=date.today() - timedelta(days=21)))
    factories.submit(wave, {"ecology": 2}, text="请派人来", kind="request", about="ecology", use="help",
                     now=datetime.now(UTC) - timedelta(days=1))  # fmt: skip
    text = said(open_page("dashboard.py", Role.VIEWER))
    assert "企业请求帮办 4 件" in text
    assert "收到已超过 3 个工作日的 3 件，市场监督管理局最多（2 件）。" in text


def test_waves_that_cannot_be_compared_say_why(open_page: Open) -> None:
    wave = rated_wave()
    studies.keep(wave.id)
    assert "没有可比的上期" in said(open_page("dashboard.py", Role.VIEWER))
    studies.keep(wave.id, earlier=Earlier(7, "上期测评", {RATE: ("题目措辞不同",)}))
    assert "前后两期不能直接比较：题目措辞不同" in said(open_page("dashboard.py", Role.VIEWER))


def test_a_department_has_its_story(open_page: Open) -> None:
    wave = closed_wave()
    tax = next(place for place, one in enumerate(wave.form.departments) if one.id == "tax")
    studies.keep(
        wave.id, earlier=with_earlier(str(wave.form.item(tax))), trust={"tax": Trust(1, ("只有三成作答",))},
        words=Words((), {"tax": (Word("排队", 6, 1),)}),
    )  # fmt: skip
    text = said(open_page("department.py", Role.VIEWER, department="tax"))
    assert "税务局满意率 29%（35 家评价" in text
    assert "税务局明显低于平均，在同类 3 个部门中位于第 3 位" in text
    assert "看不出变化" in text
    assert "同一批 30 家企业中，10 家由不满意变为满意，6 家由满意变为不满意" in text
    assert "整改成效" not in text  # nothing has surely risen
    assert "税务局：仅供参考。只有三成作答" in text
    assert "更常提到：排队" in text
    assert "接触率 100%" in text
    assert "每轮约 35 家评价" in text


def test_a_handler_sees_the_own_place_and_nobody_elses(open_page: Open) -> None:
    wave = rated_wave()
    studies.keep(wave.id, words=Words((Word("刁难", 9, 1),), {"market": (Word("排队", 6, 1),)}))
    text = said(open_page("department.py", Role.HANDLER, department="market"))
    assert "税务局明显低于平均，在同类 3 个部门中位于第 3 位" in text
    assert "市场监督管理局" not in text
    assert "排队" not in text
    assert "刁难" not in text


def test_the_cross_table_shows_no_cell_that_the_filter_hides(open_page: Open) -> None:
    wave = closed_wave(times=4)
    with reading() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        for question in ("overall", "efficiency"):
            crossed = released.by_stratum(db, found, question)
            for stratum in published.strata(db, wave.id):
                rows = [row for row in released.figures(db, found, View(stratum_id=stratum.id))
                        if row.question_id == question]  # fmt: skip
                assert any(isinstance(row.cell, Shown) for row in rows)
                assert {row.department_id: row.cell for row in rows} == {
                    one: cells[stratum.id] for one, cells in crossed.items()
                }


def test_open_answers_are_never_crossed_with_strata_of_the_verified(open_page: Open) -> None:
    wave = rated_wave()
    for _ in range(6):
        factories.submit(wave, {"tax": 4}, code=wave.open_code, now=datetime.now(UTC))
    factories.close(wave, datetime.now(UTC))
    factories.release(wave)
    text = said(open_page("compare.py", Role.VIEWER, source="open"))
    assert "正在看开放扫码的答卷" in text
    assert 'class="figures strata"' not in text
    assert 'class="figures strata"' in said(open_page("compare.py", Role.VIEWER))


def test_a_rise_is_not_yet_the_merit_of_a_rectification(open_page: Open) -> None:
    wave = rated_wave()
    tax = next(place for place, one in enumerate(wave.form.departments) if one.id == "tax")
    rise = Move(0.20, 0.45, 0.05, 0.42, 40, 35, paired=30)
    studies.keep(wave.id, earlier=with_earlier(str(wave.form.item(tax)), rise))
    text = said(open_page("department.py", Role.VIEWER, department="tax"))
    assert "上升 25 个百分点" in text
    assert "升高 25 个百分点，但扣除全市同期变化 +3 个百分点和“低分自然回升”4 个百分点后" in text
    assert "暂不能认定为整改成效" in text
