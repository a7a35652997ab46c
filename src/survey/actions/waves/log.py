"""期次日志: what was done to a wave and by whom, in the transaction in which it is done."""

from datetime import datetime

from sqlmodel import Session

from survey.core.models import WaveEvent, WaveStep

SYSTEM = "系统"
"""Who did what no person did."""


def log(db: Session, wave_id: int, now: datetime, who: str, what: WaveStep, detail: str) -> None:
    """Write a line into the wave's log."""
    db.add(WaveEvent(wave_id=wave_id, at=now, who=who, what=what, detail=detail))
