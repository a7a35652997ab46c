"""At any moment every page, file, phone page and wall tells the same phase, and does what it says."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import docx
import openpyxl
import pytest
from sqlmodel import update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions.answers.claims import Refused
from survey.actions.figures import screens
from survey.actions.waves import codes, drafts, lifecycle, reminders
from survey.actions.waves.seal import seal_wave
from survey.core.accounts.access import PAGES
from survey.core.models import Role, Wave, WaveState
from survey.core.refusals import NotAllowed
from survey.core.waves.phase import Phase, phase_of
from survey.output.waves.addressees import Past, occasion
from survey.storage.database import reading, writing
from survey.storage.waves import arriving, monitor
from survey.web.office.doors import office_routes
from survey.web.office.exports import DOWNLOADS
from survey.web.office.gate import COOKIE
from survey.web.phone import public, refusing
from tests import factories
from tests.conftest import NOW
from tests.pages.conftest import Open, open_page, said
from tests.people import sign_in

__all__ = ["open_page"]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TICK = timedelta(microseconds=1)


def place(wave_id: int, **values: object) -> None:
    """Put a wave's times or state where a test wants them."""
    with writing() as db:
        db.execute(update(Wave).where(Wave.id == wave_id).values(**values))


def running(closes: timedelta) -> factories.MadeWave:
    """A wave that began ten days ago, has answers, a case, a day's list, and closes so long from now."""
    now = datetime.now(UTC)
    made = factories.make_wave(now=now - 10 * DAY, days=20)
    for _ in range(8):
        factories.submit(made, {"tax": 5, "market": 2}, now=now - 2 * DAY)
    factories.submit(
        made, {"tax": 1}, now=now - DAY, text="请派人来看", kind="request", about="tax", use="help",
    )  # fmt: skip
    factories.release(made, now)
    with writing() as db:
        reminders.draw_up_list(db, made.id, now)
    place(made.id, closes_at=now + closes)
    return made


def draft(timed: bool) -> factories.MadeWave:
    now = datetime.now(UTC)
    made = factories.make_wave(now=now - DAY)
    place(made.id, state=WaveState.DRAFT, opens_at=now + DAY, closes_at=now + 9 * DAY)
    if timed:
        with writing() as db:
            drafts.schedule(db, made.id, now, "演示专班")
    return made


def finished() -> factories.MadeWave:
    made = running(-31 * MINUTE)
    with writing() as db:
        assert lifecycle.finish_wave(db, made.id, datetime.now(UTC))
    return made


def sealed() -> factories.MadeWave:
    made = finished()
    factories.release(made, datetime.now(UTC))
    with writing() as db:
        seal_wave(db, made.id, datetime.now(UTC), "演示专班")
    return made


MOMENTS: dict[str, tuple[Phase, Callable[[], factories.MadeWave]]] = {
    "draft": (Phase.DRAFT, lambda: draft(timed=False)),
    "scheduled": (Phase.WAITING, lambda: draft(timed=True)),
    "days to go": (Phase.OPEN, lambda: running(3 * DAY)),
    "minutes to go": (Phase.OPEN, lambda: running(9 * MINUTE)),
    "just closed": (Phase.WINDING_UP, lambda: running(-TICK)),
    "late in the grace": (Phase.WINDING_UP, lambda: running(-20 * MINUTE)),
    "the job is late": (Phase.CLOSED, lambda: running(-31 * MINUTE)),
    "closed": (Phase.CLOSED, finished),
    "sealed": (Phase.SEALED, sealed),
}


@pytest.fixture(params=MOMENTS)
def moment(request: pytest.FixtureRequest, sqlite_database: object) -> tuple[Phase, factories.MadeWave]:
    phase, make = MOMENTS[request.param]
    return phase, make()


def phases_in(text: str) -> set[str]:
    """Every name of a phase in a text."""
    text = text.replace("还在进行", Phase.OPEN)
    return {one.value for one in Phase if one.value in text}


OFFICE = {
    name: rights
    for name, (_, rights) in PAGES.items()
    if name not in ("accounts", "audit", "doctor", "method", "enterprises")
}


NO_WAVE = ("还没有期次", "没有期次在收答卷")
REMINDING = re.compile("请提醒|提醒短信|截止前提醒|距截止|请先提醒")


@pytest.mark.parametrize("address", OFFICE)
def test_every_page_tells_one_phase(
    open_page: Open, moment: tuple[Phase, factories.MadeWave], address: str
) -> None:
    phase, wave = moment
    text = said(open_page(f"{address}.py", Role.OFFICER, wave=wave.id))
    assert phases_in(text) <= {phase.value}
    assert phase.value in text or address == "screens" or any(one in text for one in NO_WAVE)
    assert phase is Phase.OPEN or not REMINDING.search(text)


def told_in_file(name: str, content: bytes) -> str:
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        return "\n".join(
            str(one.value) for sheet in book for row in sheet.iter_rows() for one in row if one.value
        )
    if name.endswith(".docx"):
        return "\n".join(one.text for one in docx.Document(io.BytesIO(content)).paragraphs)
    return content.decode()


@pytest.fixture
def door() -> Iterator[TestClient]:
    refusing.wrong_tries.forget()
    with TestClient(Starlette(routes=[*office_routes(), *public.routes()]), follow_redirects=False) as client:
        yield client


