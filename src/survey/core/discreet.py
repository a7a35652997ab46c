"""Logs that tell neither addresses nor codes: no access log, and errors without their messages."""

import logging
import traceback

OF_STRANGERS = ("completing handshake", "Invalid HTTP request", "Unsupported upgrade request")


def quiet_server() -> None:
    """No line for every visitor. Importing Streamlit gives uvicorn's access log a new handler, whatever the
    server was told; and at its usual level uvicorn tells the address of every session."""
    logging.getLogger("uvicorn.access").disabled = True
    errors = logging.getLogger("uvicorn.error")
    errors.setLevel(logging.WARNING)
    errors.addFilter(_is_worth_reading)


def _is_worth_reading(record: logging.LogRecord) -> bool:
    """uvicorn has a line for every refused session and every garbled request; strangers could fill the disk."""
    return not any(one in str(record.msg) for one in OF_STRANGERS)


def trace(error: BaseException) -> str:
    """What failed and where. The message is left out: it may quote a code, an address or a text."""
    where = "".join(traceback.format_tb(error.__traceback__))
    cause = error.__cause__ or error.__context__
    before = f"{trace(cause)}\n" if cause is not None else ""
    return f"{before}{type(error).__name__}\n{where}".rstrip()
