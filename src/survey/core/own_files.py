"""Files of `data/` that an office edits by hand, read as kindly as its lists: any usual encoding, and for each mistake
one Chinese sentence with file, line and cure.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from survey.core.intake.list_text import TextRefused, csv_rows, decoded
from survey.core.plain_text import one_line
from survey.core.refusals import Refusal

_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")
_CURES = (
    ("Unclosed", "括号没有合上，请补上"),
    ("Unterminated", "引号没有合上，请补上英文的引号"),
    ("Expected '='", "项目名称后面要有英文的等号"),
    ("Invalid initial character", "项目名称只能用英文字母、数字、- 和 _；引号、括号、逗号都要用英文的"),
    ("Expected newline", "一行只写一项，引号、括号、逗号都要用英文的"),
    ("Illegal character", "有看不见的控制字符或中间断了行，请删去后重新输入"),
    ("Cannot", "同一项写了两次，请删去一处"),
    ("Duplicate", "同一项写了两次，请删去一处"),
    ("Invalid value", "等号后面要写英文引号括起来的文字、数字，或方括号括起来的一组"),
    ("Unescaped '\\'", "引号里的反斜杠 \\ 要写成 \\\\"),
)


class FileRefused(Refusal):
    """A file that cannot be used; the text is a Chinese sentence for each mistake, a line each."""


def read_text(path: Path, what: str) -> str:
    """The characters of a file; `what` is what it is called in sentences. Raises `FileRefused`."""
    try:
        return decoded(path.read_bytes())
    except FileNotFoundError as error:
        raise FileRefused(f"找不到{what} {path.name}，请放到 {path.parent}。") from error
    except OSError as error:
        raise FileRefused(
            f"{what} {path.name} 读不了（{error.strerror}），请核对它是不是文件、有没有读的权限。"
        ) from error
    except TextRefused as error:
        raise FileRefused(f"{what} {path.name}：{error}") from error


def read_toml(path: Path, what: str) -> tuple[dict[str, Any], str]:
    """The content of a TOML file, and its text; raises `FileRefused`."""
    text = read_text(path, what).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
        cure = next(
            (cure for start, cure in _CURES if str(error).startswith(start)), "写法有误，请对照原来的文件改正"
        )
        raise FileRefused(f"{what} {path.name} 第 {line} 行附近：{cure}。") from error
    except RecursionError as error:
        raise FileRefused(f"{what} {path.name} 的括号套得太深，请对照原来的文件改正。") from error


def read_table(path: Path, what: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row of a CSV that is not blank, blank ends of rows left off; raises `FileRefused`."""
    try:
        for line, row in csv_rows(iter(read_text(path, what).splitlines(keepends=True))):
            cells = [one_line(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield line, cells
    except TextRefused as error:
        raise FileRefused(f"{what} {path.name}：{error}") from error


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Where in a TOML text an entry stands, by its keys (an int: which of several sections); 0 if that is not plain."""
    names = [one for one in place if isinstance(one, str)] or [""]
    which = next((one for one in place if isinstance(one, int)), 0)
    section, seen, start = "", 0, 0
    for line, written in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", written):
            section = header[1]
            seen += section == names[0]
            if section == names[0] and seen == which + 1:
                start = line
        inside = section == names[0] and seen == which + 1
        key = names[1] if inside and len(names) > 1 else names[0] if not section else None
        if key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", written):
            return line
    return start
