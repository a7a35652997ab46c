"""What remarks are about: words that set one group of them apart, and themes from a short editable list."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from rjieba import Jieba
from scipy.stats import norm

from survey.core.own_files import FileRefused, line_of, read_text, read_toml
from survey.core.statistics.estimates import LEVEL, Floats
from survey.core.study.ranks import adjusted
from survey.settings import ROOT

DICTIONARY = ROOT / "data" / "words.txt"
STOP_WORDS = ROOT / "data" / "stop_words.txt"
THEMES = ROOT / "data" / "themes.toml"
FEWEST_REMARKS = 5  # different remarks with a word before it is shown; a rarer one may point at its writer


class WordsError(FileRefused):
    """A list of themes that cannot be used."""


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
    lines = read_text(path, "词表").splitlines()
    return [word for line in lines if (word := line.partition("#")[0].strip())]


def terms(remark: str, stop: Iterable[str] = ()) -> set[str]:
    """The words of a remark, each once: two characters or more, no numbers, no stop words."""
    dropped = stop_words() | set(stop)
    return {word for word in cutter().cut(remark) if len(word) > 1 and word.isalpha() and word not in dropped}


def distinguishing(
    ours: Sequence[str], others: Sequence[str], stop: Iterable[str] = (), least: int = FEWEST_REMARKS
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
        content, text = read_toml(path, "主题文件")
    except FileRefused as error:
        raise WordsError(str(error)) from error
    themes: dict[str, tuple[str, ...]] = {}
    entries = content.get("theme")
    if not isinstance(entries, list) or not entries:
        raise WordsError(
            f"主题文件 {path.name} 里一个主题也没有：每个主题写一节 [[theme]]，下面写 label 和 words。"
        )
    for place, entry in enumerate(entries):
        if why := _wrong(entry, themes):
            raise WordsError(f"主题文件 {path.name} 第 {line_of(text, ('theme', place))} 行的主题{why}。")
        themes[entry["label"]] = tuple(entry["words"])
    return themes


def _wrong(entry: object, before: Mapping[str, Sequence[str]]) -> str:
    """What is wrong with an entry of the themes file."""
    if not isinstance(entry, dict) or not isinstance(label := entry.get("label"), str) or not label.strip():
        return '没有 label，请写上显示的名称，例如 label = "等待时间"'
    words = entry.get("words")
    if label in before:
        return f"「{label}」出现了两次，请合成一个"
    if not isinstance(words, list) or not words or not all(isinstance(one, str) and one for one in words):
        return f'「{label}」的 words 要写成一组词，例如 words = ["排队", "太久"]'
    return ""


def themes_of(remark: str, themes: Mapping[str, Sequence[str]]) -> list[str]:
    """Labels of the themes whose words stand in a remark; a suggestion that a person confirms."""
    return [label for label, words in themes.items() if any(word in remark for word in words)]


def count_themes(
    remarks: Iterable[str], themes: Mapping[str, Sequence[str]], least: int = FEWEST_REMARKS
) -> dict[str, int]:
    """Different remarks by theme, most first; a theme fewer than `least` mention is left out."""
    counts = Counter(label for remark in set(remarks) for label in themes_of(remark, themes))
    return {label: count for label, count in counts.most_common() if count >= least}
