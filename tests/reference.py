"""The fixture with known figures, imported as a customer would: two 代号 waves and the list of those invited."""

from pathlib import Path

from survey.actions.intake.plan import ImportPlan
from survey.actions.intake.ratings import import_ratings
from survey.storage.database import reading
from survey.storage.waves import published
from tests import statistics_fixture as fixture
from tests.conftest import NOW


def import_waves(folder: Path, by: tuple[str, ...] = ("industry",)) -> list[int]:
    """Ids of both waves, weighted by industry; 办事效率 stands for 总体满意度."""
    plan = ImportPlan(
        fixture.write_long(folder), "ent", "dept", "grade", "question", "wave", overall="办事效率",
        frame=fixture.FOLDER / "frame.csv", by=by,
    )  # fmt: skip
    return [one for one, _, _ in import_ratings(plan, now=NOW, progress=lambda *_: None).waves]


def department_ids(wave_id: int) -> dict[str, str]:
    """Name → id."""
    with reading() as db:
        wave = published.wave(db, wave_id)
        assert wave is not None
        return {one.name: one.id for one in published.form(wave).departments}


def expected(name: str) -> list[float]:
    return [float(one) for one in fixture.expected()[name]["value"]]
