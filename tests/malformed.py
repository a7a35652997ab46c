"""Ten thousand bodies that no form of ours sends: made from a good one, always the same ones."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

FORM = b"application/x-www-form-urlencoded"
SID = "s" * 22
# The grade stands last: cut anywhere, the form lacks something.
GOOD = [("sid", SID), ("d", "tax"), ("g.tax.overall", "5")]
PIECES = (
    "%00", "%", "%ZZ", "%ff", "%ed%a0%80", "%c0%af", "&", "=", ";", "[]", "[a][b]", "\x00", "\u202e", "\\", "'",
    '"', "<b>", "../", "%0d%0a", "{{7*7}}", "' OR 1=1--", "${x}", "NaN", "-1", "1e9", "99999999999999999999", "５",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """One request: where to, how, and its body in pieces as they arrive."""

    kind: str
    body: bytes
    content_type: bytes | None = FORM
    method: str = "POST"
    path: str = ""  # behind /q/{code}
    query: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs).encode()


def truncated(dice: random.Random) -> Sent:
    body = _encoded(GOOD)
    return Sent("truncated", body[: dice.randrange(len(body))])


def scrambled(dice: random.Random) -> Sent:
    """Odd pieces in a value that must be one of a few."""
    name = dice.choice(["d", "g.tax.overall", "kind", "about", "use", "w.tax"])
    odd = "".join(dice.choices(PIECES, k=dice.randint(1, 4)))
    return Sent("scrambled", _encoded(GOOD) + f"&{name}=".encode() + odd.encode(errors="surrogatepass"))


def raw_bytes(dice: random.Random) -> Sent:
    return Sent("raw bytes", b"\xff" + dice.randbytes(dice.randint(0, 300)))


def deep(dice: random.Random) -> Sent:
    name = "d" + "[a]" * dice.randint(1, 500)
    return Sent("deep", _encoded([*GOOD, (name, "tax")]))


def huge(dice: random.Random) -> Sent:
    return Sent("huge", _encoded([*GOOD, ("text", "长" * dice.choice([3_000, 20_000, 100_000]))]))


def many(dice: random.Random) -> Sent:
    return Sent("many", _encoded([*GOOD, *((f"f{n}", "") for n in range(dice.choice([10, 1_999, 2_500])))]))


def doubled(dice: random.Random) -> Sent:
    return Sent("doubled", _encoded([*GOOD, dice.choice(GOOD)]))


def unknown(dice: random.Random) -> Sent:
    name = dice.choice(
        ["g.moon.overall", "g.tax.moon", "w.moon", "t.moon", "admin", "wave_id", "__proto__", ""]
    )
    return Sent("unknown", _encoded([*GOOD, (name, dice.choice(["1", "tax", ""]))]))


def others(dice: random.Random) -> Sent:
    """Options of another question."""
    given = dice.choice(
        [("g.tax.overall", "tax"), ("kind", "5"), ("about", "help"), ("use", "request"), ("d", "slow"),
         ("w.tax", "tax"), ("who", "tax"), ("g.market.overall", "6"), ("g.market.overall", "0")]
    )  # fmt: skip
    return Sent("others", _encoded([*GOOD, given]))


def wrong_type(dice: random.Random) -> Sent:
    content_type = dice.choice(
        [None, b"", b"text/plain", b"application/json", b"multipart/form-data", b"\xff\xfe", b"application/xml",
         b"application/x-www-form-urlencoded2", b"a" * 5_000]
    )  # fmt: skip
    body = json.dumps({"d": "tax", "deep": [[[[1]]]] * 9}).encode() if dice.random() < 0.5 else _encoded(GOOD)
    return Sent("wrong type", body, content_type)


def multipart(dice: random.Random) -> Sent:
    border = f"b{dice.randrange(99)}"
    parts = "".join(
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="../../x"\r\n\r\n{value}\r\n'
        for name, value in GOOD
    )
    body = (parts + f"--{border}--").encode()[: dice.randint(1, 400)]
    return Sent("multipart", body, f"multipart/form-data; boundary={border}".encode())


def bad_id(dice: random.Random) -> Sent:
    sid = dice.choice(["", "short", "s" * 65, "s" * 21 + "=", "s" * 20 + "é", "../" * 8, "\x00" * 22])
    return Sent("bad id", _encoded([("sid", sid), *GOOD[1:]]))


def bad_head(dice: random.Random) -> Sent:
    """A body that does not hold together with what its head says; the form itself is cut."""
    announced = dice.choice([b"-1", b"x", b"\xb2", b"1" * 400, b"", b"99999999999"])
    more = [
        (b"content-length", announced),
        (b"accept-language", dice.randbytes(dice.randint(0, 60)).hex().encode()),
    ]
    return Sent("bad head", _encoded(GOOD)[:-1], headers=more)


def odd_address(dice: random.Random) -> Sent:
    """A good form to a code that is none, or by a method that is none."""
    path = dice.choice(
        [
            "x",
            "%00",
            "\x00",
            "../../etc/passwd",
            "字" * 40,
            "A" * 5_000,
            "/qr.svg",
            "/r/trial",
            "'--",
            "\ud800",
        ]
    )
    query = dice.choice(
        [b"", b"lang=%00", b"lang=" + quote("\u202e").encode(), b"channel=%ff%fe&" * 50, b"=&=&"]
    )
    return Sent("odd address", _encoded(GOOD), method=dice.choice(["POST", "PUT", "GET", "DELETE", "\x7f"]),
                path=path, query=query)  # fmt: skip


KINDS: tuple[Callable[[random.Random], Sent], ...] = (
    truncated, scrambled, raw_bytes, deep, huge, many, doubled, unknown, others, wrong_type, multipart, bad_id, bad_head,
    odd_address,
)  # fmt: skip


def inputs(number: int, seed: int = 20260310) -> Iterator[Sent]:
    """That many malformed requests, of every kind equally often."""
    dice = random.Random(seed)
    for place in range(number):
        yield KINDS[place % len(KINDS)](dice)
