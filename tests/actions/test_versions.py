"""Two people at once: whoever is second is told, and in no order is anything lost. On both databases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session, select

from survey.actions.accounts import accounts, passwords
from survey.actions.accounts.accounts import AccountError
from survey.actions.registry import departments, enterprises
from survey.actions.remarks import themes
from survey.actions.versions import Stale
from survey.actions.waves import codes, drafts, lifecycle, new_waves
from survey.core import editable
from survey.core.accounts.access import Actor, acting
from survey.core.models import Enterprise, Mode, Role, Theme, User, Wave, WaveState
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.storage.accounts import people
from survey.storage.database import reading, writing
from survey.storage.remarks.listed import confirmed_under
from survey.storage.waves import codes as code_reads
from tests import factories
from tests.people import PASSWORD, account

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)
GIVEN = {"name": "甲有限公司", "contact": "", "phone": "", "officer": ""}


def officer(name: str) -> Any:
    return acting(Actor.of(User(name=name, role=Role.OFFICER, password_hash="")))


def admin(name: str) -> Any:
    return acting(Actor.of(User(name=name, role=Role.ADMIN, password_hash="")))


def do(step: Callable[[Session], object]) -> Any:
    with writing() as db:
        return step(db)


def seen(values: Any) -> Seen:
    with reading() as db:
        last = people.last_entry(db)
    return Seen(values, last.id if last else 0)


def together(steps: Sequence[Callable[[], object]]) -> list[object]:
    """Each step in a thread of its own, all let go at once: its result or its refusal."""
    gate = Barrier(len(steps))

    def run(step: Callable[[], object]) -> object:
        gate.wait()
        try:
            return step()
        except (NotAllowed, AccountError) as refused:
            return refused

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


# --- enterprises ---------------------------------------------------------------------------------------


@pytest.fixture
def firm() -> Enterprise:
    found: Enterprise = do(lambda db: enterprises.save_enterprise(db, None, GIVEN))
    return found


def save(firm: Enterprise, by: str, opened: Seen | None, **changed: str) -> Seen | None:
    given = {name: getattr(firm, name) for name in GIVEN} | changed
    with officer(by):
        do(lambda db: enterprises.save_enterprise(db, firm.id, given, opened))
    return opened


def now(firm: Enterprise) -> Enterprise:
    with reading() as db:
        return db.get_one(Enterprise, firm.id)


def test_a_form_without_a_version_puts_the_old_phone_back(firm: Enterprise) -> None:
    """The control: what happened before forms said what they saw."""
    save(firm, "张三", None, phone="13800138000")
    save(firm, "李四", None, contact="王五")
    assert now(firm).phone == ""


def test_different_fields_of_one_enterprise_are_both_kept_and_told(firm: Enterprise) -> None:
    first, second = seen(editable.enterprise(firm)), seen(editable.enterprise(firm))
    save(firm, "张三", first, phone="13800138000")
    save(firm, "李四", second, contact="王五")
    assert (now(firm).phone, now(firm).contact) == ("13800138000", "王五")
    assert second.note == "您打开之后，张三改了「手机号」：（空） → 13800138000，已一并保留。"
    assert first.note == ""


def test_one_field_twice_is_asked_and_either_answer_counts(firm: Enterprise) -> None:
    opened = seen(editable.enterprise(firm))
    save(firm, "张三", opened, phone="13800138000", contact="王五")
    with pytest.raises(Stale) as stale:
        save(firm, "李四", opened, phone="13900139000")
    assert now(firm).phone == "13800138000"
    assert str(stale.value) == (
        "您打开之后，张三改了「手机号」：（空） → 13800138000。您填的还在，请选保留哪一个。\n"
        "您打开之后，张三改了「联系人」：（空） → 王五，保存时一并保留。"
    )
    [asked] = stale.value.asked
    assert (asked.name, asked.mine, asked.theirs) == ("phone", "13900139000", "13800138000")

    again = Seen(opened.values | stale.value.settled, opened.entry)  # type: ignore[operator]
    save(firm, "李四", replace(again, yielded=frozenset({"phone"})), phone="13900139000")
    assert (now(firm).phone, now(firm).contact) == ("13800138000", "王五")
    save(firm, "李四", again, phone="13900139000")
    assert (now(firm).phone, now(firm).contact) == ("13900139000", "王五")


def test_a_third_change_while_one_decides_is_asked_again(firm: Enterprise) -> None:
    opened = seen(editable.enterprise(firm))
    save(firm, "张三", opened, phone="13800138000")
    again = Seen({**opened.values, "phone": "13800138000"}, opened.entry)
    save(firm, "赵六", again, phone="13700137000")
    with pytest.raises(Stale):
        save(firm, "李四", again, phone="13900139000")
    assert now(firm).phone == "13700137000"


def test_the_same_value_twice_is_no_quarrel(firm: Enterprise) -> None:
    opened = seen(editable.enterprise(firm))
    save(firm, "张三", opened, phone="13800138000")
    save(firm, "李四", opened, phone="138 0013 8000")
    assert opened.note == ""


def test_of_many_at_once_on_one_field_exactly_one_wins(firm: Enterprise) -> None:
    numbers = [f"1380013800{place}" for place in range(6)]
    values = editable.enterprise(firm)
    results = together(
        [lambda one=one: save(firm, f"同事{one}", Seen(values), phone=one) for one in numbers]  # type: ignore[misc]
    )
    won = [number for number, result in zip(numbers, results, strict=True) if not isinstance(result, Stale)]
    assert won == [now(firm).phone]


def test_of_many_at_once_on_different_fields_all_win(firm: Enterprise) -> None:
    values = editable.enterprise(firm)
    changes = {"phone": "13800138000", "contact": "王五", "officer": "钱七", "name": "乙有限公司"}
    results = together(
        [lambda one=one: save(firm, one, Seen(values), **{one: changes[one]}) for one in changes]  # type: ignore[misc]
    )
    assert not [one for one in results if isinstance(one, Exception)]
    assert {name: getattr(now(firm), name) for name in changes} == changes


def test_an_enterprise_that_became_another_is_not_archived(firm: Enterprise) -> None:
    opened = seen(editable.enterprise(firm))
    save(firm, "张三", opened, name="乙有限公司")
    with pytest.raises(Stale, match="张三改了「企业名称」：甲有限公司 → 乙有限公司。还没有归档"):
        do(lambda db: enterprises.archive(db, firm.id, True, opened))
    assert not now(firm).archived


# --- waves ---------------------------------------------------------------------------------------------


@pytest.fixture
def draft() -> Wave:
    do(departments.load_departments)
    new = new_waves.NewWave("一季度", NOW + timedelta(days=1), NOW + timedelta(days=9))
    found: Wave = do(lambda db: new_waves.create_wave(db, new, "张三", NOW))
    return found


def chosen(wave: Wave, **changed: Any) -> new_waves.NewWave:
    ids = [one["id"] for one in wave.departments]
    return replace(
        new_waves.NewWave(wave.title, wave.opens_at, wave.closes_at, Mode(wave.mode), wave.formula, "", ids),
        **changed,
    )


def edit(wave: Wave, by: str, opened: Seen | None, **changed: Any) -> Any:
    with officer(by):
        return do(lambda db: drafts.edit_draft(db, wave.id, chosen(wave, **changed), NOW, by, opened))


def wave_now(wave: Any) -> Wave:
    with reading() as db:
        return db.get_one(Wave, wave.id)


def test_a_draft_without_a_version_loses_a_title(draft: Wave) -> None:
    """The control."""
    edit(draft, "张三", None, title="2026 年一季度测评")
    edit(draft, "李四", None, closes_at=NOW + timedelta(days=20))
    assert wave_now(draft).title == "一季度"


def test_two_officers_on_one_draft_lose_nothing(draft: Wave) -> None:
    first, second = seen(editable.wave(draft)), seen(editable.wave(draft))
    until = NOW + timedelta(days=20)
    fewer = [one["id"] for one in draft.departments][1:]
    edit(draft, "张三", first, title="2026 年一季度测评", department_ids=fewer)
    edit(draft, "李四", second, closes_at=until, mode=Mode.NAMED)
    kept = wave_now(draft)
    assert (kept.title, kept.closes_at, kept.mode) == ("2026 年一季度测评", until, Mode.NAMED)
    assert [one["id"] for one in kept.departments] == fewer
    gone = draft.departments[0]["name"]
    assert (
        f"张三改了「名称」：一季度 → 2026 年一季度测评；「参评部门」：去掉 {gone}，已一并保留。"
        in second.note
    )


def test_what_two_officers_chose_must_go_together(draft: Wave) -> None:
    first, second = seen(editable.wave(draft)), seen(editable.wave(draft))
    edit(draft, "张三", first, opens_at=NOW + timedelta(days=8))
    with pytest.raises(NotAllowed, match="截止时间要晚于开始时间"):
        edit(draft, "李四", second, closes_at=NOW + timedelta(days=5))


def test_of_many_titles_at_once_exactly_one_wins(draft: Wave) -> None:
    values = editable.wave(draft)
    titles = [f"第 {place} 种叫法" for place in range(6)]
    results = together(
        [lambda one=one: edit(draft, one, Seen(values), title=one) for one in titles]  # type: ignore[misc]
    )
    assert [one for one, result in zip(titles, results, strict=True) if isinstance(result, Wave)] == [
        wave_now(draft).title
    ]
    assert sum(isinstance(one, Stale) for one in results) == len(titles) - 1


STEPS: dict[str, Callable[[Session, Wave, Seen], object]] = {
    "open": lambda db, wave, seen: lifecycle.open_wave(db, wave.id, NOW, "李四", seen),
    "schedule": lambda db, wave, seen: drafts.schedule(db, wave.id, NOW, "李四", seen),
    "delete": lambda db, wave, seen: drafts.delete_draft(db, wave.id, seen),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_about_the_draft_that_was_seen(draft: Wave, step: str) -> None:
    opened = seen(editable.wave(draft, 0))
    until = NOW + timedelta(days=20)
    edit(draft, "张三", seen(editable.wave(draft)), closes_at=until)
    with pytest.raises(Stale, match="张三改了「截止」") as stale:
        do(lambda db: STEPS[step](db, draft, opened))
    assert (wave_now(draft).state, wave_now(draft).timed) == (WaveState.DRAFT, False)
    do(lambda db: STEPS[step](db, draft, Seen({**opened.values, **stale.value.settled})))


def test_opening_tells_that_somebody_was_invited_meanwhile(draft: Wave) -> None:
    firm = do(lambda db: enterprises.save_enterprise(db, None, GIVEN))
    opened = seen(editable.wave(draft, 0))
    do(lambda db: codes.issue_codes(db, draft.id, codes.make_codes([firm.id]), NOW, "张三"))
    with pytest.raises(Stale, match="「邀请的企业」：0 家 → 1 家"):
        do(lambda db: lifecycle.open_wave(db, draft.id, NOW, "李四", opened))
    with pytest.raises(Stale, match="还没有撤回"):
        do(lambda db: codes.withdraw_codes(db, draft.id, NOW, "李四", Seen({"invited": 0})))


def test_an_extension_and_an_early_end_are_about_the_closing_that_was_seen() -> None:
    wave = wave_now(factories.make_wave(now=NOW))
    opened = seen(editable.wave(wave))
    later = [wave.closes_at + timedelta(days=days) for days in (7, 14)]
    with officer("张三"):
        do(lambda db: lifecycle.extend_wave(db, wave.id, later[1], "回收率低", NOW, "张三", opened))
    with pytest.raises(Stale, match="张三改了「截止」"):
        do(lambda db: lifecycle.extend_wave(db, wave.id, later[0], "回收率低", NOW, "李四", opened))
    with pytest.raises(Stale, match="期次还没有截止"):
        do(lambda db: lifecycle.close_early(db, wave.id, "都交了", NOW, "李四", opened))
    assert wave_now(wave).closes_at == later[1]


# --- codes ---------------------------------------------------------------------------------------------


def test_cards_that_tell_an_old_date_are_not_issued(draft: Wave) -> None:
    firm = do(lambda db: enterprises.save_enterprise(db, None, GIVEN))
    printed, opened = Seen(editable.printed(draft)), seen(editable.wave(draft))
    edit(draft, "张三", opened, closes_at=NOW + timedelta(days=20))
    with pytest.raises(Stale, match="没有发出任何码"):
        do(lambda db: codes.issue_codes(db, draft.id, codes.make_codes([firm.id]), NOW, "李四", seen=printed))


def test_a_code_replaced_by_two_at_once_is_replaced_once(draft: Wave) -> None:
    firms = [
        do(lambda db, n=n: enterprises.save_enterprise(db, None, {"name": n})) for n in ("甲公司", "乙公司")
    ]
    ids = [one.id for one in firms]
    do(lambda db: codes.issue_codes(db, draft.id, codes.make_codes(ids), NOW, "张三"))
    with reading() as db:
        opened = {"codes": code_reads.held(db, draft.id, ids)}
    results = together(
        [lambda: do(lambda db: codes.reissue_codes(db, draft.id, ids, NOW, "李四", seen=Seen(opened)))] * 3
    )
    assert sum(isinstance(one, dict) for one in results) == 1
    assert "「测评码」：2 家的已换过或作废" in str(next(one for one in results if isinstance(one, Stale)))


# --- accounts and themes -------------------------------------------------------------------------------


@pytest.fixture
def clerk() -> User:
    account(Role.ADMIN, "总管")
    return account(Role.VIEWER, "小周")


def as_shown(user: User) -> Seen:
    with reading() as db:
        values = editable.account(db.get_one(User, user.id), accounts.department_names(db))
    return seen(values)


def test_role_and_last_day_changed_by_two_are_both_kept(clerk: User) -> None:
    first, second = as_shown(clerk), as_shown(clerk)
    day = (NOW + timedelta(days=30)).date()
    with admin("甲"):
        do(lambda db: accounts.change_user(db, clerk.id, Role.HANDLER, NOW, "tax", None, first))
    with admin("乙"):
        do(lambda db: accounts.change_user(db, clerk.id, Role.VIEWER, NOW, None, day, second))
    with reading() as db:
        kept = db.get_one(User, clerk.id)
    assert (kept.role, kept.department_id, kept.expires_on) == (Role.HANDLER, "tax", day)
    assert "甲改了「角色」：领导 → 部门经办人（税务局）" in second.note
    with admin("乙"), pytest.raises(Stale, match="请选保留哪一个"):
        do(lambda db: accounts.change_user(db, clerk.id, Role.OFFICER, NOW, None, day, second))


def test_a_password_just_handed_over_is_not_made_useless(clerk: User) -> None:
    opened = as_shown(clerk)
    results = together([lambda: do(lambda db: accounts.reset_password(db, clerk.id, NOW, opened))] * 3)
    given = [one for one in results if isinstance(one, str)]
    assert len(given) == 1
    with reading() as db:
        assert passwords.hasher().verify(given[0], db.get_one(User, clerk.id).password_hash)
    with pytest.raises(Stale, match="「密码」：已重设。还没有停用"):
        do(lambda db: accounts.disable(db, clerk.id, opened))
    with pytest.raises(Stale, match="还没有启用"):
        do(lambda db: accounts.enable(db, clerk.id, opened))


def test_two_administrators_who_disable_each_other_leave_one() -> None:
    one, other = account(Role.ADMIN, "甲"), account(Role.ADMIN, "乙")

    def disable(user: User, by: str) -> None:
        with admin(by):
            do(lambda db: accounts.disable(db, user.id))

    together([lambda: disable(one, "乙"), lambda: disable(other, "甲")])
    with reading() as db:
        assert db.exec(select(User.id).where(User.role == Role.ADMIN, ~User.disabled)).all()  # type: ignore[operator]


def test_of_two_new_passwords_of_ones_own_the_second_is_told(clerk: User) -> None:
    def change(new: str) -> None:
        accounts.change_own_password(clerk.id, PASSWORD, new, NOW, b"x")

    results = together([lambda: change("Quick-Otter-81"), lambda: change("Loud-Badger-92")])
    assert sum(isinstance(one, AccountError) for one in results) == 1


def words_of(label: str) -> list[str]:
    with reading() as db:
        return db.get_one(Theme, label).words


def test_words_and_name_of_a_theme_changed_by_two_are_both_kept() -> None:
    do(lambda db: themes.add_theme(db, "等待", "排队、太慢"))
    opened = seen(editable.theme("等待", ["排队", "太慢"]))
    with officer("张三"):
        do(lambda db: themes.change_theme(db, "等待", "等待", "排队、太慢、久等", opened))
    with pytest.raises(Stale, match="请选保留哪一个"):
        do(lambda db: themes.change_theme(db, "等待", "等待", "排队", opened))
    do(lambda db: themes.change_theme(db, "等待", "等候", "排队、太慢", opened))
    assert words_of("等候") == ["排队", "太慢", "久等"]
    with reading() as db:
        count = confirmed_under(db, "等候")
    stale = Seen({**opened.values, "label": "等候", "confirmed": count})
    with pytest.raises(Stale, match="还没有删除"):
        do(lambda db: themes.remove_theme(db, "等候", stale))


def test_of_many_word_lists_at_once_exactly_one_wins() -> None:
    do(lambda db: themes.add_theme(db, "等待", "排队"))
    values = editable.theme("等待", ["排队"])
    lists = [f"排队、词{place}" for place in "甲乙丙丁"]
    results = together(
        [
            lambda one=one: do(lambda db: themes.change_theme(db, "等待", "等待", one, Seen(values)))
            for one in lists
        ]  # type: ignore[misc]
    )
    won = [one for one, result in zip(lists, results, strict=True) if not isinstance(result, Stale)]
    assert won == ["、".join(words_of("等待"))]


def test_a_theme_that_is_gone_is_said_when_it_is_taken_back() -> None:
    with suppress(Stale), pytest.raises(NotAllowed, match="可能刚被改名"):
        do(lambda db: themes.take_back_theme(db, b"x" * 16, "没有的"))
