"""底稿: number and hash of every audit entry, written down outside the database as soon as the entry is durable.

Whoever cuts entries off the database's end, or forges them with the key, is told on by these files. Each line is
on the disk before the act is answered. A process that dies between the commit and the line leaves entries without
one; the next entry, start or check writes them down, so that a crash never looks like a cut. See docs/decisions/0027.
"""

import csv
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session, col, select

from survey.core.models import AuditEntry
from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.storage.database import reading

NAME = "audit-anchors.csv"
TAIL = 4096  # bytes in which the last line is found; a line has about 110

log = logging.getLogger(__name__)

Anchor = tuple[str, int, str]
"""When an entry was made, its number, its hash in hexadecimal digits."""


def places() -> list[Path]:
    """The file beside the database, and the one in the second place if there is one."""
    settings = get_settings()
    return [folder / NAME for folder in (settings.data_dir, settings.audit_anchor) if folder]


def read_anchors(path: Path) -> tuple[list[Anchor], int]:
    """All anchors of one place, oldest first, and how many of its lines are none."""
    if not path.is_file():
        return [], 0
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        read = [_anchor(row) for row in csv.reader(file)]
    return [one for one in read if one], read.count(None)


def _anchor(row: list[str]) -> Anchor | None:
    good = len(row) == 3 and row[1].isdecimal() and len(row[2]) == 64
    return (row[0], int(row[1]), row[2]) if good else None


def open_places() -> None:
    """At every start: what a crash left without an anchor gets one. Raises `SettingsError` for a place that is not there."""
    second = get_settings().audit_anchor
    if second and not (second.is_dir() and os.access(second, os.W_OK)):
        raise SettingsError(
            f"设置 SURVEY_AUDIT_ANCHOR（审计日志底稿的第二处）的文件夹 {second} 不存在或不能写入。"
            "请建好、接好它并给运行账号写权限，或取消这个设置。"
        )
    catch_up()


def catch_up() -> list[int]:
    """Write down every durable entry that has no anchor yet, in every place; the numbers that were new in the first.

    A place that cannot be written is logged and caught up later: the act it is about has happened already.
    """
    new: list[list[int]] = []
    for path in places():
        try:
            with reading() as db, _locked(path) as file:
                new.append(_extend(db, path, file))
        except OSError as error:
            log.error("审计日志的底稿写不进 %s（%s）；恢复后会自动补上。", path, error.strerror)
            new.append([])
    return new[0]


def _extend(db: Session, path: Path, file: BinaryIO) -> list[int]:
    last = _last(file)
    if last is None or _is_there(db, last):
        missing = _entries(db, last[1] if last else 0)
    else:
        log.error("审计日志与底稿 %s 不符，请运行 survey audit verify 核对。", path)
        known = {(number, value) for _, number, value in read_anchors(path)[0]}
        missing = (one for one in _entries(db, 0) if one[1:] not in known)
    numbers = []
    file.seek(0, os.SEEK_END)
    for at, number, value in missing:
        file.write(f"{at},{number},{value}\n".encode("ascii"))
        numbers.append(number)
    if numbers:
        file.flush()
        os.fsync(file.fileno())
    return numbers


def _last(file: BinaryIO) -> Anchor | None:
    """The last whole line. One that a crash cut short is taken off: its entry is written down again."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    whole, newline, torn = file.read().rpartition(b"\n")
    if torn:
        file.truncate(size - len(torn))
    if not newline:
        return None
    line = whole.rpartition(b"\n")[2].decode("utf-8", "replace").rstrip("\r")
    return _anchor(line.split(","))


def _is_there(db: Session, anchor: Anchor) -> bool:
    found = db.exec(select(AuditEntry.hash).where(AuditEntry.id == anchor[1])).first()
    return found is not None and bytes(found).hex() == anchor[2]


def _entries(db: Session, after: int) -> Iterable[Anchor]:
    query = select(AuditEntry.at, AuditEntry.id, AuditEntry.hash).order_by(col(AuditEntry.id))
    for at, number, value in db.exec(query.where(col(AuditEntry.id) > after)):
        yield at.astimezone(UTC).isoformat(timespec="seconds"), number, bytes(value).hex()


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file, for this thread of this process alone; made, and its folder told, when there is none."""
    made = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with open(descriptor, "r+b") as file:
        _lock(file)  # given back when the file is closed
        if made and sys.platform != "win32":
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        yield file


def _lock(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # the first byte stands for all
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def describe(path: Path) -> str:
    """Which of the places a file is, for a sentence."""
    return "底稿" if path.parent == get_settings().data_dir else f"第二处底稿（{path}）"
