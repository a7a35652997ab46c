"""Every address of the office door, in one list."""

from starlette.routing import BaseRoute

from survey.web import audit, codes, entry, exports, metrics, monitor, office, screen, sign_in

ROOMS = (office, sign_in, exports, codes, monitor, entry, screen, audit, metrics)


def office_routes() -> list[BaseRoute]:
    """The office routes; Streamlit's own come after them, and `office.last_routes()` last."""
    return [route for room in ROOMS for route in room.routes()]
