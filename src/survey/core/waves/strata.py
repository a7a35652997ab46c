"""分层: groups of invited enterprises, merged until each is large enough to hide in.

What a stratum is made of stands in columns; its name is a label, which nothing is read from.
"""

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from survey.core.labels import told_apart

FEWEST_INVITED = 10  # fewer invited and one enterprise's answer shows through the group's
MOST = 30  # more groups than this are too thin to read and to store
ATTRIBUTES = {"industry": "行业", "size": "规模", "park": "园区"}
ROOM = 40  # characters of one attribute's values in a label; the first value is always whole
WHOLE = "全部企业"

Attributes = tuple[str, str, str]
"""Industry, size, park of an enterprise; "" where that is not known."""
Group = frozenset[Attributes]
K = TypeVar("K", bound=Hashable)
MadeOf = Mapping[str, Sequence[str]]
"""What a stratum's enterprises are: values by attribute, sorted, "" among them for those that do not tell."""


def merge(enterprises: Iterable[Attributes]) -> dict[Attributes, Group]:
    """Attributes → the group they belong to. Small groups join the most similar, smallest other group."""
    groups = {frozenset([key]): size for key, size in Counter(enterprises).items()}
    while len(groups) > 1 and (min(groups.values()) < FEWEST_INVITED or len(groups) > MOST):
        small = min(groups, key=lambda group: (groups[group], sorted(group)))
        others = groups.keys() - {small}
        near = min(others, key=lambda group: (-_alike(small, group), groups[group], sorted(group)))
        groups[small | near] = groups.pop(small) + groups.pop(near)
    return {key: group for group in groups for key in group}


def _alike(one: Group, other: Group) -> int:
    """4 for a shared industry, 2 for a size, 1 for a park."""
    shared = [{key[place] for key in one} == {key[place] for key in other} for place in range(3)]
    return 4 * shared[0] + 2 * shared[1] + shared[2]


def made_of(group: Group) -> dict[str, list[str]]:
    """The values of a group by attribute; none of an attribute that no enterprise tells."""
    return _told({name: {key[place] for key in group} for place, name in enumerate(ATTRIBUTES)})


def joined(parts: Sequence[MadeOf]) -> dict[str, list[str]]:
    """What strata are made of together."""
    names = dict.fromkeys(name for one in parts for name in one)
    return _told({name: {value for one in parts for value in one.get(name) or [""]} for name in names})


def _told(columns: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {name: [] if values == {""} else sorted(values) for name, values in columns.items()}


def of_columns(by: Sequence[str], values: Sequence[str]) -> dict[str, list[str]]:
    """What a stratum of a list divided by these columns is made of; a column may be called 行业, 规模 or 园区."""
    known = {label: name for name, label in ATTRIBUTES.items()}
    return {known.get(column, column): [value] for column, value in zip(by, values, strict=True)}


def label(made: MadeOf) -> str:
    """What people read: 「制造业 · 规上、规下 · 东园」. Values are whole; of very many only the first are told."""
    return " · ".join(filter(None, map(_some, made.values()))) or WHOLE


def _some(values: Iterable[str]) -> str:
    told = [value for value in values if value]
    mark = "；" if any("、" in value for value in told) else "、"
    shown = told[:1]
    for value in told[1:]:
        if len(mark.join([*shown, value])) > ROOM:
            break
        shown.append(value)
    return mark.join(shown) + (f"等 {len(told)} 类" if len(shown) < len(told) else "")


def labels(strata: Mapping[K, MadeOf]) -> dict[K, str]:
    """The labels of strata; like ones are numbered, since two groups may be made of the same values."""
    return dict(zip(strata, told_apart([label(made) for made in strata.values()]), strict=True))


def columns(made: MadeOf) -> dict[str, Any]:
    """As the table of strata keeps it: a column each for `ATTRIBUTES`, everything else in `other`."""
    other = {name: list(values) for name, values in made.items() if name not in ATTRIBUTES}
    return {**{name: list(made.get(name, ())) for name in ATTRIBUTES}, "other": other}


def key_of(made: MadeOf, name: str) -> str:
    """What says that strata of two waves are alike: what they are made of, or the name where that is not known."""
    told = {attribute: sorted(values) for attribute, values in made.items() if values}
    return json.dumps(told, ensure_ascii=False, sort_keys=True) if told else name


def join_few(
    strata: Mapping[int, MadeOf], answered: Mapping[int, int], least: int
) -> Iterator[frozenset[int]]:
    """Groups of strata to be made one, until every answered one has `least` answers.

    The fewest join the most alike that were answered too; where nobody answered, nobody can be told apart.
    """
    groups = {frozenset([one]): answered[one] for one in strata}
    while few := [group for group, count in groups.items() if 0 < count < least]:
        small = min(few, key=lambda group: (groups[group], sorted(group)))
        others = [group for group, count in groups.items() if count and group != small]
        if not others:
            break
        mine = _parts(strata, small)
        near = min(
            others, key=lambda group: (-len(mine & _parts(strata, group)), groups[group], sorted(group))
        )
        groups[small | near] = groups.pop(small) + groups.pop(near)
    return (group for group in groups if len(group) > 1)


def _parts(strata: Mapping[int, MadeOf], group: frozenset[int]) -> set[tuple[str, str]]:
    return {
        (name, value) for one in group for name, values in strata[one].items() for value in values if value
    }
