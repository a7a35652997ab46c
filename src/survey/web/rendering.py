"""What enterprises see: the form, its preview, the receipt and the notices."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from survey.core.answers import Fields, Problem
from survey.core.dates import calendar_day, closing
from survey.core.form import RESPONDENTS, Form
from survey.core.models import GRADES, CaseState, Mode
from survey.core.phase import Phase, last_moment, phase_of
from survey.core.receipts import Receipt
from survey.core.texts import FALLBACK, LANGUAGES, Texts, texts
from survey.output import qr_codes
from survey.settings import get_settings
from survey.storage import doors
from survey.storage.cases import CaseView
from survey.storage.database import reading_connection
from survey.storage.doors import WavePage
from survey.web.documents import Document, Packed, mark, part, policy, render


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
    say, names = texts(language), _names(form, language)
    told = []
    for one in problems:
        department = one.field.split(".")[1] if "department" in one.values else None
        values = {**one.values, "department": names[department]} if department else one.values
        text = say.say(f"problem.{one.key}", **values)
        told.append({"field": one.field, "target": _target(form, one.field), "text": text})
    return Filled(_grades(form, language), fields, told)


def _wave_css(form: Form) -> Markup:
    """Show a department's card once it is chosen, without any script."""
    rules = "".join(
        f"form:has(#d{place}:checked) #c{place}{{display:flex}}" for place in range(len(form.departments))
    )
    return Markup(f"@supports selector(:has(*)){{{rules}}}")


def _styles(form: Form, variant: Variant) -> tuple[Markup, ...]:
    """The inline styles of a form besides the shared one."""
    return (_wave_css(form), part("trial.css")) if variant.trial else (_wave_css(form),)


def _named(ones: Sequence[Any], language: str) -> list[dict[str, str]]:
    return [{"id": str(one.id), "name": one.name.say(language)} for one in ones]


def _departments(form: Form, language: str) -> list[dict[str, str]]:
    if language == FALLBACK:
        return [{"id": one.id, "name": one.name, "duty": one.duty} for one in form.departments]
    return [{"id": one.id, "name": one.name_en or one.name, "duty": one.duty_en} for one in form.departments]


def _names(form: Form, language: str) -> dict[str, str]:
    return {one["id"]: one["name"] for one in _departments(form, language)}


def languages(variant: Variant) -> list[dict[str, str]]:
    """The other languages: how each calls itself, and the address of this page in it."""
    return [
        {"code": one, "name": texts(one)["page.language_name"], "address": variant.query_in(one)}
        for one in LANGUAGES
        if one != variant.language
    ]


def _in_language(wave: WavePage, language: str) -> WavePage:
    """A wave's title and organiser in a language. Officials name waves in Chinese; elsewhere the form's title stands."""
    title = wave.title if language == FALLBACK else wave.form.questionnaire.title.say(language)
    return replace(wave, title=title, host_name=get_settings().host_in(language, wave.host_name))


SIGNALS = ("start", "progress", "saved", "sending", "retrying")


