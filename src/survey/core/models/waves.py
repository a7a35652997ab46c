"""期次: what is asked, whom, by which codes, and what was done to it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String
from sqlmodel import Field

from survey.core.models.base import UNORDERED, Table, random_key, value_list, wave_key

NO_STRATUM = 0  # an open code knows nothing of its enterprise


class Mode(StrEnum):
    """What a wave keeps of who answered."""

    ANONYMOUS = "anonymous"
    PSEUDONYMOUS = "pseudonymous"
    NAMED = "named"


class WaveState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class WaveStep(StrEnum):
    """What was done to a wave, in its log (期次日志)."""

    CREATED = "created"
    EDITED = "edited"
    TRIAL = "trial"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    REFUSED = "refused"
    ISSUED = "issued"
    REISSUED = "reissued"
    WITHDRAWN = "withdrawn"
    DOWNLOADED = "downloaded"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    ALONE = "alone"
    OPENED = "opened"
    REMINDERS = "reminders"
    ENTERED = "on_behalf"
    EXTENDED = "extended"
    CLOSED = "closed"
    FINISHED = "finished"
    KEY = "key"
    SEALED = "sealed"


class OnBehalf(StrEnum):
    """How an officer heard what they entered for an enterprise."""

    PHONE = "phone"
    VISIT = "visit"


class Reply(StrEnum):
    """What an enterprise said to what was entered for it."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


class Department(Table, table=True):
    """Who can be rated. A wave keeps its own copy of what it rated."""

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=40)
    name_en: str = Field(default="", max_length=80)
    category: str = Field(max_length=20)  # 参评类别: compared only within it
    duty: str = Field(default="", max_length=80)
    duty_en: str = Field(default="", max_length=120)
    position: int = 0
    active: bool = True


class Wave(Table, table=True):
    """期次: one run of a questionnaire; `questionnaire` and `departments` are frozen when it opens."""

    id: int = Field(default=None, primary_key=True)  # given by the database
    title: str = Field(max_length=60)
    series: str = Field("main", max_length=32)  # waves of one series share a pseudonym key
    mode: Mode = Field(default=Mode.ANONYMOUS, sa_type=String(16))
    formula: str = Field("10-8-6-3-0", max_length=32)
    state: WaveState = Field(default=WaveState.DRAFT, sa_type=String(16))
    opens_at: datetime
    closes_at: datetime
    questionnaire: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    departments: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    host_name: str = Field(default="", max_length=40)
    demo: bool = False
    imported: bool = False
    published: bool = True  # False while an import is being written
    timed: bool = False  # opens by itself at `opens_at`
    live: bool = True  # 约数 are released while answers come in; else only how many came
    fingerprint: str = Field(default="", max_length=64)  # of the sealed data, on every later report


class WaveEvent(Table, table=True):
    """期次日志: what was done to a wave, by whom; append-only."""

    __tablename__ = "wave_event"
    id: int = Field(default=None, primary_key=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)
    at: datetime
    who: str = Field(default="", max_length=40)
    what: str = Field(max_length=16)  # a `WaveStep`
    detail: str = ""


class Proposal(Table, table=True):
    """提请开启: an officer asks a second person to agree to a draft that invites few. It is about one state of the
    draft (`core.waves.frames.state_of`); once that is otherwise, it and what was said to it count no more."""

    wave_id: int = wave_key(primary_key=True)
    at: datetime
    who: str = Field(max_length=40)
    state: str = Field(max_length=64)
    agreed_at: datetime | None = None
    agreed_by: str = Field(default="", max_length=40)


class Trial(Table, table=True):
    """试填: a form sent before opening, kept to be looked at and discarded when the wave opens."""

    __table_args__ = UNORDERED
    id: bytes = random_key()
    wave_id: int = Field(foreign_key="wave.id", index=True)
    answers: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Stratum(Table, table=True):
    """分层: a frozen group of invited enterprises; all that a response knows of its enterprise.

    `name` is a label. What it is made of are lists of values, "" among them for enterprises that do not tell; `other`
    holds, by column, what an imported list of invited is divided by beside these three.
    """

    id: int = Field(default=None, primary_key=True)  # given by the database
    wave_id: int = Field(foreign_key="wave.id", index=True)
    name: str = Field(max_length=200)
    invited: int = 0
    industry: list[str] = value_list()
    size: list[str] = value_list()
    park: list[str] = value_list()
    other: dict[str, list[str]] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

    @property
    def made_of(self) -> dict[str, list[str]]:
        """The values by attribute."""
        return {"industry": self.industry, "size": self.size, "park": self.park, **self.other}


class Invitation(Table, table=True):
    """测评码: one enterprise's code, kept as its SHA-256 only, or a wave's open code, which hangs on walls."""

    id: bytes = random_key()
    wave_id: int = Field(foreign_key="wave.id", index=True)
    code_hash: bytes = Field(sa_column=Column(LargeBinary(32), unique=True, nullable=False))
    open_code: str | None = Field(default=None, max_length=32)
    enterprise_id: int | None = Field(default=None, foreign_key="enterprise.id")
    stratum_id: int = NO_STRATUM
    void: bool = False
    trial: bool = False  # a code for 试填; discarded when the wave opens
    issued_at: datetime | None = None
    printed: int = 0  # how often put on a card or letter
    reissued: bool = False  # stands in for a code that was made void
    on_behalf: str = Field(default="", max_length=16)  # entered by an officer: an `OnBehalf`
    confirmed: str = Field(default="", max_length=16)  # the enterprise's `Reply` on that


class Reminder(Table, table=True):
    """An enterprise was reminded of a wave; counted against the cap (无事不扰)."""

    id: int = Field(default=None, primary_key=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)
    enterprise_id: int = Field(foreign_key="enterprise.id", index=True)
    day: date
    who: str = Field(default="", max_length=40)


class Outstanding(Table, table=True):
    """Who had not answered when a day began. One row a wave, replaced each day: nobody sees it move live,
    and no history tells on which day an enterprise answered."""

    wave_id: int = wave_key(primary_key=True)
    at: datetime
    enterprises: list[int] = Field(sa_column=Column(JSON, nullable=False))  # ids


class DestroyedKey(Table, table=True):
    """A series whose pseudonym key was destroyed: none is made for it again."""

    __tablename__ = "destroyed_key"
    series: str = Field(primary_key=True, max_length=32)
    at: datetime
    who: str = Field(default="", max_length=40)
