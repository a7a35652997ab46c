"""What the words of an imported file become: title, questions, departments, and the wave's period."""

import re
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import col, select

from survey.actions.intake.plan import ImportPlan
from survey.actions.waves.new_waves import QUESTIONNAIRES
from survey.core.answers.form import RatedDepartment
from survey.core.answers.questionnaire import Question, Questionnaire, RemarkKind, Text, load_questionnaire
from survey.core.clock import CHINA
from survey.core.intake.grade_words import GRADE_WORDS
from survey.core.intake.rating_table import ImportRefused, RatingTable
from survey.core.models import (
    Department,
    Wave,
)
from survey.core.plain_text import name_key, one_line
from survey.storage.database import reading

OVERALL = "总体满意度"
CATEGORY = "导入"


def title_of(plan: ImportPlan) -> str:
    return one_line(plan.title or plan.path.stem)


def questions_of(table: RatingTable, plan: ImportPlan) -> list[str]:
    """The questions, the 总体 one first. Which one that is must be known: it is never worked out of the others."""
    if table.question is None:
        return [plan.overall or OVERALL]
    names = table.questions
    overall = plan.overall or (names[0] if len(names) == 1 else OVERALL)
    if overall not in names:
        have = "、".join(names)
        cure = f"题目列里没有「{overall}」；文件的题目有：{have}。请用 --overall 指明哪一题是总体评价。"
        raise ImportRefused([(0, cure)])
    return [overall, *(name for name in names if name != overall)]


def questionnaire_of(names: list[str]) -> Questionnaire:
    """Questions known from our own questionnaire keep its ids, so that their trends go on."""
    known = {one.name.zh: one.id for one in load_questionnaire(QUESTIONNAIRES / "business.toml").dimensions}
    overall, *dimensions = (
        Question(id=known.get(name, _id("q", name)) if place else "overall", name=Text(zh=name))
        for place, name in enumerate(names)
    )
    return Questionnaire(
        id="imported", title=Text(zh="导入的评价"), overall=overall, dimensions=tuple(dimensions), reasons=(),
        grades={str(int(grade)): Text(zh=word) for word, grade in GRADE_WORDS.items() if grade},
        kinds=tuple[RemarkKind, ...](),
    )  # fmt: skip


def departments_of(names: list[str]) -> list[RatedDepartment]:
    """Departments of our own list keep id and class; others get an id that the same name always gets."""
    with reading() as db:
        known = {name_key(one.name): one for one in db.exec(select(Department))}
        earlier = select(Wave.departments).where(col(Wave.imported)).order_by(col(Wave.id))
        ids = {name_key(one["name"]): one["id"] for departments in db.exec(earlier) for one in departments}
    return [
        RatedDepartment(one.id, name, one.category, one.duty, one.name_en, one.duty_en)
        if (one := known.get(key := name_key(name)))
        else RatedDepartment(ids.get(key) or _id("d", key), name, CATEGORY)
        for name in names
    ]


def _id(letter: str, name: str) -> str:
    return f"{letter}-{sha256(name.encode()).hexdigest()[:12]}"


def natural(name: str) -> list[tuple[int, str]]:
    """Sorts 第 10 期 after 第 9 期."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:年|[-/.]?)\s*"
    r"(?:(?:第?(?P<q>[1-4一二三四])季度?|[Qq](?P<Q>[1-4]))|(?P<month>\d{1,2})月?(?:[-/.]?(?P<day>\d{1,2})日?)?)?"
)


def period(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of a wave named like a year, quarter, month or day, not after `now`; else `now` twice."""
    found = PERIOD.fullmatch(name.strip())
    if found is None:
        return now, now
    quarter = found["Q"] or found["q"]
    first = "一二三四".find(quarter) * 3 + 1 if quarter and quarter in "一二三四" else 1
    first = int(quarter) * 3 - 2 if quarter and quarter.isascii() else first
    month, day = int(found["month"] or first), int(found["day"] or 1)
    months = 12 if not (quarter or found["month"]) else 3 if quarter else 1
    try:
        start = datetime(int(found["year"]), month, day, tzinfo=CHINA)
    except ValueError:
        return now, now
    last = start.year * 12 + start.month - 1 + months
    end = start + timedelta(days=1) if found["day"] else datetime(last // 12, last % 12 + 1, 1, tzinfo=CHINA)
    return min(start, now), min(end, now)
