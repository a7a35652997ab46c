"""Text catalogues for what enterprises read: one TOML file per language. A further file is a further language."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from survey.core.own_files import read_toml

HERE = Path(__file__).parent
FALLBACK = "zh"
LANGUAGES = tuple(sorted((one.stem for one in HERE.glob("*.toml")), key=lambda one: (one != FALLBACK, one)))


class Texts(dict[str, str]):
    """Dotted key → sentence. A missing key fails loudly, so that no page shows a key."""

    def say(self, key: str, **values: Any) -> str:
        """The sentence under `key`, its `{names}` filled from `values`."""
        return self[key].format(**values)


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> str:
    """The language of ours that a browser likes best, by its `Accept-Language`."""
    wishes = []
    for one in accept_language.split(","):
        tag, _, quality = one.partition(";")
        try:
            weight = float(quality.partition("=")[2] or 1)
        except ValueError:
            weight = 0
        if weight > 0:
            wishes.append((-weight, tag.strip().lower().partition("-")[0]))
    found = (tag for _, tag in sorted(wishes, key=lambda wish: wish[0]) if tag in LANGUAGES)
    return next(found, FALLBACK)


@cache
def texts(language: str = FALLBACK) -> Texts:
    """The catalogue of one language, flattened to dotted keys."""
    content, _ = read_toml(HERE / f"{language}.toml", "文字文件")
    return Texts(_flatten(content))


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
