"""Role × object × action: whoever may not, cannot, at every door and below it."""

import ast
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from survey.core.accounts.access import PROTECTED, Actor, Forbidden, Right, acting
from survey.core.clock import china_day
from survey.core.models import AuditEntry, Case, Role, User
from survey.storage.accounts import people
from survey.storage.database import reading, writing
from survey.storage.figures import released
from survey.storage.ledger import cases
from survey.storage.remarks import listed
from survey.storage.waves import published
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from survey.web.office.guard import Identity
from tests.conftest import NOW
from tests.factories import make_wave, release, submit
from tests.people import account, sign_in

A, P, H, D, V, U = Role.ADMIN, Role.OFFICER, Role.HANDLER, Role.DISCIPLINE, Role.VIEWER, Role.AUDITOR
# Written by hand from who these people are, not from the table in `core.accounts.access`.
HOLDERS = {
    Right.FIGURES: {A, P, V}, Right.OWN_FIGURES: {H}, Right.ROUNDS: {P}, Right.CASES: {P}, Right.OWN_CASES: {H},
    Right.CONSENT: {P, V, D}, Right.INTEGRITY: {D}, Right.ROWS: {P}, Right.ACCOUNTS: {A}, Right.AUDIT: {U}, Right.SYSTEM: {A},
}  # fmt: skip
# What takes a session and yet asks nobody's right: who calls it, and why that is safe.
OPEN_TO_ALL = {
    "by the public door, names nobody": {
        "actions.answers.submit.submit_response", "actions.answers.submit.store_submissions", "actions.answers.submit.store_claims", "actions.answers.signs.judge", "storage.answers.devices.count_uses",
        "actions.answers.trials.submit_trial", "actions.answers.on_behalf.confirm", "storage.answers.doors.wave_page",
        "storage.ledger.cases.case_by_receipt", "storage.accounts.people.screen_by_token",
    },
    "by the jobs, the command line and actions that have asked already": {
        "actions.figures.release.make_final_release", "storage.figures.released.sealed_release", "storage.answers.devices.repeated",
        "storage.study.materials.of_answers", "storage.study.materials.material",
        "actions.figures.release.make_release", "actions.figures.release.release_remarks", "actions.waves.new_waves.chosen",
        "actions.figures.study.due", "storage.study.materials.gather", "storage.study.materials.previous", "storage.study.studies.computed", "storage.study.studies.keep",
        "storage.study.samples.read_sample",
        "actions.waves.log.log", "actions.waves.second.need_second", "actions.waves.lifecycle.as_seen", "actions.versions.merge", "actions.versions.unmoved", "actions.accounts.accounts.department_names", "actions.waves.new_waves.rated", "actions.waves.lifecycle.discard_trials", "actions.waves.lifecycle.due_to_finish", "actions.waves.lifecycle.finish_wave",
        "actions.waves.lifecycle.in_state", "actions.waves.lifecycle.reopen_wave", "actions.waves.drafts.due_to_open", "actions.waves.drafts.open_timed",
        "actions.waves.reminders.without_list", "actions.waves.reminders.draw_up_list", "actions.registry.departments.load_departments",
        "actions.intake.turn.clear_unfinished_imports", "actions.accounts.audit.record", "actions.accounts.audit.verify_chain",
        "actions.accounts.audit.pool", "actions.accounts.audit.settle", "actions.accounts.accounts.end_sign_ins", "actions.accounts.accounts.find", "storage.figures.released.without_final",
        "storage.waves.monitor.invited", "storage.waves.monitor.answered", "storage.waves.monitor.outstanding",
        "storage.waves.codes.sealed_at", "storage.registry.enterprises.lock", "storage.waves.fingerprint.compute",
        "storage.jobs.states", "storage.jobs.note_failure", "storage.jobs.note_mended", "storage.jobs.note_successes", "storage.study.studies.failed",
        "storage.leases.take_lease", "storage.leases.give_back", "storage.accounts.people.last_entry",
        "storage.waves.verification.read_matrix", "storage.waves.verification.verify", "storage.bulk.load_rows",
        "storage.bulk.insert_at_once", "storage.answers.tallies.insert_into", "storage.answers.tallies.count_responses",
        "storage.answers.tallies.count_respondents", "storage.answers.tallies.count_signs", "storage.answers.tallies.regroup", "storage.leases.is_due", "storage.leases.plan",
        "actions.waves.blurring.hide_few", "actions.waves.keys.make_key", "actions.waves.keys.refuse_destroyed",
        "actions.waves.keys.refuse_lost_keys", "actions.waves.new_waves.refuse_destroyed_key", "storage.answers.tallies.count_remarked", "storage.answers.tallies.forget_remarked", "storage.database.after_commit", "storage.answers.tallies.read", "storage.figures.released.latest_release",
    },
    "about oneself, or before anyone is known": {
        "actions.accounts.sessions.release", "storage.accounts.people.user_by_login", "storage.accounts.people.demo_logins",
        "storage.accounts.people.has_users", "storage.waves.published.has_waves",
    },
    "counts of forms and names of filters, on pages that have asked already": {
        "storage.waves.arriving.came", "storage.answers.tallies.count_imported",
        "storage.waves.arriving.pulse", "storage.waves.published.default_source", "storage.waves.published.part_names",
    },
}  # fmt: skip
TOMORROW = china_day(NOW) + timedelta(days=1)  # of what came in today a department reads nothing yet
SRC = Path(__file__).resolve().parents[1] / "src" / "survey"


