"""Named reads for pages, doors and exports. Nobody here decides what may be seen: the release did."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection, func
from sqlmodel import Session, col, select

from survey.core.access import (
    EVERYONE,
    SEES_CASES,
    SEES_FIGURES,
    SURVEY,
    Right,
    actor,
    may,
    needs,
    own_department,
)
from survey.core.figures import Cell, Figures, FormCounts, Row, Withheld, load_cell
from survey.core.models import (
    NO_STRATUM,
    RESPONSES,
    Arrival,
    Case,
    CaseState,
    Channel,
    Department,
    Invitation,
    Kind,
    Mode,
    Release,
    Remark,
    Respondent,
    Source,
    StoredStudy,
    Stratum,
    Table,
    Tally,
    Wave,
    WaveState,
    source_of,
)
from survey.core.phase import Phase, phase_of
from survey.core.questionnaire import Form
from survey.core.receipts import digest
from survey.core.signs import Signs, load_signs
from survey.core.statistics import FORMULAS
from survey.core.withholding import COVERED, Counted, pool_few, suppress
from survey.core.workdays import HAND_OVER, workdays_since
from survey.settings import get_settings
from survey.storage import tallies
from survey.storage.quick import Quick

AFTER_CLOSING = "分层结果在收齐答卷后公布"
NOT_YET = "评价企业还不足以公布"
tables = Table.metadata.tables


# --- the public door -------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodeStatus:
    """What a scanned code leads to. Names no enterprise."""

    wave_id: int
    kind: str
    void: bool
    used: bool
    state: str
    opens_at: datetime
    closes_at: datetime
    timed: bool = False
    fingerprint: str = ""
    on_behalf: str = ""  # an officer entered its form: by phone or on a visit
    confirmed: str = ""  # what the enterprise said to that


def _find_code() -> Quick:
    invitation, wave = tables["invitation"], tables["wave"]
    used = sa.exists().where(tables["participation"].c.key == invitation.c.code_hash)
    return Quick(
        sa.select(
            wave.c.id, invitation.c.open_code, invitation.c.void, used.label("used"), wave.c.state, wave.c.opens_at,
            wave.c.closes_at, wave.c.timed, wave.c.fingerprint, invitation.c.trial, invitation.c.on_behalf,
            invitation.c.confirmed,
        )
        .join_from(invitation, wave)
        .where(invitation.c.code_hash == sa.bindparam("code_hash"))
    )  # fmt: skip


FIND_CODE = _find_code()


def find_code(code: str) -> CodeStatus | None:
    """The status of a code, or None for one that was never given out."""
    found = FIND_CODE.first(digest(code))
    if found is None:
        return None
    wave_id, open_code, void, used, state, opens, closes, timed, print_of, trial, *word = found
    kind = "trial" if trial else "open" if open_code else "enterprise"
    return CodeStatus(wave_id, kind, void, bool(used), state, opens, closes, timed, print_of, *word)


@dataclass(frozen=True)
class WavePage:
    """What the phone form shows of a wave."""

    id: int
    title: str
    host_name: str
    mode: Mode
    demo: bool
    form: Form
    state: str
    opens_at: datetime
    closes_at: datetime
    timed: bool = False
    fingerprint: str = ""


def wave_page(db: Connection, wave_id: int) -> WavePage:
    """A wave's page; raises KeyError for an unknown wave."""
    table = tables["wave"]
    found = db.execute(sa.select(table).where(table.c.id == wave_id)).mappings().first()
    if found is None:
        raise KeyError(wave_id)
    return WavePage(
        found["id"], found["title"], found["host_name"] or get_settings().host_name, Mode(found["mode"]),
        found["demo"], Form.thaw(found["questionnaire"], found["departments"]), found["state"], found["opens_at"],
        found["closes_at"], found["timed"], found["fingerprint"],
    )  # fmt: skip


