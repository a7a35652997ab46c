"""Three values meet: nothing that anybody changed is lost unsaid, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from survey.core.versions import EditedField, Seen, merge, sentence

COLUMNS = {name: EditedField(name) for name in "abc"}
values = some.fixed_dictionaries({name: some.integers(0, 2) for name in COLUMNS})


@given(values, values, values)
def test_every_column_ends_as_somebody_left_it_and_a_clash_is_asked(
    seen: dict[str, int], now: dict[str, int], left: dict[str, int]
) -> None:
    found = merge(COLUMNS, Seen(seen), now, left)
    asked, kept = {one.name for one in found.both}, {one.name for one in found.others}
    for name in COLUMNS:
        mine, theirs = left[name] != seen[name], now[name] != seen[name]
        after = (now | found.values)[name]
        if mine and theirs and left[name] != now[name]:
            assert name in asked
            assert name not in found.values
        else:
            assert after == (left[name] if mine else now[name])
        assert (name in kept) == (theirs and not mine)


@given(values, values, values)
def test_what_is_left_to_the_others_stays_theirs(
    seen: dict[str, int], now: dict[str, int], left: dict[str, int]
) -> None:
    found = merge(COLUMNS, Seen(seen, yielded=frozenset(COLUMNS)), now, left)
    assert (found.values, found.both) == ({}, ())


def test_a_form_that_does_not_say_what_it_saw_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="did not say"):
        merge(COLUMNS, Seen({"a": 1}), {"a": 1, "b": 1}, {"a": 2, "b": 2})


def test_who_and_what_are_told_in_one_sentence() -> None:
    moved = merge({"p": EditedField("联系电话")}, Seen({"p": ""}), {"p": "139"}, {}).others
    assert sentence(["张三"], "李四", moved) == "您打开之后，张三改了「联系电话」：（空） → 139"
    assert sentence(["李四"], "李四", moved).startswith("您打开之后，您在别的页面改了")
    assert sentence([], "李四", moved).startswith("您打开之后，有人改了")
