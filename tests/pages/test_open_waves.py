"""What pages tell of a wave that is open, or only just closed: 约数, counts of forms alone, or that they are on their way."""

from datetime import UTC, datetime, timedelta

import pytest

from survey.actions.waves import drafts
from survey.core.figures.withholding import COUNTS_ONLY
from survey.core.models import Channel, Mode, Role, Wave
from survey.storage.database import reading, writing
from survey.storage.waves import arriving, published, rounds
from survey.ui.waiting import FINISHING
from tests import factories
from tests.pages.conftest import Open, said

SO_FAR = "数字是约数，截止后公布准数"
FIGURES = ("dashboard.py", "compare.py", "department.py", "trend.py")


def answered(forms: int = 40, live: bool = True, mode: Mode = Mode.ANONYMOUS) -> factories.MadeWave:
    """An open wave whose forms rate one department by mixed grades."""
    now = datetime.now(UTC) - timedelta(days=1)
    wave = factories.make_wave(enterprises=forms, now=now, mode=mode)
    with writing() as db:
        db.get_one(Wave, wave.id).live = live
    for place in range(forms):
        factories.submit(wave, {"tax": 1 + place % 5}, now=now)
    factories.release(wave, now)
    return wave


def test_an_open_wave_says_once_that_its_figures_are_about_and_marks_them(open_page: Open) -> None:
    wave = answered()
    for page in FIGURES:
        app = open_page(page, Role.OFFICER, wave=wave.id, department="tax")
        assert sum(SO_FAR in str(one.proto.body) for one in app.get("html")) == 1, page
    assert "满意率约 " in said(open_page("dashboard.py", Role.OFFICER, wave=wave.id))


def test_where_nothing_is_hidden_nothing_is_about(open_page: Open) -> None:
    wave = answered(mode=Mode.NAMED)
    for page in FIGURES:
        text = said(open_page(page, Role.OFFICER, wave=wave.id, department="tax"))
        assert SO_FAR not in text
        assert "约 " not in text


def test_once_closed_pages_say_that_exact_figures_come_and_then_that_no_more(open_page: Open) -> None:
    wave = answered()
    factories.close(wave, datetime.now(UTC) - timedelta(hours=1))
    for page in FIGURES:
        assert FINISHING in said(open_page(page, Role.OFFICER, wave=wave.id, department="tax")), page
    factories.release(wave)
    for page in FIGURES:
        text = said(open_page(page, Role.OFFICER, wave=wave.id, department="tax"))
        assert FINISHING not in text
        assert SO_FAR not in text


def test_a_wave_that_tells_counts_only_shows_how_many_forms_came_and_why_no_more(open_page: Open) -> None:
    wave = answered(forms=20, live=False)
    text = said(open_page("dashboard.py", Role.OFFICER, wave=wave.id))
    assert f"已收回 20 份答卷，{COUNTS_ONLY}。" in text
    assert "20 份答卷待公布，截止后公布" in text
    assert "满意率约" not in text
    assert "截止前只看回收数" in said(open_page("trust.py", Role.OFFICER, wave=wave.id))


@pytest.mark.parametrize("live", [True, False])
def test_counts_only_is_chosen_with_the_draft_and_kept_by_the_next_wave(open_page: Open, live: bool) -> None:
    now = datetime.now(UTC)
    last = factories.make_wave(now=now - timedelta(days=90))
    factories.close(last, now - timedelta(days=76))
    with writing() as db:
        draft = drafts.copy_wave(db, last.id, now, "王经办").id
        db.get_one(Wave, last.id).live = live
    page = open_page("waves.py", Role.OFFICER, draft=draft, step=1)
    [box] = [one for one in page.checkbox if one.label == "截止前只看回收数"]
    assert box.value is False
    if not live:
        box.check()
    next(one for one in page.button if one.label.startswith("保存")).click().run()
    with writing() as db:
        assert db.get_one(Wave, draft).live is live
        assert drafts.copy_wave(db, last.id, now, "王经办").live is live
        told = [one.sentence for one in rounds.checklist(db, db.get_one(Wave, draft), now)]
    assert ("截止前只看回收数，截止后公布准数。" in told) is not live
    assert any("公布约数" in one for one in told) is live


@pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.NAMED])
def test_days_of_open_codes_are_told_in_steps_where_anything_is_hidden(open_page: Open, mode: Mode) -> None:
    now = datetime.now(UTC)
    wave = factories.make_wave(now=now - timedelta(days=3), mode=mode)
    came = ((Channel.OPEN, 4, 2), (Channel.CODE, 4, 1), (Channel.OPEN, 9, 1), (Channel.TABLET, 2, 1))
    for channel, count, days_ago in came:
        for _ in range(count):
            code = wave.next_code() if channel == Channel.CODE else wave.open_code
            then = now - timedelta(days=days_ago)
            factories.submit(wave, {"tax": 4}, code=code, channel=channel, now=then)
    with reading() as db:
        found = published.wave(db, wave.id)
        assert found is not None
        days = arriving.arrivals(db, found)
    exact = mode == Mode.NAMED
    told = sorted((day, str(channel), count) for day, channel, count in days.itertuples(index=False))
    assert [(channel, count) for _, channel, count in told] == (
        [("open", 4), ("code", 4), ("open", 9), ("tablet", 2)]
        if exact
        else [("open", 0), ("code", 4), ("open", 10), ("tablet", 0)]
    )
    assert ("每满 5 份才计入" in said(open_page("dashboard.py", Role.OFFICER, wave=wave.id))) is not exact
