"""Who gets a code and for what: the same facts for cards, letters and the sending list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from survey.core import dates
from survey.core.clock import CHINA
from survey.core.models import Mode, Wave
from survey.core.names import MODE_NAMES
from survey.core.refusals import Refusal
from survey.core.texts import texts
from survey.core.waves.rounds import said
from survey.settings import get_settings

ENGLISH = "en"
NOBODY = "未指定服务专员"


@dataclass(frozen=True)
class Addressee:
    """One enterprise and the code that was just made for it."""

    name: str
    code: str
    uscc: str = ""
    contact: str = ""
    phone: str = ""
    officer: str = ""
    name_en: str = ""  # those who have one also get letter and message in English


@dataclass(frozen=True)
class Occasion:
    """What enterprises are invited to."""

    title: str
    host: str
    phone: str
    opens: str
    closes: str
    mode: str
    promise: str
    demo: bool
    today: str
    base: str  # what stands before a code in its address
    english: Mapping[str, str] = field(default_factory=dict)  # title, host, opens, closes, promise, today

    def link(self, code: str) -> str:
        """The address behind a code."""
        return self.base + code


class Past(Refusal):
    """The closing that a text would name is past: whoever got it would come too late."""

    def __init__(self, wave: Wave) -> None:
        super().__init__(f"本期已于 {said(wave.closes_at)} 截止，不再发短信、卡片和海报。")


def occasion(wave: Wave, now: datetime) -> Occasion:
    """What enterprises are told that are invited or reminded; raises `Past` from closing on."""
    if wave.closes_at <= now:
        raise Past(wave)
    return facts(wave, now)


def facts(wave: Wave, now: datetime) -> Occasion:
    """The facts of a wave as documents tell them."""
    settings = get_settings()
    mode = Mode(wave.mode)
    return Occasion(
        wave.title, wave.host_name or settings.host_name, settings.host_phone, moment(wave.opens_at),
        moment(wave.closes_at), MODE_NAMES[mode],
        texts().say(f"confidentiality.{mode}", k=settings.k_scores).partition("：")[2],
        wave.demo, day(now), f"{settings.address}/q/", _english(wave, now),
    )  # fmt: skip


def _english(wave: Wave, now: datetime) -> dict[str, str]:
    """The same facts in English."""
    settings, say = get_settings(), texts(ENGLISH)
    return {
        "title": wave.questionnaire["title"].get(ENGLISH) or wave.title,
        "host": settings.host_in(ENGLISH, wave.host_name or settings.host_name),
        "opens": dates.moment(wave.opens_at, say), "closes": dates.closing(wave.closes_at, say),
        "promise": say.say(f"confidentiality.{Mode(wave.mode)}", k=settings.k_scores),
        "today": dates.calendar_day(now.astimezone(CHINA), say),
    }  # fmt: skip


def moment(one: datetime) -> str:
    """A moment as notices write it; midnight belongs to the day that ends."""
    local = one.astimezone(CHINA)
    if local.time() == time():
        return f"{day(local - timedelta(days=1))}24时"
    return f"{day(local)}{local.hour}时" + (f"{local.minute:02}分" if local.minute else "")


def day(one: datetime) -> str:
    local = one.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日"


def by_officer(addressees: Sequence[Addressee]) -> dict[str, list[Addressee]]:
    """The enterprises of each 服务专员, those without one last."""
    groups: dict[str, list[Addressee]] = {}
    for one in sorted(addressees, key=lambda one: (not one.officer, one.officer)):
        groups.setdefault(one.officer or NOBODY, []).append(one)
    return groups
