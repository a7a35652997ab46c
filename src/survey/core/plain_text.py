"""Text as it is stored, and when two names are one."""

import re
import unicodedata

_ALIKE = str.maketrans(
    dict.fromkeys("【〔〖［「『《〈[{<", "(")
    | dict.fromkeys("】〕〗］」』》〉]}>", ")")
    | dict.fromkeys("‐‑‒–—―−－﹣_", "-")
    | dict.fromkeys("·•‧∙⋅・･．。﹒", ".")
    | dict.fromkeys("“”‘’＂＇\"'`", "'")
)
_INVISIBLE = ("Cc", "Cf", "Cs", "Co")


def clean(text: str) -> str:
    """Text as stored: composed characters, Unix line ends, no control characters, no blank ends."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (mark for mark in text if mark == "\n" or unicodedata.category(mark) not in _INVISIBLE)
    return "".join(kept).strip()


def one_line(text: str) -> str:
    """`clean` text on one line with single blanks, for names and titles."""
    return " ".join(clean(text).split())


def name_key(name: str) -> str:
    """Equal for names that differ only in width, case, blanks, or the shape of brackets, dashes, dots and quotes.

    For comparing only: what is stored and shown is the name as it was written.
    """
    folded = unicodedata.normalize("NFKC", clean(name).translate(_ALIKE)).casefold().translate(_ALIKE)
    return re.sub(r"[\s\ufe00-\ufe0f\U000e0100-\U000e01ef]+", "", folded)
