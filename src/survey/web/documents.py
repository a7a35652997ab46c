"""Page templates → bytes with the headers that keep them safe."""

import gzip
import re
import secrets
import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

HERE = Path(__file__).parent

PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "vary": "accept-encoding",
}
GZIP = 31  # what zlib calls a gzip wrapper
BARE = -15  # no wrapper: blocks to stand among others
LAST = b"\x03\x00"  # an empty block that ends them
SHORT = 256  # bytes of a value that packing would hardly make shorter
QUICK = 1  # gzip level of pages made per visitor: higher ones cost more than they save

templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@cache
def part(name: str) -> Markup:
    """A stylesheet or script to stand inside the page, without indents and comment lines."""
    lines = (line.strip() for line in (HERE / name).read_text(encoding="utf-8").splitlines())
    return Markup("\n".join(line for line in lines if line and not line.startswith(("//", "/*"))))


def fingerprint(text: str) -> str:
    """How a content security policy names an inline part."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def policy(*more_styles: str, frame_ancestors: str = "'self'", live: bool = True) -> str:
    """Only our own inline parts may run; every page names all of them, since a script may swap pages."""
    styles = " ".join(fingerprint(style) for style in (part("form.css"), *more_styles))
    script = fingerprint(part("form.js")) if live else "'none'"
    action = "'self'" if live else "'none'"
    return (
        f"default-src 'none'; style-src {styles}; script-src {script}; img-src 'self' data:; "
        f"connect-src 'self'; form-action {action}; base-uri 'none'; frame-ancestors {frame_ancestors}"
    )


def render(template: str, **values: Any) -> str:
    """A page with the shared stylesheet and, unless it is not `live`, the script in it."""
    values = {"live": True, "css": part("form.css"), "js": part("form.js"), **values}
    return templates.get_template(template).render(values)


@dataclass(frozen=True)
class Document:
    """A rendered page: what an office page may also frame or hand on."""

    html: str
    policy: str
    status: int = 200

    def headers(self) -> dict[str, str]:
        return {**PAGE_HEADERS, "content-security-policy": self.policy}

    def response(self, accept_encoding: str = "", more: Mapping[str, str] | None = None) -> Response:
        """The page as an answer, packed for those who can unpack it."""
        body, headers = self.html.encode(), {**self.headers(), **(more or {})}
        if takes_gzip(accept_encoding):
            body = gzip.compress(body, QUICK, mtime=0)
            headers["content-encoding"] = "gzip"
        return Response(body, self.status, headers)


def mark(place: int) -> str:
    """Stands in a page for a value that each visitor gets anew."""
    return f"{_MARK}{place}{_MARK}"


_MARK = secrets.token_hex(8)  # no title or text can contain it


class Packed:
    """A page ready but for the values at its marks, in order. What stands between them is packed once and stands
    beside them: blocks follow each other (RFC 1951), checksum and size end the whole (RFC 1952)."""

    def __init__(self, html: str, policy: str) -> None:
        self._plain = [piece.encode() for piece in re.split(f"{_MARK}\\d{_MARK}", html)]
        head, *rest = self._plain
        self._packed = [_blocks(head, GZIP), *(_blocks(piece) for piece in rest)]
        self._checksum = zlib.crc32(head)
        headers = {**PAGE_HEADERS, "content-security-policy": policy}
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._headers_packed = [*self._headers, (b"content-encoding", b"gzip")]

    def response(self, accept_encoding: str, *values: str) -> Response:
        """The page with one visitor's values, which must need no escaping."""
        texts = [value.encode() for value in values]
        head, *rest = _between(self._plain, texts)
        if not takes_gzip(accept_encoding):
            return _ready(b"".join((head, *rest)), self._headers)
        checksum, size = self._checksum, len(head)
        for piece in rest:
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        packed = _between(self._packed, map(_value_blocks, texts))
        end = (LAST, checksum.to_bytes(4, "little"), (size % 2**32).to_bytes(4, "little"))
        return _ready(b"".join((*packed, *end)), self._headers_packed)


def _blocks(text: bytes, wrapper: int = BARE) -> bytes:
    """Packed so that other blocks can follow."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wrapper)
    return packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)


def _value_blocks(text: bytes) -> bytes:
    """One visitor's value, as it is if it is short: making a packer costs more than all else."""
    if len(text) > SHORT:
        return _blocks(text)
    return b"\0" + len(text).to_bytes(2, "little") + (len(text) ^ 0xFFFF).to_bytes(2, "little") + text


def _between(pieces: Sequence[bytes], values: Iterable[bytes]) -> list[bytes]:
    """The pieces with a value between each two."""
    first, *rest = pieces
    return [first, *chain.from_iterable(zip(values, rest, strict=True))]


def _ready(body: bytes, headers: list[tuple[bytes, bytes]]) -> Response:
    """An answer whose headers were made before."""
    response = Response(body)
    response.raw_headers = [*headers, (b"content-length", str(len(body)).encode())]
    return response


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a browser unpacks gzip."""
    return "gzip" in accept_encoding and "gzip;q=0" not in accept_encoding.replace(" ", "")
