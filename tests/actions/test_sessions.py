"""Signing in: five wrong ones stop a guesser, nobody locks anyone else out, sign-ins end when they should."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pwdlib import PasswordHash
from sqlmodel import select

from survey.actions.accounts import accounts, audit, passwords, sessions
from survey.actions.accounts.accounts import AccountError
from survey.actions.accounts.sessions import SignInRefused
from survey.core.accounts.access import Actor, acting
from survey.core.answers.receipts import digest
from survey.core.models import AuditEntry, Login, Role, SignInFailure, User
from survey.settings import get_settings
from survey.storage.accounts import people
from survey.storage.database import reading, writing
from tests.people import PASSWORD, account

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
HERE, THERE = "10.0.0.1", "10.9.9.9"
pytestmark = pytest.mark.usefixtures("database")


def wrong(name: str, times: int, address: str, device: str = "", now: datetime = NOW) -> list[str]:
    """What wrong tries were told."""
    told = []
    for _ in range(times):
        with pytest.raises(SignInRefused) as refused:
            sessions.sign_in(name, "wrong", now, address, device)
        told.append(str(refused.value))
    return told


def who(token: str, now: datetime = NOW) -> str | None:
    with reading() as db:
        found = people.user_by_login(db, digest(token), now)
    return found.name if found else None


def test_five_wrong_ones_stop_the_sixth_even_if_it_is_right() -> None:
    account(Role.VIEWER, "王芳")
    assert set(wrong("王芳", 5, HERE)) == {sessions.WRONG}
    with pytest.raises(SignInRefused, match="15 分钟后再试"):
        sessions.sign_in("王芳", PASSWORD, NOW, HERE)
    assert sessions.sign_in("王芳", PASSWORD, NOW + timedelta(minutes=15), HERE).token


def test_a_right_one_starts_the_count_anew() -> None:
    account(Role.VIEWER, "王芳")
    for _ in range(3):
        wrong("王芳", 4, HERE)
        sessions.sign_in("王芳", PASSWORD, NOW, HERE)


def test_a_guesser_elsewhere_does_not_stop_the_holder() -> None:
    account(Role.VIEWER, "王芳")
    wrong("王芳", 6, THERE)
    assert sessions.sign_in("王芳", PASSWORD, NOW, HERE).token


def test_guesses_from_everywhere_stop_strangers_but_never_the_known_browser() -> None:
    account(Role.VIEWER, "王芳")
    known = sessions.sign_in("王芳", PASSWORD, NOW, HERE).device
    for number in range(12):
        wrong("王芳", 5, f"10.1.0.{number}")
    with pytest.raises(SignInRefused, match="分钟后再试"):
        sessions.sign_in("王芳", PASSWORD, NOW, "10.2.0.1")  # a stranger, even with the right password
    assert sessions.sign_in("王芳", PASSWORD, NOW, "10.2.0.1", known).token


def test_an_office_says_for_itself_when_strangers_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_LOCK_STRANGERS", "2")
    get_settings.cache_clear()
    account(Role.VIEWER, "王芳")
    for number in range(2):
        wrong("王芳", 5, f"10.1.0.{number}")
    with pytest.raises(SignInRefused, match="分钟后再试"):
        sessions.sign_in("王芳", PASSWORD, NOW, "10.2.0.1")


def test_a_known_browser_may_not_guess_for_ever_either() -> None:
    account(Role.VIEWER, "王芳")
    known = sessions.sign_in("王芳", PASSWORD, NOW, HERE).device
    wrong("王芳", 5, HERE, known)
    with pytest.raises(SignInRefused, match="分钟后再试"):
        sessions.sign_in("王芳", PASSWORD, NOW, HERE, known)


def test_a_forged_or_borrowed_browser_mark_is_a_strangers() -> None:
    account(Role.VIEWER, "王芳")
    other = account(Role.VIEWER, "李强")
    borrowed = sessions.sign_in(other.name, PASSWORD, NOW, HERE).device
    for mark in ("", "x.y", borrowed, borrowed[:-1] + "0"):
        assert not sessions.is_known("王芳", mark) or mark == "never"
    assert sessions.is_known("李强", borrowed)


def test_a_name_with_a_colon_takes_no_mark_of_another() -> None:
    """Its holder chooses where the name ends and the rest of a cookie begins."""
    account(Role.VIEWER, "王芳")
    account(Role.VIEWER, "王芳:x")
    nonce, _, proof = sessions.sign_in("王芳:x", PASSWORD, NOW, HERE).device.partition(".")
    assert sessions.is_known("王芳:x", f"{nonce}.{proof}")
    assert not sessions.is_known("王芳", f"x:{nonce}.{proof}")


def test_browser_marks_end_with_the_password() -> None:
    user = account(Role.VIEWER, "王芳")
    mark = sessions.sign_in("王芳", PASSWORD, NOW, HERE).device
    assert sessions.sign_in("王芳", PASSWORD, NOW, HERE, mark).device == mark
    with writing() as db:
        fresh = accounts.reset_password(db, user.id, NOW)
    assert not sessions.is_known("王芳", mark)
    again = sessions.sign_in("王芳", fresh, NOW, HERE, mark).device
    assert sessions.is_known("王芳", again)
    assert not sessions.is_known("没有的人", again)


def test_a_flood_of_wrong_passwords_does_not_flood_the_log() -> None:
    account(Role.VIEWER, "王芳")
    with reading() as db:
        before = len(db.exec(select(AuditEntry)).all())
    for number in range(30):
        wrong("王芳", 5, f"10.0.1.{number}")
        wrong(f"没有的人 {number}", 5, f"10.0.1.{number}")
    with reading() as db:
        made = db.exec(select(AuditEntry)).all()[before:]
    assert len(made) <= 4, "wrong and refused, of a known name and of all unknown ones"
    with writing() as db:
        audit.settle(db, NOW + timedelta(hours=1))
    with reading() as db:
        made = db.exec(select(AuditEntry)).all()[before:]
    counted = sum(int(one.about.partition("另有 ")[2].partition(" 次")[0] or 1) for one in made)
    assert counted == 300, "all of them"


def test_unknown_names_are_told_the_same_and_braked_the_same() -> None:
    account(Role.VIEWER, "王芳")
    assert wrong("没有的人", 7, HERE) == wrong("王芳", 7, HERE)


def test_no_address_is_kept_in_the_clear() -> None:
    account(Role.VIEWER, "王芳")
    wrong("王芳", 2, "203.0.113.77")
    with reading() as db:
        kept = [bytes(one.key) for one in db.exec(select(SignInFailure))]
        said = [one.about for one in db.exec(select(AuditEntry))]
    assert kept
    assert not any(b"203.0.113.77" in one for one in kept)
    assert not any("203.0.113.77" in one for one in said)


def test_the_clock_of_a_sign_in() -> None:
    account(Role.VIEWER, "王芳")
    token = sessions.sign_in("王芳", PASSWORD, NOW).token
    idle = timedelta(minutes=get_settings().idle_minutes)
    assert who(token, NOW + idle - timedelta(seconds=1)) == "王芳"
    assert who(token, NOW + idle) is None
    at = NOW
    while at < NOW + timedelta(hours=8) - timedelta(minutes=20):
        at += timedelta(minutes=20)
        assert who(token, at) == "王芳"
        sessions.touch(digest(token), at)
    assert who(token, NOW + timedelta(hours=8)) is None  # however busy


def test_signing_out_disabling_and_a_last_day_end_it() -> None:
    user = account(Role.VIEWER, "王芳")
    token = sessions.sign_in("王芳", PASSWORD, NOW).token
    sessions.sign_out(token, NOW)
    assert who(token) is None
    token = sessions.sign_in("王芳", PASSWORD, NOW).token
    with writing() as db:
        accounts.disable(db, user.id)
    assert who(token) is None
    with pytest.raises(SignInRefused, match="已停用"):
        sessions.sign_in("王芳", PASSWORD, NOW)
    with writing() as db:
        accounts.enable(db, user.id)
        accounts.change_user(db, user.id, Role.VIEWER, NOW, expires_on=date(2026, 3, 10))
    midnight = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)  # in China
    token = sessions.sign_in("王芳", PASSWORD, midnight - timedelta(hours=1)).token
    sessions.touch(digest(token), midnight - timedelta(minutes=5))
    assert who(token, midnight - timedelta(seconds=1)) == "王芳"
    assert who(token, midnight) is None
    with pytest.raises(SignInRefused, match="已过有效期"):
        sessions.sign_in("王芳", PASSWORD, midnight)


def test_a_password_given_by_others_must_be_changed_first() -> None:
    with writing() as db:
        user = accounts.add_user(db, "新人", Role.VIEWER, "Given-word-12", NOW)
    signed = sessions.sign_in("新人", "Given-word-12", NOW)
    other = sessions.sign_in("新人", "Given-word-12", NOW)
    assert signed.must_change
    login = digest(signed.token)
    with acting(Actor.of(user)):
        with pytest.raises(AccountError, match="原密码不对"):
            accounts.change_own_password(user.id, "wrong", "My-own-word-1", NOW, login)
        with pytest.raises(AccountError, match="最近 5 次"):
            accounts.change_own_password(user.id, "Given-word-12", "Given-word-12", NOW, login)
        accounts.change_own_password(user.id, "Given-word-12", "My-own-word-1", NOW, login)
    assert who(signed.token) == "新人"
    assert who(other.token) is None  # whoever else signed in with the old one
    assert not sessions.sign_in("新人", "My-own-word-1", NOW).must_change


def test_whoever_found_an_open_page_may_not_guess_the_old_password_for_ever() -> None:
    user, login = account(Role.VIEWER, "王芳"), digest(sessions.sign_in("王芳", PASSWORD, NOW).token)
    with acting(Actor.of(user)):
        for _ in range(5):
            with pytest.raises(AccountError, match="原密码不对"):
                accounts.change_own_password(user.id, "wrong", "My-own-word-1", NOW, login)
        with pytest.raises(SignInRefused, match="15 分钟后再试"):
            accounts.change_own_password(user.id, PASSWORD, "My-own-word-1", NOW, login)
        assert sessions.sign_in("王芳", PASSWORD, NOW).token  # signing in is braked by itself
        later = NOW + timedelta(minutes=15)
        accounts.change_own_password(user.id, PASSWORD, "My-own-word-1", later, login)


def test_two_changes_at_once_are_not_both_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is not held while a password is hashed, so another change may come between."""
    user, login = account(Role.VIEWER, "王芳"), digest(sessions.sign_in("王芳", PASSWORD, NOW).token)
    check = passwords.check

    def meanwhile(name: str, password: str) -> None:
        monkeypatch.setattr(passwords, "check", check)
        accounts.change_own_password(user.id, PASSWORD, "First-word-12", NOW, login)
        check(name, password)

    monkeypatch.setattr(passwords, "check", meanwhile)
    with acting(Actor.of(user)), pytest.raises(AccountError, match="别处改过"):
        accounts.change_own_password(user.id, PASSWORD, "Second-word-12", NOW, login)
    assert sessions.sign_in("王芳", "First-word-12", NOW).token


