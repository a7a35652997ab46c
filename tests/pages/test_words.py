"""Nothing that people typed is read as Markdown in the pages' messages."""

from streamlit.testing.v1 import AppTest

from survey.ui.words import words

TITLE = "![图](http://elsewhere.example/a.png) **粗** $x$ :red[红] [链接](http://elsewhere.example)"


def page(title: str) -> None:
    """A page that says what the last step did."""
    import streamlit as st

    from survey.ui import steps

    st.session_state[steps.MESSAGE] = f"「{title}」已保存"
    steps.show_message()


def test_a_message_shows_a_title_to_the_letter() -> None:
    app = AppTest.from_function(page, kwargs={"title": TITLE}).run()
    assert not app.exception
    assert app.success[0].value == f"「{words(TITLE)}」已保存"


def test_every_mark_is_escaped_and_chinese_is_left_alone() -> None:
    assert words("![a](b)") == r"\!\[a\]\(b\)"
    assert words("第 1 期：已开启。") == "第 1 期：已开启。"
