"""Strata are large enough to hide in."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey.core.strata import LEAST, MOST, merge

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
