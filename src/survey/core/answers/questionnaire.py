"""问卷 as its definition file says it: questions, grades, reasons, kinds of remarks; a mistake is told with its cure."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from survey.core.models import GRADES, Kind
from survey.core.own_files import FileRefused, line_of, read_toml
from survey.core.plain_text import name_key

ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")

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
