"""A submission id tells its maker, and nobody else, when the form was opened."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from survey.core.answers.answers import SUBMISSION_ID
from survey.core.answers.stamps import MAC_BYTES, NONCE_BYTES, new_submission_id, seconds_open
from tests.conftest import NOW

SECRET, CODE = b"of this server", "a-code"
LATER = NOW + timedelta(seconds=7.25)


def made() -> str:
    return new_submission_id(SECRET, CODE, NOW)


def test_it_tells_how_long_the_form_was_open() -> None:
    assert seconds_open(SECRET, CODE, made(), LATER) == pytest.approx(7.25)


def test_it_is_an_id_that_the_form_takes_and_never_the_same() -> None:
    ids = {made() for _ in range(50)}
    assert len(ids) == 50
    assert all(SUBMISSION_ID.fullmatch(one) for one in ids)


def test_an_id_of_another_code_or_another_server_tells_nothing() -> None:
    assert seconds_open(SECRET, "another", made(), LATER) is None
    assert seconds_open(b"another", CODE, made(), LATER) is None


def test_no_character_of_it_can_be_changed() -> None:
    one = made()
    for at, letter in enumerate(one):
        changed = one[:at] + ("B" if letter == "A" else "A") + one[at + 1 :]
        assert seconds_open(SECRET, CODE, changed, LATER) is None


def test_without_the_check_a_changed_one_would_be_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control of the test above."""
    one = made()
    changed = ("B" if one[0] == "A" else "A") + one[1:]
    monkeypatch.setattr("survey.core.answers.stamps.hmac.compare_digest", lambda _a, _b: True)
    assert seconds_open(SECRET, CODE, changed, LATER) is not None


@pytest.mark.parametrize("one", ["s" * 22, "s" * 64, "A" * 39, "*" * 40, "A" * 40, ""])
def test_any_other_id_tells_nothing(one: str) -> None:
    assert seconds_open(SECRET, CODE, one, LATER) is None


def test_a_clock_behind_the_other_tells_nothing() -> None:
    assert seconds_open(SECRET, CODE, made(), NOW - timedelta(seconds=1)) is None


def test_its_128_random_bits_follow_from_nothing_that_is_kept() -> None:
    """Same server, same code, same moment: each of the bits stands both ways, as often as a coin would fall."""
    bodies = [int.from_bytes(urlsafe_b64decode(made())[:NONCE_BYTES]) for _ in range(1000)]
    assert len({*bodies}) == 1000
    assert NONCE_BYTES * 8 == 128
    for bit in range(128):
        assert 350 < sum(one >> bit & 1 for one in bodies) < 650  # once in 10 to the 18 otherwise


def test_a_guess_at_the_check_has_one_chance_in_2_to_the_64() -> None:
    assert MAC_BYTES * 8 >= 64
