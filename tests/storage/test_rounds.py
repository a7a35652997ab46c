"""The check list before opening: one sentence for everything that could go wrong, and none without a cause."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import select

from survey.actions.answers import trials
from survey.actions.waves import drafts, lifecycle, new_waves
from survey.core.models import Department, Enterprise, Mode, Wave
from survey.core.waves.rounds import Severity, at, end_of
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.storage.waves import rounds
from tests import factories
from tests.conftest import NOW

WHO = "王经办"
pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def _public_address(sqlite_database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_BASE_URL", "https://ceping.example.gov.cn")
    monkeypatch.setenv("SURVEY_HOST_PHONE", "0816-2530000")
    get_settings.cache_clear()


def ready(**columns: object) -> int:
    """A draft like the last wave, 30 enterprises with contacts invited, tried once; some columns changed."""
    last = factories.make_wave(now=NOW - timedelta(days=90))
    factories.close(last, NOW - timedelta(days=76))
    with writing() as db:
        for one in db.exec(select(Enterprise)):
            one.contact, one.phone = "李经理", "13800000000"
        wave = drafts.copy_wave(db, last.id, NOW, WHO)
        lifecycle.invite(db, wave.id, rounds.last_invited(db, wave))
        code = trials.make_trial_code(db, wave.id, NOW, WHO)
        db.flush()
        from survey.core.answers.answers import check
        from survey.storage.waves import published

        answers = check(published.form(wave), {"d": ["none"]}, get_settings())
        trials.submit_trial(db, code, "s" * 22, {"d": ["none"]}, answers)
        for name, value in columns.items():
            setattr(wave, name, value)
        return wave.id


def found(wave_id: int, severity: Severity = Severity.CHECK, now: datetime = NOW) -> list[str]:
    with reading() as db:
        wave = db.get(Wave, wave_id)
        assert wave is not None
        return [one.sentence for one in rounds.checklist(db, wave, now) if one.severity == severity]


def test_a_round_in_order_has_nothing_to_check() -> None:
    wave_id = ready()
    assert found(wave_id) == []
    assert found(wave_id, Severity.STOP) == []
    assert found(wave_id, Severity.FINE) == [
        "2026-03-11 09:00 开始，2026-03-24 24:00 截止，共 14 天。",
        "收答卷期间公布约数：一个部门满 10 家开始，每新到 5 家更新；截止后公布准数。",
        "3 个部门参评。",
        "一企一码邀请 30 家企业。",
        "问卷、保密方式和口径与「2026 年一季度测评」相同，可以和上期比。",
        "试填过 1 份，开启时自动清除，不计入结果。",
        "二维码指向 https://ceping.example.gov.cn。",
    ]


def test_enterprises_without_contact_or_phone_are_counted_and_named() -> None:
    wave_id = ready()
    with writing() as db:
        first, second, third, fourth, *_ = db.exec(select(Enterprise).order_by(Enterprise.id))  # type: ignore[arg-type]
        first.contact, second.phone, third.phone, fourth.archived = "", "", "", True
        names = "、".join(one.name for one in (first, second, third))
    assert found(wave_id) == [
        f"3 家没有联系人或手机号：{names}。", f"1 家已归档（停用），仍在邀请名单里：{fourth.name}。"
    ]  # fmt: skip


def test_what_differs_from_the_last_wave_is_said() -> None:
    [mode, formula] = found(ready(mode=Mode.NAMED, formula="rate-with-basic"))
    assert mode.startswith("保密方式与上期不同（不记名 → 实名）")
    assert formula.startswith("口径与上期不同，趋势不可比（")


def test_another_questionnaire_and_other_departments_are_said() -> None:
    wave_id = ready()
    with writing() as db:
        wave = db.get(Wave, wave_id)
        assert wave is not None
        wave.questionnaire = wave.questionnaire | {"id": "other"}
        wave.departments = [one for one in wave.departments if one["id"] != "tax"] + [
            {"id": "hr", "name": "人社局", "category": "x", "duty": "", "name_en": ""}
        ]
    assert found(wave_id) == [
        "比上期少 1 个部门：税务局。", "比上期多 1 个部门：人社局。", "问卷与上期不同，改动过的题目不能和上期比。"
    ]  # fmt: skip


def test_days_on_which_nobody_works_are_said_with_a_better_one() -> None:
    wave_id = ready(opens_at=at(date(2026, 9, 26), time(9)), closes_at=end_of(date(2026, 10, 3)))
    assert found(wave_id) == [
        "开始那天 2026-09-26 是中秋节假期，企业多半不上班，可改到 2026-09-28（周一）。",
        "截止那天 2026-10-03 是国庆节假期，企业多半不上班，可改到 2026-10-08（周四）。",
    ]


def test_a_year_whose_holidays_are_not_known_is_said_to_be_unknown() -> None:
    wave_id = ready(closes_at=end_of(date(2099, 1, 5)))
    assert found(wave_id) == [
        "截止那天 2099-01-05 在 2099 年，系统里还没有这一年的放假安排，请自行核对是否调休。"
    ]


def test_what_cannot_open_is_a_stop() -> None:
    assert found(ready(closes_at=NOW - timedelta(days=1)), Severity.STOP) == [
        "截止时间早于开始时间，请改正其中一个。"
    ]
    past = ready(opens_at=NOW - timedelta(days=9), closes_at=NOW - timedelta(days=1))
    assert found(past, Severity.STOP) == ["截止时间 2026-03-09 10:00 已过，请改晚。"]
    with writing() as db:
        for one in db.exec(select(Department)):
            one.active = False
    assert found(past, Severity.STOP)[1:] == ["没有参评部门，请在「设置」里至少选一个。"]


def test_an_open_code_alone_a_name_taken_and_a_wave_still_going_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SURVEY_BASE_URL", "http://192.168.1.20:8500")
    monkeypatch.delenv("SURVEY_HOST_PHONE")
    get_settings.cache_clear()
    factories.make_wave(title="还在进行的一期")
    with writing() as db:
        new = new_waves.NewWave(
            "还在进行的一期", NOW + timedelta(days=1), NOW + timedelta(days=9), series="another"
        )
        wave_id = new_waves.create_wave(db, new, WHO, NOW).id
    assert found(wave_id) == [
        "还没有邀请企业：开启后邀请名单不能再加，只能靠开放扫码（未核验）。",
        "已有 1 个同名的期次，报表里会分不清，请改名。",
        "「还在进行的一期」还在进行，同一家企业会收到两个码。",
        "还没有人试填过：请用手机扫试填码走一遍。",
        "二维码指向内部地址 http://192.168.1.20:8500，企业在外面打不开：请管理员设置 SURVEY_BASE_URL。",
        "没有设置核实电话，企业疑心是诈骗时无处可问：请管理员设置 SURVEY_HOST_PHONE。",
    ]
    assert "这是第一期，没有上期可以比较。" in found(wave_id, Severity.FINE)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("http://192.168.1.20:8500", True),
        ("http://127.0.0.1:8500", True),
        ("http://localhost", True),
        ("http://survey.lan", True),
        ("https://ceping.example.gov.cn", False),
        ("http://8.8.8.8", False),
    ],
)
def test_addresses_that_work_only_inside(address: str, private: bool) -> None:
    assert rounds.is_private(address) == private
