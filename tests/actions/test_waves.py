"""A round from the last one to its closing: copied, changed, scheduled, extended, closed; refusals with reasons."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from survey.actions.waves import drafts, lifecycle, new_waves
from survey.core.clock import CHINA
from survey.core.models import Department, Enterprise, Invitation, Mode, Wave, WaveEvent, WaveState
from survey.core.refusals import NotAllowed
from survey.running import jobs
from survey.storage.answers import doors
from survey.storage.database import reading, writing
from survey.storage.waves import arriving, rounds
from tests import factories
from tests.conftest import NOW

WHO = "王经办"
DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("database")


def copied(now: datetime = NOW) -> tuple[factories.MadeWave, int]:
    """A closed wave and the draft made from it."""
    last = factories.make_wave(now=now - 90 * DAY)
    factories.close(last, now - 76 * DAY)
    with writing() as db:
        return last, drafts.copy_wave(db, last.id, now, WHO).id


def wave_of(wave_id: int) -> Wave:
    with reading() as db:
        found = db.get(Wave, wave_id)
        assert found is not None
        return found


def told(wave_id: int) -> list[str]:
    """The log as 'who what: detail', oldest first."""
    with reading() as db:
        return [f"{one.who} {one.what}: {one.detail}" for one in reversed(rounds.events(db, wave_id))]


def plan(wave: Wave, **more: object) -> new_waves.NewWave:
    """What the draft already is, with some of it changed."""
    values = {
        "title": wave.title, "opens_at": wave.opens_at, "closes_at": wave.closes_at, "mode": wave.mode,
        "formula": wave.formula, "questionnaire": drafts.AS_BEFORE,
        "department_ids": [one["id"] for one in wave.departments],
    }  # fmt: skip
    return new_waves.NewWave(**(values | more))  # type: ignore[arg-type]


class TestCopy:
    def test_a_copy_asks_the_same_of_the_same_in_the_next_period(self) -> None:
        last_id, draft_id = copied()
        last, draft = wave_of(last_id.id), wave_of(draft_id)
        for name in ("questionnaire", "mode", "formula", "series", "host_name", "demo"):
            assert getattr(draft, name) == getattr(last, name)
        assert [one["id"] for one in draft.departments] == [one["id"] for one in last.departments]
        assert (draft.state, draft.title) == (WaveState.DRAFT, "2026 年二季度测评")
        # NOW is Tuesday 10 March 2026; a copy opens on the next working day at nine, for as long as the last.
        assert draft.opens_at == datetime(2026, 3, 11, 9, tzinfo=CHINA)
        assert draft.closes_at == datetime(2026, 3, 25, tzinfo=CHINA)
        assert told(draft_id) == [f"{WHO} created: 沿用「2026 年一季度测评」"]

    def test_it_invites_nobody_yet_but_remembers_who_was_invited(self) -> None:
        last, draft_id = copied()
        with writing() as db:
            lost = db.exec(select(Invitation).where(Invitation.wave_id == last.id)).first()
            assert lost is not None
            archived = db.exec(select(Enterprise).where(Enterprise.id != lost.enterprise_id)).first()
            assert archived is not None
            lost.void, archived.archived = True, True
            lost_id, archived_id = lost.enterprise_id, archived.id
        with reading() as db:
            ids = rounds.last_invited(db, wave_of(draft_id))
            assert rounds.invited(db, draft_id) == []
        assert len(ids) == len(set(ids)) == 28
        assert not {lost_id, archived_id} & set(ids)

    def test_a_wave_that_invited_nobody_is_passed_over(self) -> None:
        last, draft_id = copied()
        with writing() as db:
            event = new_waves.create_wave(db, new_waves.NewWave("现场活动", NOW - DAY, NOW + DAY), WHO, NOW)
            lifecycle.open_wave(db, event.id, NOW, WHO)
        with reading() as db:
            draft = wave_of(draft_id)
            previous = rounds.previous_wave(db, draft)
            assert previous is not None
            assert previous.title == "现场活动"
            assert len(rounds.last_invited(db, draft)) == len(last.codes)

    def test_a_department_closed_since_is_left_out(self) -> None:
        last = factories.make_wave(now=NOW - 90 * DAY)
        with writing() as db:
            tax = db.get(Department, "tax")
            assert tax is not None
            tax.active = False
            draft = drafts.copy_wave(db, last.id, NOW, WHO)
        assert [one["id"] for one in draft.departments] == ["market", "construction"]

    def test_an_imported_table_cannot_be_copied(self) -> None:
        last = factories.make_wave()
        with writing() as db:
            db.get(Wave, last.id).imported = True  # type: ignore[union-attr]
        with pytest.raises(NotAllowed, match="没有问卷可以沿用"), writing() as db:
            drafts.copy_wave(db, last.id, NOW, WHO)


class TestDraft:
    def test_a_change_is_written_down_from_what_to_what(self) -> None:
        _, draft_id = copied()
        draft = wave_of(draft_id)
        new = plan(
            draft, title="春季测评", mode=Mode.NAMED, formula="rate-with-basic", department_ids=["tax"]
        )
        with writing() as db:
            drafts.edit_draft(db, draft_id, new, NOW, WHO)
        changed = wave_of(draft_id)
        assert (changed.title, changed.mode, len(changed.departments)) == ("春季测评", Mode.NAMED, 1)
        assert told(draft_id)[1] == (
            f"{WHO} edited: 名称由 「2026 年二季度测评」 改为 「春季测评」；保密方式由 不记名 改为 实名；"
            "口径由 非常满意 10、满意 8、基本满意 6、不满意 3、非常不满意 0，平均后乘 10 改为 满意率（含基本满意）：前三级占比；"
            "参评部门由 3 个 改为 1 个"
        )

    def test_saving_without_a_change_writes_no_line(self) -> None:
        _, draft_id = copied()
        with writing() as db:
            drafts.edit_draft(db, draft_id, plan(wave_of(draft_id)), NOW, WHO)
        assert len(told(draft_id)) == 1

    def test_what_is_open_cannot_be_edited_or_deleted(self) -> None:
        wave = factories.make_wave()
        with pytest.raises(NotAllowed, match="都已固定，不能再改"), writing() as db:
            drafts.edit_draft(db, wave.id, plan(wave_of(wave.id)), NOW, WHO)
        with pytest.raises(NotAllowed, match="不能删除"), writing() as db:
            drafts.delete_draft(db, wave.id)

    def test_a_deleted_draft_leaves_no_code_behind(self) -> None:
        _, draft_id = copied()
        with writing() as db:
            [code] = lifecycle.invite(db, draft_id, rounds.last_invited(db, wave_of(draft_id))[:1]).values()
        with writing() as db:
            assert drafts.delete_draft(db, draft_id) == "2026 年二季度测评"
        assert doors.find_code(code) is None
        with reading() as db:
            assert db.get(Wave, draft_id) is None


class TestTimed:
    def test_it_opens_by_itself_at_its_time_and_closes_at_its_time(self) -> None:
        _, draft_id = copied()
        draft = wave_of(draft_id)
        with writing() as db:
            drafts.schedule(db, draft_id, NOW, WHO)
        jobs.run_once(draft.opens_at - timedelta(seconds=1))
        assert wave_of(draft_id).state == WaveState.DRAFT
        jobs.run_once(draft.opens_at)
        opened = wave_of(draft_id)
        assert (opened.state, opened.opens_at) == (WaveState.OPEN, draft.opens_at)
        jobs.run_once(draft.closes_at + timedelta(minutes=29))
        assert wave_of(draft_id).state == WaveState.OPEN  # the grace
        jobs.run_once(draft.closes_at + timedelta(minutes=31))
        assert wave_of(draft_id).state == WaveState.CLOSED
        assert [line.split(":")[0] for line in told(draft_id)[1:]] == [
            f"{WHO} scheduled", "系统 opened", "系统 finished",
        ]  # fmt: skip

    def test_a_draft_that_is_not_timed_stays_a_draft(self) -> None:
        _, draft_id = copied()
        jobs.run_once(NOW + 5 * DAY)
        assert wave_of(draft_id).state == WaveState.DRAFT

    def test_what_cannot_open_says_so_and_does_not_stop_the_others(self) -> None:
        _, one = copied()
        with writing() as db:
            other = drafts.copy_wave(db, one, NOW, WHO).id
            drafts.edit_draft(db, other, plan(wave_of(one), title="另一期", department_ids=["tax"]), NOW, WHO)
            for draft_id in (one, other):
                drafts.schedule(db, draft_id, NOW, WHO)
        with writing() as db:
            db.get(Department, "tax").active = False  # type: ignore[union-attr]
        jobs.run_once(NOW + 2 * DAY)
        assert (wave_of(one).state, wave_of(other).state) == (WaveState.OPEN, WaveState.DRAFT)
        assert not wave_of(other).timed
        assert told(other)[-1] == "系统 refused: 定时开启没有成功：参评部门都已停用，请重新选择部门。"
        jobs.run_once(NOW + 3 * DAY)
        assert len(told(other)) == 4  # said once, not every second

    def test_a_time_that_has_passed_is_refused(self) -> None:
        _, draft_id = copied()
        with pytest.raises(NotAllowed, match="开始时间已过"), writing() as db:
            drafts.schedule(db, draft_id, NOW + 5 * DAY, WHO)

    def test_it_can_be_taken_back(self) -> None:
        _, draft_id = copied()
        with writing() as db:
            drafts.schedule(db, draft_id, NOW, WHO)
            drafts.unschedule(db, draft_id, NOW, WHO)
        jobs.run_once(NOW + 5 * DAY)
        assert wave_of(draft_id).state == WaveState.DRAFT


class TestRunning:
    def test_an_extension_is_later_has_a_reason_and_keeps_the_codes(self) -> None:
        wave = factories.make_wave(days=14)
        later = NOW + 21 * DAY
        with writing() as db:
            lifecycle.extend_wave(db, wave.id, later, "回收率偏低", NOW + DAY, WHO)
        assert wave_of(wave.id).closes_at == later
        assert told(wave.id)[-1] == (
            f"{WHO} extended: 截止由 2026-03-24 10:00 延至 2026-03-31 10:00。理由：回收率偏低"
        )
        factories.submit(wave, now=NOW + 20 * DAY)
        with reading() as db:
            assert arriving.pulse(db, wave.id, NOW).responses == 1

    @pytest.mark.parametrize(
        ("days", "reason", "why"),
        [(14, "回收率偏低", "延期只能往后"), (3, "回收率偏低", "延期只能往后"), (21, " ", "请写明理由")],
    )
    def test_an_extension_backwards_or_without_a_reason_is_refused(
        self, days: int, reason: str, why: str
    ) -> None:
        wave = factories.make_wave(days=14)
        with pytest.raises(NotAllowed, match=why), writing() as db:
            lifecycle.extend_wave(db, wave.id, NOW + days * DAY, reason, NOW + DAY, WHO)
        assert wave_of(wave.id).closes_at == NOW + 14 * DAY

    def test_nothing_over_comes_back(self) -> None:
        wave = factories.make_wave(days=14)
        in_the_grace = NOW + 14 * DAY + timedelta(minutes=5)
        with pytest.raises(NotAllowed, match="不能重新开启，也不能延期"), writing() as db:
            lifecycle.extend_wave(db, wave.id, NOW + 30 * DAY, "再收几份", in_the_grace, WHO)
        factories.close(wave, in_the_grace)
        for now in (in_the_grace + DAY, NOW):
            with pytest.raises(NotAllowed, match="不能重新开启，也不能延期"), writing() as db:
                lifecycle.extend_wave(db, wave.id, NOW + 30 * DAY, "再收几份", now, WHO)
        with pytest.raises(NotAllowed, match="看过结果再补收，结果就不可信了"), writing() as db:
            lifecycle.reopen_wave(db, wave.id)
        assert wave_of(wave.id).state == WaveState.CLOSED

    def test_closing_early_needs_a_reason_and_is_logged_with_the_planned_time(self) -> None:
        wave = factories.make_wave(days=14)
        with pytest.raises(NotAllowed, match="请写明理由"), writing() as db:
            lifecycle.close_early(db, wave.id, "", NOW + DAY, WHO)
        with writing() as db:
            lifecycle.close_early(db, wave.id, "应答企业已全部交卷", NOW + DAY, WHO)
        assert wave_of(wave.id).closes_at == NOW + DAY
        assert told(wave.id)[-1] == f"{WHO} closed: 提前截止，原定 2026-03-24 10:00。理由：应答企业已全部交卷"
        with pytest.raises(NotAllowed, match="已于 2026-03-11 10:00 截止"), writing() as db:
            lifecycle.close_early(db, wave.id, "再来一次", NOW + 2 * DAY, WHO)


def test_the_log_lists_the_newest_first_and_a_wave_writes_only_into_its_own() -> None:
    _, draft_id = copied()
    other = factories.make_wave(title="别的一期")
    with writing() as db:
        lifecycle.open_wave(db, draft_id, datetime.now(UTC).replace(year=2026, month=3, day=11), WHO)
    with reading() as db:
        assert [one.what for one in rounds.events(db, draft_id)] == ["opened", "created"]
        assert count(db) == len(told(draft_id)) + len(told(other.id)) + 3  # and the closed wave's three


def count(db: Session) -> int:
    return len(list(db.exec(select(WaveEvent))))
