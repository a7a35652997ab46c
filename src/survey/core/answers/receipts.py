"""回执: made from the submission id, never stored, and recognisable by the server without a look-up."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from survey.core.keyed import mac

WAVE_BYTES, BODY_BYTES, CHECK_BYTES = 4, 16, 4
NUMBER_BYTES = 5  # eight letters


@dataclass(frozen=True)
class Receipt:
    """`text` goes into the address and its QR; `number` is the short form people read out."""

    wave_id: int
    text: str
    number: str


def _mac(secret: bytes, purpose: bytes, message: bytes, length: int) -> bytes:
    return mac(secret, purpose + b"\0" + message)[:length]


def make_receipt(secret: bytes, wave_id: int, code: str, submission_id: str) -> Receipt:
    """The receipt of a submission: the same id on the same code always gives the same one."""
    body = _mac(secret, b"receipt", f"{code}\0{submission_id}".encode(), BODY_BYTES)
    return _receipt(secret, wave_id, body)


def _receipt(secret: bytes, wave_id: int, body: bytes) -> Receipt:
    unsigned = wave_id.to_bytes(WAVE_BYTES) + body
    check = _mac(secret, b"check", unsigned, CHECK_BYTES)
    text = base64.b32encode(unsigned + check).decode().rstrip("=").lower()
    letters = base64.b32encode(body[:NUMBER_BYTES]).decode()
    return Receipt(wave_id, text, f"{letters[:4]}-{letters[4:]}")


def read_receipt(text: str, secret: bytes) -> Receipt | None:
    """The receipt behind an address, or None for one this server never gave."""
    padded = text.upper() + "=" * (-len(text) % 8)
    try:
        raw = base64.b32decode(padded)
    except ValueError:
        return None
    if len(raw) != WAVE_BYTES + BODY_BYTES + CHECK_BYTES:
        return None
    body = raw[WAVE_BYTES:-CHECK_BYTES]
    receipt = _receipt(secret, int.from_bytes(raw[:WAVE_BYTES]), body)
    return receipt if hmac.compare_digest(receipt.text, text.lower()) else None


def content_mark(submission_id: str, content: bytes) -> bytes:
    """What a form's content is known by again: keyed with the submission id, of which only the phone knows more than
    the SHA-256, so that nobody can try out contents against it. The key is no hash that is kept anywhere."""
    return mac(digest(f"content\0{submission_id}"), content)


def digest(text: str) -> bytes:
    """SHA-256: how codes, submission ids and receipts are kept."""
    return hashlib.sha256(text.encode()).digest()


def new_code() -> str:
    """A 128-bit code for a QR."""
    return secrets.token_urlsafe(16)
