"""Every catalogue says everything, with the same places to fill, in its own language."""

import re
from string import Formatter

import pytest

from survey.core.texts import FALLBACK, HERE, LANGUAGES, preferred, texts

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
OTHERS = [one for one in LANGUAGES if one != FALLBACK]


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_file_is_a_language_and_chinese_comes_first() -> None:
    assert set(LANGUAGES) == {one.stem for one in HERE.glob("*.toml")} >= {"zh", "en"}
    assert LANGUAGES[0] == FALLBACK == "zh"


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_missing_or_left_over(language: str) -> None:
    ours, chinese = texts(language), texts()
    assert {"missing": chinese.keys() - ours.keys(), "left over": ours.keys() - chinese.keys()} == {
        "missing": set(), "left over": set(),
    }  # fmt: skip
    assert [key for key in ours if not ours[key].strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_the_same_places_to_fill(language: str) -> None:
    ours = texts(language)
    assert [key for key, said in texts().items() if places(said) != places(ours[key])] == []


def test_english_is_english() -> None:
    assert [key for key, said in texts("en").items() if CHINESE.search(said)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_has_twelve_months(language: str) -> None:
    assert len(texts(language)["page.months"].split()) == 12


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("en-GB", "en"),
        ("ja,en;q=0.7,zh;q=0.5", "en"),
        ("fr-FR,zh-TW;q=0.9,en;q=0.2", "zh"),
        ("en;q=0,zh", "zh"),
        ("EN", "en"),
        ("*", "zh"),
        ("../../etc;q=9,;;==,en;q=x", "zh"),
    ],
)
def test_the_browser_says_which_language(header: str, language: str) -> None:
    assert preferred(header) == language