def functions_with_a_session() -> Iterator[str]:
    """Every public function of actions and storage whose first argument is a session or connection."""
    for room in ("actions", "storage"):
        for file in sorted((SRC / room).rglob("*.py")):
            at = ".".join(file.relative_to(SRC).with_suffix("").parts)
            if ".migrations." in at:  # scripts of Alembic's, which only it can load
                continue
            module = import_module(f"survey.{at}")
            for name, one in vars(module).items():
                own = (
                    inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
                )
                if own and next(iter(inspect.signature(one).parameters), "") == "db":
                    yield f"{at}.{name}"


def test_every_action_and_read_asks_for_a_right_or_says_why_not() -> None:
    excused = set().union(*OPEN_TO_ALL.values())
    found = set(functions_with_a_session())
    assert len(found) > 150
    asked = {name.removeprefix("survey.") for name in PROTECTED}
    assert found - asked - excused == set()
    assert excused - found == set(), "no longer there"
    assert excused & asked == set(), "asks by now"


PIECES = {"fragment", "dialog", "experimental_fragment", "experimental_dialog"}  # what Streamlit runs alone
ROOT = SRC.parents[1]


def pieces_of_their_own(source: str) -> list[str]:
    """Uses of Streamlit's own pieces, under whatever name they came in."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in PIECES and ast.unparse(node.value) != "access":
            found.append(ast.unparse(node))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streamlit"):
            found += [name.name for name in node.names if name.name in PIECES]
    return found


def test_pieces_that_run_alone_ask_again_who_is_signed_in() -> None:
    files = [*SRC.rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    found = {path.name for path in files if pieces_of_their_own(path.read_text("utf-8"))}
    assert found == {"access.py"}
    for naked in (
        "@st.fragment\ndef f(): ...",
        "from streamlit import dialog",
        "st.fragment(f, run_every=1)",
    ):
        assert pieces_of_their_own(naked)


def test_the_rights_are_held_by_whom_they_should() -> None:
    for right, holders in HOLDERS.items():
        assert {
            role for role in Role if right in Actor.of(User(name="", role=role, password_hash="")).rights
        } == holders
    assert set(HOLDERS) == set(Right)


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("name", sorted(PROTECTED))
def test_actions_and_reads_refuse_whoever_lacks_the_right(name: str, role: Role | None) -> None:
    function, who = _function(name), Actor("nobody")
    if role is not None:
        who = Actor.of(User(name="x", role=role, password_hash="", department_id="tax"))
    allowed = role is not None and any(role in HOLDERS[right] for right in PROTECTED[name])
    arguments = [None] * sum(
        one.default is one.empty for one in inspect.signature(function).parameters.values()
    )
    refused = False
    with acting(who):
        try:
            function(*arguments)
        except Forbidden:
            refused = True
        except Exception:  # let in, and it had nothing to work with
            refused = False
    assert refused != allowed


# --- role × object: what each sees of what is there ----------------------------------------------------


@pytest.fixture
def full(sqlite_database: Path) -> int:
    """A wave with figures and remarks of two departments, cases of both and an integrity matter."""
    wave = make_wave()
    for number in range(10):
        submit(wave, {"tax": 2, "market": 4}, t__tax=f"税务留言 {number}", t__market=f"市场留言 {number}")
    for about in ("tax", "market"):
        submit(wave, {about: 4}, text=f"帮办 {about}", kind="request", about=about, use="help")
    release(wave)
    with writing() as db:
        [one, *_] = db.exec(select(Case).where(Case.department_id == "tax")).all()
        db.add(Case(**one.model_dump(exclude={"id", "text", "receipt_hash"}, warnings=False) | {
            "id": bytes(16), "text": "廉洁 tax", "receipt_hash": bytes(32), "integrity": True}))  # fmt: skip
    return wave.id


def acting_as(role: Role, department_id: str | None = None) -> Any:
    return acting(Actor.of(User(name="x", role=role, password_hash="", department_id=department_id)))


CASES = {
    P: {"帮办 tax", "帮办 market"}, H: {"帮办 tax"}, D: {"廉洁 tax"},
    A: None, V: None, U: None,
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_cases_are_seen_by_whom_they_concern(full: int, role: Role) -> None:
    with acting_as(role, "tax"), reading() as db:
        if CASES[role] is None:
            with pytest.raises(Forbidden):
                cases.cases(db, full, TOMORROW)
        else:
            assert {one.text for one in cases.cases(db, full, TOMORROW)} == CASES[role]


@pytest.mark.parametrize("role", [A, P, V, H])
def test_a_department_sees_its_own_figures_and_remarks_only(full: int, role: Role) -> None:
    expected = {"tax"} if role == H else {"tax", "market", "construction"}
    with acting_as(role, "tax"), reading() as db:
        wave = published.wave(db, full)
        assert wave is not None
        assert {row.department_id for row in released.figures(db, wave)} == expected
        for asked in (None, "market", "tax"):
            seen = {one.department_id for one in listed.released(db, full, asked)}
            assert seen <= expected
        assert seen


def test_a_handler_without_a_department_sees_nothing(full: int) -> None:
    with acting_as(H), reading() as db:
        wave = published.wave(db, full)
        assert wave is not None
        assert not released.figures(db, wave).rows
        assert not listed.released(db, full)
        assert not cases.cases(db, full, TOMORROW)


# --- role × address ------------------------------------------------------------------------------------

ANYONE, SIGNED_IN = object(), set(Role)
ADDRESSES: dict[str, Any] = {
    "/dashboard": {A, P, V}, "/department": {A, P, V, H}, "/compare": {A, P, V}, "/trend": {A, P, V, H},
    "/priorities": {A, P, V, H}, "/trust": {A, P, V, H}, "/remarks": {A, P, V, H}, "/method": {A, P, V, H},
    "/invite": {A, P, V}, "/enterprises": {P}, "/waves": {P},
    "/codes": {P}, "/monitor": {A, P, V}, "/entry": {P}, "/cases": {P, H, D}, "/screens": {P}, "/accounts": {A}, "/doctor": {A},
    "/audit": {U}, "/export/audit.csv": {U}, "/export/enterprises.csv": {P, U},
    "/preview/{wave:int}": {A, P, V}, "/project/{wave:int}": {A, P, V}, "/project/{wave:int}/count": {A, P, V},
    "/export/{wave:int}/ratings.csv": {P}, "/export/{wave:int}/reminders.xlsx": {P},
    "/codes/{wave:int}/bundle/{name}.zip": {P}, "/codes/{wave:int}/poster.pdf": {A, P, V},
    "/codes/{wave:int}/voucher.pdf": {P}, "/entry/{wave:int}": {P},
    **{f"/export/{{wave:int}}/{file}": {A, P, V} for file in (
        "report.xlsx", "briefing.docx", "summary.csv", "statistics.csv", "remarks.csv", "reasons.csv", "arrivals.csv", "codebook.csv",
    )},
    "/": SIGNED_IN, "/password": SIGNED_IN,
    **dict.fromkeys(
        ("/login", "/logout", "/session", "/office/{name}", "/favicon.png", "/old-browser", "/screen/{token}", "/metrics"), ANYONE
    ),
}  # fmt: skip


def test_every_address_of_the_office_stands_in_the_table() -> None:
    assert {getattr(route, "path", "") for route in office_routes()} == set(ADDRESSES)


@pytest.fixture(scope="module")
def office() -> Iterator[TestClient]:
    door = Starlette(routes=office_routes(), middleware=[Middleware(Identity)])
    with TestClient(door, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("role", [*Role, None])
def test_addresses_open_for_their_roles_only(full: int, office: TestClient, role: Role | None) -> None:
    office.cookies.clear()
    if role is not None:
        office.cookies.set(COOKIE, sign_in(role))
    wrong = []
    for address, allowed in ADDRESSES.items():
        if address == "/logout":
            continue
        path = address.replace("{wave:int}", str(full)).replace("{name}", "x").replace("{token}", "x")
        answer = office.get(path)
        asked_to_sign_in = answer.headers.get("location", "").startswith("/login")
        if allowed is ANYONE:
            good = answer.status_code != 403 and not asked_to_sign_in
        elif role is None:
            good = asked_to_sign_in
        else:
            good = (answer.status_code == 403) == (role not in allowed) and not asked_to_sign_in
        if not good:
            wrong.append((path, answer.status_code))
    assert wrong == [(f"/export/{full}/ratings.csv", 403)] * (role == P), (
        "a 不记名 wave gives nobody single answers"
    )


def test_a_refusal_is_a_clean_page_and_an_audit_entry(full: int, office: TestClient) -> None:
    office.cookies.set(COOKIE, sign_in(Role.VIEWER, name="好奇的人"))
    answer = office.get(f"/export/{full}/reminders.xlsx?officer=x")
    assert answer.status_code == 403
    assert "您的账号没有这项权限" in answer.text
    with reading() as db:
        last = people.last_entry(db)
    assert last is not None
    assert (last.who, last.what, last.result) == ("好奇的人", "访问", "refused")
    assert last.about == f"/export/{full}/reminders.xlsx?officer=x"


def test_an_export_is_an_audit_entry(full: int, office: TestClient) -> None:
    office.cookies.set(COOKIE, sign_in(Role.VIEWER, name="领导甲"))
    assert office.get(f"/export/{full}/summary.csv?source=verified").status_code == 200
    with reading() as db:
        entries = db.exec(select(AuditEntry).where(AuditEntry.what == "导出")).all()
    assert [(one.who, one.about, one.result) for one in entries] == [
        ("领导甲", f"/export/{full}/summary.csv?source=verified", "ok")
    ]


def test_another_role_counts_from_the_next_click(full: int, office: TestClient) -> None:
    user, token = account(Role.VIEWER, "调岗的人"), ""
    from survey.actions.accounts import accounts, sessions
    from tests.people import PASSWORD

    token = sessions.sign_in(user.name, PASSWORD, datetime.now(UTC)).token
    office.cookies.set(COOKIE, token)
    assert office.get("/dashboard").status_code == 200
    with writing() as db:
        accounts.change_user(db, user.id, Role.AUDITOR, datetime.now(UTC))
    assert office.get("/dashboard").status_code == 403
    assert office.get("/audit").status_code == 200
    with writing() as db:
        accounts.disable(db, user.id)
    assert office.get("/audit").headers["location"].startswith("/login")
