"""Labelled demo data: two waves of 360 made-up enterprises, made through the actions like real ones."""

import json
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select
from stdnum.cn import uscc

from survey.actions import accounts, new_waves, waves
from survey.actions.passwords import made_up
from survey.actions.release import make_release, release_remarks
from survey.actions.study import study_wave
from survey.actions.submit import submit_response
from survey.core.answers import Answers, check
from survey.core.form import NONE_OF_THEM, RESPONDENTS, Form
from survey.core.models import Channel, Enterprise, Mode, Role
from survey.core.own_files import FileRefused, read_table
from survey.core.stamps import new_submission_id
from survey.settings import ROOT, get_settings
from survey.storage import people, published
from survey.storage.database import reading, transaction, writing

ENTERPRISES = 360
SEED = 20260301  # the same demo everywhere, so that documents and screenshots agree
SHOWN_CODES = 40  # codes printed by `survey demo --json`, the unused ones last
REMARKS = ROOT / "data" / "demo_remarks.csv"
REMARK_COLUMNS = ("about", "kind", "use", "text")
LOGINS = (
    (Role.OFFICER, "演示专班"), (Role.VIEWER, "演示领导"), (Role.HANDLER, "演示住建局"),
    (Role.DISCIPLINE, "演示纪检"), (Role.ADMIN, "演示管理员"), (Role.AUDITOR, "演示审计"),
)  # fmt: skip
HANDLER_OF = "construction"

INDUSTRIES = (("制造业", 0.46), ("商贸服务业", 0.34), ("建筑业", 0.20))
SIZES = (("规上", 0.38), ("规下", 0.62))
PARKS = (("东园", 0.5), ("西园", 0.5))
TRADES = {
    "制造业": ("电子", "精密机械", "新材料", "汽车零部件", "光电", "装备制造"),
    "商贸服务业": ("商贸", "物流", "信息技术", "餐饮管理", "跨境电商", "人力资源"),
    "建筑业": ("建设工程", "装饰工程", "市政工程", "建筑劳务"),
}
OFFICERS, SURNAMES = "甲乙丙丁戊己庚辛", "王李张刘陈杨黄赵吴周徐孙马朱胡林"
FIRST, SECOND = "锐恒瑞华远科博创安佳鼎明众诚嘉盛", "芯达通泰源力拓维信和丰兴晟业宏美"

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
BY_AGENCY = frozenset(range(100, 109))
IMPROVED = {"urban": 2, "approval": 1}  # departments whose second wave is mostly a step or two kinder


@dataclass
class Round:
    """One demo wave as it is being filled."""

    id: int
    form: Form
    codes: list[str]
    open_code: str
    opens_at: datetime
    days: int


def load_demo(now: datetime, progress: Callable[[int, int], None] = lambda done, of: None) -> dict[str, Any]:
    """Make the demo data in an installation that has its departments and nothing else; returns what `data/demo.json` keeps."""
    dice = random.Random(SEED)
    with writing() as db:
        db.add_all(_enterprises(dice))
    logins = [_login(role, name, now) for role, name in LOGINS]
    before = _round(dice, "2026 年上半年测评（演示数据）", now - timedelta(days=182), 21)
    _answer(dice, before, 205, before.opens_at + timedelta(days=21), 0, progress)
    with writing() as db:
        waves.close_wave(db, before.id, before.opens_at + timedelta(days=21))
    with writing() as db:
        waves.finish_wave(db, before.id, now)
    _publish(before, now)
    current = _round(dice, "2026 年下半年测评（演示数据）", now - timedelta(days=9), 21)
    _answer(dice, current, 214, now, 1, progress)
    _publish(current, now)
    settings = get_settings()
    made = {
        "public": settings.address,
        "office": f"http://127.0.0.1:{settings.office_port}",
        "wave": current.id,
        "open_code": current.open_code,
        "codes": current.codes[:SHOWN_CODES] + current.codes[-SHOWN_CODES:],
        "logins": logins,
    }
    _keep(settings.data_dir / "demo.json", made)
    return made


