"""What a course over waves is drawn from: of each wave one released cell and its part of the study, nothing more."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from survey.core.accounts.access import SEES_FIGURES, needs, own_department
from survey.core.answers.form import Form
from survey.core.figures.by_stratum import NOT_YET
from survey.core.figures.cells import Cell, Withheld, legible, load_cell, pool
from survey.core.figures.withholding import together
from survey.core.models import Release, Source, StoredStudy, Wave
from survey.core.study.course import Moment
from survey.core.study.model import Study, load_study
from survey.core.waves.strata import key_of
from survey.storage.waves import published

NOT_RATED, NOT_ASKED = "本期没有测评这个部门", "本期没有问这道题"
Key = str | tuple[str, ...]


@needs(*SEES_FIGURES)
def moments(
    db: Session, waves: Sequence[Wave], department_id: str | None, question_id: str, source: Source | None
) -> list[Moment]:
    """A question's figure in each wave, of a department or (None) of all together; a department sees its own alone.

    `source` None: what each wave shows first.
    """
    own = own_department()
    department_id = department_id if own is None else own
    return [
        _moment(db, one, department_id, question_id, source or published.default_source(db, one))
        for one in waves
    ]


def _moment(db: Session, wave: Wave, department_id: str | None, question_id: str, source: Source) -> Moment:
    asked = published.form(wave)
    question = next((number for number, one in enumerate(asked.questions) if one.id == question_id), None)
    common = (wave.id, wave.title, wave.opens_at, wave.closes_at, wave.formula)
    if question is None:
        return Moment(*common, "", Withheld(NOT_ASKED), 0, source=source)
    if department_id is not None and department_id not in asked.position:
        return Moment(*common, "", Withheld(NOT_RATED), 0, source=source)
    place = None if department_id is None else asked.position[department_id]
    item = None if place is None else str(asked.item(place, question))
    number, stored = _released(db, wave.id, source)
    cell, forms = _cell(stored, asked, question, item)
    found = _studied(db, wave.id, source, number, item)
    return Moment(
        *common, _wording(asked, question), cell, forms, item is None, source,
        **_of_study(db, wave, found, item, question) if found else {},
    )  # fmt: skip


def _wording(asked: Form, question: int) -> str:
    """The question and the grades it was answered by."""
    grades = asked.questionnaire.grades
    return "|".join([asked.questions[question].name.zh, *(grades[one].zh for one in sorted(grades))])


def _released(db: Session, wave_id: int, source: Source) -> tuple[int, Mapping[str, Any]]:
    """Number of the newest release, and of a source's body the cells and the forms behind them."""
    parts = ("cells", "asked", "responses", "together")
    query = select(Release.number, *(_part(Release.figures, (source.value, one)) for one in parts))
    newest = query.where(Release.wave_id == wave_id).order_by(col(Release.number).desc()).limit(1)
    found = db.exec(newest).first()
    return (found[0], dict(zip(parts, found[1:], strict=True))) if found else (0, {})


def _part(column: Any, path: Key) -> Any:
    """A part of a JSON column, taken out by the database."""
    return col(column)[path]


def _cell(stored: Mapping[str, Any], asked: Form, question: int, item: str | None) -> tuple[Cell, int]:
    """The cell, and how many forms there were when it was counted."""
    cells, forms = stored.get("cells") or {}, int(stored.get("responses") or 0)
    if item is not None:
        known = (stored.get("asked") or {}).get(item)
        cell = legible(load_cell(cells[item]), not question) if item in cells else Withheld(NOT_YET)
        return cell, int(known or forms) if item in cells else forms
    if not question and (whole := together(stored)):
        return whole, forms
    keys = (str(asked.item(place, question)) for place in range(len(asked.departments)))
    found = [load_cell(cells[key]) for key in keys if key in cells]
    return (pool(found) if found else Withheld(NOT_YET)), forms


def _studied(db: Session, wave_id: int, source: Source, number: int, item: str | None) -> Study | None:
    """The part of a study that is about one item, or (None) about all departments; None if it is of an older release."""
    paths: tuple[Key, ...] = (
        "weighting",
        ("results", item) if item else "overall",
        ("earlier", "wave_id"),
        ("earlier", "title"),
        ("earlier", "moves", item) if item else ("earlier", "overall"),
    )
    query = select(StoredStudy.release, StoredStudy.closed, *(_part(StoredStudy.body, one) for one in paths))
    found = db.exec(query.where(StoredStudy.wave_id == wave_id, StoredStudy.source == source)).first()
    if found is None or found[0] != number:
        return None
    release, closed, weighting, results, earlier, title, moves = found
    body: dict[str, Any] = {"release": release, "closed": closed, "weighting": weighting or {}}
    body["overall"] = results or {}
    if earlier is not None:
        body["earlier"] = {"wave_id": earlier, "title": title, "overall": moves or {}}
    return load_study(body)


def _of_study(db: Session, wave: Wave, found: Study, item: str | None, question: int) -> dict[str, Any]:
    """What a moment takes from it; all departments together are studied by 总体满意度 alone."""
    if item is None and question:
        return {}
    earlier = found.earlier
    return {
        "results": found.overall,
        "strata": _strata(db, wave.id) if found.weighting.strata else "",
        "earlier": earlier.wave_id if earlier else None,
        "moves": earlier.overall if earlier else {},
    }


def _strata(db: Session, wave_id: int) -> str:
    """What answers are weighted to, the same for waves with like strata."""
    return "\n".join(
        sorted(key_of(one.made_of, one.name) for one in published.strata(db, wave_id) if one.invited)
    )
