"""All tables. Random 128-bit keys where order would tell who came when; see docs/decisions."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NO_STRATUM = 0  # an open code knows nothing of its enterprise


class Table(SQLModel, registry=registry()):
    """Base of every table. Its own registry lets Streamlit reload this file while the app runs."""


class Mode(StrEnum):
    """What a wave keeps of who answered."""

    ANONYMOUS = "anonymous"
    PSEUDONYMOUS = "pseudonymous"
    NAMED = "named"


class WaveState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Channel(StrEnum):
    """How a response came in."""

    CODE = "code"
    OFFICER = "officer"
    OPEN = "open"
    TABLET = "tablet"
    IMPORT = "import"


UNVERIFIED = (Channel.OPEN, Channel.TABLET)
"""Channels whose answers come from nobody knows whom; never mixed with the others."""


class Source(StrEnum):
    """The two bodies of answers, each with figures of its own: 已核验 and 开放扫码（未核验）. Never added together."""

    VERIFIED = "verified"
    OPEN = "open"


def source_of(channel: str) -> Source:
    """The body that a channel's answers belong to; whether an answer is verified is told by this alone."""
    return Source.OPEN if channel in UNVERIFIED else Source.VERIFIED


class Respondent(IntEnum):
    """身份, asked of those who come by an open code: 企业, 个体户, 群众, 公职人员."""

    UNASKED = 0
    ENTERPRISE = 1
    SELF_EMPLOYED = 2
    CITIZEN = 3
    OFFICIAL = 4


class Kind(StrEnum):
    """What a remark is: 诉求, 意见, 建议."""

    REQUEST = "request"
    CRITICISM = "criticism"
    SUGGESTION = "suggestion"


class Grade(IntEnum):
    """The five grades and 未接触; `GRADES` lists the five, worst first."""

    UNTOUCHED = 0
    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    BASICALLY_SATISFIED = 3
    SATISFIED = 4
    VERY_SATISFIED = 5


GRADES = tuple(grade for grade in Grade if grade)


class Role(StrEnum):
    """Who works at the office door; `core.access` says what each may do."""

    ADMIN = "admin"  # 系统管理员
    OFFICER = "officer"  # 营商专班
    HANDLER = "handler"  # 部门经办人, of one department
    DISCIPLINE = "discipline"  # 纪检监察
    VIEWER = "viewer"  # 领导
    AUDITOR = "auditor"  # 审计员


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
    OPENED = "opened"
    REMINDERS = "reminders"
    ENTERED = "on_behalf"
    EXTENDED = "extended"
    CLOSED = "closed"
    FINISHED = "finished"
    KEY = "key"
    SEALED = "sealed"


class Outcome(StrEnum):
    """How what is in the audit log ended."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"


class OnBehalf(StrEnum):
    """How an officer heard what they entered for an enterprise."""

    PHONE = "phone"
    VISIT = "visit"


class Reply(StrEnum):
    """What an enterprise said to what was entered for it."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


class CaseState(StrEnum):
    """How far a case has come."""

    RECEIVED = "received"


def _random_key(primary_key: bool = True) -> Any:
    return Field(sa_column=Column(LargeBinary(16), primary_key=primary_key, nullable=False))


def _hash(primary_key: bool = False, nullable: bool = False, index: bool = False) -> Any:
    column: Column[bytes] = Column(LargeBinary(32), primary_key=primary_key, nullable=nullable, index=index)
    return Field(default=None, sa_column=column)


def _wave(primary_key: bool = False) -> Any:
    return Field(sa_column=Column(Integer, ForeignKey("wave.id"), primary_key=primary_key, nullable=False))


def _values() -> Any:
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


# Row order and hidden row numbers would tell in which order enterprises answered.
UNORDERED = {"sqlite_with_rowid": False}


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


class Trial(Table, table=True):
    """试填: a form sent before opening, kept to be looked at and discarded when the wave opens."""

    __table_args__ = {"sqlite_with_rowid": False}
    id: bytes = _random_key()
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
    industry: list[str] = _values()
    size: list[str] = _values()
    park: list[str] = _values()
    other: dict[str, list[str]] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

    @property
    def made_of(self) -> dict[str, list[str]]:
        """The values by attribute."""
        return {"industry": self.industry, "size": self.size, "park": self.park, **self.other}


class Enterprise(Table, table=True):
    """企业: who rates."""

    id: int = Field(default=None, primary_key=True)  # given by the database
    uscc: str | None = Field(default=None, max_length=18, unique=True)
    name: str = Field(max_length=80)
    industry: str = Field(default="", max_length=60)
    size: str = Field(default="", max_length=20)
    park: str = Field(default="", max_length=40)
    name_en: str = Field(default="", max_length=120)
    key: bool = False  # 重点企业
    leader: str = Field(default="", max_length=20)  # 包联领导
    officer: str = Field(default="", max_length=20)  # 服务专员
    contact: str = Field(default="", max_length=20)
    phone: str = Field(default="", max_length=20)
    archived: bool = False


