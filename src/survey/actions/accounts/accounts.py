"""The team's accounts: make one, change it, give it a password, end its sign-ins."""

from datetime import date, datetime

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from survey.actions import versions
from survey.actions.accounts import passwords, sessions
from survey.actions.accounts.audit import audited, pool, record
from survey.actions.accounts.passwords import WeakPassword, set_password
from survey.core import editable
from survey.core.accounts.access import Right, actor
from survey.core.models import Department, Login, Outcome, Role, SignInFailure, User
from survey.core.names import ROLE_NAMES
from survey.core.plain_text import one_line
from survey.core.refusals import Refusal
from survey.core.versions import Seen
from survey.storage.database import reading, writing

NAME_LENGTH = 40
GONE = "没有这个账号，可能刚被删除。"


class AccountError(Refusal):
    """An account that cannot be made or changed; the text is a Chinese sentence with the cure."""


@audited("新增账号", Right.ACCOUNTS)
def add_user(
    db: Session, name: str, role: Role, password: str, now: datetime, *, department_id: str | None = None,
    expires_on: date | None = None, demo: bool = False, own: bool = False,
) -> User:  # fmt: skip
    """A new account; the password is kept as argon2id only. Raises `AccountError`.

    `own`: the password is already the account holder's own and need not be changed.
    """
    name = one_line(name)
    if not 1 <= len(name) <= NAME_LENGTH:
        raise AccountError(f"账号要填 1 到 {NAME_LENGTH} 个字。")
    if db.exec(select(User.id).where(User.name == name)).first() is not None:
        raise AccountError(f"账号「{name}」已经有了，请换一个名字。")
    user = User(
        name=name, role=role, password_hash="", demo=demo, expires_on=_day(expires_on, now),
        department_id=_department(db, role, department_id),
    )  # fmt: skip
    _give(user, password, now, by_others=not (own or demo))
    db.add(user)
    db.flush()
    return user


@audited("更改账号", Right.ACCOUNTS)
def change_user(
    db: Session, user_id: int, role: Role, now: datetime, department_id: str | None = None,
    expires_on: date | None = None, seen: Seen | None = None,
) -> User:  # fmt: skip
    """Another role, department or last day; takes effect at the next click. Raises `AccountError` or `Stale`.

    `seen`: `core.editable.account` at opening.
    """
    user, names = _user(db, user_id), department_names(db)
    department_id = _department(db, role, department_id)
    changed = versions.merge(
        db, _about(user), editable.ACCOUNT, seen, editable.account(user, names),
        {"post": editable.post(role, department_id, names), "expires_on": expires_on},
    )  # fmt: skip
    if "post" in changed:
        if user.role == Role.ADMIN and role != Role.ADMIN:
            _not_the_last_admin(db, user)
        user.role, user.department_id = role, department_id
    if "expires_on" in changed:
        user.expires_on = _day(expires_on, now)
    if user.role == Role.ADMIN and user.expires_on is not None:
        _not_the_last_admin(db, user)
    db.add(user)
    return user


def department_names(db: Session) -> dict[str, str]:
    """Department id → name."""
    return {one.id: one.name for one in db.exec(select(Department))}


def _about(user: User) -> tuple[str, str]:
    """What the audit log calls an account: some of its lines know the number only."""
    return f"账号 {user.name}", f"账号 {user.id}"


def _as_seen(db: Session, user: User, seen: Seen | None, cure: str) -> None:
    versions.unmoved(
        db, _about(user), editable.ACCOUNT, seen, editable.account(user, department_names(db)), cure
    )


@audited("停用账号", Right.ACCOUNTS)
def disable(db: Session, user_id: int, seen: Seen | None = None) -> User:
    """The account is good no more, its sign-ins end. Raises `AccountError` for one's own and the last admin's."""
    user = _user(db, user_id)
    _as_seen(db, user, seen, "还没有停用，请核对后再点一次。")
    if user.name == actor().name:
        raise AccountError("不能停用自己的账号，请由另一位系统管理员操作。")
    _not_the_last_admin(db, user)
    user.disabled = True
    db.add(user)
    end_sign_ins(db, user_id)
    return user


@audited("启用账号", Right.ACCOUNTS)
def enable(db: Session, user_id: int, seen: Seen | None = None) -> User:
    """The account is good again."""
    user = _user(db, user_id)
    _as_seen(db, user, seen, "还没有启用，请核对后再点一次。")
    user.disabled = False
    db.add(user)
    return user


