"""企业添加簿: who made which enterprise when; and nobody becomes another enterprise behind a code that is out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from survey.actions.registry import enterprises
from survey.core.accounts.access import Actor, acting
from survey.core.models import AuditEntry, Enterprise, Invitation, Mode, RegistryImport, Role, Wave
from survey.core.refusals import NotAllowed
from survey.core.registry.table import read_registry
from survey.storage import schema
from survey.storage.database import reading, write_engine, writing
from survey.storage.registry import enterprises as reads
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from survey.web.office.guard import Identity
from tests import factories
from tests.conftest import NOW
from tests.people import account, sign_in

CODES = ("91350100M000100Y43", "91110108MA01ABCD1E")
HEAD = "企业名称,统一社会信用代码,行业\n"


def imports(path: Path, body: str, who: str = "李四", now: datetime = NOW) -> int:
    path.write_text(HEAD + body, encoding="utf-8")
    with writing() as db:
        plan = enterprises.plan_import(db, read_registry(path.read_bytes(), path.name))
        assert not plan.table.rejected
        return enterprises.apply_import(db, plan, who, now).id


def adds(name: str, who: str = "张三") -> int:
    with acting(Actor.of(account(Role.OFFICER, who))), writing() as db:
        return enterprises.save_enterprise(db, None, {"name": name}).id


def one(name: str) -> Enterprise:
    with reading() as db:
        return db.exec(select(Enterprise).where(Enterprise.name == name)).one()


def held(mode: Mode = Mode.ANONYMOUS) -> Enterprise:
    """An enterprise that holds a code of an open wave."""
    wave = factories.make_wave(mode=mode)
    with reading() as db:
        query = select(Enterprise).join(Invitation).where(Invitation.wave_id == wave.id)
        return db.exec(query.order_by(col(Enterprise.id)).limit(1)).one()


def saves(number: int, **given: str) -> Enterprise:
    with writing() as db:
        return enterprises.save_enterprise(db, number, given)


@pytest.mark.usefixtures("database")
class TestWhoMadeIt:
    def test_an_import_and_a_single_one(self, tmp_path: Path) -> None:
        imports(tmp_path / "第一批.csv", "甲公司,,制造业\n")
        before = datetime.now(UTC)
        adds("乙公司")
        assert (one("甲公司").made_by, one("甲公司").made_at) == ("李四", NOW)
        second = one("乙公司")
        assert second.made_by == "张三"
        assert second.made_at is not None
        assert before <= second.made_at <= datetime.now(UTC)
        with reading() as db:
            assert [(line.enterprise.name, line.file_name) for line in reads.book(db)] == [
                ("甲公司", "第一批.csv"), ("乙公司", ""),
            ]  # fmt: skip

    def test_later_edits_and_imports_leave_it(self, tmp_path: Path) -> None:
        imports(tmp_path / "a.csv", "甲公司,,制造业\n")
        imports(tmp_path / "b.csv", "甲公司,,建筑业\n", "王五", NOW + timedelta(days=1))
        saves(one("甲公司").id, industry="服务业", phone="13800138000")
        first = one("甲公司")
        assert (first.made_by, first.made_at, first.renamed_by) == ("李四", NOW, "")

    def test_who_made_another_enterprise_of_it_is_told_too(self, tmp_path: Path) -> None:
        imports(tmp_path / "a.csv", f"甲公司,{CODES[0]},制造业\n")
        later = NOW + timedelta(days=1)
        changed = imports(tmp_path / "b.csv", f"新甲公司,{CODES[0]},制造业\n", "王五", later)
        first = one("新甲公司")
        assert (first.made_by, first.renamed_by, first.renamed_at) == ("李四", "王五", later)
        with acting(Actor.of(account(Role.OFFICER, "赵六"))), writing() as db:
            enterprises.undo_import(db, changed)
        assert one("甲公司").renamed_by == "赵六"
        with acting(Actor.of(account(Role.OFFICER, "钱七"))):
            saves(one("甲公司").id, name="编出来的公司")
        assert one("编出来的公司").renamed_by == "钱七"

    def test_a_code_filled_in_or_a_name_written_otherwise_is_no_other(self) -> None:
        number = adds("甲（集团）公司")
        saves(number, name="甲(集团) 公司", uscc=CODES[0])
        assert one("甲(集团) 公司").renamed_by == ""


@pytest.mark.usefixtures("database")
class TestBehindACode:
    @pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.PSEUDONYMOUS])
    def test_an_enterprise_stays_who_it_is_while_its_code_is_out(self, mode: Mode) -> None:
        first = held(mode)
        with pytest.raises(
            NotAllowed, match=f"「{first.name}」.*手里有「2026 年一季度测评」的测评码，截止前不能改名称"
        ):
            saves(first.id, name="编出来的公司")
        saves(first.id, uscc=CODES[0])  # there was none
        with pytest.raises(NotAllowed, match="不能改名称和信用代码"):
            saves(first.id, uscc=CODES[1])
        with pytest.raises(NotAllowed, match="不能改名称和信用代码"):
            saves(first.id, uscc="")
        saves(first.id, phone="13800138000", contact="新联系人", industry="建筑业")
        assert one(first.name).phone == "13800138000"

    def test_nor_by_an_import_nor_by_taking_one_back(self, tmp_path: Path) -> None:
        imports(tmp_path / "a.csv", f"老甲公司,{CODES[0]},制造业\n")
        changed = imports(tmp_path / "b.csv", f"甲公司,{CODES[0]},制造业\n")
        wave = factories.make_wave()
        with writing() as db:
            code = db.exec(select(Invitation).where(col(Invitation.enterprise_id).is_not(None))).first()
            assert code is not None
            code.enterprise_id = one("甲公司").id
        with pytest.raises(NotAllowed, match=r"「甲公司」.*手里有"):
            imports(tmp_path / "c.csv", f"编出来的公司,{CODES[0]},制造业\n")
        with pytest.raises(NotAllowed, match=r"「甲公司」.*手里有"), writing() as db:
            enterprises.undo_import(db, changed)
        imports(tmp_path / "d.csv", f"甲公司,{CODES[0]},建筑业\n")
        factories.close(wave)
        imports(tmp_path / "c.csv", f"编出来的公司,{CODES[0]},制造业\n")

    def test_archiving_changes_nobody(self) -> None:
        first = held()
        with writing() as db:
            enterprises.archive(db, first.id)
        with reading() as db:
            assert reads.behind_open_codes(db)[first.id] == (first.name, "2026 年一季度测评")

    def test_a_wave_that_hides_nothing_or_is_closed_holds_nobody(self) -> None:
        saves(held(Mode.NAMED).id, name="改了名的公司")
        wave = factories.make_wave()
        with reading() as db:
            code = db.exec(select(Invitation).where(Invitation.wave_id == wave.id)).first()
            assert code is not None
            assert code.enterprise_id is not None
        factories.close(wave)
        saves(code.enterprise_id, name="截止后改名的公司")


@pytest.mark.usefixtures("database")
def test_an_upgrade_tells_what_imports_remember(tmp_path: Path) -> None:
    imports(tmp_path / "a.csv", "甲公司,,制造业\n乙公司,,制造业\n")
    adds("丙公司")
    undone = imports(tmp_path / "b.csv", "丁公司,,制造业\n", "王五")
    with writing() as db:
        enterprises.undo_import(db, undone)
    for step, revision in ((command.downgrade, "0011"), (command.upgrade, "0012")):
        config = schema._migrations()
        with write_engine().begin() as connection:
            config.attributes["connection"] = connection
            step(config, revision)
    assert [(one(name).made_by, one(name).made_at) for name in ("甲公司", "乙公司", "丙公司")] == [
        ("李四", NOW), ("李四", NOW), ("", None),
    ]  # fmt: skip
    with reading() as db:
        assert db.connection().execute(text("SELECT count(*) FROM proposal")).scalar() == 0
        assert [one.who for one in db.exec(select(RegistryImport).order_by(col(RegistryImport.id)))] == [
            "李四",
            "王五",
        ]


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR])
def test_the_book_is_a_file_and_taking_it_is_in_the_audit_log(tmp_path: Path, role: Role) -> None:
    imports(tmp_path / "=第一批.csv", f"=甲公司,{CODES[0]},制造业\n")
    adds("乙公司")
    door = Starlette(routes=office_routes(), middleware=[Middleware(Identity)])
    with TestClient(door, follow_redirects=False) as client:
        client.cookies.set(COOKIE, sign_in(role, name="拿簿子的人"))
        answer = client.get("/export/enterprises.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("企业名称,统一社会信用代码,谁添加,何时添加,来自文件")
    assert lines[1] == f"'=甲公司,{CODES[0]},李四,2026-03-10 10:00,'=第一批.csv,,,在册"
    assert lines[2].startswith("乙公司,,张三,")
    with reading() as db:
        last = db.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
        assert db.exec(select(Wave)).first() is None
    assert last is not None
    assert (last.who, last.what, last.about, last.result) == (
        "拿簿子的人", "导出", "/export/enterprises.csv", "ok",
    )  # fmt: skip
