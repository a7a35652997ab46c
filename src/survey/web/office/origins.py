"""Under which names a door is asked, and from which pages."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from survey.settings import get_settings

PORTS = {"http": 80, "https": 443}
OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")


def same_origin(headers: Headers) -> bool:
    """Whether a page of ours is asking: Origin and Host agree to the letter."""
    host = headers.get("host", "")
    return bool(host) and headers.get("origin", "") in (f"http://{host}", f"https://{host}")


def is_foreign(scope: Scope) -> bool:
    """Whether another site's page is asking. A link from there may lead here, but nothing more."""
    headers = Headers(scope=scope)
    if scope["type"] == "websocket" or "origin" in headers:
        return not same_origin(headers)
    reads = scope["method"] in ("GET", "HEAD")
    return not reads and headers.get("sec-fetch-site") in ("cross-site", "same-site")


def is_own_host(scope: Scope, public: bool = False) -> bool:
    """Whether the office door is asked by a name of its own; `public`: or by the one that QR codes point to."""
    hosts = Headers(scope=scope).getlist("host")
    return len(hosts) == 1 and hosts[0].lower() in set(_hosts(scope, public))


def names_this_machine(host: str) -> bool:
    """Whether a Host header calls the machine by the names that only it itself uses; any port."""
    return (urlsplit(f"//{host}").hostname or "") in {name.strip("[]") for name in OWN_NAMES}


def _hosts(scope: Scope, public: bool) -> Iterator[str]:
    settings = get_settings()
    address, port = scope.get("server") or ("", None)
    for name in OWN_NAMES:
        yield from _written(name, port, "http")
    if settings.office_host not in ("0.0.0.0", "::"):
        yield from _written(_in_brackets(settings.office_host), port, "http")
    if settings.office_url:
        yield from _of(settings.office_url)
    else:  # the address at which the connection came in is this machine's own
        yield from _written(_in_brackets(address), port, "http")
    if public:
        yield from _of(settings.address)


def _of(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    yield from _written(_in_brackets(parts.hostname or ""), parts.port or PORTS[parts.scheme], parts.scheme)


def _written(name: str, port: int | None, scheme: str) -> Iterator[str]:
    """As browsers write a host: without the port where it is the usual one."""
    yield f"{name}:{port}"
    if port == PORTS[scheme]:
        yield name


def _in_brackets(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name.lower()
