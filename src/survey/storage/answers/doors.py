"""What the phone door is told: where a code leads, and the page of a wave."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from survey.core.answers.form import Form
from survey.core.answers.receipts import digest
from survey.core.models import Mode, Table
from survey.settings import get_settings
from survey.storage.answers.quick import Quick

tables = Table.metadata.tables


@dataclass(frozen=True)
class CodeStatus:
    """What a scanned code leads to. Names no enterprise."""

    wave_id: int
    kind: str
    void: bool
    used: bool
    state: str
    opens_at: datetime
    closes_at: datetime
    timed: bool = False
    fingerprint: str = ""
    on_behalf: str = ""  # an officer entered its form: by phone or on a visit
    confirmed: str = ""  # what the enterprise said to that


def _find_code() -> Quick:
    invitation, wave = tables["invitation"], tables["wave"]
    used = sa.exists().where(tables["participation"].c.key == invitation.c.code_hash)
    return Quick(
        sa.select(
            wave.c.id, invitation.c.open_code, invitation.c.void, used.label("used"), wave.c.state, wave.c.opens_at,
            wave.c.closes_at, wave.c.timed, wave.c.fingerprint, invitation.c.trial, invitation.c.on_behalf,
            invitation.c.confirmed,
        )
        .join_from(invitation, wave)
        .where(invitation.c.code_hash == sa.bindparam("code_hash"))
    )  # fmt: skip


FIND_CODE = _find_code()


def find_code(code: str) -> CodeStatus | None:
    """The status of a code, or None for one that was never given out."""
    found = FIND_CODE.first(digest(code))
    if found is None:
        return None
    wave_id, open_code, void, used, state, opens, closes, timed, print_of, trial, *word = found
    kind = "trial" if trial else "open" if open_code else "enterprise"
    return CodeStatus(wave_id, kind, void, bool(used), state, opens, closes, timed, print_of, *word)


@dataclass(frozen=True)
class WavePage:
    """What the phone form shows of a wave."""

    id: int
    title: str
    host_name: str
    mode: Mode
    demo: bool
    form: Form
    state: str
    opens_at: datetime
    closes_at: datetime
    timed: bool = False
    fingerprint: str = ""


def wave_page(db: Connection, wave_id: int) -> WavePage:
    """A wave's page; raises KeyError for an unknown wave."""
    table = tables["wave"]
    found = db.execute(sa.select(table).where(table.c.id == wave_id)).mappings().first()
    if found is None:
        raise KeyError(wave_id)
    return WavePage(
        found["id"], found["title"], found["host_name"] or get_settings().host_name, Mode(found["mode"]),
        found["demo"], Form.thaw(found["questionnaire"], found["departments"]), found["state"], found["opens_at"],
        found["closes_at"], found["timed"], found["fingerprint"],
    )  # fmt: skip