def _form_html(
    wave: WavePage,
    variant: Variant,
    fields: Fields | None = None,
    problems: Sequence[Problem] = (),
    submission_id: str | None = None,
) -> str:
    """The form; one without a submission id is a preview."""
    say, settings, form, language = texts(variant.language), get_settings(), wave.form, variant.language
    limits, wave = {"form.why_text", "form.text"}, _in_language(wave, language)

    def speak(key: str, **values: Any) -> str:
        return say.say(key, limit=settings.text_limit) if key in limits else say.say(key, **values)

    return render(
        "form.html", say=speak, wave=wave, tablet=variant.tablet, own=not (variant.asks_who or variant.trial), preview=submission_id is None, live=submission_id is not None,
        shown=_shown(form, language, fields or {}, problems), styles=_styles(form, variant), sid=submission_id, trial=variant.trial,
        departments=_departments(form, language), questions=_named(form.questions, language),
        reasons=_named(form.questionnaire.reasons, language), kinds=_named(form.questionnaire.kinds, language),
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
    return Packed(_form_html(wave, variant, submission_id=mark(0)), policy(*_styles(wave.form, variant)))


def render_corrections(
    wave: WavePage, variant: Variant, submission_id: str, fields: Fields, problems: Sequence[Problem]
) -> Document:
    """The form again, filled in as it was sent, with every problem beside its field and in a summary."""
    html = _form_html(wave, variant, fields, problems, submission_id)
    return Document(html, policy(*_styles(wave.form, variant)), 422)


def preview(wave: WavePage, language: str = FALLBACK) -> Document:
    """The form as officials may look at it: it works, it says so, and it cannot be sent."""
    late = phase_of(wave, datetime.now(UTC)) is Phase.WINDING_UP
    html = _form_html(wave, Variant(language, late=late))
    return Document(html, policy(_wave_css(wave.form), frame_ancestors="*", live=False))


def render_preview(request: Request) -> Response:
    """The office's look at the form of the wave in its address. Reads only."""
    accept = request.headers.get("accept-encoding", "")
    try:
        with reading_connection() as db:
            wave = doors.wave_page(db, int(request.path_params["wave"]))
    except (KeyError, ValueError):
        return render_notice(Notice("unknown_page", 404), Variant()).response(accept)
    asked = request.query_params.get("lang", FALLBACK)
    return preview(wave, asked if asked in LANGUAGES else FALLBACK).response(accept)


def privacy_address(mode: Mode, language: str) -> str:
    """Where it stands what is protected in a wave of this mode, from whom, and what is not."""
    return f"/privacy?lang={language}&mode={mode}"


def privacy_page(variant: Variant, mode: Mode | None) -> Document:
    """What is protected, from whom, and what is not; the mode one came from first, the others folded."""
    say, settings, css = texts(variant.language), get_settings(), part("privacy.css")
    others = [one for one in Mode if one != mode]
    numbers = {
        "k": settings.k_scores,
        "k_remarks": settings.k_remarks,
        "host": settings.host_in(variant.language, settings.host_name),
    }

    def points(key: str) -> list[str]:
        return [say.say(one, **numbers) for one in say if one.startswith(f"privacy.{key}.")]

    switched = [
        {**one, "address": f"/privacy?lang={one['code']}" + (f"&mode={mode}" if mode else "")}
        for one in languages(variant)
    ]
    html = render(
        "privacy.html", live=False, say=say.say, points=points, mode=mode, others=others, languages=switched, privacy_css=css,
        host_name=numbers["host"], phone=settings.host_phone,
        persons=[(say[f"privacy.person.{one}"], say.say(f"privacy.against.{one}", **numbers)) for one in PERSONS],
    )  # fmt: skip
    return Document(html, policy(css, live=False))


PERSONS = ("official", "enterprise", "outsider", "thief")


def trial_receipt(wave: WavePage, variant: Variant, again: str) -> Document:
    """What a 试填 is answered with; it cannot be taken for a receipt."""
    say, css = texts(variant.language), part("trial.css")
    html = render(
        "trial_receipt.html", say=say.say, wave=_in_language(wave, variant.language), phone=get_settings().host_phone, trial_css=css,
        steps=[say["trial.step"], say["trial.void"]], again=again,
    )  # fmt: skip
    return Document(html, policy(css))


def receipt_qr(receipt: Receipt) -> str:
    """The picture that leads back to a receipt, as it stands in the page."""
    start = f"{get_settings().address}/r/"
    return b64encode(qr_codes.family(start, len(receipt.text)).png(receipt.text)).decode()


def plain_receipt(wave: WavePage, variant: Variant, phase: Phase) -> Packed:
    """The receipt of a form that asked for nothing, ready but for its number and QR code."""
    say = texts(variant.language)
    steps = [*_steps(say, "count_step"), _ending(say, wave, phase)]
    return Packed(_receipt_html(wave, variant, mark(0), mark(1), steps=steps, case=None), policy())


def case_receipt(
    wave: WavePage, variant: Variant, receipt: Receipt, case: CaseView, phase: Phase
) -> Document:
    """The receipt of a form that asked for help: also what was asked, and how far it is."""
    say = texts(variant.language)
    kinds = {str(kind.id): kind.name.say(variant.language) for kind in wave.form.questionnaire.kinds}
    html = _receipt_html(
        wave, variant, receipt.number, receipt_qr(receipt), case=case, state=_state(say, case),
        steps=[*_steps(say, "integrity_step" if case.integrity else "help_step"), _ending(say, wave, phase)],
        kind=kinds.get(case.kind, case.kind),
        received=calendar_day(case.received_on, say),
        department=_names(wave.form, variant.language).get(case.department_id or "", say["form.no_department"]),
    )  # fmt: skip
    return Document(html, policy())


def _state(say: Texts, case: CaseView) -> str:
    name = "integrity" if case.integrity and case.state == CaseState.RECEIVED else case.state
    return say.get(f"receipt.state.{name}", say["receipt.state.unknown"])


def _receipt_html(wave: WavePage, variant: Variant, number: str, qr: str, **more: Any) -> str:
    return render(
        "receipt.html", say=texts(variant.language).say, wave=_in_language(wave, variant.language),
        languages=languages(variant), tablet=variant.tablet, number=number,
        qr=qr, phone=get_settings().host_phone, privacy=privacy_address(wave.mode, variant.language), **more,
    )  # fmt: skip


def _steps(say: Texts, kind: str) -> list[str]:
    """What happens next."""
    return [say[key] for key in say if key.startswith(f"receipt.{kind}.")]


def _ending(say: Texts, wave: WavePage, phase: Phase) -> str:
    """When the wave closes, or that it has."""
    key = "open" if phase.inviting else "closed"
    return say.say(f"receipt.ending.{key}", closes=closing(wave.closes_at, say))


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
    names, say = _names(form, language) if form else {}, texts(language)
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
