"""Where a cell of a workbook stands, from its reference; one that cannot be is refused."""

import re

from survey.core.intake.list_text import SAVE_ANEW
from survey.core.intake.sheets import Box, TableRefused

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


def place_of(reference: str) -> tuple[int, int]:
    """(row from 1, column from 0) of a cell's reference."""
    found = _REFERENCE.fullmatch(reference)
    column = 0
    for letter in found[1].upper() if found else "":
        column = column * 26 + ord(letter) - 64
    if not found or column > 16_384 or int(found[2]) > 1_048_576:
        raise TableRefused(f"文件里有一个不存在的格子「{reference[:12]}」，多半是别的程序写坏的。{SAVE_ANEW}")
    return int(found[2]), column - 1


def row_number(text: str) -> int:
    if text and not (text.isdigit() and 1 <= int(text) <= 1_048_576):
        raise TableRefused(f"文件里有一个不存在的行号「{text[:12]}」，多半是别的程序写坏的。{SAVE_ANEW}")
    return int(text or "0")


def box_of(reference: str) -> Box:
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = place_of(first), place_of(last or first)
    return top, left, bottom, right
