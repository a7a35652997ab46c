"""Submitting while officials open dashboards: both doors, each a process."""

import subprocess
import sys
import time
from typing import Any

from survey.settings import ROOT
from tests.bench import doors, office, worlds
from tests.bench.driver import Outcome
from tests.bench.figures import _release
from tests.bench.journeys import drive, percentile

SESSIONS, RATE, SECONDS = 40, 50, 12


def measure() -> dict[str, Any]:
    """Journeys at a steady rate, alone and while `SESSIONS` dashboards open at the same moment."""
    with worlds.world():
        wave, codes = worlds.open_wave(3 * RATE * SECONDS + 2000)
        worlds.load_responses(wave, 5_000)
        _release(wave)
        fields, token = worlds.filled_in(worlds.form_of(wave)), office.sign_in()
        public, team = doors.free_port(), doors.free_port()
        with doors.door("public", public), doors.door("office", team):
            drive(public, codes[:500], fields, 4, 60)
            _open(team, token, 1, 0)
            rest = codes[500:]
            alone = drive(public, rest[: RATE * SECONDS], fields, 64, SECONDS, RATE)
            opening = subprocess.Popen(
                _command(team, token, SESSIONS, 1), cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            time.sleep(1)  # Python needs that long to start
            crowded = drive(public, rest[RATE * SECONDS :], fields, 64, SECONDS, RATE)
            slowest, _ = opening.communicate(timeout=180)
            assert opening.returncode == 0
    return {
        "sessions": SESSIONS, "rate": RATE, "slowest": float(slowest), **_times("alone", alone), **_times("crowd", crowded),
    }  # fmt: skip


def _times(name: str, outcome: Outcome) -> dict[str, float]:
    assert outcome.failed == 0
    return {
        f"{name}_{kind}_{int(share * 100)}": percentile(times, share)
        for kind, times in (("get", outcome.get), ("post", outcome.post))
        for share in (0.5, 0.99)
    }


def _command(port: int, token: str, count: int, seconds: float) -> list[str]:
    return [sys.executable, "-m", "tests.bench.office", str(port), token, str(count), str(seconds)]


def _open(port: int, token: str, count: int, seconds: float) -> None:
    subprocess.run(_command(port, token, count, seconds), cwd=ROOT, check=True, stdout=subprocess.PIPE)
