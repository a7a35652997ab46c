"""Whether this Python takes quadratic time over a quoted cookie (CVE-2024-7592)."""

import time
from collections.abc import Callable

from starlette.requests import cookie_parser


def parsing_is_linear(parse: Callable[[str], object] = cookie_parser) -> bool:
    """Whether cookies four times as long take less than eight times as long to parse; 16 times is quadratic."""
    return _seconds(parse, 2000) < 8 * _seconds(parse, 500)


def _seconds(parse: Callable[[str], object], escapes: int) -> float:
    """The shortest of three, since whatever else runs can only make it longer."""
    hostile, taken = 'a="' + "\\" * escapes + '"', []
    for _ in range(3):
        began = time.perf_counter()
        parse(hostile)
        taken.append(time.perf_counter() - began)
    return min(taken)
