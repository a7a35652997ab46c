"""Documents to print, with the fonts we bring: cards, letters, the poster, the 封存凭证."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from survey.core.texts import FALLBACK, texts
from survey.output.press import qr_codes
from survey.output.press.typeset import REGULAR, typeset
from survey.output.waves.addressees import ENGLISH, Addressee, Occasion

CHUNK = 240  # enterprises a file: whole sheets of eight, and memory stays flat however many there are


@cache
def _covered() -> frozenset[int]:
    """The characters our widest font can draw."""
    with TTFont(REGULAR, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing(text: str) -> str:
    """The characters of a text that no font of ours can draw."""
    return "".join(dict.fromkeys(one for one in text if ord(one) not in _covered()))


def warnings(addressees: Sequence[Addressee]) -> list[str]:
    """A sentence for every enterprise whose name cannot be printed whole."""
    found = ((one.name, missing(one.name + one.officer)) for one in addressees)
    return [
        f"「{name}」有字库里没有的字（{'、'.join(chars)}），印出来是空框，请手写补上。"
        for name, chars in found
        if chars
    ]


def _for_each(template: str, about: Occasion, addressees: Sequence[Addressee]) -> bytes:
    drawings: dict[str, str] = {}
    rows = []
    for number, one in enumerate(addressees):
        name = f"{number}.svg"
        drawings[name] = qr_codes.family(about.base, len(one.code)).svg(one.code)
        facts = {"name": one.name, "officer": one.officer, "phone": about.phone}
        chinese = {**facts, "title": about.title, "opens": about.opens, "closes": about.closes}
        words = {"words": _letter(FALLBACK, chinese), "english": {}}
        if one.name_en and about.english:
            words["english"] = _letter(ENGLISH, {**facts, **about.english, "name": one.name_en})
        rows.append({**facts, **words, "link": about.link(one.code), "qr": name})
    return typeset(template, {**asdict(about), "addressees": rows}, drawings)


def _letter(language: str, facts: Mapping[str, str]) -> dict[str, str]:
    """The words of a letter."""
    words = {key: text for key, text in texts(language).items() if key.startswith("letter.")}
    return {key.removeprefix("letter."): text.format(**facts) for key, text in words.items()}


def cards(about: Occasion, addressees: Sequence[Addressee]) -> bytes:
    """QR cards, eight to an A4 sheet, with cutting marks."""
    return _for_each("cards", about, addressees)


def letters(about: Occasion, addressees: Sequence[Addressee]) -> bytes:
    """One letter a page and enterprise."""
    return _for_each("letters", about, addressees)


def chunks(addressees: Sequence[Addressee]) -> Iterator[Sequence[Addressee]]:
    """Enterprises in file-size portions."""
    for start in range(0, len(addressees), CHUNK):
        yield addressees[start : start + CHUNK]


def poster(about: Occasion, code: str) -> bytes:
    """An A4 poster for a wave's open code."""
    link = about.link(code)
    return typeset("poster", {**asdict(about), "link": link, "qr": "qr.svg"}, {"qr.svg": qr_codes.svg(link)})


def voucher(data: Mapping[str, Any]) -> bytes:
    """The 封存凭证; `data` as `vouchers.content` makes it."""
    return typeset("voucher", data, {})
