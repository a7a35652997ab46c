"""Nothing that people typed is read as Markdown in the pages' messages."""

import pytest
from streamlit.testing.v1 import AppTest

from survey.ui.words import words

TITLE = "![图](http://elsewhere.example/a.png) **粗** $x$ :red[红] [链接](http://elsewhere.example)"


def page(module: str, title: str) -> None:
    """A page that says what the last step did."""
    from importlib import import_module

    import streamlit as st

    ours = import_module(f"survey.ui.{module}")
    st.session_state[ours.MESSAGE] = f"「{title}」已保存"
    ours.show_message()


@pytest.mark.parametrize("module", ["wave_forms", "steps"])
def test_a_message_shows_a_title_to_the_letter(module: str) -> None:
    app = AppTest.from_function(page, kwargs={"module": module, "title": TITLE}).run()
    assert not app.exception
    assert app.success[0].value == f"「{words(TITLE)}」已保存"


def test_every_mark_is_escaped_and_chinese_is_left_alone() -> None:
    assert words("![a](b)") == r"\!\[a\]\(b\)"
    assert words("第 1 期：已开启。") == "第 1 期：已开启。"
