"""Keyed hashes: of a message, and of several fields none of which can run into the next."""

from hashlib import sha256

BLOCK = 64  # bytes that SHA-256 takes at once
INNER, OUTER = (bytes(one ^ pad for one in range(256)) for pad in (0x36, 0x5C))


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of a message: 32 bytes.

    `hmac.digest` hands the processor over to the thread that writes, each time, and waits to get it back; a form takes
    six of them.
    """
    padded = (key if len(key) <= BLOCK else sha256(key).digest()).ljust(BLOCK, b"\0")
    inner = sha256(padded.translate(INNER) + message).digest()
    return sha256(padded.translate(OUTER) + inner).digest()


def keyed(secret: bytes, *fields: str) -> bytes:
    """HMAC-SHA-256 of the fields in order, each with its length in bytes before it: 32 bytes."""
    texts = [field.encode("utf-8", "surrogatepass") for field in fields]
    return mac(secret, b"".join(len(one).to_bytes(8) + one for one in texts))
