"""分层: groups of invited enterprises, merged until each is large enough to hide in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

LEAST = 10  # fewer invited and one enterprise's answer shows through the group's
MOST = 30  # more groups than this are too thin to read and to store
Attributes = tuple[str, str, str]
"""Industry, size, park."""


def merge(enterprises: Iterable[Attributes]) -> dict[Attributes, str]:
    """Attributes → name of their stratum. Small groups join the most similar, smallest other group."""
    groups = {frozenset([key]): size for key, size in Counter(enterprises).items()}
    while len(groups) > 1 and (min(groups.values()) < LEAST or len(groups) > MOST):
        small = min(groups, key=lambda group: (groups[group], sorted(group)))
        others = groups.keys() - {small}
        near = min(others, key=lambda group: (-_alike(small, group), groups[group], sorted(group)))
        groups[small | near] = groups.pop(small) + groups.pop(near)
    return {key: _name(group) for group in groups for key in group}


def _alike(one: frozenset[Attributes], other: frozenset[Attributes]) -> int:
    """4 for a shared industry, 2 for a size, 1 for a park."""
    shared = [{key[place] for key in one} == {key[place] for key in other} for place in range(3)]
    return 4 * shared[0] + 2 * shared[1] + shared[2]


def _name(group: frozenset[Attributes]) -> str:
    parts = ["、".join(sorted({key[place] for key in group if key[place]})) for place in range(3)]
    return " · ".join(part for part in parts if part)[:120] or "全部企业"


def join_few(
    names: Mapping[int, str], answered: Mapping[int, int], least: int
) -> Iterator[tuple[frozenset[int], str]]:
    """Groups of strata to be made one, each with its name, until every answered one has `least` answers.

    The fewest join the most alike that were answered too; where nobody answered, nobody can be told apart.
    """
    groups = {frozenset([one]): answered[one] for one in names}
    while few := [group for group, count in groups.items() if 0 < count < least]:
        small = min(few, key=lambda group: (groups[group], sorted(group)))
        others = [group for group, count in groups.items() if count and group != small]
        if not others:
            break
        mine = _parts(names, small)
        near = min(
            others, key=lambda group: (-len(mine & _parts(names, group)), groups[group], sorted(group))
        )
        groups[small | near] = groups.pop(small) + groups.pop(near)
    return ((group, _joint_name(names, group)) for group in groups if len(group) > 1)


def _parts(names: Mapping[int, str], group: frozenset[int]) -> set[str]:
    """Industries, sizes and parks of a group's names."""
    return {part for one in group for places in names[one].split(" · ") for part in places.split("、")}


def _joint_name(names: Mapping[int, str], group: frozenset[int]) -> str:
    """The names place by place, as `merge` would have called them; one after the other where they do not match."""
    split = [names[one].split(" · ") for one in sorted(group)]
    if len({len(one) for one in split}) > 1:
        return "；".join(names[one] for one in sorted(group))[:120]
    places = (
        sorted({part for one in column for part in one.split("、")}) for column in zip(*split, strict=True)
    )
    return " · ".join("、".join(place) for place in places)[:120]
