"""Keyed hashes: fields never run into each other, and no hash in the code joins fields by hand."""

import ast
from itertools import combinations

import pytest

from survey.core.keyed import keyed
from survey.settings import ROOT

HASHES = {"digest", "new", "sha256", "sha1", "md5", "blake2b", "blake2s", "_mac"}
WHY_JOINED = {
    "core/receipts.py": "receipts given out stay good; a code holds no NUL, an id of ours neither, the wave has four bytes",
    "core/stamps.py": "stamps of open forms stay good; a code holds no NUL, the body always has 22 bytes",
    "actions/submit.py": "the ledger's keys stay good; codes are always 22 characters",
    "actions/audit.py": "the hash before always has 32 bytes, and the rest is JSON",
}


@pytest.mark.parametrize("marks", [":", "\0", "", "字"])
def test_no_two_lists_of_fields_share_a_hash(marks: str) -> None:
    lists = [
        ("a", f"b{marks}c"),
        (f"a{marks}b", "c"),
        ("a", "b", "c"),
        (f"a{marks}b{marks}c",),
        ("", f"a{marks}b", "c"),
    ]
    found = {fields: keyed(b"key", *fields) for fields in dict.fromkeys(lists)}
    for one, other in combinations(found, 2):
        assert found[one] != found[other]
    assert keyed(b"key", "a") != keyed(b"other", "a")


def joined(source: str) -> list[str]:
    """Hashes of several things put together by hand."""
    found = []
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        if name not in HASHES or not isinstance(node, ast.Call):
            continue
        for part in (inner for argument in node.args for inner in ast.walk(argument)):
            several = (
                isinstance(part, ast.JoinedStr)
                and sum(isinstance(one, ast.FormattedValue) for one in part.values) > 1
            )
            added = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add)
            by_join = isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "join"
            if several or added or by_join:
                found.append(ast.unparse(node))
    return found


def test_no_hash_joins_fields_by_hand() -> None:
    src = ROOT / "src" / "survey"
    found = {str(path.relative_to(src)) for path in src.rglob("*.py") if joined(path.read_text("utf-8"))}
    assert found == set(WHY_JOINED)
    for bad in (
        'hmac.digest(k, f"device:{name}:{nonce}".encode(), "sha256")',
        'sha256("\\0".join(x).encode())',
        "digest(a + b)",
    ):
        assert joined(bad)
