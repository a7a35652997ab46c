"""Journeys a second through the public door, against the ceiling of a bare route."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from survey.settings import ROOT
from survey.storage.database import read_engine
from tests.bench import doors, worlds
from tests.bench.driver import Outcome

AT_ONCE = (1, 8, 32, 128)


def drive(port: int, codes: list[str], fields: Any, at_once: int, seconds: float, rate: float = 0) -> Outcome:
    """Run the driver in its own process."""
    plan = {
        "port": port,
        "codes": codes,
        "fields": fields,
        "at_once": at_once,
        "seconds": seconds,
        "rate": rate,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.driver"], input=json.dumps(plan), stdout=subprocess.PIPE, text=True,
        cwd=ROOT, check=True,
    )  # fmt: skip
    return Outcome(**json.loads(done.stdout))


def stored() -> int:
    with read_engine().connect() as db:
        return int(db.scalar(text("SELECT count(*) FROM response")) or 0)


def per_second(outcome: Outcome) -> float:
    return outcome.journeys / outcome.seconds


def percentile(times: list[float], share: float) -> float:
    """In milliseconds."""
    return 1000 * sorted(times)[min(len(times) - 1, int(share * len(times)))] if times else float("nan")


def measure(
    folder: Path, seconds: float, rounds: int, at_once: tuple[int, ...] = AT_ONCE
) -> Iterator[dict[str, Any]]:
    """One row per number of respondents at once; every completed journey must be stored."""
    wave, codes = worlds.open_wave(int(1200 * seconds * rounds * len(at_once)) + 1000)
    fields, left = worlds.filled_in(worlds.form_of(wave)), iter(codes)
    public, bare_port = doors.free_port(), doors.free_port()
    with doors.door("public", public):
        first = drive(public, [next(left) for _ in range(200)], fields, 4, 60)
        with doors.ceiling(bare_port, folder, first.page_bytes):
            drive(bare_port, ["x"] * 200, fields, 4, 60)
            done = first.journeys
            for number in at_once:
                ours, bare = [], []
                for _ in range(rounds):
                    chunk = [code for _, code in zip(range(int(1200 * seconds)), left, strict=False)]
                    ours.append(drive(public, chunk, fields, number, seconds))
                    bare.append(drive(bare_port, ["x"] * 100_000, fields, number, seconds))
                    done += ours[-1].journeys
                    assert stored() == done, f"收据 {done} 份，入库 {stored()} 份"
                rate, top = median(map(per_second, ours)), median(map(per_second, bare))
                times = [one for outcome in ours for one in outcome.post]
                yield {
                    "at_once": number, "ours": rate, "ceiling": top, "share": rate / top,
                    "p50": percentile(times, 0.5), "p99": percentile(times, 0.99),
                    "failed": sum(one.failed for one in ours), "page": first.page_bytes, "stored": done,
                }  # fmt: skip