def _keep(path: Path, made: dict[str, Any]) -> None:
    """Write the codes and passwords readable by the owner only."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(made, ensure_ascii=False, indent=2), encoding="utf-8")


def _enterprises(dice: random.Random) -> Iterator[Enterprise]:
    for number in range(ENTERPRISES):
        industry, size, park = (_pick(dice, shares) for shares in (INDUSTRIES, SIZES, PARKS))
        word = dice.choice(FIRST) + dice.choice(SECOND)
        yield Enterprise(
            name=f"演示{number + 1:03d}·{word}{dice.choice(TRADES[industry])}有限公司",
            uscc=_made_up_uscc(number), industry=industry, size=size, park=park, key=number % 15 == 0,
            officer=f"演示专员{OFFICERS[number % len(OFFICERS)]}", contact=f"{SURNAMES[number % 16]}经理",
            phone="" if number % 12 == 5 else f"15400000{number:03d}",  # 154 was given to nobody
        )  # fmt: skip


def _made_up_uscc(number: int) -> str:
    """A well-formed code in a district number that does not exist."""
    start = f"91000000DEMA{number:05d}"
    return start + str(uscc.calc_check_digit(start))


def _pick(dice: random.Random, shares: tuple[tuple[str, float], ...]) -> str:
    return dice.choices([name for name, _ in shares], [share for _, share in shares])[0]


def _login(role: Role, name: str, now: datetime) -> dict[str, str]:
    password = made_up()
    with writing() as db:
        rated = [one.id for one in published.departments(db)]
        department = (HANDLER_OF if HANDLER_OF in rated else rated[0]) if role == Role.HANDLER else None
        accounts.add_user(db, name, role, password, now, department_id=department, demo=True)
    return {"role": role.value, "name": name, "password": password}


def _round(dice: random.Random, title: str, opens_at: datetime, days: int) -> Round:
    with writing() as db:
        everyone = list(db.exec(select(Enterprise.id)))
        dice.shuffle(everyone)
        new = new_waves.NewWave(
            title, opens_at, opens_at + timedelta(days=days), Mode.ANONYMOUS, series="demo", demo=True
        )
        wave = new_waves.create_wave(db, new)
        codes = waves.invite(db, wave.id, everyone)
        waves.open_wave(db, wave.id, opens_at)
        open_code = published.open_code(db, wave.id)
        assert open_code is not None
        return Round(wave.id, published.form(wave), list(codes.values()), open_code, opens_at, days)


def _answer(
    dice: random.Random,
    wave: Round,
    forms: int,
    until: datetime,
    kinder: int,
    progress: Callable[[int, int], None],
) -> None:
    """Send `forms` forms, spread over the days so far: most by an enterprise's code, some by the open one."""
    remarks = _remarks(dice)
    span = (until - wave.opens_at).total_seconds()
    moments = sorted(wave.opens_at + timedelta(seconds=span * dice.random() ** 1.6) for _ in range(forms))
    settings, agency = get_settings(), secrets.token_bytes(32)
    for number, moment in enumerate(moments):
        by_open_code = number % 9 == 8
        code = wave.open_code if by_open_code else wave.codes[number]
        fields = _fields(dice, wave.form, kinder, remarks)
        if number in HURRIED:
            fields = _all_the_best(wave.form, fields)
        if by_open_code:
            fields["who"] = dice.choices(list(RESPONDENTS), (6, 3, 3, 1))
        answers = check(wave.form, fields, settings, asks_who=by_open_code)
        with transaction() as db:
            submit_response(
                db, code=code, answers=answers, language="zh", now=moment,
                submission_id=new_submission_id(settings.secret, code, moment - _spent(number, answers)),
                channel=Channel.TABLET if by_open_code and number % 2 else None,
                device=agency if number in BY_AGENCY else None,
            )  # fmt: skip
        progress(number + 1, forms)


def _fields(
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


def _all_the_best(form: Form, fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same form with 非常满意 for everything."""
    met = {*fields["d"], "tax", "govservice"} & form.position.keys()
    if not met:
        return fields
    grades = {name: ["5"] for one in met for name in form.grade_fields[form.position[one]]}
    words = {name: told for name, told in fields.items() if name in ("kind", "text", "use", "about")}
    return {"d": sorted(met), **grades, **words}


def _spent(number: int, answers: Answers) -> timedelta:
    """How long the form had been open when it was sent."""
    return timedelta(seconds=4 if number in HURRIED | QUICK else 40 + 5 * len(answers.grades))


def _clamp(grade: float) -> int:
    return max(1, min(5, round(grade)))


def _remarks(dice: random.Random) -> Iterator[dict[str, str]]:
    """The made-up remarks in a random order, each once; raises `FileRefused`."""
    (_, header), *body = read_table(REMARKS, "演示留言")
    if header != list(REMARK_COLUMNS):
        raise FileRefused(f"演示留言 {REMARKS.name} 第 1 行要写 {'、'.join(REMARK_COLUMNS)}，请改正。")
    if wrong := next((line for line, row in body if len(row) != len(header)), 0):
        raise FileRefused(f"演示留言 {REMARKS.name} 第 {wrong} 行不是 {len(header)} 列，请补上或删去。")
    rows = [dict(zip(header, row, strict=True)) for _, row in body]
    dice.shuffle(rows)
    return iter(rows)


def _publish(wave: Round, now: datetime) -> None:
    with writing() as db:
        make_release(db, wave.id, now)
        release_remarks(db, wave.id)
    study_wave(wave.id, now)


def demo_info() -> dict[str, Any] | None:
    """What `survey demo` made, or None."""
    path = get_settings().data_dir / "demo.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def load_demo_when_empty(
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any] | None:
    """Demo data for an installation with no wave and no account; None where there is something already."""
    with reading() as db:
        if published.has_waves(db) or people.has_users(db):
            return demo_info()
    return load_demo(datetime.now(UTC), progress)
