"""What remarks are about: words that set one group of them apart, and themes from a short editable list."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from rjieba import Jieba

from survey.core.estimates import Floats
from survey.settings import ROOT

DICTIONARY = ROOT / "data" / "words.txt"
STOP_WORDS = ROOT / "data" / "stop_words.txt"
THEMES = ROOT / "data" / "themes.toml"
LEAST = 5  # different remarks with a word before it is shown; a rarer one may point at its writer
CLEAR = 1.96  # |z| from which a word sets two groups apart
FLAT = 0.01  # prior count of a word nobody used


class WordsError(ValueError):
    """A word list that cannot be used; the text is a Chinese sentence."""


@dataclass(frozen=True)
class Term:
    """A word, the remarks on either side that have it, and how far it sets the first apart (z)."""

    word: str
    ours: int
    others: int
    z: float


@cache
def cutter() -> Jieba:
    """The cutter with our dictionary, made once."""
    jieba = Jieba()
    for word in _lines(DICTIONARY):
        jieba.add_word(word, None, None)
    return jieba


@cache
def stop_words() -> frozenset[str]:
    return frozenset(_lines(STOP_WORDS))


def _lines(path: Path) -> list[str]:
    """One word a line; what follows # is a remark."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [word for line in lines if (word := line.partition("#")[0].strip())]


def terms(remark: str, stop: Iterable[str] = ()) -> set[str]:
    """The words of a remark, each once: two characters or more, no numbers, no stop words."""
    dropped = stop_words() | set(stop)
    return {word for word in cutter().cut(remark) if len(word) > 1 and word.isalpha() and word not in dropped}


def distinguishing(
    ours: Sequence[str], others: Sequence[str], stop: Iterable[str] = (), least: int = LEAST
) -> list[Term]:
    """Words typical of `ours` (不满意 against 满意, a department against the rest), the clearest first.

    A remark counts once per word. A word shows only if `least` different remarks of ours have it.
    """
    stop = frozenset(stop)
    first, second = (
        Counter(word for one in set(group) for word in terms(one, stop)) for group in (ours, others)
    )
    words = sorted(first | second)
    z = log_odds(np.array([first[word] for word in words]), np.array([second[word] for word in words]))
    found = [Term(word, first[word], second[word], float(own)) for word, own in zip(words, z, strict=True)]
    return sorted((one for one in found if one.z > CLEAR and one.ours >= least), key=lambda one: -one.z)


def log_odds(ours: Floats, others: Floats, prior: Floats | None = None) -> Floats:
    """z of the log-odds ratio of each word with a Dirichlet prior (Monroe, Colaresi & Quinn 2008).

    The prior is both groups together unless given: it keeps rare words from looking telling.
    """
    alpha = ours + others + FLAT if prior is None else prior
    one, other = ours + alpha, others + alpha
    delta = np.log(one / (one.sum() - one)) - np.log(other / (other.sum() - other))
    return np.asarray(delta / np.sqrt(1 / one + 1 / other), np.float64)


def load_themes(path: Path = THEMES) -> dict[str, tuple[str, ...]]:
    """Label → words. Raises WordsError naming the entry that cannot be used."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["theme"]
        themes = {entry["label"]: tuple(entry["words"]) for entry in entries}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise WordsError(f"{path.name} 写得不对：每个主题要有 label 和 words（{error}）") from error
    if len(themes) < len(entries) or not all(
        all(isinstance(w, str) and w for w in ws) and ws for ws in themes.values()
    ):
        raise WordsError(f"{path.name} 里主题重名，或有主题没有词")
    return themes


def themes_of(remark: str, themes: Mapping[str, Sequence[str]]) -> list[str]:
    """Labels of the themes whose words stand in a remark; a suggestion that a person confirms."""
    return [label for label, words in themes.items() if any(word in remark for word in words)]


def count_themes(
    remarks: Iterable[str], themes: Mapping[str, Sequence[str]], least: int = LEAST
) -> dict[str, int]:
    """Different remarks by theme, most first; a theme fewer than `least` mention is left out."""
    counts = Counter(label for remark in set(remarks) for label in themes_of(remark, themes))
    return {label: count for label, count in counts.most_common() if count >= least}