@dataclass(frozen=True)
class CaseView:
    """An enterprise's own case, as its receipt page shows it."""

    department_id: str | None
    kind: str
    text: str
    state: str
    received_on: Any
    integrity: bool = False


def case_by_receipt(db: Connection, receipt_text: str) -> CaseView | None:
    """The case asked for with this receipt, if any."""
    case = tables["ledger_case"]
    found = db.execute(sa.select(case).where(case.c.receipt_hash == digest(receipt_text))).mappings().first()
    if found is None:
        return None
    return CaseView(
        found["department_id"], found["kind"], found["text"], found["state"], found["received_on"],
        found["integrity"],
    )  # fmt: skip


# --- waves -----------------------------------------------------------------------------------------


@needs(*SURVEY)
def waves(db: Session) -> list[Wave]:
    """All published waves, newest first."""
    order = (col(Wave.opens_at).desc(), col(Wave.id).desc())
    return list(db.exec(select(Wave).where(col(Wave.published)).order_by(*order)))


@needs(*SURVEY)
def wave(db: Session, wave_id: int) -> Wave | None:
    """A published wave."""
    found = db.get(Wave, wave_id)
    return found if found and found.published else None


def form(wave: Wave) -> Form:
    """What the wave asks."""
    return Form.thaw(wave.questionnaire, wave.departments)


@needs(*EVERYONE)
def departments(db: Session) -> list[Department]:
    """Departments that can be put into a new wave."""
    query = select(Department).where(col(Department.active)).order_by(col(Department.position))
    return list(db.exec(query))


@needs(*SURVEY)
def strata(db: Session, wave_id: int) -> list[Stratum]:
    """The wave's frozen strata."""
    return list(db.exec(select(Stratum).where(Stratum.wave_id == wave_id).order_by(col(Stratum.id))))


@needs(Right.FIGURES, Right.ROUNDS)
def open_code(db: Session, wave_id: int) -> str | None:
    """The wave's open code, the one that hangs on walls."""
    query = select(Invitation.open_code).where(
        Invitation.wave_id == wave_id, col(Invitation.open_code).is_not(None), ~col(Invitation.void),
        ~col(Invitation.trial),
    )  # fmt: skip
    return db.exec(query).first()


# --- counts, live in every mode ----------------------------------------------------------------------


@dataclass(frozen=True)
class Pulse:
    """Cheap counters that say whether a page must be drawn anew, and where the wave stands."""

    responses: int
    release: int
    remarks: int
    study: int = 0
    phase: Phase = Phase.DRAFT
    closes_at: datetime | None = None


TIMETABLE = sa.select(
    *(tables["wave"].c[one] for one in ("state", "timed", "opens_at", "closes_at", "fingerprint"))
)


def pulse(db: Session, wave_id: int, now: datetime) -> Pulse:
    """The wave's pulse; a few indexed rows, polled every 2 s."""
    responses = sum(tallies.count_responses(db.connection(), wave_id).values())
    release = db.exec(select(func.max(Release.number)).where(Release.wave_id == wave_id)).one()
    remarks = db.exec(select(func.max(Remark.batch)).where(Remark.wave_id == wave_id)).one()
    studied = db.exec(select(func.max(StoredStudy.release)).where(StoredStudy.wave_id == wave_id)).one()
    times = db.connection().execute(TIMETABLE.where(tables["wave"].c.id == wave_id)).first()
    counted = Pulse(responses, release or 0, remarks or 0, studied or 0)
    return replace(counted, phase=phase_of(times, now), closes_at=times.closes_at) if times else counted


@dataclass(frozen=True)
class Progress:
    """邀请 → 收回. `answered_of_invited` counts invited enterprises that answered by their own code."""

    invited: int
    collected: int
    answered_of_invited: int
    by_channel: Mapping[Channel, int] = field(default_factory=dict)

    def of(self, source: Source) -> int:
        """How many of the forms are verified, or came by open codes."""
        return sum(count for channel, count in self.by_channel.items() if source_of(channel) == source)


