"""The registry: an import shown before it happens, done whole, undone whole; edits and archive."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from survey.actions.registry import enterprises as actions
from survey.actions.registry.departments import load_departments
from survey.actions.waves import codes, lifecycle, new_waves
from survey.core.models import Enterprise, RegistryImport
from survey.core.refusals import NotAllowed
from survey.core.registry.plan import Plan
from survey.core.registry.table import read_registry
from survey.storage.accounts import people
from survey.storage.database import reading, writing
from survey.storage.registry import enterprises as registry
from survey.storage.waves.codes import held
from tests import factories
from tests.conftest import NOW
from tests.registry_lists import made_up_uscc

pytestmark = pytest.mark.usefixtures("database")
A, B, C = (made_up_uscc(number) for number in range(3))
HEADER = "企业名称,信用代码,行业,服务专员,联系人,手机号,重点企业\n"
FIRST = f"甲公司,{A},制造业,王专员,张三,13800138000,是\n乙公司,{B},服务业,李专员,李四,13900139000,否\n丙公司,,服务业,,,,\n"


def plan(body: str, header: str = HEADER) -> Plan:
    with reading() as db:
        return actions.plan_import(db, read_registry((header + body).encode(), "名单.csv"))


def run(body: str, header: str = HEADER) -> RegistryImport:
    planned = plan(body, header)
    with writing() as db:
        return actions.apply_import(db, planned, "经办人", NOW)


BOOK = ("made_by", "made_at", "renamed_by", "renamed_at")  # kept beside, see test_additions.py


def everyone() -> dict[str, dict[str, object]]:
    with reading() as db:
        return {
            one["name"]: {
                key: value for key, value in one.items() if key not in BOOK and value not in ("", None, False)
            }
            for one in registry.rows(db)
        }


def number(name: str) -> int:
    with reading() as db:
        return db.exec(select(Enterprise).where(Enterprise.name == name)).one().id


def test_a_plan_changes_nothing() -> None:
    planned = plan(FIRST)
    assert [row.values["name"] for row in planned.added] == ["甲公司", "乙公司", "丙公司"]
    assert everyone() == {}


def test_an_import_writes_what_the_plan_said() -> None:
    done = run(FIRST)
    found = everyone()
    assert [one["id"] for one in found.values()] == done.added
    assert found["甲公司"] | {"id": 0} == {
        "id": 0, "name": "甲公司", "uscc": A, "industry": "制造业", "officer": "王专员", "contact": "张三",
        "phone": "13800138000", "key": True,
    }  # fmt: skip
    assert (done.who, done.file_name, done.undone) == ("经办人", "名单.csv", False)


def test_a_second_import_updates_by_code_and_says_from_what_to_what() -> None:
    run(FIRST)
    planned = plan(
        f"甲公司（更名）,{A},,赵专员,张三,,否\n乙公司,{B},服务业,李专员,李四,13900139000,否\n丁公司,{C},,,,,\n"
    )
    [change] = planned.changed
    assert change.fields == {
        "name": ("甲公司", "甲公司（更名）"), "officer": ("王专员", "赵专员"), "key": (True, False),
    }  # fmt: skip
    assert change.told()[1] == "重点企业：是 → 否"
    assert planned.notes == ("第 2 行的信用代码在名录里属于「甲公司」，导入后改名为「甲公司（更名）」",)
    assert (len(planned.added), planned.unchanged) == (1, 1)
    with writing() as db:
        actions.apply_import(db, planned, "经办人", NOW)
    found = everyone()
    # Empty cells (industry, phone) wiped nothing out.
    assert found["甲公司（更名）"]["phone"] == "13800138000"
    assert found["甲公司（更名）"]["industry"] == "制造业"
    assert len(found) == 4


def test_the_same_file_again_changes_nothing() -> None:
    run(FIRST)
    again = plan(FIRST)
    assert again.unchanged == 3
    assert not again.does_something
    with pytest.raises(NotAllowed, match="没有要新增或更改的企业"), writing() as db:
        actions.apply_import(db, again, "经办人", NOW)


def test_enterprises_without_a_code_meet_by_exact_name_and_can_get_one() -> None:
    run(FIRST)
    planned = plan(f"丙公司,{C},服务业,,,,\n")
    assert [change.fields for change in planned.changed] == [{"uscc": (None, C)}]
    assert plan("丙公司,,制造业,,,,\n").changed[0].fields == {"industry": ("服务业", "制造业")}
    assert len(plan("丙公司分公司,,,,,,\n").added) == 1


def test_a_known_name_with_another_code_is_another_enterprise_worth_a_look() -> None:
    run(FIRST)
    planned = plan(f"甲公司,{C},,,,,\n")
    assert len(planned.added) == 1
    assert planned.notes == (f"第 2 行「甲公司」和名录里 {A} 的企业同名，将作为另一家新增",)
    with writing() as db:
        actions.apply_import(db, planned, "经办人", NOW)
    [refused] = plan("甲公司,,制造业,,,,\n").rejected
    assert refused.reason == "名录里有 2 家企业叫这个名称，请填信用代码以便区分"


def test_two_rows_for_the_same_known_enterprise_are_not_both_taken() -> None:
    run(FIRST)
    planned = plan(f"甲公司新名,{A},,,,,\n甲公司,,,新专员,,,\n")
    assert len(planned.changed) == 1
    assert [(one.line, one.reason) for one in planned.rejected] == [
        (3, "和第 2 行对应名录里的同一家企业「甲公司」")
    ]
    assert planned.rejected[0].cells[3] == "新专员"


def test_an_archived_enterprise_on_a_new_list_comes_back() -> None:
    run(FIRST)
    with writing() as db:
        actions.archive(db, number("甲公司"))
    planned = plan(FIRST)
    assert planned.changed[0].told() == ["状态：已归档 → 在册"]


def test_a_registry_changed_since_the_preview_is_looked_at_again() -> None:
    run(FIRST)
    planned = plan(f"甲公司,{A},建筑业,,,,\n")
    with writing() as db:
        actions.save_enterprise(db, number("甲公司"), {"name": "甲公司", "uscc": A, "industry": "农业"})
    with pytest.raises(NotAllowed, match="预览之后，企业名录又有改动，还没有导入"), writing() as db:
        actions.apply_import(db, planned, "经办人", NOW)
    assert everyone()["甲公司"]["industry"] == "农业"


def test_a_whole_import_can_be_undone() -> None:
    run(FIRST)
    before = everyone()
    done = run(f"甲公司新名,{A},建筑业,赵专员,,,否\n丁公司,{C},,,,,\n")
    assert everyone() != before
    with writing() as db:
        undone = actions.undo_import(db, done.id)
    assert everyone() == before
    assert undone.undone
    assert undone.changed == []  # what was before is not kept longer than needed
    with pytest.raises(NotAllowed, match="已经撤销过"), writing() as db:
        actions.undo_import(db, done.id)
    with reading() as db:
        assert registry.last_import(db) is not None  # the first one


def test_the_audit_log_tells_how_much_an_import_changed_and_from_which_file() -> None:
    run(FIRST)
    done = run(f"甲公司,{A},建筑业,赵专员,,,否\n乙公司,{B},建筑业,,,,\n丁公司,{C},,,,,\n")
    with writing() as db:
        actions.undo_import(db, done.id)
    with reading() as db:
        told = [(one.what, one.about) for one in people.audit_all(db)]
    assert told[-3:] == [
        ("导入企业名单", "导入 1：新增 3 家，更改 0 家，文件「名单.csv」"),
        ("导入企业名单", "导入 2：新增 1 家，更改 2 家，文件「名单.csv」"),
        ("撤销导入", "导入 2"),
    ]


def test_imports_are_undone_newest_first() -> None:
    first, second = run(FIRST), run(f"甲公司,{A},建筑业,,,,\n")
    with pytest.raises(NotAllowed, match="有 1 家企业（「甲公司」）在导入之后又改过"), writing() as db:
        actions.undo_import(db, first.id)
    with writing() as db:
        actions.undo_import(db, second.id)
    with writing() as db:
        actions.undo_import(db, first.id)
    assert everyone() == {}


def test_an_import_is_not_undone_over_later_edits_or_codes() -> None:
    done = run(FIRST)
    with writing() as db:
        actions.archive(db, number("乙公司"))
    with pytest.raises(NotAllowed, match="（「乙公司」）在导入之后又改过"), writing() as db:
        actions.undo_import(db, done.id)
    with writing() as db:
        actions.restore(db, number("乙公司"))
    invite(number("丙公司"))
    with pytest.raises(NotAllowed, match="（「丙公司」）已经发过测评码"), writing() as db:
        actions.undo_import(db, done.id)
    assert len(everyone()) == 3


def invite(enterprise: int) -> None:
    with writing() as db:
        load_departments(db)
        wave = new_waves.create_wave(db, new_waves.NewWave("一季度", NOW, NOW + timedelta(days=9)))
        lifecycle.invite(db, wave.id, [enterprise])


def draft() -> int:
    with writing() as db:
        load_departments(db)
        return new_waves.create_wave(db, new_waves.NewWave("一季度", NOW, NOW + timedelta(days=9))).id


def give_codes(db: Session, wave_id: int, enterprises: list[int]) -> object:
    return codes.issue_codes(db, wave_id, codes.make_codes(enterprises), NOW, "经办人")


def beside(first: Callable[[Session], object], second: Callable[[Session], object]) -> Future[object]:
    """Two transactions at once on PostgreSQL; the first ends when the second waits for it."""

    def run() -> object:
        with writing() as db:
            return second(db)

    with ThreadPoolExecutor(1) as other:
        with writing() as db:
            first(db)
            running = other.submit(run)
            while not (db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) or running.done()):
                time.sleep(0.01)
        return running


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_import_is_not_undone_under_codes_that_are_being_given() -> None:
    done, wave_id = run(FIRST), draft()
    undone = beside(
        lambda db: give_codes(db, wave_id, done.added), lambda db: actions.undo_import(db, done.id)
    )
    with pytest.raises(NotAllowed, match="已经发过测评码，不能整批撤销"):
        undone.result()
    assert len(everyone()) == 3
    with reading() as db:
        assert len(held(db, wave_id, done.added)) == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_codes_are_given_to_an_import_that_is_being_undone() -> None:
    done, wave_id = run(FIRST), draft()
    given = beside(
        lambda db: actions.undo_import(db, done.id), lambda db: give_codes(db, wave_id, done.added)
    )
    with pytest.raises(NotAllowed, match="其中 3 家企业的导入刚被撤销，没有发出任何码"):
        given.result()


def test_no_codes_are_given_to_enterprises_that_an_undone_import_took_away() -> None:
    kept = run(FIRST)
    done, wave_id = run(f"丁公司,{C},,,,,\n"), draft()
    with writing() as db:
        actions.undo_import(db, done.id)
    with pytest.raises(NotAllowed, match="其中 1 家企业的导入刚被撤销"), writing() as db:
        give_codes(db, wave_id, kept.added + done.added)
    with reading() as db:
        assert not held(db, wave_id, kept.added)


def test_an_edit_is_checked_like_an_import() -> None:
    run(FIRST)
    given = {"name": " 甲公司 ", "uscc": A.lower(), "phone": "139 0013 9000", "key": "否", "officer": ""}
    with writing() as db:
        actions.save_enterprise(db, number("甲公司"), given)
    found = everyone()["甲公司"]
    assert (found["phone"], "officer" in found, "key" in found) == ("13900139000", False, False)
    for wrong, said in (
        ({"name": "甲公司", "uscc": B}, "已属于「乙公司」"),
        ({"name": "丙公司", "uscc": ""}, "已有「丙公司」"),
        ({"name": "甲公司", "phone": "138"}, "手机号「138」有 3 位"),
        ({"name": ""}, "企业名称是空的"),
    ):
        with pytest.raises(NotAllowed, match=said), writing() as db:
            actions.save_enterprise(db, number("甲公司"), wrong)


def test_one_enterprise_can_be_added_by_hand() -> None:
    with writing() as db:
        actions.save_enterprise(db, None, {"name": "新公司", "uscc": "", "key": "是"})
    assert everyone()["新公司"]["key"]
    with pytest.raises(NotAllowed, match="名录里没有这家企业"), writing() as db:
        actions.save_enterprise(db, 9999, {"name": "别的公司"})


def test_search_filters_and_counts() -> None:
    run(FIRST)

    def found(db: Session, **search: object) -> list[str]:
        return [one.name for one in registry.page(db, registry.EnterpriseSearch(**search))]  # type: ignore[arg-type]

    with writing() as db:
        actions.archive(db, number("乙公司"))
    with reading() as db:
        assert found(db) == ["甲公司", "丙公司"]
        assert (
            found(db, text=A[4:12].lower()) == found(db, text="38001") == found(db, text="张三") == ["甲公司"]
        )
        assert found(db, text="公司 丙") == found(db, industry="服务业") == ["丙公司"]
        assert found(db, text="%") == found(db, text="_") == []
        assert found(db, key_only=True) == found(db, officer="王专员") == ["甲公司"]
        assert found(db, archived=True) == ["乙公司"]
        assert registry.how_many(db, registry.EnterpriseSearch()) == 2
        assert registry.counts(db) == registry.Counts(2, 1, 1, 1, 1)
        assert registry.choices(db)["officer"] == ["王专员"]


def test_pages_follow_one_another() -> None:
    with writing() as db:
        db.add_all(Enterprise(name=f"企业{place:02d}") for place in range(registry.PAGE + 3))
    with reading() as db:
        pages = [registry.page(db, registry.EnterpriseSearch(), one) for one in (1, 2, 3)]
    assert [len(one) for one in pages] == [registry.PAGE, 3, 0]
    assert pages[1][-1].name == "企业22"


def test_archiving_leaves_codes_and_answers_alone() -> None:
    wave = factories.make_wave(enterprises=3)
    with reading() as db:
        one = registry.page(db, registry.EnterpriseSearch())[0]
    with writing() as db:
        actions.archive(db, one.id)
    factories.submit(wave)
    with reading() as db:
        assert registry.counts(db).archived == 1
