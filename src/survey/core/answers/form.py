"""What a wave asks: its frozen questionnaire and departments, every field its form has, and how long it may be."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

from survey.core.answers.questionnaire import Question, Questionnaire
from survey.core.labels import told_apart
from survey.core.models import Respondent
from survey.settings import Settings

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
