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


def measure(sessions: int = SESSIONS, seconds: int = SECONDS) -> dict[str, Any]:
    """Journeys at a steady rate for so long, alone and while so many dashboards open at the same moment."""
    with worlds.world():
        wave, codes = worlds.open_wave(3 * RATE * seconds + 2000)
        worlds.load_responses(wave, 5_000)
        _release(wave)
        fields, tokens = worlds.filled_in(worlds.form_of(wave)), office.sign_ins(sessions)
        public, team = doors.free_port(), doors.free_port()
        with doors.door("public", public), doors.door("office", team):
            drive(public, codes[:500], fields, 4, 60)
            _open(team, tokens[:1], 0)
            rest = codes[500:]
            alone = drive(public, rest[: RATE * seconds], fields, 64, seconds, RATE)
            opening = subprocess.Popen(_command(team, tokens, 1), cwd=ROOT, stdout=subprocess.PIPE, text=True)
            time.sleep(1)  # Python needs that long to start
            crowded = drive(public, rest[RATE * seconds :], fields, 64, seconds, RATE)
            slowest, _ = opening.communicate(timeout=180)
            assert opening.returncode == 0
    return {
        "sessions": sessions, "rate": RATE, "slowest": float(slowest), **_times("alone", alone), **_times("crowd", crowded),
    }  # fmt: skip


def _times(name: str, outcome: Outcome) -> dict[str, float]:
    assert outcome.failed == 0
    return {
        f"{name}_{kind}_{int(share * 100)}": percentile(times, share)
        for kind, times in (("get", outcome.get), ("post", outcome.post))
        for share in (0.5, 0.99)
    }


def _command(port: int, tokens: list[str], seconds: float) -> list[str]:
    return [sys.executable, "-m", "tests.bench.office", str(port), str(seconds), *tokens]


def _open(port: int, tokens: list[str], seconds: float) -> None:
    subprocess.run(_command(port, tokens, seconds), cwd=ROOT, check=True, stdout=subprocess.PIPE)
