"""部门文件 → departments, or one Chinese sentence for each line that cannot be used."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from survey.core.answers.form import NONE_OF_THEM
from survey.core.models import Department, Table
from survey.core.own_files import FileRefused, read_table
from survey.core.plain_text import name_key

HEADINGS = {
    "id": ("id", "编号", "部门编号"),
    "name": ("name", "名称", "部门", "部门名称"),
    "category": ("category", "类别", "参评类别"),
    "duty": ("duty", "职责"),
    "name_en": ("name_en", "英文名称"),
    "duty_en": ("duty_en", "英文职责"),
}
COLUMNS = ("id", "name", "category", "duty")  # that a file must have
FILLED = ("id", "name", "category")
ID = re.compile(r"[\w-]+")
LONGEST: Mapping[str, int] = {
    name: Table.metadata.tables["department"].c[name].type.length  # type: ignore[attr-defined]
    for name in HEADINGS
}
WHAT = "部门文件"


class RegistryError(FileRefused):
    """A departments file with mistakes."""


def read_departments(path: Path) -> list[Department]:
    """The departments in the file's order; raises `RegistryError`."""
    try:
        rows = list(read_table(path, WHAT))
    except FileRefused as error:
        raise RegistryError(str(error)) from error
    if not rows:
        raise RegistryError(f"{WHAT} {path.name} 是空的，第 1 行要写 {'、'.join(COLUMNS)}。")
    (line, header), *body = rows
    place = _places(path, line, header)
    problems: list[str] = []
    found: dict[int, Department] = {}
    for line, row in body:
        given: dict[str, Any] = {
            name: row[column] if column < len(row) else "" for name, column in place.items()
        }
        if wrong := next(chain(_wrong(row, given, header, place), _again(given, found)), ""):
            problems.append(f"{WHAT} {path.name} 第 {line} 行{wrong}。")
        else:
            found[line] = Department(**given, position=len(found))
    if not body:
        problems.append(f"{WHAT} {path.name} 里一个部门也没有，请在第 {line} 行下面每行写一个部门。")
    if problems:
        raise RegistryError("\n".join(problems))
    return list(found.values())


def _places(path: Path, line: int, header: list[str]) -> dict[str, int]:
    """Field → column."""
    known = {heading: name for name, headings in HEADINGS.items() for heading in headings}
    named = [(known.get(heading.lower()), column) for column, heading in enumerate(header)]
    found = {name: column for name, column in named if name}
    if missing := sorted(set(COLUMNS) - set(found)):
        raise RegistryError(f"{WHAT} {path.name} 第 {line} 行是表头，缺少列 {'、'.join(missing)}，请补上。")
    if len(found) < sum(name is not None for name, _ in named):
        twice = next(header[column] for name, column in named if name and found[name] != column)
        raise RegistryError(f"{WHAT} {path.name} 第 {line} 行的表头里「{twice}」写了两列，请删去一列。")
    return found


def _wrong(
    row: list[str], given: Mapping[str, str], header: list[str], place: Mapping[str, int]
) -> Iterator[str]:
    """What is wrong with a row by itself, the gravest first."""
    if len(row) > len(header):
        yield f"有 {len(row)} 列，表头只有 {len(header)} 列，是不是多了逗号；文字里的逗号要放在英文引号里"
        return
    for name, text in given.items():
        heading = header[place[name]]
        if name in FILLED and not text:
            short = len(row) <= place[name]
            yield f"只有 {len(row)} 列，没有 {heading}，请补上" if short else f"的 {heading} 是空的，请填写"
        elif len(text) > LONGEST[name]:
            yield f"的 {heading} 有 {len(text)} 个字，最多 {LONGEST[name]} 个"
    if given["id"] and not ID.fullmatch(given["id"]):
        yield f"的编号「{given['id'][:40]}」只能用字母、数字、- 和 _，中间不能有空格和标点"
    if given["id"].lower() == NONE_OF_THEM:
        yield f"的编号「{given['id']}」系统自己要用，请换一个"


def _again(given: Mapping[str, str], found: Mapping[int, Department]) -> Iterator[str]:
    """What a row has from one above it."""
    for line, one in found.items():
        if one.id.lower() == given["id"].lower():
            yield f"的编号「{given['id']}」和第 {line} 行相同，请换一个"
        if name_key(one.name) == name_key(given["name"]):
            yield (
                f"的名称「{given['name']}」和第 {line} 行相同，企业和看结果的人分不清是哪一个；"
                "请写出区别，例如在后面加上（东区）"
            )
