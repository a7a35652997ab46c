"""Studies made by hand: a test names only the figures that matter to it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from survey.actions.waves.new_waves import QUESTIONNAIRES
from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.figures.cells import Cell, Figures, Row, Shown, Withheld
from survey.core.figures.formulas import FORMULAS
from survey.core.models import Source
from survey.core.study.judged import Judged, judged
from survey.core.study.model import DriverSet, Level, Measure, Result, Share, Standing, Study, Tier
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.study import studies

DIMENSIONS = ("attitude", "efficiency", "policy", "integrity")


def form(*departments: str) -> Form:
    """The questionnaire of the product, asked of departments of one class."""
    asked = load_questionnaire(QUESTIONNAIRES / "business.toml")
    return Form(asked, tuple(RatedDepartment(one, f"{one}局", "监管执法") for one in departments))


def figures(asked: Form, cells: Mapping[tuple[str, str], Cell]) -> Figures:
    """Rows as a release has them; a cell not named is withheld."""
    rows = [
        Row(
            one.id, one.name, one.category, question.id, question.name.zh, not number,
            cells.get((one.id, question.id), Withheld("样本不足")),
        )
        for one in asked.departments
        for number, question in enumerate(asked.questions)
    ]  # fmt: skip
    return Figures(tuple(rows), FORMULAS["10-8-6-3-0"])


def judged_by(found: Study, asked: Form, cells: Mapping[tuple[str, str], Cell]) -> Judged:
    """The same with what a study says of them."""
    return judged(figures(asked, cells), asked, found)


def shown(satisfied: int, n: int = 100) -> Shown:
    """So many of `n` satisfied."""
    return Shown((0, n - satisfied, 0, satisfied, 0))


def result(
    value: float, half: float = 0.05, weighted: float | None = None, tier: Tier | None = None, n: int = 100
) -> dict[Measure, Result]:
    """满意率 (with 基本满意) with a range of `half` either way."""

    def level(middle: float) -> Level:
        return Level(middle, max(middle - half, 0), min(middle + half, 1), n, n)

    place = Standing(tier, 0.0, 1, 2, 2) if tier else Standing(why="评价企业不足 30 家，不参加分档")
    return {Measure.WITH_BASIC: Result(level(value), None if weighted is None else level(weighted), place)}


def drivers(shares: Sequence[float], half: float = 0.05) -> DriverSet:
    """Shares of the dimensions, each with a range of `half` either way."""
    told = (
        Share(one, share, share - half, share + half) for one, share in zip(DIMENSIONS, shares, strict=True)
    )
    return DriverSet(tuple(told), 0.5, 200)


def keep(wave_id: int, found: Study, source: Source = Source.VERIFIED) -> None:
    """Store a study as that of the wave's newest release."""
    with writing() as db:
        studies.keep(db, wave_id, source, found, datetime.now(UTC))


def newest_release(wave_id: int) -> int:
    with reading() as db:
        release = released.latest_release(db, wave_id)
        assert release is not None
        return release.number
