"""Pages rendered once and kept: forms of open waves, and receipts that differ only in number and code."""

from datetime import datetime
from time import monotonic

from survey.core.answers.receipts import digest
from survey.core.models import WaveState
from survey.core.waves.phase import Phase, phase_of
from survey.storage.answers import doors
from survey.storage.answers.doors import CodeStatus, WavePage
from survey.storage.database import reading_connection
from survey.web.documents import Packed
from survey.web.phone.receipts import plain_receipt
from survey.web.phone.rendering import empty_form
from survey.web.phone.variant import Variant

KEPT_PAGES = 64
KEPT_CODES = 4096
FRESH_SECONDS = 10


class Pages:
    """Rendered forms of open waves. What is open is frozen, so a page stays right until the wave ends."""

    def __init__(self) -> None:
        self._waves: dict[tuple[int, datetime], WavePage] = {}
        self._forms: dict[tuple[int, datetime, Variant], Packed] = {}
        self._receipts: dict[tuple[int, Variant], tuple[float, WavePage, Phase, Packed]] = {}
        self._shown: dict[bytes, CodeStatus] = {}

    def wave(self, status: CodeStatus) -> WavePage:
        key = (status.wave_id, status.closes_at)
        if key not in self._waves:
            with reading_connection() as db:
                page = doors.wave_page(db, status.wave_id)
            if status.state == WaveState.DRAFT:  # may be changed as long as it has not opened
                return page
            self._make_room()
            self._waves[key] = page
        return self._waves[key]

    def form(self, status: CodeStatus, variant: Variant) -> Packed:
        key = (status.wave_id, status.closes_at, variant)
        if key not in self._forms:
            page = empty_form(self.wave(status), variant)
            self._make_room()
            self._forms[key] = page
        return self._forms[key]

    def note_shown(self, code: str, status: CodeStatus) -> None:
        """Remember what a code led to whose form is being shown; of very many the latest."""
        if len(self._shown) >= KEPT_CODES:
            self._shown.pop(next(iter(self._shown)), None)
        self._shown[digest(code)] = status

    def shown(self, code: str) -> CodeStatus | None:
        """What a code led to when its form was shown, told once. Its wave and form are frozen; whether it may still
        be used is for whoever stores the form to say."""
        return self._shown.pop(digest(code), None)

    def receipt(self, wave_id: int, variant: Variant, now: datetime) -> tuple[WavePage, Phase, Packed]:
        """A wave, where it stands and its plain receipt, a few seconds old at most: closing may be brought forward."""
        kept = self._receipts.get((wave_id, variant))
        if kept is None or kept[0] < monotonic() or kept[2] is not phase_of(kept[1], now):
            with reading_connection() as db:
                wave = doors.wave_page(db, wave_id)
            self._make_room()
            phase = phase_of(wave, now)
            kept = (monotonic() + FRESH_SECONDS, wave, phase, plain_receipt(wave, variant, phase))
            self._receipts[wave_id, variant] = kept
        return kept[1:]

    def _make_room(self) -> None:
        if len(self._forms) + len(self._waves) + len(self._receipts) >= KEPT_PAGES:
            self._forms.clear()
            self._waves.clear()
            self._receipts.clear()
