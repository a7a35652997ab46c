"""Whatever the product writes can be read by its own account only: database, journal, keys, code books, lists."""

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from survey.settings import get_settings

OTHERS = stat.S_IRWXG | stat.S_IRWXO
JOURNALS = ("", "-wal", "-shm", "-journal")

log = logging.getLogger(__name__)


def keep_private() -> None:
    """From now on this process and its children make files for this account alone; older ones are mended.

    What cannot be mended is told, with what to do.
    """
    os.umask(OTHERS)
    for path in [path for path in open_to_others() if not _close(path)]:
        log.warning(
            "本机其他账号能读 %s，程序改不了它的权限。请用它的所有者执行 chmod -R go-rwx，或把数据文件夹移到别处。", path
        )  # fmt: skip


def open_to_others() -> Iterator[Path]:
    """What of our files and folders other accounts of this machine may read or change; none on Windows."""
    if sys.platform != "win32":
        yield from (path for path in _ours() if _is_open(path))


def _ours() -> Iterator[Path]:
    """The data folder with everything in it, and the database wherever it lies."""
    settings = get_settings()
    if settings.is_sqlite and settings.database_url:
        file = make_url(settings.database_url).database or ""
        yield from (Path(file + ending) for ending in JOURNALS)
    yield settings.data_dir
    for folder, folders, files in os.walk(settings.data_dir):
        yield from (Path(folder, name) for name in (*folders, *files))


def _is_open(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:  # gone meanwhile, or in a folder that is not ours to look into
        return False
    return not stat.S_ISLNK(found.st_mode) and bool(found.st_mode & OTHERS)


def _close(path: Path) -> bool:
    try:
        path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~OTHERS)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not _is_open(path)  # some file systems say yes and do nothing
