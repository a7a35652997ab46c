"""Our HMAC is the standard's, for every key and message."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from survey.core.keyed import keyed, mac


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_it_is_the_hmac_of_the_standard(key: bytes, message: bytes) -> None:
    assert mac(key, message) == hmac.digest(key, message, "sha256")


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_no_field_runs_into_the_next(one: list[str], other: list[str]) -> None:
    assert (keyed(b"key", *one) == keyed(b"key", *other)) == (one == other)
