"""A name is a label, not a key: where several of one name stand side by side, people must still tell them apart."""

from collections import Counter
from collections.abc import Sequence
from itertools import count


def told_apart(names: Sequence[str], more: Sequence[str] = ()) -> list[str]:
    """The names in their order, like ones with `more` behind them (by place), and numbered if that is not enough."""
    twice = {name for name, times in Counter(names).items() if name and times > 1}
    if more:
        names = [
            f"{name}（{one}）" if name in twice and one else name
            for name, one in zip(names, more, strict=True)
        ]
    found: list[str] = []
    for place, name in enumerate(names):
        others = {*found, *names[place + 1 :]} if name in found else set()
        tries = (f"{name}（{number}）" for number in count(2))
        found.append(next(one for one in tries if one not in others) if name and others else name)
    return found
