"""Text catalogues for the pages enterprises see: one TOML file per language, `zh` complete."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh",)
FALLBACK = "zh"


class Texts(dict[str, str]):
    """Dotted key → sentence. A missing key fails loudly, so that no page shows a key."""

    def say(self, key: str, **values: Any) -> str:
        """The sentence under `key`, its `{names}` filled from `values`."""
        return self[key].format(**values)


@cache
def texts(language: str = FALLBACK) -> Texts:
    """The catalogue of one language, flattened to dotted keys."""
    content = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))
    return Texts(_flatten(content))


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
