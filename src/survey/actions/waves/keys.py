"""代号密钥: the secret that turns an enterprise into the pseudonym of a series.

It lies in `data/keys/`, outside database and backups, is made once, when the first 代号 wave of the series
opens, and never again: another key would tear every enterprise's waves apart without anybody noticing.
"""

import hmac
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from survey.actions.accounts.audit import audited
from survey.actions.waves.log import log
from survey.core.accounts.access import Right
from survey.core.models import DestroyedKey, Mode, Response, Wave, WaveState, WaveStep
from survey.core.refusals import Refusal
from survey.core.waves.rounds import said
from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.settings.kept_secrets import kept_secret

LOST = "系列「{series}」的代号密钥 {path} 不见了。请从密钥的备份恢复；没有备份就用 survey destroy-key {series} 登记销毁。"


class KeyRefused(Refusal):
    """A key cannot be made or destroyed now; the text is a Chinese sentence with the cure."""


def key_path(series: str) -> Path:
    return get_settings().data_dir / "keys" / f"{series}.key"


def series_key(series: str) -> bytes:
    """The key of a series, read each time: no process may remember one that was destroyed.

    Raises `SettingsError` when its file is gone.
    """
    path = key_path(series)
    if not path.exists():
        raise SettingsError(LOST.format(series=series, path=path))
    return kept_secret(path).encode()


def pseudonym(key: bytes, rater: int | str) -> bytes:
    """The keyed pseudonym that pairs an enterprise's waves."""
    return hmac.digest(key, str(rater).encode(), "sha256")


def make_key(db: Session, series: str) -> None:
    """Make the key of a series that has none yet; raises `KeyRefused` if it was destroyed or is lost."""
    refuse_destroyed(db, series)
    path = key_path(series)
    if not path.exists() and _has_pseudonyms(db, series):
        raise KeyRefused(LOST.format(series=series, path=path))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept_secret(path)


def refuse_destroyed(db: Session, series: str) -> None:
    """Raise `KeyRefused` for a series whose key was destroyed."""
    if gone := db.get(DestroyedKey, series):
        raise KeyRefused(
            f"系列「{series}」的代号密钥已于 {said(gone.at)} 销毁，前后几期不能再对应，也不能再办代号期次。"
            "请把保密方式改为不记名或实名。"
        )


@audited("销毁代号密钥", Right.ACCOUNTS)
def destroy_key(db: Session, series: str, now: datetime, who: str) -> None:
    """Destroy the key of a series for good, after its last 代号 wave; raises `KeyRefused`.

    What was answered stays, under pseudonyms that nobody can work out again.
    """
    waves = list(db.exec(select(Wave).where(*_pseudonymous(series)).with_for_update()))
    if not waves:
        raise KeyRefused(f"系列「{series}」没有代号期次，没有密钥可以销毁。")
    refuse_destroyed(db, series)
    path = key_path(series)
    going = [one.title for one in waves if one.state != WaveState.CLOSED]
    if going and path.exists():
        raise KeyRefused(
            f"「{going[0]}」还没有截止。请等这个系列的代号期次都截止（草稿先删除），再销毁密钥。"
        )
    db.add(DestroyedKey(series=series, at=now, who=who))
    for one in waves:
        log(db, one.id, now, who, WaveStep.KEY, "代号密钥已销毁")
    db.flush()
    path.unlink(missing_ok=True)


def refuse_lost_keys(db: Session) -> None:
    """Raise `SettingsError` if a series in use has lost its key: the doors must not open without it."""
    waves = (
        select(Wave.series, Wave.state)
        .where(Wave.mode == Mode.PSEUDONYMOUS, Wave.state != WaveState.DRAFT)
        .distinct()
    )
    for series, state in db.exec(waves):
        path = key_path(series)
        if path.exists() or db.get(DestroyedKey, str(series)) is not None:
            continue
        if state == WaveState.OPEN or _has_pseudonyms(db, series):
            raise SettingsError(LOST.format(series=series, path=path))


def _pseudonymous(series: str) -> tuple[ColumnElement[bool], ...]:
    return col(Wave.series) == series, col(Wave.mode) == Mode.PSEUDONYMOUS


def _has_pseudonyms(db: Session, series: str) -> bool:
    """Whether anything was answered under a pseudonym of the series."""
    query = select(Response.id).join(Wave, col(Wave.id) == col(Response.wave_id))
    return (
        db.exec(query.where(*_pseudonymous(series), col(Response.pseudonym).is_not(None)).limit(1)).first()
        is not None
    )