class RegistryImport(Table, table=True):
    """One import of the registry: what it changed, so that it can be undone whole."""

    __tablename__ = "registry_import"
    id: int = Field(default=None, primary_key=True)
    at: datetime
    who: str = Field(default="", max_length=40)
    file_name: str = Field(default="", max_length=200)
    added: list[int] = Field(sa_column=Column(JSON, nullable=False))  # ids
    changed: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))  # rows as they were
    undone: bool = False

    @property
    def edited(self) -> int:
        """How many enterprises were there before and have been changed."""
        return len(self.changed) - len(self.added)


class Invitation(Table, table=True):
    """测评码: one enterprise's code, kept as its SHA-256 only, or a wave's open code, which hangs on walls."""

    id: bytes = _random_key()
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

    wave_id: int = _wave(primary_key=True)
    at: datetime
    enterprises: list[int] = Field(sa_column=Column(JSON, nullable=False))  # ids


class Participation(Table, table=True):
    """That a code was used: SHA-256 of the code (open code: of code ‖ submission id). Nothing of the answer."""

    __table_args__ = UNORDERED
    key: bytes = _hash(primary_key=True)
    wave_id: int = _wave()
    submission_hash: bytes = _hash()
    content_mark: bytes | None = _hash(nullable=True)  # `receipts.content_mark`; gone once the wave is closed


