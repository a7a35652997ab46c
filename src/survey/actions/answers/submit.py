"""An enterprise submits its form. What says *that* it answered and what it answered share no key."""

import hmac
import json
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from survey.actions.answers.claims import Claim, Refused, Stored, Submission
from survey.actions.answers.signs import judge
from survey.actions.waves.keys import pseudonym, series_key
from survey.core.answers.answers import Answers, RemarkDraft
from survey.core.answers.receipts import content_mark, digest, make_receipt
from survey.core.answers.taking import NotTaken, why_not_taken
from survey.core.clock import china_day
from survey.core.models import CaseState, Channel, Mode, Table, WaveState, source_of
from survey.settings import get_settings
from survey.storage.answers import tallies
from survey.storage.answers.writing import Raced, write
from survey.storage.bulk import insert_at_once

tables = Table.metadata.tables
invitation, wave, participation = tables["invitation"], tables["wave"], tables["participation"]
response, remark, ledger_case = tables["response"], tables["remark"], tables["ledger_case"]

DOORS = select(
    invitation.c.code_hash, invitation.c.open_code, invitation.c.enterprise_id, invitation.c.stratum_id,
    invitation.c.void, wave.c.id, wave.c.state, wave.c.mode, wave.c.series, wave.c.opens_at, wave.c.closes_at,
    wave.c.timed, wave.c.fingerprint,
).join_from(invitation, wave).where(invitation.c.code_hash.in_(bindparam("codes", expanding=True))).with_for_update(
    read=True, key_share=True, of=wave  # on PostgreSQL: a wave that is just being closed takes nothing more
)  # fmt: skip
CLAIMED = select(participation.c.key, participation.c.submission_hash, participation.c.content_mark).where(
    participation.c.key.in_(bindparam("keys", expanding=True))
)
SLOTS = 16  # copies of a hot counter at most, so that several processes can raise it at once
PARTICIPATION = ("key", "wave_id", "submission_hash", "content_mark")
RESPONSE = (
    "wave_id", "id", "stratum_id", "channel", "language", "respondent", "flags", "grades", "reasons",
    "pseudonym", "enterprise_id",
)  # fmt: skip


async def submit(submission: Submission) -> str:
    """Store a checked form and return its receipt once it is durable; raises `Refused` or `Busy`."""
    return await write(store_submissions, submission)


def submit_response(
    db: Connection, *, code: str, submission_id: str, answers: Answers, channel: Channel | None,
    language: str, now: datetime, device: bytes | None = None,
) -> str:  # fmt: skip
    """Store a checked form in a transaction of the caller's and return its receipt; raises `Refused`."""
    sent = Submission(code, submission_id, answers, channel, language, now, device)
    [result] = store_submissions(db, [sent])
    if isinstance(result, Refused):
        raise result
    return result


def store_submissions(db: Connection, submissions: Sequence[Submission]) -> list[str | Refused]:
    """Store a batch of checked forms: the receipt of each, or why it was refused.

    The same submission id with the same content on the same code gets the same receipt and is stored once.
    """
    claims = _claims(db, submissions)
    found = [one for one in claims if isinstance(one, Claim)]
    rows = db.execute(CLAIMED, {"keys": [one.key for one in found]})
    stored: dict[bytes, Stored] = {bytes(key): (bytes(by), mark and bytes(mark)) for key, by, mark in rows}
    results: list[str | Refused] = []
    winners: list[Claim] = []
    for claim in claims:
        if isinstance(claim, Refused):
            results.append(claim)
        elif claim.key in stored:
            results.append(again(claim, *stored[claim.key]))
        elif reason := why_not_taken(claim.door, claim.submission.now):
            results.append(Refused(reason))
        else:
            stored[claim.key] = claim.submission_hash, claim.content_mark
            winners.append(claim)
            results.append(claim.receipt)
    if winners:
        store_claims(db, winners)
    return results


