"""Files that an office edits by hand, looked at when the product starts."""

from collections.abc import Callable

from survey.actions.waves.new_waves import QUESTIONNAIRES
from survey.core.answers.questionnaire import load_questionnaire
from survey.core.own_files import FileRefused
from survey.core.remarks import words


def mistakes() -> list[str]:
    """A sentence for each mistake in questionnaires, themes and word lists. Open waves do not need these files, so
    that the doors may open all the same."""
    reads: list[Callable[[], object]] = [words.load_themes, words.cutter, words.stop_words]
    reads += [lambda path=path: load_questionnaire(path) for path in sorted(QUESTIONNAIRES.glob("*.toml"))]  # type: ignore[misc]
    told = []
    for read in reads:
        try:
            read()
        except FileRefused as refused:
            told += str(refused).split("\n")
    return told