class Response(Table, table=True):
    """答卷: what was answered. `grades` holds one byte per item, department-major, in the frozen order."""

    __table_args__ = UNORDERED
    wave_id: int = _wave(primary_key=True)
    id: bytes = _random_key()
    stratum_id: int = NO_STRATUM
    channel: Channel = Field(default=Channel.CODE, sa_type=String(16))
    language: str = Field("zh", max_length=8)
    respondent: int = Respondent.UNASKED
    flags: int = 0
    grades: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reasons: dict[str, list[int]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    pseudonym: bytes | None = _hash(nullable=True)
    enterprise_id: int | None = None


class Remark(Table, table=True):
    """诉求 · 意见 · 建议, kept apart from the response. `batch` numbers those that came out together."""

    __table_args__ = (Index("ix_remark_wave", "wave_id", "batch"), UNORDERED)
    id: bytes = _random_key()
    wave_id: int = _wave()
    department_id: str | None = Field(default=None, max_length=32)
    kind: Kind = Field(sa_type=String(16))
    text: str
    rated_bad: bool = False
    batch: int | None = None  # None until it comes out
    source: Source = Field(default=Source.VERIFIED, sa_type=String(16))


class Case(Table, table=True):
    """交办事项: asked for with 请帮我办, so the officer may read it at once; contact only if given."""

    __tablename__ = "ledger_case"
    __table_args__ = UNORDERED
    id: bytes = _random_key()
    wave_id: int = _wave()
    department_id: str | None = Field(default=None, max_length=32)
    kind: Kind = Field(sa_type=String(16))
    text: str
    receipt_hash: bytes = _hash(index=True)
    contact: str = Field(default="", max_length=100)
    received_on: date
    state: str = Field(CaseState.RECEIVED, max_length=16)
    integrity: bool = False  # 反映廉洁问题: for 纪检监察 alone


class Arrival(Table, table=True):
    """How many responses came on a day; the only place where a day is kept."""

    __table_args__ = UNORDERED
    wave_id: int = _wave(primary_key=True)
    day: date = Field(primary_key=True)
    channel: Channel = Field(sa_type=String(16), primary_key=True)
    count: int = 0


class Tally(Table, table=True):
    """计数: how often a grade (or reason chip) was given for an item; `slot` spreads writers."""

    __table_args__ = UNORDERED
    wave_id: int = _wave(primary_key=True)
    item: int = Field(primary_key=True)
    grade: int = Field(primary_key=True)
    stratum_id: int = Field(primary_key=True)
    channel: Channel = Field(sa_type=String(16), primary_key=True)
    slot: int = Field(0, primary_key=True)
    count: int = 0


class Release(Table, table=True):
    """发布: the figures that may be seen, computed at one moment, the same for every viewer and file."""

    wave_id: int = _wave(primary_key=True)
    number: int = Field(primary_key=True)
    made_at: datetime
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class StoredStudy(Table, table=True):
    """统计: what the kernel made of a source's release (`core.study.Study` as JSON); replaced with each release."""

    __tablename__ = "study"
    wave_id: int = _wave(primary_key=True)
    source: Source = Field(primary_key=True, sa_type=String(16))
    release: int
    closed: bool = False  # computed from all answers, after closing
    failed: bool = False  # could not be computed; pages show released counts alone
    made_at: datetime
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Theme(Table, table=True):
    """主题: a label for remarks, and the words that suggest it."""

    label: str = Field(primary_key=True, max_length=12)
    words: list[str] = Field(sa_column=Column(JSON, nullable=False))
    position: int = 0


class RemarkTheme(Table, table=True):
    """That a person found a remark to be of a theme."""

    __tablename__ = "remark_theme"
    __table_args__ = UNORDERED
    remark_id: bytes = _random_key()
    label: str = Field(primary_key=True, max_length=12)
    who: str = Field(default="", max_length=40)


class User(Table, table=True):
    """Someone who works at the office door."""

    __tablename__ = "office_user"
    id: int = Field(default=None, primary_key=True)  # given by the database
    name: str = Field(max_length=40, unique=True)
    role: Role = Field(sa_type=String(16))
    password_hash: str = Field(max_length=200)
    demo: bool = False
    department_id: str | None = Field(default=None, max_length=32)  # of a 部门经办人
    must_change: bool = False  # the password was given by someone else
    password_set_at: datetime | None = None
    former: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # hashes
    expires_on: date | None = None  # last day the account is good
    disabled: bool = False


class Login(Table, table=True):
    """A signed-in browser: SHA-256 of its cookie."""

    token_hash: bytes = _hash(primary_key=True)
    user_id: int = Field(foreign_key="office_user.id", index=True)
    expires_at: datetime
    seen_at: datetime | None = None  # when a person last did something


class SignInFailure(Table, table=True):
    """Wrong passwords in a row under a keyed hash of who asked for whom."""

    __tablename__ = "sign_in_failure"
    key: bytes = _hash(primary_key=True)
    count: int = 0
    last_at: datetime


class AuditEntry(Table, table=True):
    """审计日志: who did what when, with what result; each entry is hashed together with the one before."""

    __tablename__ = "audit_entry"
    id: int = Field(primary_key=True)  # 1, 2, 3 … without a gap
    at: datetime
    who: str = Field(max_length=40)
    role: str = Field(default="", max_length=16)
    what: str = Field(max_length=40)
    about: str = Field(default="", max_length=200)
    result: str = Field(max_length=16)  # a `Outcome`
    hash: bytes = _hash()


class AuditPool(Table, table=True):
    """Entries of one kind that came again within ten minutes: counted here until they are told as one."""

    __tablename__ = "audit_pool"
    what: str = Field(max_length=40, primary_key=True)
    about: str = Field(max_length=200, primary_key=True)
    result: str = Field(max_length=16, primary_key=True)
    who: str = Field(max_length=40)
    role: str = Field(default="", max_length=16)
    since: datetime  # when the first came, which is an entry already
    until: datetime  # when the last came
    more: int = 0  # after the first


class Screen(Table, table=True):
    """大屏: a read-only address of a wave's released figures, until it is revoked."""

    id: int = Field(default=None, primary_key=True)  # given by the database
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), unique=True, nullable=False))
    wave_id: int = _wave()
    name: str = Field(max_length=40)
    made_at: datetime
    made_by: str = Field(default="", max_length=40)
    revoked_at: datetime | None = None


class DeviceMark(Table, table=True):
    """How many codes one device used on one day, under a mark whose daily key is gone the next; dropped at closing."""

    __tablename__ = "device_mark"
    __table_args__ = UNORDERED
    wave_id: int = _wave(primary_key=True)
    mark: bytes = _hash(primary_key=True)
    count: int = 0


class DestroyedKey(Table, table=True):
    """A series whose pseudonym key was destroyed: none is made for it again."""

    __tablename__ = "destroyed_key"
    series: str = Field(primary_key=True, max_length=32)
    at: datetime
    who: str = Field(default="", max_length=40)


class Lease(Table, table=True):
    """Who runs a background job until when, so that it runs once."""

    name: str = Field(primary_key=True, max_length=32)
    holder: str = Field(max_length=64)
    until: datetime


class JobState(Table, table=True):
    """How a background job's work for a wave, or for none, fares; `failures` in a row. A reason names nobody."""

    __tablename__ = "job"
    name: str = Field(primary_key=True, max_length=16)
    about: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    succeeded_at: datetime | None = None
    failures: int = 0
    failed_at: datetime | None = None
    again_at: datetime | None = None
    reason: str = Field(default="", max_length=200)
