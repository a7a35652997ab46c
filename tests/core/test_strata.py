"""Strata are large enough to hide in."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.models import Enterprise, Stratum
from survey.core.waves.strata import (
    ATTRIBUTES,
    FEWEST_INVITED,
    MOST,
    columns,
    join_few,
    joined,
    key_of,
    label,
    labels,
    made_of,
    merge,
)

attributes = st.tuples(
    st.sampled_from(["制造业", "建筑业", "服务业", "农业"]),
    st.sampled_from(["规上", "规下", "个体"]),
    st.sampled_from(["东园", "西园", "南园", ""]),
)


@given(st.lists(attributes, max_size=300))
def test_every_stratum_has_at_least_ten_invited(enterprises: list[tuple[str, str, str]]) -> None:
    groups = merge(enterprises)
    sizes = Counter(groups[one] for one in enterprises)
    assert len(sizes) <= MOST
    if len(enterprises) >= FEWEST_INVITED:
        assert min(sizes.values()) >= FEWEST_INVITED


def test_alike_enterprises_are_merged_first() -> None:
    many = [("制造业", "规上", "东园")] * 20 + [("服务业", "规上", "东园")] * 20
    few = [("制造业", "规下", "东园")] * 3
    groups = merge(many + few)
    assert groups["制造业", "规下", "东园"] == groups["制造业", "规上", "东园"]
    assert made_of(groups["制造业", "规下", "东园"]) == {
        "industry": ["制造业"], "size": ["规上", "规下"], "park": ["东园"],
    }  # fmt: skip
    assert label(made_of(groups["制造业", "规下", "东园"])) == "制造业 · 规上、规下 · 东园"
    assert label(made_of(groups["服务业", "规上", "东园"])) == "服务业 · 规上 · 东园"


def test_an_industry_with_the_mark_of_lists_in_its_name_is_one_industry() -> None:
    one, other = ("信息传输、软件和信息技术服务业", "规上", ""), ("农、林、牧、渔业", "规上", "")
    found = merge([one] * 12 + [other] * 12)
    assert made_of(found[one])["industry"] == ["信息传输、软件和信息技术服务业"]
    assert label(made_of(found[one])) == "信息传输、软件和信息技术服务业 · 规上"
    assert label(joined([made_of(found[one]), made_of(found[other])])) == (
        "信息传输、软件和信息技术服务业；农、林、牧、渔业 · 规上"
    )


def test_a_label_tells_values_whole_and_how_many_there_are() -> None:
    many = [f"铁路、船舶、航空航天和其他运输设备制造业{n}" for n in range(30)]
    assert label({"industry": many}) == f"{many[0]}等 30 类"
    longest = {
        name: ["宽" * (Enterprise.__table__.c[name].type.length - 1) + str(n) for n in range(9)]  # type: ignore[attr-defined]
        for name in ATTRIBUTES
    }
    room = Stratum.__table__.c.name.type.length  # type: ignore[attr-defined]
    assert len(list(labels(dict.fromkeys(range(30), longest)).values())[-1]) <= room


def test_those_who_do_not_tell_are_no_likes_of_those_who_do() -> None:
    """Enterprises without an industry that joined 制造业 must not be weighted as 制造业."""
    assert made_of(frozenset({("", "规上", ""), ("制造业", "规上", "")})) == {
        "industry": ["", "制造业"], "size": ["规上"], "park": [],
    }  # fmt: skip
    assert joined([{"industry": ["制造业"]}, {"industry": [], "size": ["规上"]}]) == {
        "industry": ["", "制造业"], "size": ["", "规上"],
    }  # fmt: skip


def test_two_groups_of_the_same_values_have_labels_of_their_own() -> None:
    one = {"industry": ["甲", "乙"], "size": ["大", "小"]}
    assert list(labels({1: one, 2: one, 3: {"industry": ["甲"]}}).values()) == [
        "甲、乙 · 大、小", "甲、乙 · 大、小（2）", "甲",
    ]  # fmt: skip
    assert key_of({"industry": ["甲、乙"]}, "x") != key_of({"industry": ["甲", "乙"]}, "x")
    assert key_of({"industry": ["甲"]}, "x") != key_of({"park": ["甲"]}, "x")


@pytest.mark.parametrize(
    "made", [{"industry": ["甲"], "size": [], "park": []}, {"镇街": ["东街"], "size": ["大"]}]
)
def test_a_stratum_keeps_what_it_is_made_of(made: dict[str, list[str]]) -> None:
    kept = Stratum(wave_id=1, name="x", **columns(made)).made_of
    assert {name: values for name, values in kept.items() if values or name in made} == made


@given(st.lists(st.tuples(attributes, st.integers(0, 12)), max_size=30, unique_by=lambda one: one[0]))
def test_after_joining_no_answered_stratum_has_few_answers(
    strata: list[tuple[tuple[str, str, str], int]],
) -> None:
    made = {place: made_of(frozenset([one])) for place, (one, _) in enumerate(strata)}
    answered = {place: count for place, (_, count) in enumerate(strata)}
    groups = list(join_few(made, answered, 5))
    together = frozenset().union(*groups)
    sizes = [sum(answered[one] for one in group) for group in groups]
    sizes += [count for one, count in answered.items() if one not in together]
    assert sum(sizes) == sum(answered.values())
    assert len(together) == sum(map(len, groups)), "each in one group"
    few = [size for size in sizes if 0 < size < 5]
    assert not few or few == [sum(answered.values())], "unless all answers together are few"