def again(claim: Claim, by: bytes, mark: bytes | None) -> str | Refused:
    """What a form gets whose code was used `by` a submission of this mark; a retry is no matter of closing time."""
    if not hmac.compare_digest(by, claim.submission_hash):
        return Refused(NotTaken.USED)
    if mark is None:  # closed since; or stored by a version that did not mark
        closed = claim.door.state == WaveState.CLOSED
        return Refused(NotTaken.SETTLED, claim.receipt) if closed else claim.receipt
    same = hmac.compare_digest(mark, claim.content_mark)
    return claim.receipt if same else Refused(NotTaken.CHANGED, claim.receipt)


def _claims(db: Connection, submissions: Sequence[Submission]) -> list[Claim | Refused]:
    codes = [digest(one.code) for one in submissions]
    doors = {bytes(door.code_hash): door for door in db.execute(DOORS, {"codes": list(set(codes))})}
    secret = get_settings().secret
    claims: list[Claim | Refused] = []
    for one, code in zip(submissions, codes, strict=True):
        if door := doors.get(code):
            key = digest(one.code + one.id) if door.open_code is not None else code
            receipt = make_receipt(secret, door.id, one.code, one.id).text
            mark = content_mark(one.id, one.answers.content())
            claims.append(Claim(one, door, key, digest(one.id), mark, receipt))
        else:
            claims.append(Refused(NotTaken.UNKNOWN_CODE))
    return claims


def store_claims(db: Connection, winners: Sequence[Claim]) -> None:
    """Write a batch with one statement a table; raises `Raced` when another process claimed one of its codes."""
    taken = sorted((one.key, one.door.id, one.submission_hash, one.content_mark) for one in winners)
    if insert_at_once(db, participation, PARTICIPATION, taken, "ON CONFLICT DO NOTHING") < len(taken):
        raise Raced
    flags = judge(db, winners)
    insert_at_once(db, response, RESPONSE, [_response(*one) for one in zip(winners, flags, strict=True)])
    counters = tallies.Counters()
    slot = os.getpid() % SLOTS if get_settings().workers > 1 else 0
    for one, signs in zip(winners, flags, strict=True):
        answers, channel, wave_id = one.submission.answers, one.channel.value, one.door.id
        key = (wave_id, one.door.stratum_id, channel, slot)
        counters.add_response(key, answers.grades, answers.reasons, answers.questions, answers.respondent)
        counters.add_signs(key, signs, answers.grades, answers.questions)
        if answers.remarks:
            counters.add_remarked(key)
        counters.add_arrival(wave_id, china_day(one.submission.now), channel)
    counters.write(db)
    if remarks := [_remark(one, draft) for one in winners for draft in one.submission.answers.remarks]:
        db.execute(remark.insert(), remarks)
    if cases := [_case(one, draft) for one in winners if (draft := one.submission.answers.wants_help)]:
        db.execute(ledger_case.insert(), cases)


def _response(claim: Claim, flags: int) -> tuple[Any, ...]:
    """A row of `RESPONSE`. Who answered is in it only as far as the wave's mode says."""
    door, answers = claim.door, claim.submission.answers
    named, pseudonymous = door.mode == Mode.NAMED, door.mode == Mode.PSEUDONYMOUS
    enterprise = door.enterprise_id
    return (
        door.id, secrets.token_bytes(16), door.stratum_id, claim.channel.value, claim.submission.language,
        answers.respondent, flags, answers.grades, json.dumps(answers.reasons) if answers.reasons else None,
        pseudonym(series_key(door.series), enterprise) if pseudonymous and enterprise else None,
        enterprise if named else None,
    )  # fmt: skip


def _remark(claim: Claim, draft: RemarkDraft) -> dict[str, Any]:
    return {**_written(claim, draft), "rated_bad": draft.rated_bad, "source": source_of(claim.channel)}


def _case(claim: Claim, draft: RemarkDraft) -> dict[str, Any]:
    return {
        **_written(claim, draft), "receipt_hash": digest(claim.receipt),
        "contact": claim.submission.answers.contact, "received_on": china_day(claim.submission.now),
        "state": CaseState.RECEIVED, "integrity": claim.submission.answers.integrity,
    }  # fmt: skip


def _written(claim: Claim, draft: RemarkDraft) -> dict[str, Any]:
    return {
        "id": secrets.token_bytes(16), "wave_id": claim.door.id, "department_id": draft.department_id,
        "kind": draft.kind, "text": draft.text,
    }  # fmt: skip
