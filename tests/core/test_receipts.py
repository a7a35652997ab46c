"""A receipt is recognised without being stored, and cannot be made up."""

import hmac

import pytest

from survey.core.answers.receipts import content_mark, digest, make_receipt, read_receipt

SECRET = b"k" * 32


def test_a_receipt_is_the_same_each_time_and_read_back() -> None:
    receipt = make_receipt(SECRET, 7, "code", "submission")
    assert receipt == make_receipt(SECRET, 7, "code", "submission") == read_receipt(receipt.text, SECRET)
    assert receipt.wave_id == 7


def test_another_submission_code_or_secret_gives_another_receipt() -> None:
    made = {
        make_receipt(secret, 7, code, submission).text
        for secret in (SECRET, b"x" * 32)
        for code in "ab"
        for submission in "cd"
    }
    assert len(made) == 8


def test_a_mark_of_content_knows_both_the_id_and_the_content() -> None:
    marks = {content_mark(sid, content) for sid in ("s" * 22, "t" * 22) for content in (b"a", b"b")}
    assert len(marks) == 4
    assert content_mark("s" * 22, b"a") in marks


@pytest.mark.parametrize("length", [16, 40, 64, 65, 200])
def test_the_key_of_a_mark_is_no_hash_that_is_kept(length: int) -> None:
    """HMAC takes the hash of a key longer than its block, and that hash of the id stands in the database."""
    sid = "s" * length
    assert content_mark(sid, b"a") != hmac.digest(digest(sid), b"a", "sha256")
    long = hmac.digest(sid.encode(), b"a", "sha256") == hmac.digest(digest(sid), b"a", "sha256")
    assert long == (length > 64), "the control"


def test_made_up_receipts_are_not_recognised() -> None:
    text = make_receipt(SECRET, 7, "code", "submission").text
    assert read_receipt("b" + text[1:], SECRET) is None
    assert read_receipt(text[:-1], SECRET) is None
    assert read_receipt("不是回执", SECRET) is None
    assert read_receipt(text, b"x" * 32) is None
