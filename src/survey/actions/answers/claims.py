"""What an enterprise's form claims: the code it came by, under which key that code can be used once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from survey.core.answers.answers import Answers
from survey.core.answers.taking import NotTaken
from survey.core.models import Channel


class Refused(Exception):
    """Not stored, for a reason; with the receipt of the form that was stored under the same id, where one was."""

    def __init__(self, key: NotTaken, receipt: str = "") -> None:
        super().__init__(key)
        self.key, self.receipt = key, receipt


@dataclass(frozen=True)
class Submission:
    """A checked form on its way in. `channel` None: as the code says. `device`: the day's mark of where it came from."""

    code: str
    id: str
    answers: Answers
    channel: Channel | None
    language: str
    now: datetime
    device: bytes | None = None


Stored = tuple[bytes, bytes | None]
"""The hash of the submission that used a code, and the mark of its content."""


@dataclass(frozen=True)
class Claim:
    """A submission with the code it came by, and the key that this code can be used under once."""

    submission: Submission
    door: Any
    key: bytes
    submission_hash: bytes
    content_mark: bytes
    receipt: str

    @cached_property
    def channel(self) -> Channel:
        """An enterprise's own code is verified wherever it is used; a tablet matters with an open code only."""
        asked = self.submission.channel
        if self.door.open_code is not None:
            return Channel.TABLET if asked == Channel.TABLET else Channel.OPEN
        return Channel.OFFICER if asked == Channel.OFFICER else Channel.CODE
