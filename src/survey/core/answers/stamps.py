"""The submission id: random, and it carries when its form was opened, so that the server keeps nothing of that."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from survey.core.keyed import mac

NONCE_BYTES, TIME_BYTES, MAC_BYTES = 16, 6, 8
LENGTH = 40  # characters; 30 bytes need no padding


def new_submission_id(secret: bytes, code: str, now: datetime) -> str:
    """An id for one form of one code. Of its 128 random bits the ledger keeps a hash, from which no time can be read."""
    body = secrets.token_bytes(NONCE_BYTES) + int(now.timestamp() * 1000).to_bytes(TIME_BYTES)
    return urlsafe_b64encode(body + _mac(secret, code, body)).decode()


def seconds_open(secret: bytes, code: str, submission_id: str, now: datetime) -> float | None:
    """How long ago a form was opened; None for an id that we did not make for this code, or from a clock ahead."""
    if len(submission_id) != LENGTH:
        return None
    try:
        raw = urlsafe_b64decode(submission_id)
    except ValueError:
        return None
    body, sign = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if not hmac.compare_digest(sign, _mac(secret, code, body)):
        return None
    seconds = now.timestamp() - int.from_bytes(body[NONCE_BYTES:]) / 1000
    return seconds if seconds >= 0 else None


def _mac(secret: bytes, code: str, body: bytes) -> bytes:
    """Over the code too: an id opened long ago is of no use with another code."""
    return mac(secret, b"opened\0" + code.encode() + b"\0" + body)[:MAC_BYTES]
