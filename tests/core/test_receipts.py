"""A receipt is recognised without being stored, and cannot be made up."""

from survey.core.receipts import make_receipt, read_receipt

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


def test_made_up_receipts_are_not_recognised() -> None:
    text = make_receipt(SECRET, 7, "code", "submission").text
    assert read_receipt("b" + text[1:], SECRET) is None
    assert read_receipt(text[:-1], SECRET) is None
    assert read_receipt("不是回执", SECRET) is None
    assert read_receipt(text, b"x" * 32) is None
