"""QR codes scan, print large enough and keep their quiet zone."""

import re
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from survey.output.press import qr_codes

ADDRESS = "https://ceping.example.gov.cn/q/Zm9vYmFyYmF6cXV4MTIzNA"


def drawn(svg: str, box: int) -> Image.Image:
    """An SVG of ours as a picture: its path is made of rectangles only."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    image = Image.new("L", (side * box, side * box), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        left, top = int(x) * box, int(y) * box
        pen.rectangle((left, top, left + int(width) * box - 1, top + box - 1), fill=0)
    return image


def test_svg_scans() -> None:
    assert zxingcpp.read_barcode(drawn(qr_codes.svg(ADDRESS), 6)).text == ADDRESS


@pytest.mark.parametrize("end", ["aaaaaajybfucltih6e353etsnwxer4ihj5au4cy", "7" * 39, "a2" * 19 + "z"])
def test_a_family_member_is_the_very_code_the_library_draws(end: str) -> None:
    image = Image.open(BytesIO(qr_codes.family("https://ceping.example.gov.cn/r/", 39).png(end)))
    assert zxingcpp.read_barcode(image).text == f"https://ceping.example.gov.cn/r/{end}"


def test_png_scans_and_is_never_printed_too_small() -> None:
    image = Image.open(BytesIO(qr_codes.png(ADDRESS, millimetres=5)))
    assert image.width / 300 * 25.4 >= 25
    assert zxingcpp.read_barcode(image).text == ADDRESS


def test_png_is_as_large_as_asked_and_white_around() -> None:
    image = Image.open(BytesIO(qr_codes.png(ADDRESS, millimetres=60))).convert("L")
    assert 60 <= image.width / 300 * 25.4 < 63
    quiet = 4 * image.width // 41  # version 4: 33 modules and 4 of white on each side
    assert image.crop((0, 0, image.width, quiet)).getextrema() == (255, 255)


def test_terminal_shows_half_blocks() -> None:
    assert "█" in qr_codes.terminal(ADDRESS)
