"""A page packed in two pieces is one gzip file that every reader takes whole."""

import gzip
import zlib

import pytest

from survey.web.documents import Packed, mark

PIECES = ["<p>非常满意</p>" * 500, "。" * 400, "<p>尾</p>"]


@pytest.mark.parametrize("values", [("", ""), ("abc", "0" * 900), ("Zm9v", "x")])
def test_packed_or_plain_it_is_the_same_page(values: tuple[str, str]) -> None:
    page = Packed(f"{PIECES[0]}{mark(0)}{PIECES[1]}{mark(1)}{PIECES[2]}", "default-src 'none'")
    whole = f"{PIECES[0]}{values[0]}{PIECES[1]}{values[1]}{PIECES[2]}".encode()
    packed, plain = page.response("gzip", *values), page.response("", *values)
    assert plain.body == whole == gzip.decompress(packed.body)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers


def test_a_browser_reads_it_as_one_file_with_its_end() -> None:
    page = Packed(f"{PIECES[0]}{mark(0)}{PIECES[1]}", "default-src 'none'")
    body = bytes(page.response("gzip", "abc").body)
    reader = zlib.decompressobj(31)
    reader.decompress(body)
    assert reader.eof
    assert not reader.unused_data
    spoiled = body[:-8] + bytes([body[-8] ^ 1]) + body[-7:]  # a checksum that is looked at
    with pytest.raises(zlib.error):
        zlib.decompress(spoiled, 31)
