"""Where a sheet's header stands, in one row or two, and which field each column fills."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from survey.core.intake.sheets import SheetLine
from survey.core.registry.cells import plain

# What the columns are called in practice, the usual name first; the first one found in the file is taken.
SYNONYMS = {
    "name": "企业名称 单位名称 公司名称 企业全称 单位全称 名称 企业 单位 市场主体名称",
    "uscc": "统一社会信用代码 社会信用代码 统一信用代码 信用代码 统一社会信用代码证号 USCC 信用代码证号",
    "industry": "行业 所属行业 行业类别 行业分类 行业门类 产业类别",
    "size": "企业划型 规模 企业规模 规模类型 单位规模 划型 划型结果",
    "park": "园区 所在园区 所属园区 园区镇街 镇街园区 镇街 街道 所属镇街 所在镇街 所属街道 镇街道 属地 片区",
    "key": "重点企业 是否重点企业 是否重点 重点",
    "leader": "包联领导 联系领导 挂联领导 包保领导 挂钩领导 包联县领导 包联区领导",
    "officer": "服务专员 专员 服务管家 驻企服务员 助企专员 联络员 服务员 包联干部",
    "contact": "联系人 企业联系人 联系人姓名 负责人 经办人 姓名",
    "phone": "手机号 手机 手机号码 联系电话 联系人电话 联系方式 电话 电话号码 联系人手机 联系人手机号",
    "name_en": "英文名称 企业英文名称 英文名 英文全称 NAME_EN",
}
_NAMES = frozenset(SYNONYMS["name"].split())
KIND = "企业类型 单位类型 类型"  # the legal form as a rule, the size in some lists
SIZE = re.compile(r"(特?大|中|小|微|中小|小微)(型|微型)?(企业)?|规模?以?[上下](工业|服务业)?(企业)?")
HEADER_WITHIN = 10  # filled lines of titles and notes that may stand above the header


@dataclass(frozen=True)
class Header:
    """The header of one sheet."""

    names: tuple[str, ...]  # of all columns, so that a file under these names is read the same way
    places: dict[str, int]  # field → column
    upto: int  # number of its last line
    headings: frozenset[str]  # all that is written in it
    starts: int = 0  # number of its first line
    titles: int = 0  # number of the first line that looks like a header: above it stand titles only

    def repeats(self, line: SheetLine) -> bool:
        """Whether a line is the header again, as at the top of each printed page."""
        return all(heading(cell) in self.headings for cell in line.cells if cell.strip())

    def contradicts(self, line: SheetLine) -> bool:
        """Whether a line is another header, of a table with other columns."""
        if not any(heading(cell) in _NAMES for cell in line.cells if not cell.isascii()):
            return False
        found = _header([line])
        return found is not None and not self.repeats(line)

    def renamed(self, usual: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the columns, with those that fill a field called as `usual` says."""
        used = {place: known for known, place in self.places.items()}
        return tuple(usual[used[place]] if place in used else name for place, name in enumerate(self.names))


@lru_cache(50_000)
def heading(text: str) -> str:
    """A column's name without marks, blanks, units and what stands in brackets."""
    text = re.sub(r"[（(【\[].*?[)）】\]]", "", plain(text))
    return re.sub(r"[\s*＊:：/、\-_（）()]|必填|选填", "", text).upper()


def find_header(lines: Sequence[SheetLine]) -> Header | None:
    """The best header among the first lines: one row, or two when the second tells more; None when there is none."""
    top = lines[: HEADER_WITHIN + 1]
    best: Header | None = None
    first = 0  # line of the first row that looks like a header
    for place, line in enumerate(top[:HEADER_WITHIN]):
        one = _header([line])
        two = (
            _header([line, top[place + 1]]) if place + 1 < len(top) and _below(line, top[place + 1]) else None
        )
        for found in (one, two):
            if found:
                first = first or line.number
                if best is None or len(found.places) > len(best.places):
                    best = replace(found, starts=line.number, titles=first)
    if best is None:
        return None
    return _with_size(best, [line for line in lines if line.number > best.upto])


def _below(upper: SheetLine, lower: SheetLine) -> bool:
    """Whether a line can be the second row of a header: it says nothing new where the name of an enterprise stands."""
    names = [heading(cell) for cell in upper.cells]
    place = next((names.index(word) for word in SYNONYMS["name"].split() if word in names), None)
    if place is None:
        return False
    return place >= len(lower.cells) or heading(lower.cells[place]) in ("", names[place])


def _header(rows: Sequence[SheetLine]) -> Header | None:
    """The header that these rows make, when they name enterprises and something else."""
    width = max(len(row.cells) for row in rows)
    lower = _padded(rows[-1].cells, width)
    upper = _spread(rows[0], lower) if len(rows) > 1 else [""] * width
    # A column is called by both its rows, else by the lower one, else by the upper one.
    levels = [
        [heading(one + two) if one and two and one != two else "" for one, two in zip(upper, lower, strict=True)],
        [heading(two) for two in lower],
        ["" if two else heading(one) for one, two in zip(upper, lower, strict=True)],
    ]  # fmt: skip
    places = {
        known: place for known, words in SYNONYMS.items() if (place := _find(words, levels)) is not None
    }
    if "name" not in places or len(places) + (_find(KIND, levels) is not None) < 2:
        return None
    names = [two or one for one, two in zip(upper, lower, strict=True)]
    for place, both in enumerate(levels[0]):
        if both and (place not in places.values() or both in _known_words()):
            names[place] = f"{plain(upper[place])}{plain(lower[place])}"
    written = frozenset(found for row in rows for cell in row.cells if (found := heading(cell)))
    return Header(tuple(names), places, rows[-1].number, written)


def _known_words() -> frozenset[str]:
    return frozenset(word for words in SYNONYMS.values() for word in words.split())


def _find(words: str, levels: Sequence[Sequence[str]]) -> int | None:
    for names in levels:
        for word in words.split():
            if word in names:
                return names.index(word)
    return None


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _spread(line: SheetLine, lower: Sequence[str]) -> list[str]:
    """An upper row with every title over all the columns it is meant for: merged, or blank beside it."""
    cells = _padded(line.cells, len(lower))
    last = ""
    for place, cell in enumerate(cells):
        last = cell if cell else last
        if not cell and lower[place]:
            cells[place] = last
    return cells


def _with_size(header: Header, lines: Iterable[SheetLine]) -> Header:
    """The size from a column called 企业类型, but only when every value in it is a size."""
    place = _find(KIND, [[heading(name) for name in header.names]])
    if "size" in header.places or place is None:
        return header
    values = {found for line in lines if place < len(line.cells) and (found := plain(line.cells[place]))}
    if not values or not all(SIZE.fullmatch(value) for value in values):
        return header
    return replace(header, places=header.places | {"size": place})
