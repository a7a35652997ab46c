"""Strata are large enough to hide in."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey.core.strata import LEAST, MOST, join_few, merge

attributes = st.tuples(
    st.sampled_from(["制造业", "建筑业", "服务业", "农业"]),
    st.sampled_from(["规上", "规下", "个体"]),
    st.sampled_from(["东园", "西园", "南园", ""]),
)


@given(st.lists(attributes, max_size=300))
def test_every_stratum_has_at_least_ten_invited(enterprises: list[tuple[str, str, str]]) -> None:
    names = merge(enterprises)
    sizes = Counter(names[one] for one in enterprises)
    assert len(sizes) <= MOST
    if len(enterprises) >= LEAST:
        assert min(sizes.values()) >= LEAST


def test_alike_enterprises_are_merged_first() -> None:
    many = [("制造业", "规上", "东园")] * 20 + [("服务业", "规上", "东园")] * 20
    few = [("制造业", "规下", "东园")] * 3
    names = merge(many + few)
    assert names["制造业", "规下", "东园"] == names["制造业", "规上", "东园"] == "制造业 · 规上、规下 · 东园"
    assert names["服务业", "规上", "东园"] == "服务业 · 规上 · 东园"


@given(st.lists(st.tuples(attributes, st.integers(0, 12)), max_size=30, unique_by=lambda one: one[0]))
def test_after_joining_no_answered_stratum_has_few_answers(
    strata: list[tuple[tuple[str, str, str], int]],
) -> None:
    names = {place: " · ".join(part for part in one if part) for place, (one, _) in enumerate(strata)}
    answered = {place: count for place, (_, count) in enumerate(strata)}
    groups = [group for group, _ in join_few(names, answered, 5)]
    together = frozenset().union(*groups)
    sizes = [sum(answered[one] for one in group) for group in groups]
    sizes += [count for one, count in answered.items() if one not in together]
    assert sum(sizes) == sum(answered.values())
    assert len(together) == sum(map(len, groups)), "each in one group"
    few = [size for size in sizes if 0 < size < 5]
    assert not few or few == [sum(answered.values())], "unless all answers together are few"