@needs(*SURVEY)
def progress(db: Session, wave: Wave) -> Progress:
    """How many were invited and how many forms came, live."""
    counts = tallies.count_responses(db.connection(), wave.id or 0)
    # Only an enterprise's own code has a stratum; counting codes used would take longer with every form.
    answered = sum(count for (stratum, _), count in counts.items() if stratum != NO_STRATUM)
    by_channel: dict[Channel, int] = {}
    for (_, channel), count in counts.items():
        by_channel[channel] = by_channel.get(channel, 0) + count
    return Progress(_invited(db, wave), sum(by_channel.values()), answered, by_channel)


@needs(*SEES_FIGURES)
def respondents(db: Session, wave: Wave) -> tuple[dict[Respondent, int], int]:
    """Forms by open codes in the newest release by 身份, and how many of kinds too small to be told apart."""
    release = latest_release(db, wave.id)
    kinds = release.figures.get(Source.OPEN, {}).get("kinds", {}) if release else {}
    counts = {Respondent(int(one)): count for one, count in kinds.items()}
    return pool_few(counts, release.figures["k"] if release else threshold(wave))


def _invited(db: Session, wave: Wave) -> int:
    """Enterprises that have a code of their own, or stood on the list of an imported wave."""
    if wave.imported:
        return sum(one.invited for one in strata(db, wave.id))
    query = select(func.count()).select_from(Invitation)
    own = (col(Invitation.enterprise_id).is_not(None), ~col(Invitation.void))
    return db.exec(query.where(Invitation.wave_id == wave.id, *own)).one()


@needs(*SURVEY)
def arrivals(db: Session, wave_id: int) -> pd.DataFrame:
    """Forms by day and channel: columns day (date), channel, count."""
    query = select(Arrival).where(Arrival.wave_id == wave_id)
    rows = db.exec(query.order_by(col(Arrival.day), col(Arrival.channel)))
    return pd.DataFrame(
        [(one.day, one.channel, one.count) for one in rows], columns=["day", "channel", "count"]
    )


# --- figures, from the release -----------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """Which part of a wave is looked at. The verified answers or the open ones, never both together."""

    category: str | None = None
    stratum_id: int | None = None
    source: Source = Source.VERIFIED

    def __post_init__(self) -> None:
        if self.stratum_id is not None and self.source == Source.OPEN:
            raise ValueError("开放扫码的答卷不分层：不知道是哪一类企业填的。")


def default_source(db: Session, wave: Wave) -> Source:
    """What a page shows first: the verified answers, unless no enterprise was invited by a code of its own."""
    invited = select(Invitation.id).where(
        Invitation.wave_id == wave.id, col(Invitation.enterprise_id).is_not(None)
    )
    return Source.VERIFIED if wave.imported or db.exec(invited.limit(1)).first() else Source.OPEN


def part_names(db: Session, view: View) -> list[str]:
    """What a view is narrowed to, in words; nothing for a whole wave."""
    stratum = db.get(Stratum, view.stratum_id) if view.stratum_id is not None else None
    return [name for name in (view.category, stratum.name if stratum else None) if name]


@dataclass(frozen=True)
class ReleaseNote:
    """Which release is shown, how many forms of a source are in it, and how many came since."""

    number: int
    made_at: datetime | None
    responses: int
    waiting: int


def latest_release(db: Session, wave_id: int) -> Release | None:
    """The newest release of a wave."""
    query = select(Release).where(Release.wave_id == wave_id).order_by(col(Release.number).desc()).limit(1)
    return db.exec(query).first()


def without_release(db: Session) -> list[int]:
    """Closed waves whose answers are in no release: an upgrade took away what it could not keep."""
    answered = select(Tally.wave_id).where(Tally.item == RESPONSES)
    released = select(Release.wave_id)
    query = select(Wave.id).where(Wave.state == WaveState.CLOSED, col(Wave.published))
    return list(db.exec(query.where(col(Wave.id).in_(answered), col(Wave.id).not_in(released))))


