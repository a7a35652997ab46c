"""QR codes as SVG, PNG and terminal text, always with the quiet zone that scanners need."""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from itertools import groupby

import qrcode
from qrcode.util import MODE_8BIT_BYTE, QRData

QUIET = 4  # modules of white around, as the standard asks
SMALLEST_MILLIMETRES = 25  # printed smaller, phones at arm's length fail to focus
INCH = 25.4
ASCII_BITS = 7


def _code(data: str, mask: int | None = None) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET, mask_pattern=mask)
    code.add_data(QRData(data.encode(), MODE_8BIT_BYTE))
    code.make()
    return code


def _rows(code: qrcode.QRCode) -> list[str]:
    """The modules row by row, `0` for a dark one as in pictures."""
    return ["".join("0" if dark else "1" for dark in row) for row in code.get_matrix()]


def svg(data: str, box: int = 8) -> str:
    """A QR code as one SVG path, `box` pixels a module."""
    return _drawing(_rows(_code(data)), box)


def _drawing(rows: Sequence[str], box: int) -> str:
    """Modules as one SVG path."""
    side = len(rows)
    path = "".join(_runs(row, y) for y, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * box}" '
        f'height="{side * box}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def _runs(row: str, y: int) -> str:
    """One row's dark modules as joined rectangles: a quarter of the size of single squares."""
    path, x = [], 0
    for module, run in groupby(row):
        length = len(list(run))
        if module == "0":
            path.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(path)


def png(data: str, *, millimetres: float = 30, dpi: int = 300) -> bytes:
    """A QR code to print, at least `millimetres` wide at `dpi`, in whole pixels a module so edges stay sharp."""
    rows = _rows(_code(data))
    wanted = max(millimetres, SMALLEST_MILLIMETRES) / INCH * dpi
    return _picture(rows, -(-int(wanted) // len(rows)), dpi)


def terminal(data: str) -> str:
    """A QR code of half-block characters, dark on light whatever the terminal's colours are."""
    out = StringIO()
    _code(data).print_ascii(out=out, invert=True)
    return out.getvalue()


def _picture(rows: Sequence[str], box: int, dpi: int = 300) -> bytes:
    """A black-and-white PNG, `box` pixels a module."""
    side = len(rows) * box
    lines = bytearray()
    for row in rows:
        bits = row.replace("1", "1" * box).replace("0", "0" * box).ljust(-(-side // 8) * 8, "0")
        lines += (b"\0" + int(bits, 2).to_bytes(len(bits) // 8)) * box
    dots = round(dpi / INCH * 1000).to_bytes(4)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
        for kind, body in (
            (b"IHDR", side.to_bytes(4) * 2 + b"\1\0\0\0\0"),
            (b"pHYs", dots * 2 + b"\1"),
            (b"IDAT", zlib.compress(lines, 6)),
            (b"IEND", b""),
        )
    )


class Family:
    """QR codes of addresses that differ only in their last `length` ASCII characters.

    With version and mask fixed, a code is linear over XOR: data, error correction and mask all are. So one
    empty code and the difference that each bit makes give any of them, a hundred times faster than anew.
    """

    MASK = 3  # any mask scans

    def __init__(self, start: str, length: int) -> None:
        empty = "\0" * length
        self._side, self._empty = self._modules(start + empty)
        self._bits = [
            [self._modules(start + empty[:place] + chr(1 << bit) + empty[place + 1 :])[1] ^ self._empty
             for bit in range(ASCII_BITS)]
            for place in range(length)
        ]  # fmt: skip

    def _modules(self, data: str) -> tuple[int, int]:
        rows = _rows(_code(data, self.MASK))
        return len(rows), int("".join(rows), 2)

    def png(self, end: str, box: int = 5) -> bytes:
        """The code of the address ending in `end`."""
        return _picture(self._ending(end), box)

    def svg(self, end: str, box: int = 8) -> str:
        """The same as a drawing: sharp in print at any size."""
        return _drawing(self._ending(end), box)

    def _ending(self, end: str) -> list[str]:
        modules = self._empty
        for character, bits in zip(end.encode("ascii"), self._bits, strict=True):
            for bit, change in enumerate(bits):
                if character >> bit & 1:
                    modules ^= change
        side = self._side
        whole = f"{modules:0{side * side}b}"
        return [whole[at : at + side] for at in range(0, side * side, side)]


@lru_cache(maxsize=8)
def family(start: str, length: int) -> Family:
    """The family of addresses beginning with `start`; takes a fraction of a second once."""
    return Family(start, length)
