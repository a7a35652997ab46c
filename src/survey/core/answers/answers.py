"""What an enterprise sent, and the one place that checks it."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core.answers.form import CONTACT_LIMIT, NONE_OF_THEM, RESPONDENTS, Form
from survey.core.models import Grade, Kind, Respondent
from survey.core.plain_text import clean
from survey.settings import Settings

SUBMISSION_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
ASKING = {"help": "help_without_text", "integrity": "integrity_without_text"}
"""Uses that make a case of it; what is said when there is no text."""
BAD = frozenset((Grade.VERY_DISSATISFIED, Grade.DISSATISFIED))


@dataclass(frozen=True)
class RemarkDraft:
    kind: Kind
    text: str
    department_id: str | None
    rated_bad: bool = False


@dataclass(frozen=True)
class Answers:
    """A checked form: one grade byte per item (`questions` of them per department), reasons by
    department place, remarks, perhaps a case."""

    grades: bytes
    questions: int
    reasons: dict[str, list[int]] = dataclasses.field(default_factory=dict)
    remarks: tuple[RemarkDraft, ...] = ()
    wants_help: RemarkDraft | None = None
    contact: str = ""
    integrity: bool = False  # what is asked for is for 纪检监察 alone
    respondent: Respondent = Respondent.UNASKED

    def content(self) -> bytes:
        """What was answered, as one text: equal for two forms exactly if the product takes them for the same, whatever
        their language, line ends and order of fields. What is not used is left out, so that a field of a later version
        does not change what an earlier one was sent."""
        used = {name: value for name, value in vars(self).items() if value}
        used["remarks"] = sorted(
            self.remarks, key=lambda one: (one.department_id or "", one.kind, one.rated_bad, one.text)
        )
        return json.dumps(used, default=_plain, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else vars(value)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: its name in the form, the catalogue key, the values it names."""

    field: str
    key: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Malformed(Exception):
    """Not something our form can send: unknown fields or values."""

    def __init__(self, key: str = "malformed") -> None:
        super().__init__(key)
        self.key = key


class Invalid(Exception):
    """Filled in by a person, but not yet complete; `problems` say where and how to mend it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__([problem.key for problem in problems])
        self.problems = tuple(problems)


Fields = Mapping[str, Sequence[str]]


def check(form: Form, fields: Fields, settings: Settings, asks_who: bool = False) -> Answers:
    """Turn form fields into `Answers`; raises `Malformed` or `Invalid`.

    Fields: `d` (department ids or `none`), `g.<department>.<question>` (1–5), `w.<department>` (reason
    ids), `t.<department>` (text under a bad grade), and at the end `text`, `kind`, `about`, `use`
    (one of `USES`), `contact`; on a form that asks it, `who` (a name of `RESPONDENTS`).
    """
    _refuse_unknown(form, fields, asks_who)
    chosen = [one for one in fields.get("d", ()) if one != NONE_OF_THEM]
    respondent = RESPONDENTS.get(_one(fields, "who"), Respondent.UNASKED)
    problems = [Problem("who", "who_missing")] if asks_who and not respondent else []
    problems += _problems_of_choice(fields, chosen)
    grades = bytearray(form.items)
    reasons: dict[str, list[int]] = {}
    remarks: list[RemarkDraft] = []
    for name in chosen:
        place = form.position[name]
        given = form.grade_fields[place]
        ratings = bytes([int(sent[0]) if (sent := fields.get(one)) else 0 for one in given])
        grades[form.item(place) : form.item(place + 1)] = ratings
        if not ratings[0]:
            department = form.departments[place].name
            problems.append(Problem(given[0], "grade_missing", {"department": department}))
        if not BAD.isdisjoint(ratings):
            if ticked := fields.get(f"w.{name}"):
                reasons[str(place)] = _chips(form, ticked)
            if text := _text(fields, f"t.{name}", settings.text_limit, problems):
                remarks.append(RemarkDraft(Kind.CRITICISM, text, name, rated_bad=True))
    last = _closing_remark(form, fields, grades, settings, problems)
    if problems:
        raise Invalid(problems)
    use = _one(fields, "use")
    wants_help = last if use in ASKING else None
    if last and not wants_help:
        remarks.append(last)
    contact = clean(_one(fields, "contact")) if wants_help else ""
    return Answers(
        bytes(grades), len(form.questions), reasons, tuple(remarks), wants_help, contact,
        use == "integrity" and wants_help is not None, respondent,
    )  # fmt: skip


def _refuse_unknown(form: Form, fields: Fields, asks_who: bool) -> None:
    """Only names and values that this wave's form offers may pass; only boxes may be ticked several times."""
    if "who" in fields and not asks_who:
        raise Malformed("unknown_item")
    for name, values in fields.items():
        offered = form.offered.get(name, frozenset())
        if offered is not None and not offered.issuperset(values):
            raise Malformed("unknown_item")
        if (
            len(values) != 1
            and not name.startswith("w.")
            and (name != "d" or len(values) != len(set(values)))
        ):
            raise Malformed("unknown_item")


def _chips(form: Form, ticked: Sequence[str]) -> list[int]:
    """Reasons by their place in the questionnaire."""
    order = [reason.id for reason in form.questionnaire.reasons]
    return sorted({order.index(one) for one in ticked})


def _problems_of_choice(fields: Fields, chosen: Sequence[str]) -> Iterable[Problem]:
    none = NONE_OF_THEM in fields.get("d", ())
    if none and chosen:
        yield Problem("d", "none_and_some")
    if not none and not chosen:
        yield Problem("d", "choose_department")


def _closing_remark(
    form: Form, fields: Fields, grades: bytearray, settings: Settings, problems: list[Problem]
) -> RemarkDraft | None:
    text = _text(fields, "text", settings.text_limit, problems)
    kind, about = _one(fields, "kind"), _one(fields, "about") or None
    if len(_one(fields, "contact")) > CONTACT_LIMIT:
        problems.append(Problem("contact", "contact_too_long", {"limit": CONTACT_LIMIT}))
    if not text:
        if (use := _one(fields, "use")) in ASKING:
            problems.append(Problem("text", ASKING[use]))
        return None
    if not kind and _one(fields, "use") == "integrity":
        kind = Kind.CRITICISM  # what it is was said by where it goes
    if not kind:
        problems.append(Problem("kind", "kind_missing"))
        return None
    bad = about is not None and grades[form.item(form.position[about])] in BAD
    return RemarkDraft(Kind(kind), text, about, rated_bad=bad)


def _one(fields: Fields, name: str) -> str:
    return (fields.get(name) or [""])[0]


def _text(fields: Fields, name: str, limit: int, problems: list[Problem]) -> str:
    text = clean(_one(fields, name))
    if len(text) > limit:
        problems.append(Problem(name, "text_too_long", {"length": len(text), "limit": limit}))
    return text
