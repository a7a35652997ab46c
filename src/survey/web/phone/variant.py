"""How a phone's page is wanted, and what differs by language."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from survey.core.answers.form import Form
from survey.core.models import Mode
from survey.core.texts import FALLBACK, LANGUAGES, texts
from survey.settings import get_settings
from survey.storage.answers.doors import WavePage


@dataclass(frozen=True)
class Variant:
    """How a page is wanted: its language, whether it stands on a hall tablet, whether it is a 试填, asks 身份 or
    comes `late`: after closing, within the grace."""

    language: str = FALLBACK
    tablet: bool = False
    trial: bool = False
    asks_who: bool = False
    late: bool = False
    chosen: bool = field(
        default=False, compare=False
    )  # the language, in the address; not only by the browser

    @property
    def query(self) -> str:
        """What an address needs behind it to show a page in this way."""
        return self.query_in(self.language if self.chosen else "")

    def query_in(self, language: str) -> str:
        """The same in another language."""
        asked = [f"lang={language}"] if language else []
        asked += ["channel=tablet"] if self.tablet else []
        return "?" + "&".join(asked) if asked else ""


def named(ones: Sequence[Any], language: str) -> list[dict[str, str]]:
    return [{"id": str(one.id), "name": one.name.say(language)} for one in ones]


def departments_in(form: Form, language: str) -> list[dict[str, str]]:
    if language == FALLBACK:
        return [{"id": one.id, "name": one.name, "duty": one.duty} for one in form.departments]
    return [{"id": one.id, "name": one.name_en or one.name, "duty": one.duty_en} for one in form.departments]


def department_names(form: Form, language: str) -> dict[str, str]:
    return {one["id"]: one["name"] for one in departments_in(form, language)}


def languages(variant: Variant) -> list[dict[str, str]]:
    """The other languages: how each calls itself, and the address of this page in it."""
    return [
        {"code": one, "name": texts(one)["page.language_name"], "address": variant.query_in(one)}
        for one in LANGUAGES
        if one != variant.language
    ]


def in_language(wave: WavePage, language: str) -> WavePage:
    """A wave's title and organiser in a language. Officials name waves in Chinese; elsewhere the form's title stands."""
    title = wave.title if language == FALLBACK else wave.form.questionnaire.title.say(language)
    return replace(wave, title=title, host_name=get_settings().host_in(language, wave.host_name))


def privacy_address(mode: Mode, language: str) -> str:
    """Where it stands what is protected in a wave of this mode, from whom, and what is not."""
    return f"/privacy?lang={language}&mode={mode}"
