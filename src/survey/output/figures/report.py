"""What every report is made from: one wave's released figures and counts, gathered at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from survey.core.answers.form import Form
from survey.core.answers.signs import Signs
from survey.core.clock import CHINA
from survey.core.figures.cells import FormCounts, Withheld
from survey.core.models import Kind, Source, Wave
from survey.core.study.judged import Judged
from survey.core.waves.phase import Phase, phase_of, phase_told
from survey.output import sentences
from survey.output.figures.exports import ReleasedRemark

DEMO = "演示数据"


@dataclass(frozen=True)
class Returned:
    """How many were invited and how many forms came, live. `unverified` came by open codes."""

    invited: int
    answered: int
    collected: int
    unverified: int


@dataclass(frozen=True)
class Published:
    """The release that the figures come from; number 0 when there is none yet."""

    number: int
    made_at: datetime | None
    responses: int
    waiting: int
    final: bool = False


@dataclass(frozen=True)
class Asked:
    """A request for help, as far as reports tell of it."""

    department: str
    kind: Kind


@dataclass(frozen=True)
class Report:
    """Everything the workbook and the briefing say. `part` names the filters, empty for the whole wave."""

    wave: Wave
    form: Form
    source: Source
    figures: Judged
    forms: FormCounts
    part: str
    returned: Returned
    published: Published
    k: int
    made_at: datetime
    days: pd.DataFrame
    signs: Signs | Withheld
    remarks: Sequence[ReleasedRemark] = ()
    asked: Sequence[Asked] = ()

    @property
    def host(self) -> str:
        return self.wave.host_name

    @property
    def name(self) -> str:
        """The wave's title, without the demo mark that documents carry elsewhere."""
        return self.wave.title.replace(f"（{DEMO}）", "").strip()

    @property
    def mark(self) -> str:
        """演示数据, or nothing."""
        return DEMO if self.wave.demo else ""

    @property
    def phase(self) -> Phase:
        """Where the wave stood when the report was made."""
        return phase_of(self.wave, self.made_at)

    @property
    def phase_told(self) -> str:
        return phase_told(self.wave, self.made_at)

    @property
    def period(self) -> str:
        """From when to when, on China's calendar."""
        first, last = day(self.wave.opens_at), day(self.wave.closes_at)
        return f"{first}至 {last.removeprefix(first[:7])}"  # the year once, if it is the same

    @property
    def release(self) -> str:
        """Which release, when."""
        if self.published.made_at is None:
            return "还没有发布"
        about = "，约数" if self.so_far else ""
        return f"第 {self.published.number} 次发布（{minute(self.published.made_at)}{about}）"

    @property
    def so_far(self) -> str:
        """That the figures are 约数, and whether there will be others; nothing where they are exact."""
        return (
            sentences.so_far(self.source, self.published.final)
            if self.k > 1 and self.published.number
            else ""
        )

    @property
    def origin(self) -> str:
        """The line that says where the figures come from: release, and fingerprint once sealed."""
        seal = f"；数据指纹 {self.wave.fingerprint[:16]}" if self.wave.fingerprint else ""
        return f"{self.release}{seal}"


def day(moment: datetime) -> str:
    """A day as papers write it."""
    local = moment.astimezone(CHINA)
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


def minute(moment: datetime) -> str:
    """A moment on China's clocks."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
