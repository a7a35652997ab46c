"""Themes of remarks: suggested by words, confirmed by a person; the two are never added up unsaid."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from survey.core.remarks.words import FEWEST_REMARKS, themes_of
from survey.core.study.model import Word

LABEL_LIMIT, WORD_LIMIT = 12, 12  # characters
WORDS_LIMIT, THEMES_LIMIT = 40, 30


@dataclass(frozen=True)
class Labels:
    """Themes of a remark. A confirmed one is not suggested any more."""

    confirmed: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()

    def __contains__(self, label: str) -> bool:
        return label in self.confirmed or label in self.suggested


@dataclass(frozen=True)
class ThemeCount:
    """Different remarks of a theme."""

    label: str
    confirmed: int
    suggested: int

    @property
    def total(self) -> int:
        return self.confirmed + self.suggested


@lru_cache(maxsize=16)
def labels(
    texts: tuple[str, ...], themes: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[tuple[str, ...], ...]:
    """The themes that words suggest for each text; kept, since a page asks again at every click."""
    by_label = dict(themes)
    return tuple(tuple(themes_of(one, by_label)) for one in texts)


def count(
    remarks: Sequence[tuple[str, Labels]], themes: Iterable[str], least: int = FEWEST_REMARKS
) -> list[ThemeCount]:
    """(text, labels) by theme, most first; a text counts once. A theme with fewer than `least` is left out."""
    confirmed: dict[str, set[str]] = {label: set() for label in themes}
    suggested: dict[str, set[str]] = {label: set() for label in confirmed}
    for text, one in remarks:
        for given, told in ((one.confirmed, confirmed), (one.suggested, suggested)):
            for label in given:
                told.get(label, set()).add(text)
    found = [
        ThemeCount(label, len(texts), len(suggested[label] - texts)) for label, texts in confirmed.items()
    ]
    return sorted((one for one in found if one.total >= least), key=lambda one: -one.total)


def readable(words: Iterable[Word], texts: Collection[str], least: int = FEWEST_REMARKS) -> list[Word]:
    """Telling words that stand in enough of the different texts that their reader may read: none struck out."""
    different = set(texts)
    return [one for one in words if sum(one.word in text for text in different) >= least]
