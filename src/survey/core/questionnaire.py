"""问卷: its definition files, and the one place that checks what an enterprise sent."""

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from survey.core.labels import told_apart
from survey.core.models import GRADES, Grade, Kind, Respondent
from survey.core.own_files import FileRefused, line_of, read_toml
from survey.core.plain_text import clean, name_key
from survey.settings import Settings

ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")
SUBMISSION_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
CONTACT_LIMIT = 60
CHARACTER_BYTES = 27
"""What one character of a text may take on its way, where each byte becomes three: 12 for the longest there is, 21 with
an invisible joiner behind it, as in emoji, which is not counted; 27 for a syllable sent as the three letters it consists of."""
BESIDE_BYTES, BESIDE_FIELDS = 512, 4
"""What is sent besides a form's own fields: the submission id; in the office also who is entered and how."""
NONE_OF_THEM = "none"
"""The value of field `d` for 都没有."""
RESPONDENTS = {one.name.lower(): one for one in Respondent if one}
"""身份 by the value of field `who`."""
USES = ("count", "help", "integrity")
"""What becomes of the closing remark: 只供统计, 请帮我办, 只转纪检监察."""
ASKING = {"help": "help_without_text", "integrity": "integrity_without_text"}
"""Uses that make a case of it; what is said when there is no text."""
BAD = frozenset((Grade.VERY_DISSATISFIED, Grade.DISSATISFIED))

WHAT = "问卷文件"
OTHERWISE = "写法不对，请对照 business.toml 改正"
type_of_problem = {
    "missing": "缺少这一项，请补上",
    "extra_forbidden": "不认识这一项，请删去或改正拼写",
    "string_type": "要写成带引号的文字",
    "list_type": "要写成一组，例如 [[dimensions]]",
    "tuple_type": "要写成一组，例如 [[dimensions]]",
    "dict_type": '要按语言写，例如 { zh = "…" }',
    "model_type": "要写成一节，例如 [overall]",
    "model_attributes_type": "要写成一节，例如 [overall]",
    "enum": "只能是 request、criticism、suggestion 之一",
}


class QuestionnaireError(FileRefused):
    """A definition file with a mistake; the text names file, line, key and cure in Chinese."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """One text in several languages; a missing one falls back to Chinese."""

    zh: str
    en: str = ""

    def say(self, language: str) -> str:
        return getattr(self, language, "") or self.zh


class Question(_Part):
    """题目: something a department is graded on, 总体满意度 or a 维度."""

    id: str
    name: Text

    @model_validator(mode="after")
    def _plain_id(self) -> "Question":
        if not ID.fullmatch(self.id):
            raise ValueError(f"编号「{self.id}」只能用小写字母、数字、- 和 _，以字母开头，最多 32 个字符")
        return self


class Reason(Question):
    """A chip shown under a bad grade."""


class RemarkKind(_Part):
    id: Kind
    name: Text


class Questionnaire(_Part):
    """问卷 as its file defines it. `questions` has the overall question first."""

    id: str
    title: Text
    overall: Question
    dimensions: tuple[Question, ...]
    grades: dict[str, Text]
    reasons: tuple[Reason, ...]
    kinds: tuple[RemarkKind, ...]

    @model_validator(mode="after")
    def _consistent(self) -> "Questionnaire":
        ids = [question.id for question in self.questions]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"题目编号「{twice.pop()}」出现了两次，请改成不同的编号")
        wanted = {str(int(grade)) for grade in GRADES}
        if set(self.grades) != wanted:
            raise ValueError("[grades] 要正好写 5、4、3、2、1 五级")
        return self

    @property
    def questions(self) -> tuple[Question, ...]:
        return (self.overall, *self.dimensions)


def load_questionnaire(path: Path) -> Questionnaire:
    """Read a TOML definition; raises `QuestionnaireError` naming file, key and cure."""
    try:
        content, text = read_toml(path, WHAT)
    except FileRefused as error:
        raise QuestionnaireError(str(error)) from error
    try:
        found = Questionnaire.model_validate(content)
    except ValidationError as error:
        raise QuestionnaireError(_explain(path, text, error)) from error
    if problems := list(_alike(found)):
        raise QuestionnaireError("\n".join(_sentence(path, text, *one) for one in problems))
    return found


def _explain(path: Path, text: str, error: ValidationError) -> str:
    told = []
    for item in error.errors():
        reason = type_of_problem.get(item["type"]) or str(item.get("ctx", {}).get("error", "") or OTHERWISE)
        told.append(_sentence(path, text, item["loc"], reason))
    return "\n".join(told)


def _sentence(path: Path, text: str, place: tuple[str | int, ...], reason: str) -> str:
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place) or "全文"
    line = line_of(text, place)
    return f"{WHAT} {path.name} {f'第 {line} 行' if line else ''}的 {key}：{reason}。"


def _alike(found: Questionnaire) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Entries that nobody could tell apart, or that say nothing: where, and what to do. Asked of files only, so that
    waves which opened with such go on."""
    for section in ("dimensions", "reasons"):
        ones: Sequence[Question] = getattr(found, section)
        for place, one in enumerate(ones):
            before = [*([found.overall] if section == "dimensions" else []), *ones[:place]]
            if not one.name.zh.strip():
                yield (section, place, "name"), "中文名称是空的，请填写"
            elif any(name_key(other.name.zh) == name_key(one.name.zh) for other in before):
                yield (section, place, "name"), f"名称「{one.name.zh}」出现了两次，请写出区别"
            if section == "reasons" and any(other.id == one.id for other in before):
                yield (section, place, "id"), f"编号「{one.id}」出现了两次，请改成不同的编号"
    kinds = [one.id for one in found.kinds]
    for place, kind in enumerate(kinds):
        if kind in kinds[:place]:
            yield ("kinds", place, "id"), f"留言类型「{kind}」出现了两次，请删去一处"


