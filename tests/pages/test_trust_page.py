"""体检, 先改什么 and 方法 as pages: each state in words, and a department sees itself alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from survey.actions.figures.study import study_wave
from survey.core.models import Role
from survey.core.study.model import StratumTurnout, Study, Tier, Trust, Weighting
from survey.core.study.trust import Verdict
from tests import factories, handmade
from tests.pages.conftest import Open, said

TRUST = {"tax": Trust(Verdict.TRUSTED, ()), "market": Trust(Verdict.CAREFUL, ("邀请的企业只有 30% 作答",))}


def rated_wave(closed: bool = True, *, same: bool = False) -> factories.MadeWave:
    """20 forms: 税务 half satisfied, 市场监管 three in four; with `same`, all of 税务 agree."""
    wave = factories.make_wave(now=datetime.now(UTC) - timedelta(days=1), departments=("tax", "market"))
    for number in range(20):
        tax, market = (5 if same or number % 2 else 2), (5 if number % 4 else 1)
        grades = {"tax": tax, "market": market} | {f"market.{one}": market for one in handmade.DIMENSIONS}
        grades |= {f"tax.{one}": 5 if number % 3 else 2 for one in handmade.DIMENSIONS}
        chosen = {} if number % 4 else {"w.market": ["slow"]}
        factories.submit(wave, grades, now=datetime.now(UTC), **chosen)
    factories.release(wave)
    if closed:
        factories.close(wave, datetime.now(UTC))
        factories.release(wave)
    return wave


def study_of(wave: factories.MadeWave, **more: object) -> Study:
    """Every item of the wave, 税务 below the rest and moved by weighting; 市场监管 not."""
    results = {}
    for place, one in enumerate(wave.form.departments):
        for number in range(len(wave.form.questions)):
            low = one.id == "tax"
            results[str(wave.form.item(place, number))] = handmade.result(
                0.5 if low else 0.75, weighted=0.44 if low else 0.75, tier=Tier.BELOW if low else Tier.ABOVE
            )
    strata = (StratumTurnout("制造业 · 规上", 15, 15), StratumTurnout("服务业 · 规上", 15, 5))
    found = Study(
        handmade.newest_release(wave.id), True, results, handmade.result(0.62, weighted=0.6), Weighting(strata, 1.2, 0.8),
        TRUST, {"": handmade.drivers((0.1, 0.6, 0.2, 0.1))}, bounds=(0.41, 0.74),
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


def opened(
    open_page: Open,
    page: str,
    wave: factories.MadeWave,
    found: Study | None,
    role: Role = Role.VIEWER,
    **query: object,
) -> AppTest:
    if found is not None:
        handmade.keep(wave.id, found)
    return open_page(page, role, wave=wave.id, **query)


@pytest.mark.parametrize("page", ["trust.py", "priorities.py"])
def test_a_study_that_is_not_there_yet_comes_by_itself(open_page: Open, page: str) -> None:
    text = said(opened(open_page, page, rated_wave(), None))
    assert "统计正在计算" in text
    assert "几秒钟后自动出现" in text


def test_until_there_are_verdicts_the_way_to_the_monitor_stands_below(open_page: Open) -> None:
    wave = rated_wave()
    assert f"/monitor?wave={wave.id}" in said(opened(open_page, "trust.py", wave, None))


@pytest.mark.parametrize("page", ["trust.py", "priorities.py"])
def test_an_open_wave_says_what_comes_after_closing(open_page: Open, page: str) -> None:
    wave = rated_wave(closed=False)
    bare = study_of(wave, closed=False, trust={}, drivers={}, bounds=None, weighting=Weighting())
    text = said(opened(open_page, page, wave, bare))
    assert "要等收齐全部答卷才能算" in text


def test_verdicts_reasons_silence_and_weighting_are_told(open_page: Open) -> None:
    wave = rated_wave()
    app = opened(open_page, "trust.py", wave, study_of(wave))
    text = said(app)
    assert "2 个部门中，1 个可信，1 个仅供参考。" in text
    assert "邀请的企业只有 30% 作答" in text
    assert "服务业 · 规上最低（33%），制造业 · 规上最高（100%）" in text
    assert "不论没有作答的企业怎么想，全体企业的满意率（含基本满意）都在 41% 与 74% 之间" in text
    assert "税务局：满意率加权前 50.0%，加权后 44.0%，相差超过 2 个百分点" in text
    assert "市场监督管理局：满意率加权前" not in text
    assert f'href="/monitor?wave={wave.id}"' in text
    assert len(app.get("plotly_chart")) == 2


def test_a_wave_studied_by_the_job_has_its_verdicts(open_page: Open) -> None:
    wave = rated_wave()
    assert study_wave(wave.id, datetime.now(UTC))
    text = said(open_page("trust.py", Role.VIEWER, wave=wave.id))
    assert "2 个部门都不能用来排名。" in text
    assert "只有 20 家评价，不足 30 家" in text
    assert "不论没有作答的企业怎么想" in text
    text = said(open_page("priorities.py", Role.VIEWER, wave=wave.id))
    assert "评全各维度的企业不足 100 家，不作关联分析" in text


def test_weighting_that_cannot_be_is_said_loudly(open_page: Open) -> None:
    wave = rated_wave()
    problem = "分层「服务业」没有收到答卷，不能加权；请先与相近的分层合并"
    text = said(opened(open_page, "trust.py", wave, study_of(wave, weighting=Weighting(problem=problem))))
    assert f'role="alert"><b>没有加权：</b>{problem}' in text


def test_nobody_reads_a_reason_of_what_is_not_shown(open_page: Open) -> None:
    wave = rated_wave(same=True)
    gave = TRUST | {"tax": Trust(Verdict.CAREFUL, ("100% 的评价是最高一档",))}
    text = said(opened(open_page, "trust.py", wave, study_of(wave, trust=gave)))
    assert "100% 的评价是最高一档" not in text
    assert "为保护企业只给范围" in text


def test_a_department_reads_its_own_verdict_alone(open_page: Open) -> None:
    wave = rated_wave()
    text = said(opened(open_page, "trust.py", wave, study_of(wave), Role.HANDLER))
    assert "税务局：可信" in text
    for others in ("市场监督管理局", "服务业 · 规上", "41% 与 74%", "/monitor"):
        assert others not in text


def test_what_to_mend_first_for_all_departments_and_who_is_weak_in_it(open_page: Open) -> None:
    wave = rated_wave()
    app = opened(open_page, "priorities.py", wave, study_of(wave), dimension="efficiency")
    text = said(app)
    assert "全部部门：没有哪个维度可以明确列为优先改进" in text
    assert "“办事效率”与总体满意度关联最强" in text
    assert "没有超出误差（不等于没有差别）" in text
    assert "“办事效率”上，各类满意率最低的几个部门" in text
    assert f"/remarks?wave={wave.id}&amp;department=tax" in text
    assert "导致" not in text
    assert app.selectbox(key="filter-dimension").value == "efficiency"
    assert len(app.get("plotly_chart")) == 1


def test_one_department_is_chosen_by_the_address(open_page: Open) -> None:
    wave = rated_wave()
    text = said(opened(open_page, "priorities.py", wave, study_of(wave), department="market"))
    assert "市场监督管理局：“服务态度”满意率最低，但先改哪个维度还不能判断。" in text
    assert "有的维度不予显示，不作关联分析" in text
    assert "办理时间长 5 家" in text


def test_a_handler_sees_only_their_own_priorities(open_page: Open) -> None:
    wave = rated_wave()
    text = said(opened(open_page, "priorities.py", wave, study_of(wave), Role.HANDLER, department="market"))
    assert "税务局：" in text
    assert "市场监督管理局" not in text


def test_the_method_is_there_for_whoever_sees_figures(open_page: Open) -> None:
    app = open_page("method.py", Role.HANDLER)
    assert "一句话：" in said(app)
    assert 'href="/method?section=kernel"' in said(app)


def test_a_drawer_leads_to_one_section_of_the_method(open_page: Open) -> None:
    text = said(open_page("method.py", Role.VIEWER, section="ranges"))
    assert '<h2 class="card-title">三、合理范围' in text
    assert '<h2 class="card-title">四、' not in text
    assert 'href="/method" target="_self">全文' in text
    assert '<h2 class="card-title">四、' in said(open_page("method.py", Role.VIEWER, section="nothing"))
