"""A wave that invites few is opened by two: proposed by one account, agreed to by another, about the same draft."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from survey.actions.accounts import accounts
from survey.actions.registry import departments, enterprises
from survey.actions.waves import codes, drafts, lifecycle, new_waves, opening
from survey.core.accounts.access import Actor, Forbidden, acting
from survey.core.models import AuditEntry, Enterprise, Mode, Role, User, Wave, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.core.waves.rounds import Severity
from survey.running import jobs
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.storage.waves import proposals, published, rounds
from tests.actions.test_versions import together
from tests.conftest import NOW
from tests.people import account

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
A, B = "张三", "李四"


def people() -> None:
    """An office of two officers, 领导 and 纪检, and those who are never asked."""
    for role, name in (
        (Role.OFFICER, A), (Role.OFFICER, B), (Role.VIEWER, "王主任"), (Role.DISCIPLINE, "赵纪检"),
        (Role.ADMIN, "系统员"), (Role.AUDITOR, "审计员"), (Role.HANDLER, "税务经办"),
    ):  # fmt: skip
        account(role, name)


def as_account(name: str) -> Actor:
    with reading() as db:
        return Actor.of(db.exec(select(User).where(User.name == name)).one())


def draft(count: int = 12, mode: Mode = Mode.ANONYMOUS, opens_in: timedelta = DAY) -> int:
    with writing() as db:
        if not published.departments(db):
            departments.load_departments(db)
        ones = [Enterprise(name=f"甲{number}公司") for number in range(count)]
        db.add_all(ones)
        db.flush()
        new = new_waves.NewWave("小园区测评", NOW + opens_in, NOW + 14 * DAY, mode, department_ids=["tax"])
        wave = new_waves.create_wave(db, new, now=NOW)
        if ones:
            codes.issue_codes(db, wave.id, codes.make_codes([one.id for one in ones]), NOW, A)
        return wave.id


def does(name: str, step: Callable[[Session], object]) -> None:
    with acting(as_account(name)), writing() as db:
        step(db)


def propose(wave_id: int, name: str = A) -> None:
    does(name, lambda db: opening.propose(db, wave_id, NOW))


def agree(wave_id: int, name: str = B) -> None:
    does(name, lambda db: opening.agree(db, wave_id, NOW))


def opens(wave_id: int, name: str = A) -> None:
    does(name, lambda db: lifecycle.open_wave(db, wave_id, NOW, name))


def state(wave_id: int) -> str:
    with reading() as db:
        return db.get_one(Wave, wave_id).state


def told(wave_id: int) -> list[str]:
    with reading() as db:
        return [f"{one.who}：{one.detail}" for one in reversed(rounds.events(db, wave_id))]


def edited(wave_id: int) -> None:
    with reading() as db:
        wave = db.get_one(Wave, wave_id)
    new = new_waves.NewWave(
        "小园区测评", wave.opens_at, wave.closes_at + DAY, Mode(wave.mode), questionnaire=drafts.AS_BEFORE,
        department_ids=["tax"],
    )  # fmt: skip
    with writing() as db:
        drafts.edit_draft(db, wave_id, new, NOW, A)


def invites_one_more(wave_id: int) -> None:
    with writing() as db:
        more = Enterprise(name="后来的公司")
        db.add(more)
        db.flush()
        codes.issue_codes(db, wave_id, codes.make_codes([more.id]), NOW, A)


def renames_one(wave_id: int) -> None:
    with writing() as db:
        one = proposals.frame(db, wave_id)[0]
        enterprises.save_enterprise(db, one.id, {"name": "编出来的公司"})


def exchanges_all(wave_id: int) -> None:
    """As many as before, but others."""
    with writing() as db:
        count = codes.withdraw_codes(db, wave_id, NOW, A)
        others = [Enterprise(name=f"乙{number}公司") for number in range(count)]
        db.add_all(others)
        db.flush()
        codes.issue_codes(db, wave_id, codes.make_codes([one.id for one in others]), NOW, A)


def at_once(*steps: Callable[[], None]) -> list[NotAllowed]:
    """The refusals of steps that are let go at once."""
    return [one for one in together(steps) if isinstance(one, NotAllowed)]


class TestAlone:
    def test_one_account_alone_is_refused(self) -> None:
        people()
        wave = draft()
        with pytest.raises(NotAllowed, match=r"只邀请了 12 家，少于 30 家.*要另一个人同意才能开启"):
            opens(wave)
        propose(wave)
        with pytest.raises(NotAllowed, match=f"{A} 2026-03-10 10:00 提请，正等"):
            opens(wave)
        assert state(wave) == WaveState.DRAFT

    @pytest.mark.parametrize(
        ("count", "mode", "needed"),
        [(29, Mode.ANONYMOUS, True), (29, Mode.PSEUDONYMOUS, True), (1, Mode.ANONYMOUS, True),
         (30, Mode.ANONYMOUS, False), (29, Mode.NAMED, False), (0, Mode.ANONYMOUS, False)],
    )  # fmt: skip
    def test_only_where_something_is_hidden_from_a_few(self, count: int, mode: Mode, needed: bool) -> None:
        people()
        wave = draft(count, mode)
        if needed:
            with pytest.raises(NotAllowed, match="要另一个人同意"):
                opens(wave)
            return
        with pytest.raises(NotAllowed, match="不用另一个人同意"):
            propose(wave)
        opens(wave)
        assert state(wave) == WaveState.OPEN

    def test_how_few_is_a_setting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        people()
        wave = draft(12)
        monkeypatch.setenv("SURVEY_FRAME_LEAST", "12")
        get_settings.cache_clear()
        opens(wave)
        assert state(wave) == WaveState.OPEN

    def test_the_proposer_cannot_agree_and_says_so_once(self) -> None:
        people()
        wave = draft()
        propose(wave)
        with pytest.raises(NotAllowed, match="提请的人自己不能同意"):
            agree(wave, A)
        with pytest.raises(NotAllowed, match="正等"):
            propose(wave, B)


class TestTwo:
    @pytest.mark.parametrize("second", [B, "王主任", "赵纪检"])
    def test_another_officer_a_leader_or_discipline_agrees(self, second: str) -> None:
        people()
        wave = draft()
        propose(wave)
        agree(wave, second)
        with pytest.raises(NotAllowed, match=f"{second} 已经同意"):
            agree(wave, B)
        opens(wave)
        assert state(wave) == WaveState.OPEN
        assert told(wave)[-3:] == [
            f"{A}：提请开启，邀请 12 家", f"{second}：同意开启（{A} 2026-03-10 10:00 提请）",
            f"{A}：开启（{A} 提请，{second} 同意）",
        ]  # fmt: skip

    @pytest.mark.parametrize("other", ["系统员", "审计员", "税务经办"])
    def test_nobody_else_may(self, other: str) -> None:
        people()
        wave = draft()
        propose(wave)
        for step in (opening.agree, lambda db, one, now: opening.decline(db, one, "不行", now)):
            with pytest.raises(Forbidden):
                does(other, lambda db, step=step: step(db, wave, NOW))

    def test_both_stand_in_the_audit_log(self) -> None:
        people()
        wave = draft()
        propose(wave)
        agree(wave, "赵纪检")
        with reading() as db:
            found = db.exec(select(AuditEntry).where(AuditEntry.about == f"期次 {wave}")).all()
        assert [(one.who, one.what) for one in found][-2:] == [(A, "提请开启"), ("赵纪检", "同意开启")]

    def test_a_no_with_its_reason_ends_it_and_it_may_be_proposed_again(self) -> None:
        people()
        wave = draft()
        propose(wave)
        with pytest.raises(NotAllowed, match="请写明理由"):
            does("王主任", lambda db: opening.decline(db, wave, " ", NOW))
        does("王主任", lambda db: opening.decline(db, wave, "有 5 家查不到登记", NOW))
        assert told(wave)[-1] == f"王主任：不同意开启（{A} 2026-03-10 10:00 提请）。理由：有 5 家查不到登记"
        with pytest.raises(NotAllowed, match="没有等人同意的提请"):
            agree(wave)
        with pytest.raises(NotAllowed, match="请先提请开启"):
            opens(wave)
        propose(wave)
        agree(wave)
        opens(wave)


class TestLapse:
    @pytest.mark.parametrize("change", [edited, invites_one_more, renames_one, exchanges_all])
    def test_what_is_changed_afterwards_was_not_agreed_to(self, change: Callable[[int], None]) -> None:
        people()
        wave = draft()
        propose(wave)
        change(wave)
        with pytest.raises(NotAllowed, match="这次提请作废"):
            agree(wave)
        propose(wave)
        agree(wave)
        change_again = edited if change is not edited else invites_one_more
        change_again(wave)
        with pytest.raises(NotAllowed, match="要重新提请"):
            opens(wave)

    def test_what_changes_nobody_and_nothing_asked_does_not(self) -> None:
        people()
        wave = draft()
        propose(wave)
        with writing() as db:
            one = proposals.frame(db, wave)[0]
            enterprises.save_enterprise(db, one.id, {"name": "甲0 公司", "phone": "13800138000"})
            enterprises.archive(db, one.id)
        agree(wave)
        opens(wave)

    def test_a_yes_is_to_the_list_that_was_looked_at(self) -> None:
        people()
        wave = draft()
        propose(wave)
        with reading() as db:
            looked = proposals.standing(db, db.get_one(Wave, wave), NOW).state
        exchanges_all(wave)
        propose(wave)
        with pytest.raises(NotAllowed, match="草稿或邀请名单"):
            does("王主任", lambda db: opening.agree(db, wave, NOW, Seen({"state": looked})))
        assert state(wave) == WaveState.DRAFT
        with pytest.raises(NotAllowed, match="正等"):
            opens(wave)

    def test_a_draft_can_be_thrown_away_with_its_proposal(self) -> None:
        people()
        wave = draft()
        propose(wave)
        does(A, lambda db: drafts.delete_draft(db, wave))
        with reading() as db, acting(as_account("王主任")):
            assert proposals.waiting(db, NOW) == []


class TestAtOnce:
    def test_two_who_agree_at_once_are_one_yes(self) -> None:
        people()
        wave = draft()
        propose(wave)
        refused = at_once(lambda: agree(wave, B), lambda: agree(wave, "王主任"))
        assert len(refused) == 1
        assert "已经同意" in str(refused[0])
        assert sum("同意开启（" in one for one in told(wave)) == 1

    def test_a_rename_and_an_opening_at_once_open_nothing_that_was_not_agreed_to(self) -> None:
        people()
        wave = draft()
        propose(wave)
        agree(wave)
        refused = at_once(lambda: opens(wave), lambda: renames_one(wave))
        assert len(refused) == 1, (
            "either it opens and the name stays, or the name changes and it does not open"
        )
        with reading() as db:
            renamed = any(one.name == "编出来的公司" for one in proposals.frame(db, wave))
        assert renamed != (state(wave) == WaveState.OPEN)


class TestOneAccount:
    def test_an_office_of_one_opens_alone_and_says_so(self) -> None:
        account(Role.OFFICER, A)
        for role in (Role.ADMIN, Role.AUDITOR, Role.HANDLER):
            account(role)
        wave = draft()
        with reading() as db:
            [check] = [
                one for one in rounds.checklist(db, db.get_one(Wave, wave), NOW) if "虚报" in one.sentence
            ]
        assert check.severity == Severity.CHECK
        assert "没有第二个能同意的账号（营商专班、领导或纪检监察），这项保护不起作用" in check.sentence
        opens(wave)
        with reading() as db:
            [line] = [one for one in rounds.events(db, wave) if one.what == WaveStep.ALONE]
        assert "这项保护不起作用" in line.detail
        assert "12 家，少于 30 家" in line.detail

    def test_a_disabled_account_is_nobody(self) -> None:
        account(Role.OFFICER, A)
        leader = account(Role.VIEWER)
        wave = draft()
        with pytest.raises(NotAllowed, match="要另一个人同意"):
            opens(wave)
        with writing() as db:
            accounts.disable(db, leader.id)
        opens(wave)


class TestTimed:
    def test_it_is_scheduled_after_the_yes_and_opens_by_itself(self) -> None:
        people()
        wave = draft()
        with pytest.raises(NotAllowed, match="要另一个人同意"):
            does(A, lambda db: drafts.schedule(db, wave, NOW, A))
        propose(wave)
        agree(wave)
        does(A, lambda db: drafts.schedule(db, wave, NOW, A))
        jobs.run_once(NOW + DAY + timedelta(minutes=1))
        assert state(wave) == WaveState.OPEN
        assert f"系统：定时开启（{A} 提请，{B} 同意）" in told(wave)

    def test_one_that_was_changed_since_stays_shut_and_says_why(self) -> None:
        people()
        wave = draft()
        propose(wave)
        agree(wave)
        does(A, lambda db: drafts.schedule(db, wave, NOW, A))
        invites_one_more(wave)
        jobs.run_once(NOW + DAY + timedelta(minutes=1))
        assert state(wave) == WaveState.DRAFT
        assert told(wave)[-1].startswith("系统：定时开启没有成功：只邀请了 13 家，少于 30 家")
        assert "要重新提请" in told(wave)[-1]


def test_what_waits_is_shown_to_others_only_and_only_while_it_waits() -> None:
    people()
    wave = draft()
    propose(wave)
    seen = {}
    for name in (A, B, "王主任", "赵纪检"):
        with acting(as_account(name)), reading() as db:
            seen[name] = [one.wave.id for one in proposals.waiting(db, NOW)]
    assert seen == {A: [], B: [wave], "王主任": [wave], "赵纪检": [wave]}
    agree(wave)
    with acting(as_account("赵纪检")), reading() as db:
        assert proposals.waiting(db, NOW) == []
