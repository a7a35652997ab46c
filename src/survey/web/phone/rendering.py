"""The form as a phone shows it: empty, or with what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from survey.core.answers.answers import Fields, Problem
from survey.core.answers.form import RESPONDENTS, Form
from survey.core.dates import closing
from survey.core.models import GRADES
from survey.core.texts import FALLBACK, Texts, texts
from survey.core.waves.phase import last_moment
from survey.settings import get_settings
from survey.storage.answers.doors import WavePage
from survey.web.documents import Document, Packed, mark, part, policy, render
from survey.web.phone.variant import (
    Variant,
    department_names,
    departments_in,
    in_language,
    languages,
    named,
    privacy_address,
)


@dataclass(frozen=True)
class Filled:
    """What stands in the form's fields, and what is wrong with them."""

    grades: Sequence[Mapping[str, str]]
    fields: Fields = field(default_factory=dict)
    problems: Sequence[Mapping[str, str]] = ()

    def value(self, name: str) -> str:
        return (self.fields.get(name) or [""])[0]

    def checked(self, name: str, value: str, default: bool = False) -> Markup:
        marked = value in self.fields[name] if name in self.fields else default
        return Markup(" checked") if marked else Markup("")

    def selected(self, name: str, value: str) -> Markup:
        return Markup(" selected") if self.value(name) == value else Markup("")

    def detailed(self, department: str) -> bool:
        """Whether a department's 细评 holds an answer, so that it must not be folded away."""
        return sum(name.startswith(f"g.{department}.") for name in self.fields) > 1

    def problem(self, name: str) -> list[str]:
        return [one["text"] for one in self.problems if one["field"] == name]


def _grades(form: Form, language: str) -> list[dict[str, str]]:
    """The five grades, best first as people here are used to, cut where a narrow button breaks them."""
    rows = []
    for grade in reversed(GRADES):
        name = form.questionnaire.grades[str(int(grade))].say(language)
        cut = 2 if language == FALLBACK and len(name) > 3 else len(name)
        rows.append({"value": str(int(grade)), "head": name[:cut], "tail": name[cut:]})
    return rows


def _target(form: Form, name: str) -> str:
    """The element that a problem's link leads to."""
    first, *rest = name.split(".")
    place = form.position[rest[0]] if rest else 0
    return {"d": "d0", "g": f"g{place}", "t": f"t{place}", "kind": "k0", "who": "who0"}.get(first, first)


def _shown(form: Form, language: str, fields: Fields, problems: Sequence[Problem]) -> Filled:
    say, names = texts(language), department_names(form, language)
    told = []
    for one in problems:
        department = one.field.split(".")[1] if "department" in one.values else None
        values = {**one.values, "department": names[department]} if department else one.values
        text = say.say(f"problem.{one.key}", **values)
        told.append({"field": one.field, "target": _target(form, one.field), "text": text})
    return Filled(_grades(form, language), fields, told)


def wave_css(form: Form) -> Markup:
    """Show a department's card once it is chosen, without any script."""
    rules = "".join(
        f"form:has(#d{place}:checked) #c{place}{{display:flex}}" for place in range(len(form.departments))
    )
    return Markup(f"@supports selector(:has(*)){{{rules}}}")


def _styles(form: Form, variant: Variant) -> tuple[Markup, ...]:
    """The inline styles of a form besides the shared one."""
    return (wave_css(form), part("trial.css")) if variant.trial else (wave_css(form),)


SIGNALS = ("start", "progress", "saved", "sending", "retrying")


def form_html(
    wave: WavePage,
    variant: Variant,
    fields: Fields | None = None,
    problems: Sequence[Problem] = (),
    submission_id: str | None = None,
) -> str:
    """The form; one without a submission id is a preview."""
    say, settings, form, language = texts(variant.language), get_settings(), wave.form, variant.language
    limits, wave = {"form.why_text", "form.text"}, in_language(wave, language)

    def speak(key: str, **values: Any) -> str:
        return say.say(key, limit=settings.text_limit) if key in limits else say.say(key, **values)

    return render(
        "form.html", say=speak, wave=wave, tablet=variant.tablet, own=not (variant.asks_who or variant.trial), preview=submission_id is None, live=submission_id is not None,
        shown=_shown(form, language, fields or {}, problems), styles=_styles(form, variant), sid=submission_id, trial=variant.trial,
        departments=departments_in(form, language), questions=named(form.questions, language),
        reasons=named(form.questionnaire.reasons, language), kinds=named(form.questionnaire.kinds, language),
        respondents=[(one, say[f"form.respondent.{one}"]) for one in RESPONDENTS] if variant.asks_who else [],
        about=_about(wave, variant, say), phone=settings.host_phone, languages=languages(variant),
        promise=say.say(f"confidentiality.{wave.mode}", k=settings.k_scores), privacy=privacy_address(wave.mode, language),
        signals={name: say[f"form.{name}"] for name in SIGNALS},
    )  # fmt: skip


def _about(wave: WavePage, variant: Variant, say: Texts) -> str:
    """How long it takes, and until when a form is taken: never an hour that is past."""
    if variant.late:
        return say.say("form.about_late", until=closing(last_moment(wave), say))
    return say.say("form.about", closes=closing(wave.closes_at, say))


def empty_form(wave: WavePage, variant: Variant) -> Packed:
    """The form, ready but for the submission id."""
    return Packed(form_html(wave, variant, submission_id=mark(0)), policy(*_styles(wave.form, variant)))


def render_corrections(
    wave: WavePage, variant: Variant, submission_id: str, fields: Fields, problems: Sequence[Problem]
) -> Document:
    """The form again, filled in as it was sent, with every problem beside its field and in a summary."""
    html = form_html(wave, variant, fields, problems, submission_id)
    return Document(html, policy(*_styles(wave.form, variant)), 422)
