"""Logs that tell neither addresses nor codes nor what people typed: no access log, errors without their messages."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from errno import errorcode
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)
SHORTEST = 4  # characters of an error's text that are worth looking for in a message
HOME = Path(__file__).resolve().parents[1]

OF_STRANGERS = ("completing handshake", "Invalid HTTP request", "Unsupported upgrade request")


def quiet_server() -> None:
    """No line for every visitor, no error's text. Importing Streamlit gives uvicorn's access log a new handler, whatever the
    server was told; and at its usual level uvicorn tells the address of every session."""
    quiet_errors()
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


def reason(error: BaseException) -> str:
    """A line on what failed and where in our own code, to be kept and shown: kinds and places, no message."""
    cause = getattr(error, "orig", None) or error  # the driver's own error, behind SQLAlchemy's
    codes = (getattr(cause, name, None) for name in ("sqlite_errorname", "sqlstate"))
    code = next(filter(None, codes), None) or errorcode.get(getattr(cause, "errno", None) or 0, "")
    frames = [
        one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).is_relative_to(HOME)
    ]
    place = (
        f"（{Path(frames[-1].filename).relative_to(HOME).as_posix()} 第 {frames[-1].lineno} 行）"
        if frames
        else ""
    )
    return f"{_named(error)}{f' {code}' if code else ''}{place}"[:200]


# --- errors, whoever logs them --------------------------------------------------------------------------


def quiet_errors() -> None:
    """From now on nothing this process logs or prints about an error repeats its text, other libraries' lines too.

    Streamlit logs every error of a page, uvicorn every one of a handler, asyncio every one of a task.
    """
    logging.setLogRecordFactory(DiscreetRecord)
    sys.excepthook = lambda _kind, error, _where: _tell(error)
    threading.excepthook = lambda one: _tell(one.exc_value)
    sys.unraisablehook = lambda one: _tell(one.exc_value)
    traceback.print_exc = lambda *_args, **_named: _tell(sys.exc_info()[1])


def _tell(error: BaseException | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    log.error("未预料的错误：%s", trace(error) if error is not None else "")


class DiscreetRecord(logging.LogRecord):
    """A line of a log in which errors stand without their texts."""

    def __init__(
        self, name: str, level: int, pathname: str, lineno: int, msg: object, args: Any, exc_info: Any,
        func: str | None = None, sinfo: str | None = None, **_: Any,
    ) -> None:  # fmt: skip
        error = exc_info[1] if exc_info else None
        if isinstance(args, tuple):
            args = tuple(_named(one) if isinstance(one, BaseException) else one for one in args)
        super().__init__(name, level, pathname, lineno, msg, args, None, func, sinfo)
        self._errors = list(_chain(error or sys.exc_info()[1]))
        if error is not None:
            self.exc_text = trace(error)

    def getMessage(self) -> str:
        """Without the text of an error that is being handled, should somebody have put it in."""
        text = super().getMessage()
        if self.name == "asyncio":  # tells what it found with all that was handed to it
            return re.split(r"[\n(<]", text, maxsplit=1)[0].strip()
        for error in self._errors:
            for quoted in (repr(error), str(error)):
                if len(quoted) >= SHORTEST:
                    text = text.replace(quoted, _named(error))
        return text


def _named(error: BaseException) -> str:
    """Its kind, or its text where we wrote that for a log."""
    return str(error) if getattr(error, "for_the_log", False) else type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        if not getattr(error, "for_the_log", False):
            yield error
        error = error.__cause__ or error.__context__
