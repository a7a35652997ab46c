"""大屏: give out a read-only address of a wave's released figures, and take it back."""

import secrets
from datetime import datetime

from sqlmodel import Session

from survey.actions.accounts.audit import audited
from survey.core.accounts.access import Right, actor
from survey.core.answers.receipts import digest
from survey.core.models import Screen, Wave
from survey.core.plain_text import one_line
from survey.core.refusals import NotAllowed


@audited("新增大屏", Right.ROUNDS)
def make_screen(db: Session, wave_id: int, name: str, now: datetime) -> str:
    """A fresh address; returns its token, which is kept as SHA-256 only and cannot be shown again."""
    name = one_line(name)
    if not 1 <= len(name) <= 40:
        raise NotAllowed("大屏名称要填 1 到 40 个字，例如“一楼大厅”。")
    if db.get(Wave, wave_id) is None:
        raise NotAllowed("没有这个期次。")
    token = secrets.token_urlsafe(16)
    db.add(Screen(token_hash=digest(token), wave_id=wave_id, name=name, made_at=now, made_by=actor().name))
    return token


@audited("收回大屏", Right.ROUNDS)
def revoke_screen(db: Session, screen_id: int, now: datetime) -> None:
    """The address is good no more, at its next refresh."""
    found = db.get(Screen, screen_id, with_for_update=True)
    if found is None:
        raise NotAllowed("没有这个大屏地址。")
    found.revoked_at = found.revoked_at or now
    db.add(found)
