"""A table of ratings becomes closed waves, all of it or nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from survey.actions.intake.plan import ImportPlan, ImportResult
from survey.actions.intake.ratings import import_ratings
from survey.actions.intake.words import period
from survey.core.clock import CHINA
from survey.core.figures.view import View
from survey.core.intake.rating_table import ImportRefused
from survey.core.models import Wave
from survey.storage.database import read_engine, reading, writing
from survey.storage.figures import released
from survey.storage.leases import take_lease
from survey.storage.waves import arriving, published
from survey.storage.waves.verification import read_matrix, verify
from tests.conftest import NOW
from tests.factories import make_wave

pytestmark = pytest.mark.usefixtures("database")
HEADER = "评价者,部门,等级,题目,期次\n"


def run(path: Path, **more: object) -> ImportResult:
    named = {"rater": "评价者", "department": "部门", "grade": "等级", "question": "题目", "wave": "期次"}
    plan = ImportPlan(path, **{**named, **more})  # type: ignore[arg-type]
    return import_ratings(plan, now=NOW, progress=lambda *_: None)


def table(folder: Path, body: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "评价.csv"
    path.write_text(header + body, encoding=encoding, newline="")
    return path


def refused(path: Path, **more: object) -> list[tuple[int, str]]:
    with pytest.raises(ImportRefused) as error:
        run(path, **more)
    with read_engine().connect() as db:
        assert db.scalar(text("SELECT count(*) FROM wave")) == 0
    return error.value.problems


def imported(wave_id: int) -> Wave:
    with reading() as db:
        wave = published.wave(db, wave_id)
        assert wave is not None
        return wave


def counts(wave_id: int) -> dict[tuple[str, str], tuple[int, ...]]:
    with reading() as db:
        rows = released.figures(db, imported(wave_id))
        return {(row.department, row.question): row.cell.counts for row in rows}  # type: ignore[union-attr]


def test_each_period_of_the_file_becomes_a_closed_wave_with_its_own_departments(tmp_path: Path) -> None:
    body = (
        "甲,税务局,5,总体满意度,2024-01\n甲,环保局,2,总体满意度,2024-01\n乙,税务局,满意,总体满意度,2024-02\n"
    )
    result = run(table(tmp_path, body))
    assert [(title, responses) for _, title, responses in result.waves] == [("2024-01", 1), ("2024-02", 1)]
    assert result.rows == 3
    first, second = (imported(number) for number, _, _ in result.waves)
    assert (first.state, first.imported, first.published, first.mode) == (
        "closed",
        True,
        True,
        "pseudonymous",
    )
    assert first.opens_at == datetime(2024, 1, 1, tzinfo=CHINA)
    assert first.closes_at == datetime(2024, 2, 1, tzinfo=CHINA)
    assert [one["name"] for one in first.departments] == ["税务局", "环保局"]
    assert [one["name"] for one in second.departments] == ["税务局"]
    assert first.departments[0]["id"] == second.departments[0]["id"]
    assert counts(first.id or 0)["环保局", "总体满意度"] == (0, 1, 0, 0, 0)


def test_a_repeated_rater_becomes_a_further_response_of_the_same_pseudonym(tmp_path: Path) -> None:
    body = "甲,税务局,5\n乙,税务局,3\n甲,环保局,4\n甲,税务局,1\n"
    [(number, _, responses)] = run(
        table(tmp_path, body, "评价者,部门,等级\n"), question=None, wave=None
    ).waves
    assert responses == 3
    with read_engine().connect() as db:
        rows = db.execute(text("SELECT pseudonym, grades FROM response")).all()
        assert read_matrix(db, number).sum() == 5 + 3 + 4 + 1
    by_rater: dict[bytes, list[bytes]] = {}
    for rater, grades in rows:
        by_rater.setdefault(bytes(rater), []).append(bytes(grades))
    # 甲 rated 税务局 twice (5, then 1) and 环保局 once: its first response holds 5 and 4.
    assert sorted(sorted(one) for one in by_rater.values()) == [[b"\x01\x00", b"\x05\x04"], [b"\x03\x00"]]


def test_without_raters_every_row_is_a_response_of_nobody(tmp_path: Path) -> None:
    path = table(tmp_path, "税务局,5\n税务局,0\n", "部门,等级\n")
    [(number, title, responses)] = run(path, rater=None, question=None, wave=None).waves
    assert (title, responses, imported(number).mode) == ("评价", 2, "anonymous")
    assert counts(number) == {("税务局", "总体满意度"): (0, 0, 0, 0, 1)}


def test_questions_of_the_file_become_the_questionnaire_with_the_overall_one_first(tmp_path: Path) -> None:
    body = "甲,税务局,4,办事效率,一\n甲,税务局,5,总体满意度,一\n甲,税务局,3,窗口环境,一\n"
    [(number, _, responses)] = run(table(tmp_path, body)).waves
    assert responses == 1
    form = published.form(imported(number))
    assert [one.name.zh for one in form.questions] == ["总体满意度", "办事效率", "窗口环境"]
    # 办事效率 is one of our own dimensions and keeps its id, so that its trend goes on.
    assert [one.id for one in form.questions][:2] == ["overall", "efficiency"]


def test_which_question_is_the_overall_one_must_be_known(tmp_path: Path) -> None:
    path = table(tmp_path, "甲,税务局,4,效率,一\n甲,税务局,5,态度,一\n")
    assert refused(path)[0][1].startswith("题目列里没有「总体满意度」；文件的题目有：效率、态度。")
    run(path, overall="态度")


def test_departments_of_our_own_list_keep_their_id_and_class(tmp_path: Path) -> None:
    make_wave(departments=["market"])
    with reading() as db:
        known = {one.id: one for one in published.departments(db)}["market"]
    path = table(tmp_path, f"甲,{known.name},4\n甲,别的局,4\n", "评价者,部门,等级\n")
    [(number, _, _)] = run(path, question=None, wave=None).waves
    ours, other = imported(number).departments
    assert (ours["id"], ours["category"]) == ("market", known.category)
    assert other["category"] == "导入"


def test_every_bad_row_is_reported_with_its_line_and_nothing_is_kept(tmp_path: Path) -> None:
    body = (
        "甲,税务局,5,总体满意度,一\n"
        '乙,"税务\n局",6,总体满意度,一\n'  # lines 3 and 4
        "\n"
        " ,税务局,3,总体满意度,一\n"
        "丙,,好,总体满意度,一\n"
        "丁,税务局,4\n"
        f"戊,{'长' * 41},4,总体满意度,一\n"
        "己,税务局,2.5,总体满意度,一\n"
    )
    assert refused(table(tmp_path, body)) == [
        (3, "等级「6」不认识，只能是 0 到 5 的整数（5 非常满意，0 未接触）或等级名称"),
        (6, "评价者是空的"),
        (7, "部门是空的；等级「好」不认识，只能是 0 到 5 的整数（5 非常满意，0 未接触）或等级名称"),
        (8, "这一行有 3 列，表头有 5 列"),
        (9, "部门「长长长长长长长长长长长长…」有 41 个字，最多 40 个"),
        (10, "等级「2.5」不认识，只能是 0 到 5 的整数（5 非常满意，0 未接触）或等级名称"),
    ]


def test_a_missing_column_is_named_with_the_columns_there_are(tmp_path: Path) -> None:
    problems = refused(table(tmp_path, "甲,税务局,5\n", "企业,部门,等级\n"), question=None, wave=None)
    assert problems == [(1, "文件里没有名为「评价者」的列；文件有这些列：企业、部门、等级。")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "文件是空的"), (HEADER, "没有一行评价"), (HEADER + '甲,"税务局,5,总体满意度,一\n', "引号不成对")],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    assert reason in refused(table(tmp_path, content, ""))[0][1]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "打不开文件" in refused(tmp_path / "没有.csv")[0][1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_files_as_spreadsheets_write_them_are_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    header, body = HEADER.replace("\n", "\r\n"), "甲,税务局,5,总体满意度,一\r\n,,,,\r\n"
    path = table(tmp_path, body.replace(",", delimiter), header.replace(",", delimiter), encoding)
    [(number, _, _)] = run(path).waves
    assert counts(number) == {("税务局", "总体满意度"): (0, 0, 0, 0, 1)}


def test_an_import_is_seen_only_when_all_of_it_is_there(tmp_path: Path) -> None:
    seen: list[int] = []

    def look(step: str, _done: int, _of: int) -> None:
        if step == "写入":
            with reading() as db:
                seen.append(len(published.waves(db)))

    path = table(tmp_path, "甲,税务局,5,总体满意度,一\n甲,税务局,5,总体满意度,二\n")
    plan = ImportPlan(path, "评价者", "部门", "等级", "题目", "期次")
    import_ratings(plan, now=NOW, progress=look)
    assert seen == [0, 0]
    with reading() as db:
        assert len(published.waves(db)) == 2


def test_a_failed_import_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(step: str, _done: int, _of: int) -> None:
        if step == "写入":
            raise KeyboardInterrupt

    path = table(tmp_path, "甲,税务局,5,总体满意度,一\n")
    plan = ImportPlan(path, "评价者", "部门", "等级", "题目", "期次")
    with pytest.raises(KeyboardInterrupt):
        import_ratings(plan, now=NOW, progress=fail)
    with read_engine().connect() as db:
        for name in ("wave", "response", "tally", "release", "lease"):
            assert db.scalar(text(f"SELECT count(*) FROM {name}")) == 0


def test_one_import_keeps_another_out_until_it_ends_or_dies(tmp_path: Path) -> None:
    with writing() as db:
        take_lease(db, "import", "another", NOW)
    path = table(tmp_path, "甲,税务局,5,总体满意度,一\n")
    assert refused(path) == [(0, "另一个导入正在进行，请等它完成后再试。")]
    plan = ImportPlan(path, "评价者", "部门", "等级", "题目", "期次")
    import_ratings(plan, now=NOW + timedelta(minutes=2), progress=lambda *_: None)


def test_what_a_killed_import_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    path = table(tmp_path, "甲,税务局,5,总体满意度,一\n")
    [(left, _, _)] = run(path).waves
    with writing() as db:  # as if it had been killed just before the flip
        db.execute(text("UPDATE wave SET published = :no"), {"no": False})
    [(number, _, _)] = run(path).waves
    with read_engine().connect() as db:
        assert db.scalar(text("SELECT count(*) FROM response")) == 1
        assert verify(db.execution_options()) == [] if left == number else True


def test_periods_are_read_from_names_and_end_by_now_at_the_latest() -> None:
    def days(name: str) -> tuple[str, str]:
        start, end = period(name, NOW)
        return start.astimezone(CHINA).date().isoformat(), end.astimezone(CHINA).date().isoformat()

    assert days("2024") == days("2024年") == ("2024-01-01", "2025-01-01")
    assert days("2024Q3") == days("2024 年第三季度".replace(" ", "")) == ("2024-07-01", "2024-10-01")
    assert days("2024-12") == days("2024年12月") == ("2024-12-01", "2025-01-01")
    assert days("2024-02-29") == ("2024-02-29", "2024-03-01")
    assert period("2026-03", NOW)[1] == NOW
    assert period("2024-13", NOW) == period("上一期", NOW) == (NOW, NOW)
    assert NOW.tzinfo is UTC


def frame(folder: Path, body: str) -> Path:
    path = folder / "名单.csv"
    path.write_text("评价者,行业,规模\n" + body, encoding="utf-8")
    return path


RATED = "甲,税务局,5,总体满意度,2024-01\n乙,税务局,1,总体满意度,2024-01\n"


def test_a_list_of_those_invited_makes_strata_and_counts_the_silent(tmp_path: Path) -> None:
    invited = frame(tmp_path, "甲,制造,规上\n乙,商贸,规下\n丙,制造,规上\n")
    [(wave_id, _, _)] = run(table(tmp_path, RATED), frame=invited, by=("行业", "规模")).waves
    with reading() as db:
        strata = {one.id: one for one in published.strata(db, wave_id)}
        progress = arriving.progress(db, imported(wave_id))
        bad = {
            one.name: released.figures(db, imported(wave_id), View(stratum_id=number))
            .overall[0]
            .cell.counts[0]  # type: ignore[union-attr]
            for number, one in strata.items()
        }
    with read_engine().connect() as connection:
        assert verify(connection) == []
    assert {one.name: one.invited for one in strata.values()} == {"制造 · 规上": 2, "商贸 · 规下": 1}
    assert bad == {"制造 · 规上": 0, "商贸 · 规下": 1}
    assert (progress.invited, progress.answered_of_invited) == (3, 2)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("甲,制造,规上\n", "1 个评价者不在受邀名单里：「乙」"),
        ("甲,制造,规上\n乙,,规下\n", "受邀名单里「乙」的行业是空的"),
        ("甲,制造,规上\n乙,制造,规下\n甲,制造,规上\n", "受邀名单里「甲」出现了两次"),
        ("甲,制造,规上\n乙,制造\n", "这一行有 2 列，表头有 3 列"),
        ("", "没有一家企业"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(tmp_path: Path, body: str, problem: str) -> None:
    [(_, why)] = refused(table(tmp_path, RATED), frame=frame(tmp_path, body), by=("行业", "规模"))
    assert problem in why


def test_a_list_needs_its_columns_and_a_formula_a_known_name(tmp_path: Path) -> None:
    path = table(tmp_path, RATED)
    assert "分层所在的列" in refused(path, frame=frame(tmp_path, "甲,制造,规上\n乙,制造,规上\n"))[0][1]
    assert "没有口径「百分制」" in refused(path, formula="百分制")[0][1]
    [(wave_id, _, _)] = run(path, formula="rate-with-basic").waves
    assert imported(wave_id).formula == "rate-with-basic"