@needs(*SEES_FIGURES)
def release_note(db: Session, wave: Wave, source: Source = Source.VERIFIED) -> ReleaseNote:
    """What stands in the newest release of a source, for the line under every figure."""
    counts = tallies.count_responses(db.connection(), wave.id)
    collected = sum(count for (_, channel), count in counts.items() if source_of(channel) == source)
    release = latest_release(db, wave.id)
    if release is None:
        return ReleaseNote(0, None, 0, collected)
    included = int(release.figures.get(source, {}).get("responses", 0))
    return ReleaseNote(release.number, release.made_at, included, collected - included)


@needs(*SEES_FIGURES)
def form_counts(db: Session, wave: Wave, view: View) -> FormCounts:
    """邀请, 收回 and 已公布 of the part looked at. A stratum's are told after closing only, like its figures."""
    note, counts = release_note(db, wave, view.source), tallies.count_responses(db.connection(), wave.id)
    if view.stratum_id is None:
        invited = _invited(db, wave) if view.source == Source.VERIFIED else None
        collected = sum(count for (_, channel), count in counts.items() if source_of(channel) == view.source)
        return FormCounts(None if wave.imported and not invited else invited, collected, note.responses)
    stratum = next((one for one in strata(db, wave.id) if one.id == view.stratum_id), None)
    if stratum is None or wave.state != WaveState.CLOSED:
        return FormCounts(stratum.invited if stratum else None, None, None)
    collected = sum(count for (number, _), count in counts.items() if number == stratum.id)
    return FormCounts(stratum.invited, collected, collected if not note.waiting else None)


@needs(*SEES_FIGURES)
def figures(db: Session, wave: Wave, view: View | None = None) -> Figures:
    """The released figures of a wave under a view, one row per department and question."""
    view = view or View()
    asked = form(wave)
    release = latest_release(db, wave.id)
    stored = release.figures.get(view.source, {}) if release else {}
    rows = []
    own = own_department()
    for place, department in enumerate(asked.departments):
        if own is not None and department.id != own:
            continue
        if view.category and department.category != view.category:
            continue
        for number, question in enumerate(asked.questions):
            item, first = (str(asked.item(place, one)) for one in (number, 0))
            cell = _cell(stored, item, first, view, wave, release.figures["k"] if release else 1)
            about = (department.id, department.name, department.category, question.id, question.name.zh)
            of = stored.get("asked", {}).get(item) if view.stratum_id is None else None
            rows.append(Row(*about, overall=number == 0, cell=cell, asked=of))
    return Figures(tuple(rows), FORMULAS[wave.formula])


def _cell(stored: Mapping[str, Any], item: str, overall: str, view: View, wave: Wave, k: int) -> Cell:
    """`overall` is the item of the same department's 总体满意度."""
    if view.stratum_id is not None:
        if wave.state != WaveState.CLOSED:
            return Withheld(AFTER_CLOSING)
        return _strata_cells(stored, item, overall, k).get(str(view.stratum_id), Withheld(COVERED))
    cells = stored.get("cells", {})
    return load_cell(cells[item]) if item in cells else Withheld(NOT_YET)


def _strata_cells(stored: Mapping[str, Any], item: str, overall: str, k: int) -> dict[str, Cell]:
    """An item's cells by stratum: none follows from the others, nor from 总体满意度 what that hides."""
    strata = stored.get("strata", {})
    parts, first = (_parts(strata.get(one, {})) for one in (item, overall))
    return suppress(parts, k, suppress(first, k) if item != overall else None)


def _parts(counts: Mapping[str, Any]) -> dict[str, Counted]:
    return {key: Counted(*map(tuple, one)) for key, one in counts.items()}


