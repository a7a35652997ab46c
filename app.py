"""Start here: `streamlit run app.py` or `python app.py`.

Both doors on one port: phones at /q and /r (src/survey/web), the team's pages (pages/menu.py lists them).
`survey serve` runs this file as the office door alone, beside a public door of its own.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
ALONE = os.environ.get("SURVEY_DOOR") == "office"
if not ALONE:  # the QR codes must point to the port that both doors share
    SHARED_PORT = os.environ.get("SURVEY_OFFICE_PORT") or str(st.get_option("server.port"))
    os.environ.setdefault("SURVEY_PUBLIC_PORT", SHARED_PORT)

from survey.jobs import JobRunner  # noqa: E402
from survey.settings import get_settings  # noqa: E402
from survey.storage.database import prepare  # noqa: E402
from survey.ui.errors import report  # noqa: E402
from survey.web import guard, office, public, sign_in  # noqa: E402

HEALTH = ("/healthz", "/readyz")
PUBLIC = [route for route in public.routes() if not ALONE or route.path in HEALTH]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Bring the schema up to date and, when no other process does, run the jobs."""
    prepare()
    runner = None if ALONE else JobRunner()
    if runner:
        runner.start()
    yield
    if runner:
        runner.stop()


app = st.App(
    HERE / "pages" / "menu.py",
    routes=[*office.routes(), *sign_in.routes(), *PUBLIC, *office.last_routes()],
    middleware=guard.middleware(),
    lifespan=lifespan,
    on_script_error=report,
)


if __name__ == "__main__":
    import uvicorn

    # Not app.run(): it binds without TCP_NODELAY, and every small answer would wait about 40 ms.
    settings = get_settings()
    print(f"办公端：http://{settings.office_host}:{settings.office_port}/  企业端：{settings.address}/")
    uvicorn.run(
        app, host=settings.office_host, port=settings.office_port, access_log=False, log_level="warning"
    )
