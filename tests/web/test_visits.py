"""What the door reads of a request."""

from starlette.requests import Request

from survey.web.phone.visits import HEADER_LENGTH, visit_of


def request(query: bytes = b"", *headers: tuple[bytes, bytes], method: str = "GET") -> Request:
    return Request(
        {
            "type": "http", "method": method, "query_string": query, "headers": list(headers),
            "path_params": {"code": "ABCD"}, "client": ("198.51.100.7", 5000),
        }
    )  # fmt: skip


def test_what_a_phone_says_of_itself() -> None:
    visit = visit_of(
        request(
            b"lang=en&channel=tablet&mode=named", (b"user-agent", b"Phone"), (b"accept-encoding", b"gzip"),
            (b"accept-language", b"zh"), method="POST",
        )
    )  # fmt: skip
    assert (visit.code, visit.receipt, visit.mode, visit.posted) == ("ABCD", "", "named", True)
    assert (visit.address, visit.browser, visit.encodings) == ("198.51.100.7", "Phone", "gzip")
    assert (visit.variant.language, visit.variant.tablet, visit.variant.query) == (
        "en", True, "?lang=en&channel=tablet",
    )  # fmt: skip


def test_of_two_headers_by_one_name_the_first_counts() -> None:
    assert visit_of(request(b"", (b"user-agent", b"first"), (b"user-agent", b"second"))).browser == "first"


def test_no_more_of_a_header_is_kept_than_is_looked_at() -> None:
    visit = visit_of(request(b"", (b"user-agent", b"a" * 2000), (b"accept-language", b"\xff" * 2000)))
    assert (visit.browser, len(visit.languages)) == ("a" * HEADER_LENGTH, HEADER_LENGTH)


def test_a_bare_request() -> None:
    visit = visit_of(request())
    assert (visit.browser, visit.languages, visit.encodings, visit.mode, visit.posted) == (
        "",
        "",
        "",
        "",
        False,
    )
    assert visit.variant.query == ""
