"""Cookies are read by a linear scan, and nobody behind the doorstep sees one that is not plain."""

import ast
import time
from collections.abc import Callable

import pytest
from starlette.requests import HTTPConnection, cookie_parser

from survey.core.cookie_probe import parsing_is_linear
from survey.settings import ROOT
from survey.web.cookies import cookie, with_plain_cookies

BOMB = 'a="' + "\\" * 15_000 + '"'


def asked(*lines: str) -> dict[str, object]:
    headers = [(b"cookie", line.encode("latin-1")) for line in lines]
    return {"type": "http", "headers": [(b"host", b"a"), *headers]}


@pytest.mark.parametrize(
    "line",
    [
        "survey_office=abc",
        "other=1; survey_office=abc",
        "survey_office=abc;survey_device=x.y; _streamlit_xsrf=2|a|b|c",
        " survey_office = abc ",
        "survey_office=first; survey_office=abc",
        "survey_office=abc; survey_office_other=no",
        "survey_office=a=b",
        "survey_office=",
        "survey_office",
        "",
        ";;=;",
    ],
)
def test_a_cookie_is_what_starlette_says_it_is(line: str) -> None:
    assert cookie(HTTPConnection(asked(line)), "survey_office") == cookie_parser(line).get("survey_office")


@pytest.mark.parametrize(
    "line", [BOMB, f"survey_office=abc; {BOMB}", 'survey_office="abc\\101"', 'survey_office="abc"']
)
def test_nobody_behind_the_doorstep_sees_a_cookie_that_is_not_plain(line: str) -> None:
    """Only decoding takes quadratic time, and only a quoted value is decoded."""
    seen = with_plain_cookies(asked(line, "_streamlit_xsrf=2|a|b|c; foreign=1"))
    for name, value in seen["headers"]:
        assert (name, b'"' in value, b"\\" in value, b"foreign" in value) == (name, False, False, False)
    assert HTTPConnection(seen).cookies["_streamlit_xsrf"] == "2|a|b|c"


def test_what_nobody_reads_goes_no_further() -> None:
    assert with_plain_cookies(asked("a=b; c=d"))["headers"] == [(b"host", b"a")]
    assert with_plain_cookies(asked())["headers"] == [(b"host", b"a")]


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: path.name)
def test_nobody_of_us_asks_the_runtimes_parser(path: object) -> None:
    """`.cookies` of a request, `st.context.cookies` and `http.cookies` all end there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.Attribute) and node.attr == "cookies"), path
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        assert "http.cookies" not in names, path
        assert not (isinstance(node, ast.ImportFrom) and node.module == "http.cookies"), path


def slow(power: int) -> Callable[[str], dict[str, str]]:
    """A parser that takes so long by the length, or its square."""

    def parse(text: str) -> dict[str, str]:
        time.sleep(0.02 * (len(text) / 2000) ** power)
        return {}

    return parse


def test_the_probe_tells_a_quadratic_parser_from_a_linear_one() -> None:
    assert parsing_is_linear(slow(1))
    assert not parsing_is_linear(slow(2))
    assert parsing_is_linear() in (True, False)  # this Python's own; either is served safely
