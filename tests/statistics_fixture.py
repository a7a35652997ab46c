"""A made-up survey with known figures: 360 enterprises, two waves, eight departments, four dimensions."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.core.statistics.estimates import Estimates
from survey.core.statistics.influence import WITHOUT_BASIC, Survey, estimate, stack
from survey.core.statistics.weights import post_strata

FOLDER = Path(__file__).resolve().parent / "data" / "statistics_fixture"
DEPARTMENTS = ("市监", "税务", "人社", "住建", "环保", "消防", "城管", "自规")
DIMENSIONS = ("服务态度", "办事效率", "政策落实", "廉洁自律")
URBAN, TAX = DEPARTMENTS.index("城管"), DEPARTMENTS.index("税务")
COLUMNS = [(department, dimension) for department in DEPARTMENTS for dimension in DIMENSIONS]
EFFICIENCY = [[COLUMNS.index((department, "办事效率"))] for department in DEPARTMENTS]
AFTER = [[len(COLUMNS) + place for place in places] for places in EFFICIENCY]


@cache
def expected() -> dict[str, Any]:
    """Name → value and tolerance."""
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return found


@cache
def frame() -> pd.DataFrame:
    """The invited, by code."""
    return pd.read_csv(FOLDER / "frame.csv", index_col="ent")


@cache
def wide(wave: int) -> pd.DataFrame:
    """Grades by enterprise, columns as `COLUMNS`."""
    ratings = pd.read_csv(FOLDER / "ratings.csv")
    table = ratings[ratings.wave == wave].pivot(index="ent", columns="dept", values=list(DIMENSIONS))
    return table[[(dimension, department) for department, dimension in COLUMNS]].astype(np.uint8)


def survey(wave: int, *, weighted: bool = True, stratified: bool = True, finite: bool = False) -> Survey:
    """A wave's answers, weighted and stratified by industry unless said otherwise."""
    table = wide(wave)
    industry = frame().loc[table.index, "industry"]
    invited, answered = frame().industry.value_counts(), industry.value_counts()
    names = sorted(invited.index)
    return Survey(
        table.to_numpy(),
        industry.map(post_strata(invited.to_dict(), answered.to_dict())).to_numpy() if weighted else None,
        np.array([names.index(name) for name in industry]) if stratified else None,
        np.array([int(code[1:]) for code in table.index]),
        {place: answered[name] / invited[name] for place, name in enumerate(names)} if finite else None,
    )


@cache
def departments() -> Estimates:
    """满意率（前两级）of 办事效率 by department in wave 1."""
    return estimate(survey(1), EFFICIENCY, WITHOUT_BASIC)


@cache
def both_waves(weighted: bool = True) -> Estimates:
    """The same in wave 1 and, after those, in wave 2."""
    waves = (survey(wave, weighted=weighted, stratified=weighted) for wave in (1, 2))
    return estimate(stack(*waves), EFFICIENCY + AFTER, WITHOUT_BASIC)


def drift_vector() -> np.ndarray:
    """What the other departments changed, on `both_waves`."""
    others = np.full(len(DEPARTMENTS), 1 / (len(DEPARTMENTS) - 1))
    others[URBAN] = 0
    return np.concatenate([-others, others])


def change_vector() -> np.ndarray:
    """What 城管 changed, on `both_waves`."""
    own = np.eye(len(DEPARTMENTS))[URBAN]
    return np.concatenate([-own, own])


def grades(wave: int, department: str, dimension: str = "办事效率") -> pd.Series:
    """One item's grades by enterprise."""
    return wide(wave)[(dimension, department)]


def write_long(folder: Path) -> Path:
    """The ratings as the importer takes them: one row per enterprise, department, dimension."""
    table = pd.read_csv(FOLDER / "ratings.csv").melt(["wave", "ent", "dept"], DIMENSIONS, "question", "grade")
    table["wave"] = table.wave.map({1: "2025年上半年", 2: "2025年下半年"})
    path = folder / "ratings.csv"
    table.to_csv(path, index=False)
    return path
