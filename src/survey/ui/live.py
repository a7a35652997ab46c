"""Counts that move by themselves, and a page that is drawn anew when its figures have moved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import ceil

from survey.core import names
from survey.core.clock import CHINA
from survey.core.figures import formulas
from survey.core.figures.cells import ALIKE, Banded, Cell, Shown
from survey.core.figures.view import View
from survey.core.figures.withholding import tells_live
from survey.core.models import Source, Wave
from survey.core.numerals import SCORE
from survey.core.statistics.turnout import Shift
from survey.core.study.judged import Judged
from survey.core.study.model import Measure
from survey.core.waves.phase import Phase, until_told
from survey.core.waves.rounds import said
from survey.output import sentences
from survey.output.figures import findings, glance
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.waves import arriving, published
from survey.ui import blocks
from survey.ui.access import refreshing, rerun_quietly
from survey.ui.figures import cards
from survey.ui.moment import moment, phase
from survey.ui.waiting import FINISHING, is_finishing

EVERY = 2  # seconds; one cheap counter


@refreshing(EVERY)
def dashboard_counts(wave: Wave, figures: Judged, drawn: arriving.Pulse, view: View) -> None:
    """The row of four figures and the ladder. Charts are left alone until a release moves."""
    with reading() as db:
        if _moved(arriving.pulse(db, wave.id or 0, moment()), drawn):
            rerun_quietly()
        progress = arriving.progress(db, wave)
        note = released.release_note(db, wave, view.source)
        forms = released.form_counts(db, wave, view)
        kinds, together = released.respondents(db, wave) if view.source == Source.OPEN else ({}, 0)
    pooled = figures.pooled
    blocks.counts([_collected(progress), _satisfaction(figures, pooled), _released(wave, note), ends(wave)])
    blocks.ladder(glance.ladder(forms, figures.ratings))
    if kinds or together:
        cards.respondents(kinds, together)


@refreshing(EVERY)
def watch(wave: Wave, drawn: arriving.Pulse) -> None:
    """Draws nothing; has the page drawn anew when a release moves."""
    with reading() as db:
        if _moved(arriving.pulse(db, wave.id or 0, moment()), drawn):
            rerun_quietly()


@refreshing(EVERY)
def watch_phases(drawn: Mapping[int, Phase]) -> None:
    """Draws nothing; has a list of waves drawn anew when one opens, closes or is over."""
    with reading() as db:
        now = {wave.id: phase(wave) for wave in published.waves(db)}
    if now != drawn:
        rerun_quietly()


def _moved(now: arriving.Pulse, drawn: arriving.Pulse) -> bool:
    """Whether what was drawn is out of date: a new release, study, phase or closing, or the very first form."""
    first = bool(now.responses) != bool(drawn.responses)
    return first or now != replace(drawn, responses=now.responses)


@refreshing(EVERY)
def collected(wave: Wave, drawn: arriving.Pulse) -> None:
    """Collected and invited, for the QR page."""
    with reading() as db:
        if _moved(arriving.pulse(db, wave.id or 0, moment()), drawn):
            rerun_quietly()
        progress = arriving.progress(db, wave)
    blocks.counts([_collected(progress), ends(wave)])


def _collected(progress: arriving.Progress) -> tuple[str, str, str]:
    """All forms; under them the verified and the open ones, each by its name."""
    more = "本期没有发放一企一码"
    if progress.invited:
        share = findings.percent(progress.answered_of_invited / progress.invited)
        more = f"邀请 {progress.invited:,} 家，其中 {progress.answered_of_invited:,} 家已答（{share}）"
    if opened := progress.of(Source.OPEN):
        more += f"；{names.SOURCE_NAMES[Source.OPEN]} {opened:,} 份"
    return "收回答卷", f"{progress.collected:,} 份", more


def _satisfaction(figures: Judged, pooled: Cell) -> tuple[str, str, str]:
    if isinstance(pooled, Banded):
        between = f"{pooled.low:.0%}–{pooled.high:.0%}"
        return "总体满意率", between, f"n = {pooled.n:,} 次评价；不少{ALIKE}"
    if not isinstance(pooled, Shown):
        return "总体满意度", "暂不显示", findings.not_yet(pooled) or "评价数量还不够公布"
    found = figures.study.overall.get(Measure.SCORE) if figures.study else None
    if found and found.weighted:
        before, after = found.plain.value, found.weighted.value
        span = SCORE.span((found.weighted.low, found.weighted.high))
        told = f"合理范围 {span}；{sentences.weighted(Shift(before, after), '得分', ' 分', '分')}"
        return "总体满意度", findings.level_of(pooled, after, Measure.SCORE), told
    score = findings.score_of(pooled, figures.formula)
    rate = findings.rate_of(pooled, formulas.rate_with_basic(pooled.counts), " ")
    strict = findings.percent(formulas.rate_without_basic(pooled.counts))
    return "总体满意度", f"{score} 分", f"满意率{rate}（不含基本满意 {strict}），n = {pooled.n:,} 次评价"


def _released(wave: Wave, note: released.ReleaseNote) -> tuple[str, str, str]:
    finishing = is_finishing(wave, note)
    when = FINISHING if finishing else "攒够几家才公布" if tells_live(wave) else "截止后公布"
    if not note.number or note.made_at is None:
        more = f"{note.waiting:,} 份答卷待公布，{when}" if note.waiting else "还没有答卷"
        return "最近发布", "还没有", more
    waiting = f"；待公布 {note.waiting:,} 份，{when}" if note.waiting else f"；{when}" if finishing else ""
    return (
        "最近发布",
        f"第 {note.number} 次",
        f"{china(note.made_at):%m-%d %H:%M}，含 {note.responses:,} 份答卷{waiting}",
    )


def ends(wave: Wave) -> tuple[str, str, str]:
    """How long the wave still runs, or where it stands."""
    found, end = phase(wave), f"{said(wave.closes_at)} 截止"
    if found is Phase.WINDING_UP:
        return "状态", found, f"{end}，{until_told(wave, moment())}前仍可提交"
    if found is not Phase.OPEN:
        return "状态", found, end
    minutes = ceil((wave.closes_at - moment()).total_seconds() / 60)
    if minutes < 120:
        return "距截止", f"{minutes} 分钟", end
    return "距截止", f"{minutes // 1440} 天" if minutes >= 2880 else f"{minutes // 60} 小时", end


def china(moment: datetime) -> datetime:
    """A moment on the clocks of this country."""
    return moment.astimezone(CHINA)
