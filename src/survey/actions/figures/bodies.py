"""What a release holds of one source's answers (its body), as they are counted at one moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlmodel import Session

from survey.core.answers import tally_codec
from survey.core.answers.signs import dump_signs
from survey.core.clock import china_day
from survey.core.figures.by_stratum import stratum_parts
from survey.core.figures.cells import TOO_FEW, Shown, load_cell
from survey.core.figures.noise import Noise
from survey.core.figures.withholding import (
    Counted,
    about,
    add,
    dripped,
    final_cell,
    first,
    live_cell,
    moves,
    raters_of,
    stands,
)
from survey.core.keyed import keyed
from survey.core.models import NO_STRATUM, Source, Wave, source_of
from survey.settings import get_settings
from survey.storage.answers import devices, tallies
from survey.storage.waves import published

Body = Mapping[str, Any]
Cells = Mapping[str, Any]


class SourceBody:
    """The answers of one source of a wave, as they are counted now; `k`: how many raters a figure needs."""

    def __init__(self, db: Session, wave: Wave, source: Source, k: int) -> None:
        self._session, self._db = db, db.connection()
        self._wave, self._source, self._k = wave, source, k
        self._form = published.form(wave)
        self._answered: dict[int, int] = {}
        for (stratum, channel), n in tallies.count_responses(self._db, wave.id).items():
            if source_of(channel) == source:
                self._answered[stratum] = self._answered.get(stratum, 0) + n
        self._forms = sum(self._answered.values())

    def live(self, before: Body, now: datetime) -> Body:
        """While answers come in: the next figures, or the very same if nothing moves. None of a wave that tells no more
        than how many came."""
        before = before or self._nothing()
        if self._k > 1 and not self._wave.live:
            return before
        if self._forms == before.get("responses", 0) or not self._is_due(before, now):
            return before
        cells = {str(item): self._moved(before, item) for item in range(self._form.items)}
        together = self._together(before)
        old, asked = before.get("cells", {}), before.get("asked", {})
        if (cells, together) == (old, before.get("together", {})):
            return before
        body = {
            **before,
            "cells": cells,
            "together": together,
            "responses": self._forms,
            **self._about_forms(),
        }
        if self._k == 1:
            body |= {"signs": self._signs(cells)}
        same = {one: forms for one, forms in asked.items() if cells[one] == old[one]}
        body["asked"] = dict.fromkeys(cells, self._forms) | same
        return body | {"day": china_day(now).isoformat()}

    def final(self, before: Body) -> Body:
        """Once all are in. Figures of open codes stay 约数: whoever padded them could read off the rest. A wave that
        was closed under an older rule (`settled`) keeps its figures."""
        cells = {str(item): self._last(item, before) for item in range(self._form.items)}
        asked = dict.fromkeys(cells, self._forms)
        if before.get("settled"):
            cells, asked = dict(before["cells"]), dict(before.get("asked", {}))
        body = {"cells": cells, "asked": asked, "responses": self._forms}
        if self._source == Source.OPEN:
            return body | self._about_forms()
        answered = {str(one): n for one, n in self._answered.items()}
        return body | {"signs": self._signs(cells), "strata": self._strata(), "answered": answered}

    # --- moving ---

    def _nothing(self) -> Body:
        """Kept from the first form on, and with it the threshold that was promised."""
        hidden = self._k > 1 and self._forms > 0
        return {"cells": {str(item): TOO_FEW for item in range(self._form.items)}} if hidden else {}

    def _is_due(self, before: Body, now: datetime) -> bool:
        """Nobody knows who is behind an open code: its figures move once a day, and not for a few devices."""
        if self._by_the_clock:
            return before.get("day") != china_day(now).isoformat() and self._devices >= self._k
        return True

    @property
    def _by_the_clock(self) -> bool:
        return self._source == Source.OPEN and self._k > 1

    @cached_property
    def _devices(self) -> int:
        """How many different devices the forms came from, at least."""
        return self._forms - devices.repeated(self._db, self._wave.id)

    def _moved(self, before: Body, item: int) -> Any:
        old, counted, level = before.get("cells", {}).get(str(item)), self._counted[item], self._level(item)
        if self._by_the_clock and moves(raters_of(old), counted.n, self._k):
            return dripped(old, counted.counts, level, self._key(str(item)))
        return live_cell(old, counted, self._k, level)

    def _key(self, name: str) -> bytes:
        """Of the noise that a figure of open codes keeps; nobody has it who has the database alone."""
        return keyed(get_settings().secret, "noise", str(self._wave.id), name)

    def _together(self, before: Body) -> dict[str, Any]:
        """All departments at once, by forms; and those of each class, by the raters of its most rated department."""
        if self._k == 1:
            return {}
        items = {"": self._overall} | self._classes
        raters = {name: max(self._counted[one].n for one in mine) for name, mine in items.items()}
        raters[""] = self._forms
        found = dict(before.get("together", {}))
        for name, mine in items.items():
            if moves(found.get(name, {}).get("raters", 0), raters[name], self._k):
                counts = add(self._counted[one] for one in mine).counts
                key = self._key(f"together {name}")
                told = (
                    dripped(found.get(name), counts, Noise.TOGETHER, key)
                    if self._by_the_clock
                    else about(counts, Noise.TOGETHER)
                )
                found[name] = told | {"raters": raters[name]}
        return found

    def _last(self, item: int, before: Body) -> Any:
        """What came after exact counts that an older rule has shown must stand by itself."""
        told = before.get("exact", {}).get(str(item))
        counted, level, insiders = self._counted[item], self._level(item), get_settings().insiders
        if not self._by_the_clock:
            # More reasons than were told would tell which of the new ones gave them.
            cell = final_cell(replace(counted, reasons=()) if told else counted, self._k, level, insiders)
            return (
                cell
                if told is None or stands(counted.since(told), self._k, insiders)
                else about(counted.counts, level)
            )
        old = before.get("cells", {}).get(str(item))
        enough = counted.n >= first(self._k) and self._devices >= self._k
        return dripped(old, counted.counts, level, self._key(str(item))) if enough else old or TOO_FEW

    # --- what is counted ---

    def _level(self, item: int) -> Noise:
        return Noise.DIMENSION if item % len(self._form.questions) else Noise.OVERALL

    @cached_property
    def _overall(self) -> list[int]:
        return [self._form.item(place) for place in range(len(self._form.departments))]

    @cached_property
    def _classes(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self._form.departments):
            found.setdefault(one.category, []).append(self._form.item(place))
        return found

    @cached_property
    def _parts(self) -> dict[int, dict[int, Counted]]:
        """Item → stratum → counts."""
        found: dict[int, dict[int, list[Counted]]] = {}
        tally = tallies.read(self._db, self._wave.id, len(self._form.questionnaire.reasons))
        for item, parts in tally.items():
            for (stratum, channel), counted in parts.items():
                if source_of(channel) == self._source:
                    found.setdefault(item, {}).setdefault(stratum, []).append(counted)
        return {item: {one: add(part) for one, part in parts.items()} for item, parts in found.items()}

    @cached_property
    def _counted(self) -> dict[int, Counted]:
        """Every item's counts, and those of doubtful forms."""
        nobody = Counted(reasons=(0,) * len(self._form.questionnaire.reasons))
        doubtful = [tally_codec.doubtful_item(place) for place in range(len(self._form.departments))]
        items = [*range(self._form.items), *doubtful]
        return {item: add([nobody, *self._parts.get(item, {}).values()]) for item in items}

    def _strata(self) -> dict[str, Any]:
        invited = {one.id: one.invited for one in published.strata(self._session, self._wave.id)}
        weights = {one: invited.get(one, 0) / n for one, n in self._answered.items() if n}
        return {
            str(item): stratum_parts(parts, weights, self._k, self._level(item))
            for item, parts in self._parts.items()
            if item >= 0 and NO_STRATUM not in parts
        }

    def _signs(self, cells: Cells) -> dict[str, Any]:
        """Signs (异常迹象) of the forms, and how the doubtful ones graded where the cell is exact."""
        if self._forms < self._k:
            return {}
        found = {str(item): load_cell(cells[str(item)]) for item in self._overall}
        exact = {name: one for name, one in found.items() if isinstance(one, Shown) and not one.approximate}
        doubtful = {
            str(self._form.item(place)): self._counted[tally_codec.doubtful_item(place)]
            for place in range(len(self._form.departments))
        }
        by_flags = tallies.count_signs(self._db, self._wave.id, self._source)
        return dump_signs(self._forms, by_flags, exact, doubtful, self._k)

    def _about_forms(self) -> dict[str, Any]:
        """Who came by open codes (身份)."""
        if self._source == Source.VERIFIED:
            return {}
        kinds = tallies.count_respondents(self._db, self._wave.id)
        return {"kinds": {str(int(one)): n for one, n in kinds.items()}}