def test_every_file_tells_the_same_phase(door: TestClient, moment: tuple[Phase, factories.MadeWave]) -> None:
    phase, wave = moment
    door.cookies.set(COOKIE, sign_in(Role.OFFICER))
    for name, *_ in DOWNLOADS:
        if name in ("codebook.csv", "ratings.csv"):  # of no wave; of named waves
            continue
        answer = door.get(f"/export/{wave.id}/{name}")
        assert answer.status_code == 200
        text = told_in_file(name, answer.content)
        assert phases_in(text) <= {phase.value}
        assert "截止前" not in text or phase is Phase.OPEN
        if name == "report.xlsx":
            assert phase.value in text


def test_lists_and_texts_end_with_the_closing(
    door: TestClient, moment: tuple[Phase, factories.MadeWave]
) -> None:
    phase, wave = moment
    door.cookies.set(COOKIE, sign_in(Role.OFFICER))
    assert door.get(f"/export/{wave.id}/reminders.xlsx").status_code == (200 if phase is Phase.OPEN else 404)
    assert door.get(f"/codes/{wave.id}/poster.pdf").status_code == (200 if phase.inviting else 410)
    projected = door.get(f"/project/{wave.id}")
    assert projected.status_code == (200 if phase.taking else 410)
    assert phases_in(projected.text) == {phase.value}
    assert ("正在收尾" in door.get(f"/preview/{wave.id}").text) == (phase is Phase.WINDING_UP)
    assert door.get(f"/entry/{wave.id}").status_code == (200 if phase.taking else 404)


def test_the_wall_tells_it_too(door: TestClient, moment: tuple[Phase, factories.MadeWave]) -> None:
    phase, wave = moment
    with writing() as db:
        token = screens.make_screen(db, wave.id, "大厅", datetime.now(UTC))
    assert phases_in(door.get(f"/screen/{token}").text) == {phase.value}


PHONE = {
    Phase.DRAFT: "还没有开始",
    Phase.WAITING: "还没有开始",
    Phase.CLOSED: "已截止",
    Phase.SEALED: "已截止",
}


def test_phones_do_what_the_phase_says(door: TestClient, moment: tuple[Phase, factories.MadeWave]) -> None:
    phase, wave = moment
    answer = door.get(f"/q/{wave.unused[0]}")
    assert (answer.status_code == 200) == phase.taking
    if phase is Phase.WINDING_UP:
        assert "正在收尾" in answer.text
        assert "前仍可提交" in answer.text
    elif phase is not Phase.OPEN:
        assert PHONE[phase] in answer.text
    try:
        receipt = factories.submit(wave, {"tax": 4}, now=datetime.now(UTC))
        assert phase.taking
    except Refused:
        assert not phase.taking
        return
    told = door.get(f"/r/{receipt}").text
    assert ("已于" in told) == (phase is Phase.WINDING_UP)


GRID = [-TICK, timedelta(), TICK]
"""Around every edge: before, on and after it."""


@pytest.mark.usefixtures("database")
def test_whatever_acts_on_a_wave_agrees_with_its_phase_to_the_microsecond() -> None:
    wave = factories.make_wave(enterprises=40)
    closes = NOW + 14 * DAY
    with writing() as db:
        reminders.draw_up_list(db, wave.id, closes - MINUTE)
    found = []
    for edge in (NOW, closes, closes + 30 * MINUTE):
        for now in (edge + one for one in GRID):
            with reading() as db:
                row, seen = db.get(Wave, wave.id), arriving.pulse(db, wave.id, now)
                assert row is not None
                listed = monitor.day_list(db, row, now)
                phase = phase_of(row, now)
            assert seen.phase is phase
            assert (listed is not None) == (phase is Phase.OPEN and edge is closes)
            assert takes(wave, now) == phase.taking
            assert may(lambda row=row, now=now: occasion(row, now), Past) == (now < closes)
            assert may(lambda now=now: reissue(wave, now), NotAllowed) == (
                phase is not Phase.CLOSED and now < closes
            )
            found.append(phase)
    assert set(found) == {Phase.WAITING, Phase.OPEN, Phase.WINDING_UP, Phase.CLOSED}
    with writing() as db:
        assert not lifecycle.finish_wave(db, wave.id, closes + 30 * MINUTE)
        assert lifecycle.finish_wave(db, wave.id, closes + 30 * MINUTE + TICK)


def takes(wave: factories.MadeWave, now: datetime) -> bool:
    """Whether a fresh code's form is stored at a moment."""
    return may(lambda: factories.submit(wave, {"tax": 4}, now=now), Refused)


def reissue(wave: factories.MadeWave, now: datetime) -> None:
    with writing() as db:
        lifecycle.in_state(db, wave.id, WaveState.OPEN, "")
        last = max(one.id for one in monitor.invited(db, wave.id))  # no form has taken its code
        codes.reissue_codes(db, wave.id, [last], now, "演示专班")


def may(act: Callable[[], object], refusal: type[Exception]) -> bool:
    try:
        act()
    except refusal:
        return False
    return True


def test_closing_early_winds_up_and_an_extension_meanwhile_moves_the_end(
    door: TestClient, sqlite_database: object
) -> None:
    wave = running(3 * DAY)
    with writing() as db:
        lifecycle.extend_wave(
            db, wave.id, datetime.now(UTC) + 5 * DAY, "回收率偏低", datetime.now(UTC), "演示专班"
        )
    later = door.get(f"/q/{wave.unused[0]}").text
    with writing() as db:
        lifecycle.close_early(db, wave.id, "都交了", datetime.now(UTC), "演示专班")
    now = door.get(f"/q/{wave.unused[0]}").text
    assert "截止" in later
    assert "正在收尾" in now
