"""Making codes with everything to hand over, in a thread: it outlives the page that started it.

First codes are let in only when their bundle is finished, so that a failure leaves nothing behind. With 换码
the old code is void at once and the bundle comes after; if that fails, 换码 again makes a new one.
"""

import logging
import time
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from survey.actions.waves import codes as actions
from survey.core.models import Enterprise, Wave
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.output.waves import bundle
from survey.output.waves.addressees import Addressee, Past, occasion
from survey.output.waves.bundle import Wanted
from survey.storage.database import writing

log = logging.getLogger(__name__)


@dataclass
class CodeJob:
    """One issue or 换码 of a wave: how far it is and what came of it."""

    wave: Wave
    enterprises: Sequence[Enterprise]
    wanted: Wanted
    who: str
    seen: Seen  # what the officer had before them: the wave that is printed, or the codes that are replaced
    lost: bool  # 换码
    done: int = 0
    total: int = 1
    running: bool = True
    problem: str = ""
    path: Path | None = None
    made: list[Addressee] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Do it; whatever goes wrong becomes a sentence."""
        part = bundle.new_path(self.wave.id).with_suffix(".part")
        try:
            self._replace(part) if self.lost else self._issue(part)
            self.path = part.rename(part.with_suffix(".zip"))
        except (NotAllowed, Past) as refused:
            self.problem = str(refused)
        except Exception:
            log.exception("发码没有完成")
            self.problem = (
                "旧码已作废，但新码的文件没有做成。请再换一次码。"
                if self.lost
                else "文件没有做成，没有发出任何码。请重试，仍不行请告诉管理员。"
            )
        finally:
            part.unlink(missing_ok=True)
            self.running = False

    def _issue(self, part: Path) -> None:
        codes = actions.make_codes([one.id for one in self.enterprises])
        self._write(part, codes)
        with writing() as db:
            actions.issue_codes(
                db, self.wave.id, codes, datetime.now(UTC), self.who, self._carriers, self.seen
            )

    def _replace(self, part: Path) -> None:
        ids = [one.id for one in self.enterprises]
        with writing() as db:
            codes = actions.reissue_codes(
                db, self.wave.id, ids, datetime.now(UTC), self.who, self._carriers, self.seen
            )
        self._write(part, codes)

    @property
    def _carriers(self) -> int:
        return len(self.wanted.documents)

    def _write(self, part: Path, codes: dict[int, str]) -> None:
        self.made = [
            Addressee(
                one.name, codes[one.id], one.uscc or "", one.contact, one.phone, one.officer, one.name_en
            )
            for one in self.enterprises
            if one.id in codes
        ]
        about = occasion(self.wave, datetime.now(UTC))
        self.warnings = bundle.write(part, about, self.made, self.wanted, self._progress)

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total


_jobs: dict[int, CodeJob] = {}
_lock = Lock()


def start(job: CodeJob) -> bool:
    """Start it unless one of this wave is still running."""
    bundle.sweep(time.time())
    with _lock:
        going = _jobs.get(job.wave.id)
        if going is not None and going.running:
            return False
        _jobs[job.wave.id] = job
    # In the context of the page: the thread acts for the one who started it.
    Thread(target=copy_context().run, args=(job.run,), name="codes", daemon=True).start()
    return True


def current(wave_id: int) -> CodeJob | None:
    """The running or last job of a wave, until it is put away."""
    return _jobs.get(wave_id)


def put_away(wave_id: int) -> None:
    """The officer has kept the bundle: delete ours."""
    with _lock:
        job = _jobs.pop(wave_id, None)
    if job is not None and job.path is not None:
        job.path.unlink(missing_ok=True)
