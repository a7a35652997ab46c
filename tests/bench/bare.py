"""A door with every limit of ours taken away, as uvicorn alone would keep it: `python -m tests.bench.bare public 8500`.

What floods do to it shows what the limits are for.
"""

import asyncio
import logging
import os
import sys
from typing import Any

import uvicorn
from streamlit import config

from survey.running.serving import OFFICE_NICENESS
from survey.web import doorstep, limits, turns
from survey.web.office import guard, sign_in

APPS = {"public": ("survey.web.phone.public:create_app", True), "office": ("app:app", False)}
ENVIRONMENT = {"SURVEY_OFFICE_RUNS": "100", "SURVEY_OFFICE_RUNS_EACH": "100"}  # as many as are allowed
LIMITS: tuple[tuple[Any, str, Any], ...] = (
    (doorstep, "with_plain_cookies", lambda scope: scope),
    (doorstep, "head_size", lambda *_: 0),
    (guard, "may_open", lambda _: asyncio.sleep(0, 204)),
    (limits.Messages, "wait", lambda *_: 0),
    (limits.Messages, "wait_to_open", lambda _: 0),
    (sign_in, "STRANGERS", turns.Turns(2, 10**6, 10**6)),
    (sign_in.wrong_sign_ins, "wait", lambda _: 0),
    (sign_in, "bucket", lambda _: "everyone in one line"),
)


def run(name: str, port: int) -> None:
    """Serve until ended; the application is loaded when the limits are gone."""
    for where, limit, nothing in LIMITS:
        setattr(where, limit, nothing)
    if name == "office":
        config.set_option("runner.postScriptGC", True)  # as Streamlit has it
    if name == "office" and hasattr(os, "nice"):
        os.nice(OFFICE_NICENESS)  # as our own
    logging.disable()  # it would say a thousand times a second that there are no files left
    app, factory = APPS[name]
    uvicorn.run(app, factory=factory, port=port, access_log=False, log_level="critical")


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
