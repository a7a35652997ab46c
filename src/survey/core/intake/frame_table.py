"""受邀名单: a CSV of those who were invited → what divides them, so that the silent are counted too."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from survey.core.intake.rating_table import ImportRefused, each_row, open_file, places, same_name
from survey.core.plain_text import clean

LONGEST = 180  # characters of what divides the invited, together
Parts = tuple[str, ...]
"""What the dividing columns say of one who was invited; a stratum is all those of whom they say the same."""


def read_frame(path: Path, rater: str, by: Sequence[str]) -> dict[str, Parts]:
    """Rater (by `same_name`) → what the columns `by` say; raises `ImportRefused` with every bad line."""
    frame: dict[str, Parts] = {}
    problems: list[tuple[int, str]] = []
    with open_file(path) as raw:
        rows = each_row(raw, problems, lambda *_: None)
        _, header = next(rows)
        who, *columns = places(header, [rater, *by])
        for line, row in rows:
            if not any(row):
                continue
            if len(row) != len(header):
                problems.append((line, f"这一行有 {len(row)} 列，表头有 {len(header)} 列"))
                continue
            name, parts = clean(row[who]), tuple(clean(row[column]) for column in columns)
            if why := _wrong(name, parts, by, frame):
                problems.append((line, why))
                continue
            frame[same_name(name)] = parts
    if not frame and not problems:
        problems.append((0, f"受邀名单 {path.name} 里没有一家企业。"))
    if problems:
        raise ImportRefused(sorted(problems))
    return frame


def _wrong(name: str, parts: Parts, by: Sequence[str], frame: dict[str, Parts]) -> str:
    if not name:
        return "受邀名单里评价者是空的"
    if same_name(name) in frame:
        return f"受邀名单里「{name}」出现了两次"
    if empty := [column for column, part in zip(by, parts, strict=True) if not part]:
        return f"受邀名单里「{name}」的{'、'.join(empty)}是空的"
    return f"分层名称超过 {LONGEST} 个字" if len(" · ".join(parts)) > LONGEST else ""


def refuse_strangers(frame: dict[str, Parts], raters: Sequence[str]) -> None:
    """Raise `ImportRefused` for raters who were not invited."""
    strangers = [name for name in raters if same_name(name) not in frame]
    if strangers:
        names = "、".join(f"「{name}」" for name in strangers[:5])
        raise ImportRefused(
            [(0, f"{len(strangers)} 个评价者不在受邀名单里：{names}{'等' if len(strangers) > 5 else ''}。请补全名单。")]
        )  # fmt: skip


def sizes(frame: dict[str, Parts]) -> dict[Parts, int]:
    """Stratum → invited, in order."""
    return dict(sorted(Counter(frame.values()).items()))
