"""How many files, and so connections, a door may have open at once."""

import sys
from functools import cache
from math import inf

FILES = 8192  # open at once, where the system allows it; the usual 1,024 are soon gone
AT_ONCE, QUEUE = 16, 2048  # connections accepted in one breath, and kept waiting by the system meanwhile
# Of the files: the database's and the pages' own, and what was accepted and not yet looked at.
OWN_FILES = 80 + 4 * AT_ONCE


def allow_many_files() -> None:
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@cache
def most_by_files() -> float:
    """For how many connections this process has files."""
    if sys.platform == "win32":
        return inf
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return inf if soft == resource.RLIM_INFINITY else max(soft - OWN_FILES, 1)
