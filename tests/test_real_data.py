"""Real ratings load, and every figure equals pandas on the file."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from survey.actions.intake.plan import ImportPlan, ImportResult
from survey.actions.intake.ratings import import_ratings
from survey.core.figures.cells import FormCounts
from survey.core.figures.formulas import mean_grade
from survey.core.study.course import YARDSTICKS, follow
from survey.core.study.judged import Judged
from survey.core.study.trends import Change
from survey.output.figures import exports
from survey.output.study import courses
from survey.storage.database import reading, reading_connection
from survey.storage.figures import released
from survey.storage.study import trends
from survey.storage.waves import published
from survey.storage.waves.verification import verify
from tests.bench.real_data import INSTEVAL, LEVELS, UK_COUNTS, expand_uk
from tests.conftest import NOW

GRADES = [1, 2, 3, 4, 5]
CHINESE = ("非常不满意", "不满意", "基本满意", "满意", "非常满意")
pytestmark = [
    pytest.mark.usefixtures("sqlite_database"),
    pytest.mark.skipif(not INSTEVAL.exists(), reason="真实数据 ../shared/data 不在这台机器上"),
]


def load(plan: ImportPlan) -> ImportResult:
    result = import_ratings(plan, now=NOW, progress=lambda *_: None)
    with reading_connection() as db:
        assert verify(db) == []
    return result


def figures_and_csv(number: int) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Counts of grades 1–5 by department: as the screen has them, and as the downloaded table has them."""
    with reading() as db:
        wave = published.wave(db, number)
        assert wave is not None
        figures = released.figures(db, wave)
    text = "".join(
        exports.summary(wave.title, Judged(figures.rows, figures.formula), FormCounts(None, None, None))
    ).removeprefix("\ufeff")
    table = csv.DictReader(io.StringIO(text, newline=""))
    return (
        {row.department: row.cell.counts for row in figures.overall},  # type: ignore[union-attr]
        {row["部门"]: tuple(int(row[grade]) for grade in CHINESE) for row in table},
    )


def test_repeated_raters_of_university_departments_load_and_every_figure_equals_pandas() -> None:
    raw = pd.read_csv(INSTEVAL)
    result = load(ImportPlan(INSTEVAL, "s", "dept", "y", wave="lectage"))
    assert result.rows == len(raw) == 73_421
    assert [title for _, title, _ in result.waves] == [str(one) for one in sorted(raw.lectage.unique())]
    for number, title, responses in result.waves:
        part = raw[raw.lectage == int(title)]
        shown, downloaded = figures_and_csv(number)
        expected = pd.crosstab(part.dept, part.y).reindex(columns=GRADES, fill_value=0)
        assert shown == downloaded == {str(dept): tuple(row) for dept, *row in expected.itertuples()}
        for dept, mean in part.groupby("dept").y.mean().items():
            assert mean_grade(shown[str(dept)]) == mean
        # A rater's k-th rating of a department goes into the rater's k-th response.
        assert responses == part.groupby(["s", "dept"]).size().groupby("s").max().sum()


def test_more_than_a_million_ratings_load_and_every_figure_equals_the_published_counts(
    tmp_path: Path,
) -> None:
    result = load(ImportPlan(expand_uk(tmp_path / "ratings.csv"), None, "service", "grade", wave="month"))
    counts = pd.read_csv(UK_COUNTS)
    assert result.rows == sum(responses for _, _, responses in result.waves) == counts.n.sum() == 1_178_373
    assert [title for _, title, _ in result.waves] == sorted(counts.month.unique())
    linear = 0
    for number, month, _ in result.waves:
        part = counts[counts.month == month].set_index("service")
        shown, downloaded = figures_and_csv(number)
        assert shown == downloaded == {name: tuple(row) for name, *row in part[list(LEVELS)].itertuples()}
        for name, row in part.iterrows():
            # The published linear mean is 0, 25, 50, 75, 100: the mean grade on another scale.
            assert 25 * (mean_grade(shown[str(name)]) - 1) == pytest.approx(row.linear, abs=0.0006)
            linear += 1
    assert linear == len(counts)


CHANGED = (
    "2026-04"  # when the publisher went over from 0, 25, 50, 75, 100 to the share of the best two grades
)


def publishers_months(path: Path, service: str, first: str, before: str) -> Path:
    """One row per rating of a service from a month on and before another."""
    with UK_COUNTS.open(encoding="utf-8") as source, path.open("w", encoding="utf-8") as target:
        target.write("service,month,grade\n")
        for row in csv.DictReader(source):
            if row["service"] == service and first <= row["month"] < before:
                for grade, level in enumerate(LEVELS, 1):
                    target.write(f"{service},{row['month']},{grade}\n" * int(float(row[level])))
    return path


def test_the_publishers_jump_is_a_change_of_formula_and_none_of_satisfaction(tmp_path: Path) -> None:
    service, first, last = "complete_the_deputy_report", "2025-10", "2027"
    for start, end, formula in (
        (first, CHANGED, "100-75-50-25-0"),
        (CHANGED, last, "rate-without-basic"),
    ):
        table = publishers_months(tmp_path / f"from {start}.csv", service, start, end)
        load(ImportPlan(table, None, "service", "grade", wave="month", formula=formula))
    told = pd.read_csv(UK_COUNTS).query("service == @service and month >= '2025-10'").set_index("month")
    with reading() as db:
        line = sorted(published.waves(db), key=lambda one: (one.opens_at, one.id))
        moments = trends.moments(db, line, None, "overall", None)
    own = follow(moments, YARDSTICKS["own"])
    assert [round(step.level.value) for step in own.shown if step.level] == list(told["pub"])
    broken = [step for step in own.steps if step.reasons]
    assert [step.moment.title for step in broken] == [CHANGED]
    assert "口径不同" in broken[0].reasons[0]
    assert "2026-03 → 2026-04：前后两期不能直接比较：满意度得分口径不同" in courses.breaks_told(own)[0]
    for common in ("score-3", "without_basic"):
        one = follow(moments, YARDSTICKS[common])
        [april] = [step for step in one.steps if step.moment.title == CHANGED]
        assert not any(step.reasons for step in one.steps)
        assert april.word is Change.UNSEEN
    jump = [
        step.level.value for step in own.shown if step.level and step.moment.title in ("2026-03", CHANGED)
    ]
    assert jump[1] - jump[0] > 3
