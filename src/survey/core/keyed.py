"""Keyed hashes over several fields, none of which can run into the next."""

import hmac


def keyed(secret: bytes, *fields: str) -> bytes:
    """HMAC-SHA-256 of the fields in order, each with its length in bytes before it: 32 bytes."""
    texts = [field.encode("utf-8", "surrogatepass") for field in fields]
    message = b"".join(len(one).to_bytes(8) + one for one in texts)
    return hmac.digest(secret, message, "sha256")
