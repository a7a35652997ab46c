"""Notices: why there is no form or no receipt, with ways on and whatever was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.core.answers.answers import Fields
from survey.core.answers.form import Form
from survey.core.texts import Texts, texts
from survey.settings import get_settings
from survey.web.documents import Document, policy, render
from survey.web.phone.variant import Variant, department_names, languages


@dataclass(frozen=True)
class Notice:
    """Why there is no form or no receipt: a catalogue key, the answer's status, the values it names. `receipt`: address
    of the one that was given before; `again`: the fields of what may be sent as a form of its own."""

    key: str
    status: int
    values: Mapping[str, str] = field(default_factory=dict)
    host_name: str = ""
    ways: Sequence[str] = ()
    own: bool = False  # at an enterprise's own code, which no stranger has
    typed: str = ""
    receipt: str = ""
    again: Sequence[tuple[str, str]] = ()


def render_notice(notice: Notice, variant: Variant) -> Document:
    """One page for every refusal, with ways on; whatever was typed is handed back."""
    say, settings = texts(variant.language), get_settings()
    host = settings.host_in(variant.language, notice.host_name or settings.host_name)
    html = render(
        "notice.html", say=say.say, page="notice", own=notice.own, languages=languages(variant), tablet=variant.tablet, phone=settings.host_phone,
        title=say[f"notice.{notice.key}.title"], typed=notice.typed, host_name=host,
        text=say.say(f"notice.{notice.key}.text", **notice.values),
        ways=_ways(say, notice.ways, host, settings.host_phone), receipt=notice.receipt, again=notice.again,
    )  # fmt: skip
    return Document(html, policy(), notice.status)


def _ways(say: Texts, ways: Sequence[str], host: str, phone: str) -> list[tuple[str, str]]:
    told = []
    for one in ways:
        name = f"notice.way.{one}"
        how = f"{name}_how_phone" if phone and f"{name}_how_phone" in say else f"{name}_how"
        told.append((say[name], say.say(how, host=host, phone=phone)))
    return told


def typed_texts(fields: Fields, form: Form | None, language: str) -> str:
    """Everything typed by hand in a form, to be copied from a notice."""
    names, say = department_names(form, language) if form else {}, texts(language)
    parts = []
    for name, values in fields.items():
        first, _, department = name.partition(".")
        if first in ("t", "text", "contact") and (text := values[0].strip()):
            told = (
                say.say("notice.said", department=names[department], text=text)
                if department in names
                else text
            )
            parts.append(told)
    return "\n".join(parts)
