"""What arrives at a door: a body with a hard limit, turned into form fields."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from survey.core.answers.answers import SUBMISSION_ID, Fields, Malformed
from survey.core.answers.form import Form
from survey.settings import Settings

FORM_TYPE = "application/x-www-form-urlencoded"
ESCAPED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


class TooLarge(Exception):
    """A body above the limit; what came of it is thrown away."""


class WrongType(Exception):
    """Not a form."""


@dataclass(frozen=True)
class Room:
    """How much a body may hold."""

    bytes: int
    fields: int


STRANGER = Room(
    65_536, 2000
)  # for what belongs to no form of ours, so that what was typed can be handed back


def room_for(form: Form, settings: Settings) -> Room:
    """Enough for a form with every field at its stated limit, but never more than the installation allows."""
    return Room(min(form.most_bytes(settings), settings.body_limit), form.most_fields)


@dataclass(frozen=True)
class Sent:
    """A form as it came: the phone's submission id and the fields for `core.answers.answers.check`."""

    id: str
    fields: Fields


async def read_body(request: Request, limit: int) -> bytes:
    """The body, given up as soon as it passes the limit."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM_TYPE:
        raise WrongType
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced[:20]) > limit:
        raise TooLarge
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def parse(body: bytes, most_fields: int) -> Sent:
    """Fields of a body; raises `Malformed` on anything that no browser sends."""
    fields: dict[str, list[str]] = {}
    if body.count(b"&") >= most_fields:
        raise Malformed
    try:
        for piece in body.decode().split("&"):
            name, equals, value = piece.partition("=")
            if "%" in piece or "+" in piece:  # few fields hold more than plain letters and digits
                name, value = unquote(name), unquote(value)
            if not equals or "\0" in name or "\0" in value:
                raise Malformed
            fields.setdefault(name, []).append(value)
    except ValueError as error:
        raise Malformed from error
    sent = fields.pop("sid", [])
    if len(sent) != 1 or not SUBMISSION_ID.fullmatch(sent[0]):
        raise Malformed
    return Sent(sent[0], fields)


def unquote(text: str) -> str:
    """`urllib.parse.unquote_plus`, strict, for long texts twenty times as fast: a run of escapes at once."""
    raw = text.replace("+", " ").encode()
    return ESCAPED.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), raw).decode()


def salvage(body: bytes, most_fields: int) -> Fields:
    """Whatever can still be read of a body that was refused, so that typed text can be handed back."""
    try:
        pairs = parse_qsl(body.decode(errors="replace"), errors="replace", max_num_fields=most_fields)
    except ValueError:
        return {}
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\0", ""))
    return fields
