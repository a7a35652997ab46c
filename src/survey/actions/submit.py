"""An enterprise submits its form. What says *that* it answered and what it answered share no key."""

import hmac
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from survey.core.clock import china_day
from survey.core.models import Channel, Mode, Table, WaveState
from survey.core.questionnaire import Answers, RemarkDraft
from survey.core.receipts import digest, make_receipt
from survey.settings import get_settings, kept_secret
from survey.storage import tallies

tables = Table.metadata.tables
invitation, wave, participation = tables["invitation"], tables["wave"], tables["participation"]
response, remark, ledger_case = tables["response"], tables["remark"], tables["ledger_case"]

WAVE_AND_CODE = select(
    wave.c.id, wave.c.state, wave.c.mode, wave.c.series, wave.c.opens_at, wave.c.closes_at,
    invitation.c.open_code, invitation.c.enterprise_id, invitation.c.stratum_id, invitation.c.void,
).join_from(invitation, wave)  # fmt: skip


class Refused(Exception):
    """Not stored. `key`: unknown_code, not_open, closed, void or used."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def refuse_unless_open(state: str, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """A form may be sent from opening until closing plus the stated grace, by the server's clock."""
    if state == WaveState.DRAFT or now < opens_at:
        raise Refused("not_open")
    if state == WaveState.CLOSED or now > closes_at + timedelta(minutes=get_settings().grace_minutes):
        raise Refused("closed")


def submit_response(
    db: Connection,
    *,
    code: str,
    submission_id: str,
    answers: Answers,
    channel: Channel | None,
    language: str,
    now: datetime,
    slot: int = 0,
) -> str:
    """Store a checked form and return its receipt; raises `Refused`.

    The same submission id on the same code returns the same receipt and stores nothing again.
    """
    code_hash = digest(code)
    door = db.execute(WAVE_AND_CODE.where(invitation.c.code_hash == code_hash)).mappings().first()
    if door is None:
        raise Refused("unknown_code")
    receipt = make_receipt(get_settings().secret, door["id"], code, submission_id)
    is_open_code = door["open_code"] is not None
    key = digest(code + submission_id) if is_open_code else code_hash
    if not _take_part(db, key, door["id"], digest(submission_id)):
        return receipt.text  # a retry whose first try was stored: closing time does not matter any more
    if door["void"]:
        raise Refused("void")
    refuse_unless_open(door["state"], door["opens_at"], door["closes_at"], now)
    way_in = channel or (Channel.OPEN if is_open_code else Channel.CODE)
    _store_response(db, door, answers, way_in, language, slot)
    day = china_day(now)
    tallies.add(db, tallies.arrival, [{"wave_id": door["id"], "day": day, "channel": way_in, "count": 1}])
    for draft in answers.remarks:
        db.execute(remark.insert(), {**_remark(door["id"], draft), "rated_bad": draft.rated_bad})
    if answers.wants_help:
        db.execute(
            ledger_case.insert(),
            {
                **_remark(door["id"], answers.wants_help), "receipt_hash": digest(receipt.text),
                "contact": answers.contact, "received_on": day, "state": "received",
            },
        )  # fmt: skip
    return receipt.text


def _take_part(db: Connection, key: bytes, wave_id: int, submission_hash: bytes) -> bool:
    """Claim the code: True for the first, False for a retry of the same submission; else `Refused`."""
    row = {"key": key, "wave_id": wave_id, "submission_hash": submission_hash}
    claim = tallies.insert_into(db, participation).on_conflict_do_nothing()
    if db.scalar(claim.returning(participation.c.key), row) is not None:
        return True
    stored = db.scalar(select(participation.c.submission_hash).where(participation.c.key == key))
    if stored is not None and hmac.compare_digest(stored, submission_hash):
        return False
    raise Refused("used")


def _store_response(
    db: Connection, door: Any, answers: Answers, channel: Channel, language: str, slot: int
) -> None:
    named, pseudonymous = door["mode"] == Mode.NAMED, door["mode"] == Mode.PSEUDONYMOUS
    enterprise = door["enterprise_id"]
    row = {
        "wave_id": door["id"], "id": secrets.token_bytes(16), "stratum_id": door["stratum_id"],
        "channel": channel, "language": language, "verified": enterprise is not None, "flags": 0,
        "grades": answers.grades, "reasons": answers.reasons or None,
        "pseudonym": pseudonym(door["series"], enterprise) if pseudonymous and enterprise else None,
        "enterprise_id": enterprise if named else None,
    }  # fmt: skip
    db.execute(response.insert(), row)
    raised = tallies.counters(answers.grades, answers.reasons, answers.questions)
    shared = {"wave_id": door["id"], "stratum_id": door["stratum_id"], "channel": channel, "slot": slot}
    tallies.add(
        db,
        tallies.tally,
        [{**shared, "item": item, "grade": grade, "count": n} for (item, grade), n in raised.items()],
    )


def _remark(wave_id: int, draft: RemarkDraft) -> dict[str, Any]:
    return {
        "id": secrets.token_bytes(16), "wave_id": wave_id, "department_id": draft.department_id,
        "kind": draft.kind, "text": draft.text,
    }  # fmt: skip


@cache
def _series_key(series: str, data_dir: str) -> bytes:
    return kept_secret(get_settings().data_dir / "keys" / f"{series}.key").encode()


def pseudonym(series: str, rater: int | str) -> bytes:
    """The keyed pseudonym that pairs an enterprise's waves; its key lies outside database and backups."""
    key = _series_key(series, str(get_settings().data_dir))
    return hmac.digest(key, str(rater).encode(), "sha256")
