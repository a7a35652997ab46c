"""体检: each sign by itself, and what it makes of the verdict."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from survey.core.answers.response_quality import longest_run, straight_lined, variation
from survey.core.statistics.turnout import Balance, Shift, Turnout
from survey.core.study.trust import Evidence, Verdict, examine

SOUND = Evidence(counts=(3, 7, 40, 100, 50), turnout=Turnout("全部", 300, 200), balance=Balance(0.9, 0.05))


def reasons(evidence: Evidence) -> str:
    return "；".join(one.why for one in examine(evidence).findings)


def test_a_sound_department_is_trusted() -> None:
    assert examine(SOUND).verdict is Verdict.TRUSTED
    assert Verdict.TRUSTED.text == "可信"


@pytest.mark.parametrize(
    ("change", "verdict", "why"),
    [
        ({"counts": (1, 1, 5, 12, 10)}, Verdict.UNRANKED, "只有 29 家评价"),
        ({"counts": (1, 0, 0, 0, 199)}, Verdict.UNRANKED, "99.5% 的评价是最高一档，分数已到顶"),
        ({"counts": (2, 2, 4, 9, 183)}, Verdict.CAREFUL, "92% 的评价是最高一档"),
        ({"counts": (0, 0, 20, 50, 30)}, Verdict.CAREFUL, "100 家中没有差评，只能说明差评率大致不超过 3%"),
        ({"straight": 60}, Verdict.CAREFUL, "30% 的答卷从头到尾打同一档"),
        ({"fast": 20}, Verdict.CAREFUL, "200 家中约 20 家填得过快"),
        ({"fast": 20, "burst": 30}, Verdict.UNRANKED, "200 家中约 20 家填得过快、200 家中约 30 家在短时间内集中到达"),
        ({"open_counts": (20, 40, 20, 15, 5)}, Verdict.CAREFUL, "明显高于开放扫码，相差 55 个百分点"),
        ({"turnout": Turnout("全部", 500, 200)}, Verdict.CAREFUL, "只有 40% 作答"),
        ({"turnout": Turnout("全部", 2000, 200)}, Verdict.UNRANKED, "只有 10% 作答"),
        ({"shift": Shift(80.0, 77.5)}, Verdict.CAREFUL, "加权后变动 2.5 个百分点"),
        ({"balance": Balance(0.6, 0.4)}, Verdict.CAREFUL, "作答比例相差较大"),
    ],
)  # fmt: skip
def test_each_sign_lowers_the_verdict_and_says_why(
    change: dict[str, object], verdict: Verdict, why: str
) -> None:
    evidence = replace(SOUND, **change)  # type: ignore[arg-type]
    assert examine(evidence).verdict is verdict
    assert why in reasons(evidence)


def test_just_inside_every_threshold_nothing_is_said() -> None:
    inside = replace(
        SOUND, straight=59, fast=19, burst=19, turnout=Turnout("全部", 400, 200), shift=Shift(80, 78.1)
    )
    assert examine(inside).findings == ()


def test_the_gravest_reason_stands_first() -> None:
    found = examine(replace(SOUND, counts=(0, 0, 0, 0, 40)))
    assert found.verdict is Verdict.UNRANKED
    assert [one.verdict for one in found.findings] == [Verdict.UNRANKED, Verdict.CAREFUL]


def test_open_answers_alone_rank_nobody() -> None:
    found = examine(Evidence(counts=(0, 0, 0, 0, 0), open_counts=(1, 2, 30, 60, 7)))
    assert found.verdict is Verdict.UNRANKED
    assert "开放扫码" in found.findings[0].why


def test_runs_and_variation_of_four_forms() -> None:
    forms = np.array(
        [
            [5, 5, 5, 5, 5, 5, 5, 5],
            [5, 4, 4, 3, 5, 2, 4, 5],
            [1, 1, 1, 5, 5, 5, 5, 2],
            [3, 4, 3, 4, 3, 4, 3, 4],
        ],
        np.uint8,
    )
    assert longest_run(forms).tolist() == [8, 2, 4, 1]
    assert variation(forms) == pytest.approx([0, 1.06904497, 2.0310096, 0.53452248])
    assert straight_lined(forms).tolist() == [True, False, False, False]


def test_a_short_form_of_one_grade_is_not_called_straight_lined() -> None:
    assert not straight_lined(np.array([[5, 5, 5, 5, 5, 0, 0, 0]], np.uint8))[0]
    assert straight_lined(np.array([[5, 5, 5, 5, 5, 0, 0, 5]], np.uint8))[0]


@given(arrays.arrays(np.uint8, (7, 9), elements={"min_value": 0, "max_value": 5}))
def test_leaving_items_out_neither_breaks_nor_lengthens_a_run(forms: np.ndarray) -> None:
    for row, run in zip(forms, longest_run(forms), strict=True):
        given_grades = row[row > 0]
        longest = max((len(list(part)) for part in _runs(given_grades)), default=0)
        assert run == longest


def _runs(row: np.ndarray) -> list[np.ndarray]:
    return np.split(row, np.flatnonzero(np.diff(row.astype(int))) + 1) if len(row) else []
