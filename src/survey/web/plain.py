"""Plain office pages beside Streamlit: sign-in, notices, the projected QR code."""

from typing import Any

from starlette.responses import HTMLResponse

from survey.web.documents import templates

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'",
}


def plain_page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A rendered page that no cache keeps and that runs nothing but our own files."""
    return HTMLResponse(templates.get_template(template).render(**values), status, HEADERS)


def notice(title: str, text: str, status: int) -> HTMLResponse:
    """One page for everything that is not there or not allowed."""
    return plain_page("office_notice.html", status, title=title, text=text)
