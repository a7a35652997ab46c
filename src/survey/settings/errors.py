"""What keeps the product from starting."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

SECRETS = ("secret_key", "database_url")  # settings that are never repeated, since they hold passwords


class SettingsError(Exception):
    """A setting, folder or port that keeps the product from starting; the text is a Chinese sentence."""

    for_the_log = True  # nothing that people typed is in it


def describe(error: ValidationError, settings: Mapping[str, FieldInfo]) -> str:
    """One Chinese sentence for each wrong setting: its name, what is wrong, what it is for."""
    reasons: dict[str, Any] = {
        "int_parsing": "要填整数",
        "int_from_float": "要填整数",
        "int_parsing_size": "太大了",
        "float_parsing": "要填数字",
        "finite_number": "要填数字",
        "greater_than_equal": "不能小于 {ge}",
        "less_than_equal": "不能大于 {le}",
        "string_too_long": "最多 {max_length} 个字",
        "literal_error": "只能是 {expected}",
    }
    lines = []
    for item in error.errors():
        name = str(item["loc"][0])
        context = item.get("ctx", {})
        reason = reasons.get(item["type"], str(context.get("error", "写法不对"))).format(**context)
        about = settings[name].description
        value = "" if name in SECRETS else f"「{item['input']}」"
        lines.append(f"设置 SURVEY_{name.upper()}（{about}）的值{value}不对：{reason}。")
    return "\n".join(lines)
