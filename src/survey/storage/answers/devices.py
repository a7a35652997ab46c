"""How many codes one device used on one day: counted under a mark whose key is gone the next day."""

import logging
import secrets
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection, text

from survey.core.keyed import keyed
from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.settings.kept_secrets import kept_secret

log = logging.getLogger(__name__)

Use = tuple[int, bytes]
"""A wave and a device's mark."""


def mark(wave_id: int, today: date, *about: str) -> bytes:
    """What a device is counted under: keyed by the day, other in every wave. `about` is kept nowhere."""
    return keyed(_key(today, get_settings().data_dir), str(wave_id), *about)


def count_uses(db: Connection, uses: Mapping[Use, int]) -> dict[Use, int]:
    """Count uses and return how many each device has now; in key order, so that writers do not deadlock."""
    if not uses:
        return {}
    values = "(?, ?, ?)" if db.dialect.name == "sqlite" else "(%s, %s, %s)"
    rows = [(*use, count) for use, count in sorted(uses.items())]
    statement = (
        f"INSERT INTO device_mark (wave_id, mark, count) VALUES {', '.join([values] * len(rows))} "
        "ON CONFLICT (wave_id, mark) DO UPDATE SET count = device_mark.count + excluded.count "
        "RETURNING wave_id, mark, count"
    )
    found = db.exec_driver_sql(statement, tuple(chain.from_iterable(rows)))
    return {(wave_id, bytes(one)): total for wave_id, one, total in found}


def repeated(db: Connection, wave_id: int) -> int:
    """How many forms came from a device that had sent one before, on the same day."""
    query = text("SELECT COALESCE(SUM(count - 1), 0) FROM device_mark WHERE wave_id = :wave")
    return int(db.execute(query, {"wave": wave_id}).scalar_one())


@lru_cache(maxsize=1)
def _key(day: date, data_dir: Path) -> bytes:
    """The day's key, shared by all processes of this machine; the days before lose theirs.

    Where none can be kept each process counts by itself: no form is refused for want of a sign.
    """
    destroy_keys(before=day)
    try:
        return kept_secret(_folder(data_dir) / f"{day.isoformat()}.key").encode()
    except SettingsError as error:
        log.warning("设备密钥用不了，今天按进程各自计数：%s", error)
        return secrets.token_bytes(32)


def destroy_keys(before: date | None = None) -> None:
    """Delete the keys of earlier days, or all of them: no mark can be reckoned again."""
    for path in _folder(get_settings().data_dir).glob("*.key"):
        if before is None or path.stem < before.isoformat():
            path.unlink(missing_ok=True)
    if before is None:
        _key.cache_clear()


def _folder(data_dir: Path) -> Path:
    return data_dir / "keys" / "devices"
