"""QR codes as SVG, PNG and terminal text, always with the quiet zone that scanners need."""

from io import BytesIO, StringIO
from itertools import groupby

import qrcode
from PIL import Image

QUIET = 4  # modules of white around, as the standard asks
SMALLEST_MILLIMETRES = 25  # printed smaller, phones at arm's length fail to focus
FIXED_MASK = 3  # any mask scans; choosing the prettiest costs six times as long


def _code(data: str, mask: int | None = None) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET, mask_pattern=mask)
    code.add_data(data)
    code.make()
    return code


def svg(data: str, box: int = 8, quick: bool = False) -> str:
    """A QR code as one SVG path, `box` pixels a module; `quick` for pages made per visitor."""
    matrix = _code(data, FIXED_MASK if quick else None).get_matrix()
    side = len(matrix)
    path = "".join(_runs(row, y) for y, row in enumerate(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * box}" '
        f'height="{side * box}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def _runs(row: list[bool], y: int) -> str:
    """One row's dark modules as joined rectangles: a quarter of the size of single squares."""
    path, x = [], 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            path.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(path)


def png(data: str, *, millimetres: float = 30, dpi: int = 300) -> bytes:
    """A QR code to print, at least `millimetres` wide at `dpi`, in whole pixels a module so edges stay sharp."""
    matrix = _code(data).get_matrix()
    wanted = max(millimetres, SMALLEST_MILLIMETRES) / 25.4 * dpi
    box = -(-int(wanted) // len(matrix))
    image = Image.new("1", (len(matrix), len(matrix)), 1)
    image.putdata([not dark for row in matrix for dark in row])
    side = len(matrix) * box
    file = BytesIO()
    image.resize((side, side), Image.Resampling.NEAREST).save(file, "PNG", dpi=(dpi, dpi), optimize=True)
    return file.getvalue()


def terminal(data: str) -> str:
    """A QR code of half-block characters, dark on light whatever the terminal's colours are."""
    out = StringIO()
    _code(data).print_ascii(out=out, invert=True)
    return out.getvalue()
