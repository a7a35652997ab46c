"""What was answered, and how it is counted. Random 128-bit keys where order would tell who came when; see
docs/decisions.
"""

from datetime import date
from enum import IntEnum, StrEnum

from sqlalchemy import JSON, Column, Index, LargeBinary, String
from sqlmodel import Field

from survey.core.models.base import UNORDERED, Table, hash_column, random_key, wave_key
from survey.core.models.waves import NO_STRATUM


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


class Participation(Table, table=True):
    """That a code was used: SHA-256 of the code (open code: of code ‖ submission id). Nothing of the answer."""

    __table_args__ = UNORDERED
    key: bytes = hash_column(primary_key=True)
    wave_id: int = wave_key()
    submission_hash: bytes = hash_column()
    content_mark: bytes | None = hash_column(
        nullable=True
    )  # `receipts.content_mark`; gone once the wave is closed


class Response(Table, table=True):
    """答卷: what was answered. `grades` holds one byte per item, department-major, in the frozen order."""

    __table_args__ = UNORDERED
    wave_id: int = wave_key(primary_key=True)
    id: bytes = random_key()
    stratum_id: int = NO_STRATUM
    channel: Channel = Field(default=Channel.CODE, sa_type=String(16))
    language: str = Field("zh", max_length=8)
    respondent: int = Respondent.UNASKED
    flags: int = 0
    grades: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reasons: dict[str, list[int]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    pseudonym: bytes | None = hash_column(nullable=True)
    enterprise_id: int | None = None


class Remark(Table, table=True):
    """诉求 · 意见 · 建议, kept apart from the response. `batch` numbers those that came out together."""

    __table_args__ = (Index("ix_remark_wave", "wave_id", "batch"), UNORDERED)
    id: bytes = random_key()
    wave_id: int = wave_key()
    department_id: str | None = Field(default=None, max_length=32)
    kind: Kind = Field(sa_type=String(16))
    text: str
    rated_bad: bool = False
    batch: int | None = None  # None until it comes out
    source: Source = Field(default=Source.VERIFIED, sa_type=String(16))


class Theme(Table, table=True):
    """主题: a label for remarks, and the words that suggest it."""

    label: str = Field(primary_key=True, max_length=12)
    words: list[str] = Field(sa_column=Column(JSON, nullable=False))
    position: int = 0


class RemarkTheme(Table, table=True):
    """That a person found a remark to be of a theme."""

    __tablename__ = "remark_theme"
    __table_args__ = UNORDERED
    remark_id: bytes = random_key()
    label: str = Field(primary_key=True, max_length=12)
    who: str = Field(default="", max_length=40)


class Arrival(Table, table=True):
    """How many responses came on a day; the only place where a day is kept."""

    __table_args__ = UNORDERED
    wave_id: int = wave_key(primary_key=True)
    day: date = Field(primary_key=True)
    channel: Channel = Field(sa_type=String(16), primary_key=True)
    count: int = 0


class Tally(Table, table=True):
    """计数: how often a grade (or reason chip) was given for an item; `slot` spreads writers."""

    __table_args__ = UNORDERED
    wave_id: int = wave_key(primary_key=True)
    item: int = Field(primary_key=True)
    grade: int = Field(primary_key=True)
    stratum_id: int = Field(primary_key=True)
    channel: Channel = Field(sa_type=String(16), primary_key=True)
    slot: int = Field(0, primary_key=True)
    count: int = 0


class DeviceMark(Table, table=True):
    """How many codes one device used on one day, under a mark whose daily key is gone the next; dropped at closing."""

    __tablename__ = "device_mark"
    __table_args__ = UNORDERED
    wave_id: int = wave_key(primary_key=True)
    mark: bytes = hash_column(primary_key=True)
    count: int = 0
