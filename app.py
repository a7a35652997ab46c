"""Start here: `streamlit run app.py` or `python app.py`.

Both doors on one port: phones at /q and /r (src/survey/web), the team's pages (pages/menu.py lists them).
`survey serve` runs this file as the office door alone, beside a public door of its own.
"""

import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
ALONE = os.environ.get("SURVEY_DOOR") == "office"
if not ALONE:  # both doors share this process's port, and QR codes must point where it listens
    HOST = os.environ.get("SURVEY_OFFICE_HOST") or str(st.get_option("server.address") or "")
    PORT = os.environ.get("SURVEY_OFFICE_PORT") or str(st.get_option("server.port"))
    os.environ.setdefault("SURVEY_PUBLIC_PORT", PORT)
    if HOST in ("127.0.0.1", "localhost"):
        os.environ.setdefault("SURVEY_BASE_URL", f"http://{HOST}:{PORT}")

from survey.actions.registry.departments import refresh_departments  # noqa: E402
from survey.actions.waves.keys import refuse_lost_keys  # noqa: E402
from survey.core.accounts.access import SYSTEM, acting, nobody_by_default  # noqa: E402
from survey.core.discreet import quiet_server  # noqa: E402
from survey.core.own_files import FileRefused  # noqa: E402
from survey.demo import load_demo_when_empty  # noqa: E402
from survey.running import listening  # noqa: E402
from survey.running.runner import JobRunner  # noqa: E402
from survey.running.serving import print_welcome  # noqa: E402
from survey.settings import get_settings  # noqa: E402
from survey.settings.errors import SettingsError  # noqa: E402
from survey.storage.accounts.anchors import open_places  # noqa: E402
from survey.storage.database import reading  # noqa: E402
from survey.storage.private_files import keep_private  # noqa: E402
from survey.storage.schema import prepare  # noqa: E402
from survey.ui.errors import report  # noqa: E402
from survey.web.office import guard, shell  # noqa: E402
from survey.web.office.doors import office_routes  # noqa: E402
from survey.web.phone import public  # noqa: E402

keep_private()
nobody_by_default()
HEALTH = ("/healthz", "/readyz")
PUBLIC = [route for route in public.routes() if not ALONE or route.path in HEALTH]


@contextmanager
def plain_refusals() -> Iterator[None]:
    """What a person can mend ends the program with its sentence; the server would add a trace."""
    try:
        yield
    except (FileRefused, SettingsError) as refused:
        print(refused, file=sys.stderr, flush=True)
        os._exit(1)  # nothing is open yet, and the server catches every exception


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Bring the schema up to date; on one port also show the demo where there is nothing yet, and run the jobs."""
    quiet_server()  # here, since the server sets up its logs after this file was read
    gc.freeze()  # what is loaded by now stays; looking through it again would stop everyone
    with plain_refusals():
        prepare()
        open_places()
        with reading() as db:
            refuse_lost_keys(db)
        if not ALONE:
            with acting(SYSTEM):
                refresh_departments()
                print_welcome(load_demo_when_empty(), shared_port=True)
    if ALONE:
        yield
        return
    runner = JobRunner()
    runner.start()
    yield
    runner.stop()


app = st.App(
    HERE / "pages" / "menu.py",
    routes=[*office_routes(), *PUBLIC, *shell.last_routes()],
    middleware=guard.middleware(),
    lifespan=lifespan,
    on_script_error=report,
)


if __name__ == "__main__":
    # Not app.run(): it binds without TCP_NODELAY, and every small answer would wait about 40 ms.
    with plain_refusals():
        settings = get_settings()
    listening.run(app, settings.office_host, settings.office_port)
