"""Nothing that people typed is read as Markdown in the pages' messages."""

from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile import MARKDOWN
from tests.pages.conftest import said


def page(kind: str, text: str) -> None:
    """A page that says what the last step did."""
    from survey.ui import messages

    getattr(messages, kind)(f"「{text}」已保存")


@pytest.mark.parametrize("kind", ["done", "refused", "caution"])
@pytest.mark.parametrize("text", MARKDOWN)
def test_a_message_shows_a_title_to_the_letter(kind: str, text: str) -> None:
    app = AppTest.from_function(page, kwargs={"kind": kind, "text": text}).run()
    assert not app.exception
    assert f"「{text}」已保存" in unescape(said(app))
    assert not app.markdown
