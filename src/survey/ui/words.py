"""Text from people for Streamlit's own messages, which read Markdown."""

import re

MARKS = re.compile(r"([!-/:-@\[-`{-~])")


def words(text: object) -> str:
    """The text so that a message shows it to the letter: no pictures, links, formulas or colours in it."""
    return MARKS.sub(r"\\\1", str(text))