@dataclass(frozen=True)
class RatedDepartment:
    """A wave's own copy of a department."""

    id: str
    name: str
    category: str
    duty: str = ""
    name_en: str = ""
    duty_en: str = ""


@dataclass(frozen=True)
class Form:
    """What a wave asks: its frozen questionnaire and departments, and the order of its items.

    Item `d * len(questions) + q` is question `q` asked of department `d`.
    """

    questionnaire: Questionnaire
    departments: tuple[RatedDepartment, ...]

    @classmethod
    def thaw(cls, questionnaire: Mapping[str, Any], departments: Iterable[Mapping[str, Any]]) -> "Form":
        """Rebuild the form from the copies a wave keeps; departments of one name, in old ones, are told apart."""
        rated = [RatedDepartment(**one) for one in departments]
        names = told_apart([one.name for one in rated], [one.category for one in rated])
        english = told_apart([one.name_en for one in rated])
        return cls(
            Questionnaire.model_validate(questionnaire),
            tuple(
                dataclasses.replace(one, name=name, name_en=name_en)
                for one, name, name_en in zip(rated, names, english, strict=True)
            ),
        )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return self.questionnaire.questions

    @cached_property
    def position(self) -> dict[str, int]:
        """Department id → its place."""
        return {department.id: place for place, department in enumerate(self.departments)}

    @property
    def items(self) -> int:
        return len(self.departments) * len(self.questions)

    @cached_property
    def grade_fields(self) -> tuple[tuple[str, ...], ...]:
        """The form field of every grade: by department's place, then by question."""
        return tuple(
            tuple(f"g.{one.id}.{question.id}" for question in self.questions) for one in self.departments
        )

    @cached_property
    def offered(self) -> dict[str, frozenset[str] | None]:
        """Every field name the form can send, with the values it offers; None: any text."""
        departments = frozenset(self.position)
        reasons = frozenset(reason.id for reason in self.questionnaire.reasons)
        kinds = frozenset(kind.id.value for kind in self.questionnaire.kinds)
        grades = frozenset("12345")
        return {
            **{name: grades for names in self.grade_fields for name in names},
            **{f"w.{name}": reasons for name in departments},
            **{f"t.{name}": None for name in departments},
            "d": departments | {NONE_OF_THEM}, "kind": kinds, "about": departments | {""},
            "use": frozenset(USES), "text": None, "contact": None, "who": frozenset(RESPONDENTS),
        }  # fmt: skip

    @cached_property
    def most_fields(self) -> int:
        """How many fields a form has with every box ticked."""
        return sum(map(len, self._fullest.values())) + BESIDE_FIELDS

    def most_bytes(self, settings: Settings) -> int:
        """How long a form is on its way, url-encoded, with everything chosen and every text at its stated limit."""
        letters = (len(self._fullest) - self._choices) * settings.text_limit
        return self._plain_bytes + letters * CHARACTER_BYTES

    @cached_property
    def _fullest(self) -> dict[str, tuple[str, ...]]:
        """Every field with the most that can be sent of it; a text is left empty."""
        return {
            name: ("",) if values is None
            else tuple(values) if name == "d" or name.startswith("w.")
            else (max(values, key=len),)
            for name, values in self.offered.items()
        }  # fmt: skip

    @cached_property
    def _choices(self) -> int:
        """How many fields hold no text of `text_limit`; a contact has a limit of its own."""
        return sum(values is not None or name == "contact" for name, values in self.offered.items())

    @cached_property
    def _plain_bytes(self) -> int:
        pairs = ((name, value) for name, values in self._fullest.items() for value in values)
        written = sum(len(quote_plus(name)) + len(quote_plus(value)) + 2 for name, value in pairs)
        return written + CONTACT_LIMIT * CHARACTER_BYTES + BESIDE_BYTES

    def item(self, department: int, question: int = 0) -> int:
        """The item of a department's question; question 0 is 总体满意度."""
        return department * len(self.questions) + question

    def item_of(self, department_id: str, question_id: str) -> int:
        """The same by their ids; raises KeyError for what the wave does not ask."""
        return self._items[department_id, question_id]

    @cached_property
    def _items(self) -> dict[tuple[str, str], int]:
        return {
            (department.id, question.id): self.item(place, number)
            for place, department in enumerate(self.departments)
            for number, question in enumerate(self.questions)
        }


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
