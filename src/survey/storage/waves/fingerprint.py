"""数据指纹: SHA-256 over what a wave asked, what was published and every response, the same on each database."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from survey.core.models import Channel, Table, Wave
from survey.storage.figures import released

response: Any = Table.metadata.tables["response"]
DEFINITION = (
    "id", "title", "series", "mode", "formula", "opens_at", "closes_at", "questionnaire", "departments",
    "host_name",
)  # fmt: skip
ANSWER = (
    "id", "stratum_id", "channel", "language", "respondent", "flags", "grades", "reasons",
    "pseudonym", "enterprise_id",
)  # fmt: skip
OWN_CODE = (Channel.CODE, Channel.OFFICER)
OWN_AT = 4  # where a line says whether the answer came by such a code, see docs/decisions/0039
PAGE = 5000  # responses at a time, so that memory stays flat


def compute(db: Session, wave: Wave) -> str:
    """The fingerprint of a wave as it stands, in 64 hexadecimal digits."""
    release = released.sealed_release(db, wave.id)
    state = hashlib.sha256()
    state.update(_line({name: getattr(wave, name) for name in DEFINITION}))
    state.update(_line(release.figures if release else None))
    after = b""
    columns = [response.c[name] for name in ANSWER]
    query = select(*columns).where(response.c.wave_id == wave.id).order_by(response.c.id).limit(PAGE)
    while page := db.connection().execute(query.where(response.c.id > after)).all():
        for row in page:
            state.update(_line([*row[:OWN_AT], row.channel in OWN_CODE, *row[OWN_AT:]]))
        after = bytes(page[-1][0])
    return state.hexdigest()


def _line(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return text.encode() + b"\n"


def _plain(value: Any) -> str:
    """What JSON has no word for, written the same wherever it was stored."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else bytes(value).hex()
