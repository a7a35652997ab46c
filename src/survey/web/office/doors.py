"""Every address of the office door, in one list."""

from starlette.routing import BaseRoute

from survey.web.office import (
    additions,
    audit,
    codes,
    entry,
    exports,
    metrics,
    monitor,
    screen,
    shell,
    sign_in,
)

ROOMS = (shell, sign_in, exports, codes, monitor, entry, screen, audit, additions, metrics)


def office_routes() -> list[BaseRoute]:
    """The office routes; Streamlit's own come after them, and `shell.last_routes()` last."""
    return [route for room in ROOMS for route in room.routes()]
