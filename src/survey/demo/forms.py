"""What the made-up enterprises fill in: grades that lean as departments are, and remarks."""

import random
from collections.abc import Iterator
from datetime import timedelta

from survey.core.answers.answers import Answers
from survey.core.answers.form import NONE_OF_THEM, Form
from survey.core.own_files import FileRefused, read_table
from survey.settings import ROOT

REMARKS = ROOT / "data" / "demo_remarks.csv"
REMARK_COLUMNS = ("about", "kind", "use", "text")

# How each department tends to be rated (chance of 5, 4, 3, 2, 1) and how often it is met.
TENDENCY = {
    "govservice": (0.55, (46, 36, 12, 4, 2)), "approval": (0.62, (40, 37, 14, 6, 3)),
    "market": (0.60, (42, 38, 13, 5, 2)), "tax": (0.72, (48, 35, 11, 4, 2)),
    "development": (0.22, (30, 38, 20, 8, 4)), "industry": (0.30, (36, 38, 16, 7, 3)),
    "science": (0.26, (38, 36, 15, 7, 4)), "investment": (0.18, (44, 34, 14, 5, 3)),
    "finance": (0.34, (22, 30, 22, 16, 10)), "planning": (0.24, (20, 32, 24, 15, 9)),
    "construction": (0.32, (18, 32, 25, 16, 9)), "hr": (0.48, (36, 38, 16, 7, 3)),
    "ecology": (0.36, (22, 34, 24, 13, 7)), "emergency": (0.34, (28, 36, 21, 10, 5)),
    "urban": (0.30, (14, 27, 26, 20, 13)), "police": (0.20, (40, 37, 15, 5, 3)),
}  # fmt: skip
# How far a dimension is from the overall grade, and how loosely it follows it.
LEANINGS = {"integrity": (0.6, 1.1), "efficiency": (-0.7, 0.3), "attitude": (0.1, 1.0)}
# Some forms bear signs (异常迹象), each of them by its number: filled in within seconds, by one agency for several …
HURRIED = frozenset(range(7, 400, 27))  # and 非常满意 for everything
QUICK = frozenset(range(3, 400, 41))
IMPROVED = {"urban": 2, "approval": 1}  # departments whose second wave is mostly a step or two kinder


def made_up_fields(
    dice: random.Random, form: Form, kinder: int, remarks: Iterator[dict[str, str]]
) -> dict[str, list[str]]:
    """One enterprise's form: some enterprises are generous, some are not."""
    mood = dice.gauss(0, 0.7)
    fields: dict[str, list[str]] = {"d": []}
    for department in form.departments:
        met, weights = TENDENCY.get(department.id, (0.3, (30, 36, 20, 9, 5)))
        if dice.random() > met * 0.7:
            continue
        fields["d"].append(department.id)
        lift = kinder * IMPROVED.get(department.id, 0) * (dice.random() < 0.8)
        grade = _clamp(dice.choices((5, 4, 3, 2, 1), weights)[0] + mood * 0.6 + lift)
        fields[f"g.{department.id}.overall"] = [str(grade)]
        if dice.random() < 0.7:
            for dimension in form.questionnaire.dimensions:
                lean, spread = LEANINGS.get(dimension.id, (0.0, 0.8))
                one = _clamp(grade + dice.gauss(lean, spread))
                fields[f"g.{department.id}.{dimension.id}"] = [str(one)]
        if grade <= 2:
            chips = [reason.id for reason in form.questionnaire.reasons]
            fields[f"w.{department.id}"] = dice.sample(chips[:-1], dice.choice((1, 1, 2)))
    if not fields["d"]:
        return {"d": [NONE_OF_THEM]}
    if dice.random() < 0.28 and (remark := next(remarks, None)):
        fields |= {name: [remark[name]] for name in ("kind", "text", "use")}
        fields["about"] = [remark["about"] if remark["about"] in form.position else ""]
    return fields


def all_the_best(form: Form, fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same form with 非常满意 for everything."""
    met = {*fields["d"], "tax", "govservice"} & form.position.keys()
    if not met:
        return fields
    grades = {name: ["5"] for one in met for name in form.grade_fields[form.position[one]]}
    words = {name: told for name, told in fields.items() if name in ("kind", "text", "use", "about")}
    return {"d": sorted(met), **grades, **words}


def spent(number: int, answers: Answers) -> timedelta:
    """How long the form had been open when it was sent."""
    return timedelta(seconds=4 if number in HURRIED | QUICK else 40 + 5 * len(answers.grades))


def _clamp(grade: float) -> int:
    return max(1, min(5, round(grade)))


def made_up_remarks(dice: random.Random) -> Iterator[dict[str, str]]:
    """The made-up remarks in a random order, each once; raises `FileRefused`."""
    (_, header), *body = read_table(REMARKS, "演示留言")
    if header != list(REMARK_COLUMNS):
        raise FileRefused(f"演示留言 {REMARKS.name} 第 1 行要写 {'、'.join(REMARK_COLUMNS)}，请改正。")
    if wrong := next((line for line, row in body if len(row) != len(header)), 0):
        raise FileRefused(f"演示留言 {REMARKS.name} 第 {wrong} 行不是 {len(header)} 列，请补上或删去。")
    rows = [dict(zip(header, row, strict=True)) for _, row in body]
    dice.shuffle(rows)
    return iter(rows)
