"""Page templates → bytes with the headers that keep them safe."""

import gzip
import re
import secrets
import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
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
SHORT = (-9, 1)  # no wrapper, and the smallest window and memory, for a few hundred bytes
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
    """A page ready but for the values at its marks, in order. What stands before the first is packed once; what
    follows is packed by itself and put behind it (RFC 1951: blocks follow each other; RFC 1952: checksum and size
    end the whole). Going on from a copy of the first packer would copy a quarter of a megabyte each time."""

    def __init__(self, html: str, policy: str) -> None:
        head, *rest = re.split(f"{_MARK}\\d{_MARK}", html)
        self._plain, self._rest = head.encode(), rest
        packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
        self._packed = packer.compress(self._plain) + packer.flush(zlib.Z_SYNC_FLUSH)
        self._checksum = zlib.crc32(self._plain)
        self._headers = {**PAGE_HEADERS, "content-security-policy": policy}
        self._headers_packed = {**self._headers, "content-encoding": "gzip"}

    def response(self, accept_encoding: str, *values: str) -> Response:
        """The page with one visitor's values, which must need no escaping."""
        rest = "".join(f"{value}{piece}" for value, piece in zip(values, self._rest, strict=True)).encode()
        if not takes_gzip(accept_encoding):
            return Response(self._plain + rest, 200, self._headers)
        packer = zlib.compressobj(QUICK, zlib.DEFLATED, *SHORT)
        checksum, size = zlib.crc32(rest, self._checksum), len(self._plain) + len(rest)
        end = (checksum.to_bytes(4, "little"), (size % 2**32).to_bytes(4, "little"))
        body = b"".join((self._packed, packer.compress(rest), packer.flush(), *end))
        return Response(body, 200, self._headers_packed)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a browser unpacks gzip."""
    return "gzip" in accept_encoding and "gzip;q=0" not in accept_encoding.replace(" ", "")
