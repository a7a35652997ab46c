"""What commands share: the terminal, a bar of progress, and a database that is ready."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

console = Console(stderr=True)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar in the terminal; yields `show(done, of)`."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def prepare() -> None:
    from survey.actions.registry.departments import refresh_departments
    from survey.storage.accounts.anchors import open_places
    from survey.storage.schema import prepare

    prepare()
    open_places()
    refresh_departments()
