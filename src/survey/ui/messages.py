"""What a step says when it is over. Streamlit's own messages read Markdown, and even escaped text becomes
links, arrows and dashes in them; these show every text to the letter."""

from html import escape

import streamlit as st


def done(text: object) -> None:
    """It worked."""
    _show("done", "status", text)


def refused(text: object) -> None:
    """It was not done, and why."""
    _show("refused", "alert", text)


def caution(text: object) -> None:
    """It worked, but something needs a look."""
    _show("caution", "status", text)


def _show(kind: str, role: str, text: object) -> None:
    st.html(f'<div class="message {kind}" role="{role}">{escape(str(text))}</div>')
