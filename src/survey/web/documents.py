"""Page templates → bytes with the headers that keep them safe."""

import gzip
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
    """A page with the shared stylesheet and script in it."""
    return templates.get_template(template).render(css=part("form.css"), js=part("form.js"), **values)


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


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a browser unpacks gzip."""
    return "gzip" in accept_encoding and "gzip;q=0" not in accept_encoding.replace(" ", "")
