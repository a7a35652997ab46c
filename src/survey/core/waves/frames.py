"""名单（frame）: the enterprises that a draft invites. Where they are few, whoever made most of them up could read the
answer of the rest from any figure; so a second person looks at it before it opens (docs/decisions/0042).
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from survey.core import editable
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Enterprise, Wave
from survey.core.plain_text import name_key
from survey.settings import get_settings


def is_small(wave: Wave, invited: int) -> bool:
    """Whether it takes two to open a wave: it hides who answered what, and invites so few."""
    return not hides_nothing(wave) and 0 < invited < get_settings().frame_least


def state_of(wave: Wave, frame: Iterable[Enterprise]) -> str:
    """A digest of all that a second person agrees to: what is asked and promised, and who is asked."""
    settings = {name: value for name, value in editable.wave(wave).items() if name != "timed"}
    invited = sorted((one.id, name_key(one.name), one.uscc or "") for one in frame)
    text = json.dumps([settings, invited], ensure_ascii=False, sort_keys=True, default=_moment)
    return sha256(text.encode()).hexdigest()


def _moment(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.astimezone(UTC).isoformat()


def is_another(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether an entry of the registry now stands for another enterprise. A USCC filled in where there was none, or a
    name written otherwise (（）and ()), is no change."""
    other_code = before["uscc"] and before["uscc"] != after["uscc"]
    return bool(other_code) or name_key(before["name"]) != name_key(after["name"])