@audited("重设密码", Right.ACCOUNTS)
def reset_password(db: Session, user_id: int, now: datetime, seen: Seen | None = None) -> str:
    """A fresh password to hand over once; ends all sign-ins and every brake on guessing.

    Raises `Stale` if another was handed over since: the second would make the first useless.
    """
    user, password = _user(db, user_id), passwords.made_up()
    _as_seen(db, user, seen, "这次没有重设；仍要重设请再点一次，刚才别人给出的密码就不能用了。")
    set_password(user, password, now, by_others=True)
    db.add(user)
    end_sign_ins(db, user_id)
    db.execute(delete(SignInFailure))  # keys are hashes: nobody can tell which are this account's
    return password


@audited("强制退出", Right.ACCOUNTS)
def sign_out_everywhere(db: Session, user_id: int) -> User:
    """End every sign-in of an account; it may sign in again."""
    end_sign_ins(db, user_id)
    return _user(db, user_id)


def end_sign_ins(db: Session, user_id: int) -> None:
    db.execute(delete(Login).where(col(Login.user_id) == user_id))


def change_own_password(user_id: int, old: str, new: str, now: datetime, login: bytes) -> str:
    """The account's holder chooses a password; other sign-ins and browser marks end. The new mark of this browser. Raises `AccountError`, or `SignInRefused`
    after too many wrong ones. Slow on purpose, and the database is not held meanwhile: call it in a thread."""
    with reading() as db:
        user = db.get(User, user_id)
    if user is None:
        raise AccountError(GONE)
    brake, before = sessions.brake_on_change(user.name), user.password_hash
    sessions.refuse_locked(brake, now)
    if not passwords.hasher().verify(old, before):
        sessions.count_wrong(brake, now)
        with writing() as db:
            pool(db, "更改密码", f"账号 {user.name}", Outcome.FAILED, now)
        raise AccountError("原密码不对，请重新填写。")
    _give(user, new, now, by_others=False)
    with writing() as db:
        kept = _user(db, user_id)
        if kept.password_hash != before:
            raise AccountError("密码刚刚在别处改过，请重新登录。")
        for name in ("former", "password_hash", "password_set_at", "must_change"):
            setattr(kept, name, getattr(user, name))
        sessions.release(db, brake)
        db.execute(delete(Login).where(col(Login.user_id) == user_id, col(Login.token_hash) != login))
        record(db, "更改密码", f"账号 {user.name}", now=now)
    return sessions.new_device(kept)


def find(db: Session, name: str) -> User | None:
    """The account of that name; for the command line."""
    return db.exec(select(User).where(User.name == name)).first()


def _give(user: User, password: str, now: datetime, by_others: bool) -> None:
    try:
        set_password(user, password, now, by_others)
    except WeakPassword as weak:
        raise AccountError(str(weak)) from weak


def _user(db: Session, user_id: int) -> User:
    """The account, locked, and every administrator's with it, in one order for everybody: two of them who disable
    each other at once must neither both succeed nor wait for each other for good."""
    query = (
        select(User).where(or_(col(User.id) == user_id, col(User.role) == Role.ADMIN)).order_by(col(User.id))
    )
    locked = db.exec(query.with_for_update().execution_options(populate_existing=True))
    found = {one.id: one for one in locked}.get(user_id)
    if found is None:
        raise AccountError(GONE)
    return found


def _department(db: Session, role: Role, department_id: str | None) -> str | None:
    if role != Role.HANDLER:
        return None
    if department_id is None or db.get(Department, department_id) is None:
        raise AccountError(f"{ROLE_NAMES[Role.HANDLER]}要选所属部门。")
    return department_id


def _day(expires_on: date | None, now: datetime) -> date | None:
    if expires_on is not None and expires_on < now.date():
        raise AccountError("有效期不能早于今天。")
    return expires_on


def _not_the_last_admin(db: Session, user: User) -> None:
    if user.role != Role.ADMIN:
        return
    others = db.exec(select(User).where(User.role == Role.ADMIN, User.id != user.id, ~col(User.disabled)))
    if all(one.expires_on is not None for one in others):
        raise AccountError("这是最后一个长期有效的系统管理员，请先新增另一个。")
