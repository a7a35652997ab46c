"""Rare characters that older GB 18030 and GBK software kept in the private-use area → their Unicode characters.

A private-use character has no meaning outside the font that drew it. Where GB 18030-2022 says which character was
meant it is mapped; any other one is refused by whoever reads it, for dropping it would turn one name into another.
"""

import re

# GB 18030-2022, table D.1 (six of them since the 2005 edition): what Python's codec still decodes to private use.
_MAPPED_LATER = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15,
    0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE7C7: 0x1E3F, 0xE816: 0x20087,
    0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE,
    0xE864: 0x9FBB,
}  # fmt: skip


def _mapped_by_position() -> dict[int, int]:
    """Private-use code → character, for the 80 characters that GBK kept at FE50–FEA0 and a few before them.

    Windows wrote them as private use in the order of their bytes; the codec knows what stands at those bytes today.
    """
    trails = [trail for trail in range(0x50, 0xA1) if trail != 0x7F]
    places = dict(zip(range(0xE815, 0xE865), (bytes((0xFE, trail)) for trail in trails), strict=True))
    places |= {0xE7C8: b"\xa8\xbf"}
    places |= {0xE7E7 + step: bytes((0xA9, 0x89 + step)) for step in range(13)}
    return {code: ord(place.decode("gb18030")) for code, place in places.items()}


_LOST = re.compile("[\ue000-\uf8ff\ufffd-\uffff\ud800-\udfff\U000f0000-\U0010ffff]")
_MEANT = _mapped_by_position() | _MAPPED_LATER


def readable(text: str) -> str:
    """The text with every private-use character mapped whose meaning is known."""
    return text.translate(_MEANT) if unreadable(text) else text


def unreadable(text: str) -> str:
    """The first character that nobody can read: private use without a known meaning, or one lost earlier; or ''."""
    found = None if text.isascii() else _LOST.search(text)
    return found[0] if found else ""
