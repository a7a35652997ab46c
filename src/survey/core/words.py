"""What remarks are about: words that set one group of them apart, and themes from a short editable list."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from rjieba import Jieba
from scipy.stats import norm

from survey.core.estimates import LEVEL, Floats
from survey.core.ranks import adjusted
from survey.settings import ROOT

DICTIONARY = ROOT / "data" / "words.txt"
STOP_WORDS = ROOT / "data" / "stop_words.txt"
THEMES = ROOT / "data" / "themes.toml"
LEAST = 5  # different remarks with a word before it is shown; a rarer one may point at its writer


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

    A remark counts once per word. A word shows only if `least` different remarks of ours have it; of the words
    shown at most one in twenty is there by chance (Benjamini–Hochberg).
    """
    stop = frozenset(stop)
    first, second = (_count(group, stop) for group in (ours, others))
    words = sorted(first | second)
    z = log_odds(np.array([first[word] for word in words]), np.array([second[word] for word in words]))
    able = [place for place, word in enumerate(words) if first[word] >= least]
    p = adjusted(2 * norm.sf(np.abs(z[able])), "fdr_bh")
    clear = [place for place, own in zip(able, p, strict=True) if own <= 1 - LEVEL and z[place] > 0]
    found = [
        Term(words[place], first[words[place]], second[words[place]], float(z[place])) for place in clear
    ]
    return sorted(found, key=lambda term: -term.z)


def _count(remarks: Sequence[str], stop: frozenset[str]) -> Counter[str]:
    """Different remarks by word."""
    return Counter(word for remark in set(remarks) for word in terms(remark, stop))


def log_odds(ours: Floats, others: Floats, prior: Floats | None = None) -> Floats:
    """z of the log-odds ratio of each word with a Dirichlet prior (Monroe, Colaresi & Quinn 2008).

    Unless given, the prior is both groups together, shrunk to one mention per word on average: it keeps rare
    words from looking telling and does not drown a few dozen remarks.
    """
    both = ours + others
    alpha = len(both) * both / max(both.sum(), 1) if prior is None else prior
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