def test_an_old_password_must_be_changed_under_dengbao_only(monkeypatch: pytest.MonkeyPatch) -> None:
    account(Role.VIEWER, "王芳")
    late = datetime.now(UTC) + timedelta(days=91)
    assert sessions.sign_in("王芳", PASSWORD, late).must_change
    monkeypatch.setenv("SURVEY_PASSWORD_PROFILE", "asvs")
    get_settings.cache_clear()
    account(Role.VIEWER, "李强")
    assert not sessions.sign_in("李强", PASSWORD, late).must_change


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Short-1", "10 到 200"), ("alllowercase", "三种"), ("onlylower97531", "三种"), ("Wangfang-2026", "账号名"),
        ("Password-2026", "太常见"), ("Aa1-Aa1-Aa1-", "太常见"), ("x" * 201, "10 到 200"),
    ],
)  # fmt: skip
def test_what_the_profile_refuses(password: str, why: str) -> None:
    with pytest.raises(passwords.WeakPassword, match=why):
        passwords.check("wangfang", password)


def test_passwords_made_up_for_handing_over_are_good() -> None:
    made = {passwords.made_up() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        passwords.check("王芳", one)


def test_passwords_are_kept_as_argon2id_only() -> None:
    assert PasswordHash.recommended().hash("x").startswith("$argon2id$v=19$m=65536")
    account(Role.VIEWER, "王芳")
    with reading() as db:
        [kept] = db.exec(select(User.password_hash).where(User.name == "王芳"))
        assert kept.startswith("$argon2id$")
        assert not db.exec(select(Login)).all()


def test_the_last_administrator_stays() -> None:
    first = account(Role.ADMIN, "甲")
    with writing() as db:
        for step in (
            lambda: accounts.disable(db, first.id),
            lambda: accounts.change_user(db, first.id, Role.VIEWER, NOW),
            lambda: accounts.change_user(db, first.id, Role.ADMIN, NOW, expires_on=date(2030, 1, 1)),
        ):
            with pytest.raises(AccountError, match="最后一个"):
                step()
            db.refresh(db.get(User, first.id))
    second = account(Role.ADMIN, "乙")
    with acting(Actor.of(second)), writing() as db:
        with pytest.raises(AccountError, match="自己的账号"):
            accounts.disable(db, second.id)
        accounts.disable(db, first.id)


def test_a_reset_password_ends_sign_ins_and_the_brake() -> None:
    user = account(Role.VIEWER, "王芳")
    token = sessions.sign_in("王芳", PASSWORD, NOW, HERE).token
    wrong("王芳", 5, HERE)
    with writing() as db:
        fresh = accounts.reset_password(db, user.id, NOW)
    assert who(token) is None
    assert sessions.sign_in("王芳", fresh, NOW, HERE).must_change


def test_a_handler_needs_a_department() -> None:
    with writing() as db, pytest.raises(AccountError, match="要选所属部门"):
        accounts.add_user(db, "住建小李", Role.HANDLER, PASSWORD, NOW)
