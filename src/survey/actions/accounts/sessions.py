"""Signing in and out: a brake on guessing that locks nobody out for good, sign-ins that end when idle."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from survey.actions.accounts import audit, passwords
from survey.actions.accounts.passwords import is_due
from survey.core.accounts.access import Actor, acting
from survey.core.answers.receipts import digest
from survey.core.keyed import keyed
from survey.core.models import Login, Outcome, SignInFailure, User
from survey.core.refusals import Refusal
from survey.settings import get_settings
from survey.storage.accounts import people
from survey.storage.database import reading, writing

TOUCH_EVERY = timedelta(seconds=60)  # how exactly it is known when a person last did something
LONGEST_NAME = 40
Brake = list[tuple[bytes, int]]  # keys under which wrong tries are counted, and how many are too many


class SignInRefused(Refusal):
    """No sign-in; the text is a Chinese sentence. `locked`: later it may go."""

    def __init__(self, text: str, locked: bool = False) -> None:
        super().__init__(text)
        self.locked = locked


WRONG = "账号或密码不对，请检查后重试。"
DISABLED = "这个账号已停用，需要时请联系系统管理员。"
EXPIRED = "这个账号已过有效期，需要时请联系系统管理员。"


@dataclass(frozen=True)
class SignedIn:
    """A fresh sign-in: the cookie's token, and the mark by which this browser is known again."""

    token: str
    device: str
    must_change: bool


def sign_in(name: str, password: str, now: datetime, address: str = "", device: str = "") -> SignedIn:
    """Sign in with name and password; raises `SignInRefused`. Slow on purpose: call it in a thread.

    Five wrong ones in a row stop further tries of this account for a while from that address, or from that
    browser if it signed in before. Many wrong ones from anywhere stop strangers, never the known browser,
    so that nobody can lock someone else out.
    """
    known = is_known(name, device)
    keys = _keys(name, address, device if known else "")
    try:
        refuse_locked(keys, now)
    except SignInRefused:
        _note(name, Outcome.REFUSED, now)
        raise
    with reading() as db:
        user = db.exec(select(User).where(User.name == name)).first()
    right = passwords.hasher().verify(password, user.password_hash if user else passwords.nobody())
    if user is None or not right:
        count_wrong(keys, now)
        _note(name, Outcome.FAILED, now)
        raise SignInRefused(WRONG)
    if not people.is_good(user, now):
        _note(name, Outcome.REFUSED, now)
        raise SignInRefused(DISABLED if user.disabled else EXPIRED)
    return _let_in(user, keys, device if known else "", now)


def locked_text() -> str:
    return f"连续输错 {get_settings().lock_after} 次，请 {get_settings().lock_minutes} 分钟后再试，或请系统管理员重设密码。"


def _let_in(user: User, keys: Brake, device: str, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    until = now + timedelta(hours=get_settings().session_hours)
    with writing() as db:
        db.execute(delete(Login).where(col(Login.expires_at) < now))
        release(db, keys[:1])
        db.add(Login(token_hash=digest(token), user_id=user.id, expires_at=until, seen_at=now))
        if due := is_due(user, now):
            db.execute(update(User).where(col(User.id) == user.id).values(must_change=True))
        with acting(Actor.of(user)):
            audit.record(db, "登录", now=now)
    return SignedIn(token, device or new_device(user), user.must_change or due)


def sign_out(token: str, now: datetime) -> None:
    """Forget a sign-in."""
    with writing() as db:
        query = select(User).join(Login, col(Login.user_id) == col(User.id))
        user = db.exec(query.where(Login.token_hash == digest(token))).first()
        db.execute(delete(Login).where(col(Login.token_hash) == digest(token)))
        if user is not None:
            with acting(Actor.of(user)):
                audit.record(db, "退出", now=now)


def touch(login: bytes, now: datetime) -> None:
    """A person did something: the sign-in stays good for another idle time."""
    with reading() as db:
        query = select(Login.seen_at).where(Login.token_hash == login)
        seen = db.exec(query).first()
    if seen is not None and now - seen >= TOUCH_EVERY:
        with writing() as db:
            db.execute(update(Login).where(col(Login.token_hash) == login).values(seen_at=now))


# --- the brake ---------------------------------------------------------------------------------------


def new_device(user: User) -> str:
    """A mark that this account signed in from a browser once, good for as long as its password is."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_proof(user.name, nonce, user.password_hash)}"


def is_known(name: str, device: str) -> bool:
    """Whether the mark is ours, this account's, and from under its password of now."""
    nonce, _, proof = device.partition(".")
    if not proof:
        return False
    with reading() as db:
        password_hash = db.exec(select(User.password_hash).where(User.name == name)).first()
    known = _proof(name, nonce, password_hash or "")
    return password_hash is not None and hmac.compare_digest(proof.encode(), known.encode())


def _proof(name: str, nonce: str, password_hash: str) -> str:
    return keyed(get_settings().secret, "device", name, nonce, password_hash).hex()


def _keys(name: str, address: str, device: str) -> Brake:
    """What wrong tries count under, and how many are too many; no address is kept, only its keyed hash."""
    settings = get_settings()
    most = settings.lock_after
    if device:
        return [(_hash("device", name, device), most)]
    return [(_hash("from", name, address), most), (_hash("any", name), most * settings.lock_strangers)]


def brake_on_change(name: str) -> Brake:
    """What wrong old passwords count under when someone signed in asks for a new one."""
    return [(_hash("change", name), get_settings().lock_after)]


def _hash(*parts: str) -> bytes:
    return keyed(get_settings().secret, "wrong", *parts)


def refuse_locked(brake: Brake, now: datetime) -> None:
    """Raises `SignInRefused` after too many wrong tries."""
    since = now - timedelta(minutes=get_settings().lock_minutes)
    with reading() as db:
        for key, most in brake:
            found = db.get(SignInFailure, key)
            if found is not None and found.count >= most and found.last_at > since:
                raise SignInRefused(locked_text(), locked=True)


def count_wrong(brake: Brake, now: datetime) -> None:
    """One more wrong try; after the lock's time counting starts anew."""
    since = now - timedelta(minutes=get_settings().lock_minutes)
    with writing() as db:
        db.execute(delete(SignInFailure).where(col(SignInFailure.last_at) <= since))
        for key, _ in brake:
            found = db.get(SignInFailure, key, with_for_update=True) or SignInFailure(
                key=key, count=0, last_at=now
            )
            found.count, found.last_at = found.count + 1, now
            db.add(found)


def release(db: Session, brake: Brake) -> None:
    """A right one: counting starts anew."""
    db.execute(delete(SignInFailure).where(col(SignInFailure.key).in_([key for key, _ in brake])))


def _note(name: str, result: Outcome, now: datetime) -> None:
    """Only names of accounts come into the log: a name that is none may be a password typed in the wrong box."""
    with writing() as db:
        known = db.exec(select(User.id).where(User.name == name)).first() is not None
        audit.pool(db, "登录", f"账号 {name[:LONGEST_NAME]}" if known else "没有这个账号", result, now)
