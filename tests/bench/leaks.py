"""What is learned from releases short of certainty: `python -m tests.bench.leaks [cells] [waves]` prints the tables.

Exact reckonings (tests/leaks) of whoever knows the rules, the share of dissatisfied, who came when and rated what, and
every published state; of final cells that are not exact, the noise that was drawn besides.
"""

import random
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from survey.core.figures.noise import Noise
from tests.bench import worlds
from tests.bench.__main__ import table
from tests.leaks import joint
from tests.leaks.reckoning import Leak, Look, by_grade, by_sums, column, leak, likelihoods, sure_of
from tests.leaks.watching import Dice, counted, is_about, real, seeded, shape, watch

SHARES, SIZES = (0.1, 0.5, 0.9), (7, 12, 18, 25, 40, 60)
RULE = real()
ITEMS: dict[str, tuple[Look, list[Noise]]] = {
    "总体，看差评与满意": (by_sums, [Noise.OVERALL]),
    "总体，知道各人用哪两档": (by_grade, [Noise.OVERALL]),
    "一个维度，知道两档": (by_grade, [Noise.DIMENSION]),
    "总体与四个维度答得一样": (by_grade, [Noise.OVERALL, *[Noise.DIMENSION] * 4]),
    "五题都是总体的强度，答得一样": (by_grade, [Noise.OVERALL] * 5),
}
WHO = ("外人", "一名内应", "四名内应")
HEADER = ("", "看的人", "确知 %", "平均增益", "最大增益的 95 % 位", "最大")


def insiders(who: str, n: int, chance: random.Random) -> list[int]:
    """Nobody; a rater at random; the k − 1 before the last."""
    if who == WHO[0]:
        return []
    return [chance.randrange(n)] if who == WHO[1] else list(range(n - 5, n - 1))


def of_cells(
    look: Look, levels: Sequence[Noise], cells: int, dice: Dice
) -> dict[str, dict[float, list[Leak]]]:
    """By attacker and share: what single departments leak."""
    chance = random.Random(11)
    found: dict[str, dict[float, list[Leak]]] = {who: {share: [] for share in SHARES} for who in WHO}
    for share in SHARES:
        for n in SIZES * cells:
            bad = [chance.random() < share for _ in range(n)]
            told = likelihoods([watch(RULE, bad, level, dice) for level in levels], RULE.final, look)
            for who in WHO:
                found[who][share].append(leak(told, share, sure_of(bad, insiders(who, n, chance))))
    return found


def cell_rows(cells: int) -> Iterator[tuple[str, ...]]:
    """Triples of 10, 50 and 90 % dissatisfied."""
    with seeded(7) as dice:
        for name, (look, levels) in ITEMS.items():
            for who, shares in of_cells(look, levels, cells, dice).items():
                columns = list(zip(*(column(shares[share]) for share in SHARES), strict=True))
                certain = "/".join(f"{one:.1f}" for one in columns[0])
                yield name, who, certain, *("/".join(f"{one:.2f}" for one in each) for each in columns[1:])


def exact_at_closing(cells: int) -> str:
    """How many cells are told exactly in the end."""
    chance, found = random.Random(2), []
    with seeded(7):
        for share in SHARES:
            told = [
                RULE.final(counted(sum(chance.random() < share for _ in range(n)), n), Noise.OVERALL)
                for n in SIZES * cells
            ]
            found.append(np.mean([not is_about(one) for one in told]))
    return "/".join(f"{100 * one:.0f}" for one in found)


def officer_rows() -> Iterator[tuple[str, ...]]:
    """An officer who invents four of five enterprises: whether what is told of five hangs on the one that is real."""
    with seeded(7):
        for bad in range(5):
            told = [shape(RULE.final(counted(bad + victim, 5), Noise.OVERALL)) for victim in (0, 1)]
            yield f"{bad} 家不满意、{4 - bad} 家满意", "确知" if told[0] != told[1] else "不确知"


def joint_rows(waves: int) -> Iterator[tuple[str, ...]]:
    """16 departments at once."""
    with worlds.world(), seeded(7) as dice:
        for forms in (20, 40):
            for share in SHARES:
                seen = list(joint.worlds(share, waves, (forms,), 16, dice))
                for who in WHO[:2]:
                    found = [
                        joint.gained(one, share, joint.insider(one, at) if who == WHO[1] else None)
                        for at, one in enumerate(seen)
                    ]
                    yield f"{forms} 份，{share:.0%} 不满意", who, *joint_columns(found)


def joint_columns(found: Sequence[joint.Gained]) -> Iterator[str]:
    """By the cell alone → by everything."""
    alone, every = ([value for one in found for value in one.largest[side]] for side in (0, 1))
    yield " → ".join(f"{np.mean([one.mean[side] for one in found]):.3f}" for side in (0, 1))
    yield " → ".join(f"{np.quantile(one, 0.95):.2f}" for one in (alone, every))
    yield " → ".join(f"{max(one):.2f}" for one in (alone, every))
    yield " → ".join(f"{np.mean([one.brier[side] for one in found]):.4f}" for side in (0, 1))


def main(cells: int = 50, waves: int = 6) -> None:
    print(table(HEADER, cell_rows(cells)), flush=True)
    print(f"\n截止后准确的格子：{exact_at_closing(cells)} %\n")
    print(table(("四家是自己编的", "第五家"), officer_rows()), flush=True)
    header = ("16 个部门一起", "看的人", "平均增益", "每格最大增益的 95 % 位", "最大", "平方误差")
    print("\n" + table(header, joint_rows(waves)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
