"""分层: groups of invited enterprises, merged until each is large enough to hide in."""

from collections import Counter
from collections.abc import Iterable

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