@needs(Right.FIGURES)
def by_stratum(db: Session, wave: Wave, question_id: str | None = None) -> dict[str, dict[int, Cell]]:
    """Department id → stratum id → cell of one question (总体满意度) of a closed wave; empty before closing."""
    release, asked = latest_release(db, wave.id), form(wave)
    if release is None or wave.state != WaveState.CLOSED:
        return {}
    stored, k = release.figures.get(Source.VERIFIED, {}), int(release.figures["k"])
    number = next((place for place, one in enumerate(asked.questions) if one.id == question_id), 0)
    numbers = [one.id for one in strata(db, wave.id)]
    found = {}
    for place, department in enumerate(asked.departments):
        item, overall = (str(asked.item(place, one)) for one in (number, 0))
        parts = _strata_cells(stored, item, overall, k)
        found[department.id] = {one: parts.get(str(one), Withheld(COVERED)) for one in numbers}
    return found


@needs(Right.FIGURES)
def signs(db: Session, wave: Wave, source: Source = Source.VERIFIED) -> Signs | Withheld:
    """The signs (异常迹象) of a source's released forms, and figures with and without the doubtful ones."""
    release, asked = latest_release(db, wave.id), form(wave)
    stored = release.figures.get(source, {}).get("signs", {}) if release else {}
    ids = {str(asked.item(place)): one.id for place, one in enumerate(asked.departments)}
    return load_signs(stored, ids, threshold(wave), wave.state == WaveState.CLOSED)


def threshold(wave: Wave) -> int:
    """How many raters a figure needs."""
    return 1 if hides_nothing(wave) else get_settings().k_scores


def hides_nothing(wave: Wave) -> bool:
    """A 实名 or imported wave hides nothing from those who run it: they see who gave which answer."""
    return wave.mode == Mode.NAMED or wave.imported


# --- cases -----------------------------------------------------------------------------------------------


@needs(*SEES_CASES)
def cases(db: Session, wave_id: int | None = None) -> list[Case]:
    """What enterprises asked to have done, newest day first: integrity matters for 纪检监察 alone, who see no others."""
    query = select(Case).order_by(col(Case.received_on).desc(), col(Case.id))
    if not may(actor(), Right.CASES, Right.OWN_CASES):
        query = query.where(col(Case.integrity))
    elif not may(actor(), Right.INTEGRITY):
        query = query.where(~col(Case.integrity))
    if (own := own_department()) is not None:
        query = query.where(Case.department_id == own)
    return list(db.exec(query if wave_id is None else query.where(Case.wave_id == wave_id)))


@needs(Right.FIGURES)
def asked_for(db: Session, wave_id: int) -> list[tuple[str | None, Kind]]:
    """(department, kind) of what enterprises asked to have done, integrity matters excepted; no texts."""
    query = select(Case.department_id, Case.kind).where(Case.wave_id == wave_id, ~col(Case.integrity))
    return [(department, Kind(kind)) for department, kind in db.exec(query.order_by(col(Case.id)))]


@dataclass(frozen=True)
class OpenCases:
    """交办事项 not struck off yet: how many, since which day; and by department id those that are overdue."""

    count: int
    oldest: date | None
    overdue: Mapping[str | None, int]


@needs(Right.FIGURES)
def open_cases(db: Session, wave_id: int, today: date) -> OpenCases:
    """What waits to be done, integrity matters excepted; no texts. Overdue: not handed over within three working days
    (清单交办)."""
    query = select(Case.department_id, col(Case.received_on), func.count()).group_by(
        col(Case.department_id), col(Case.received_on)
    )
    rows = list(
        db.exec(query.where(Case.wave_id == wave_id, ~col(Case.integrity), Case.state == CaseState.RECEIVED))
    )
    overdue: dict[str | None, int] = {}
    for department, day, count in rows:
        if workdays_since(day, today) > HAND_OVER:
            overdue[department] = overdue.get(department, 0) + count
    return OpenCases(
        sum(count for *_, count in rows), min((day for _, day, _ in rows), default=None), overdue
    )


def has_waves(db: Session) -> bool:
    """Whether anything has been set up yet."""
    return db.exec(select(Wave.id).limit(1)).first() is not None
