"""What moves by itself stops for whoever has signed out meanwhile."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from survey.core.answers.receipts import digest
from survey.core.models import Role
from tests import factories
from tests.pages.conftest import sign_in


def page(name: str) -> None:
    """A page that has been drawn, and whose counts move once."""
    from datetime import UTC, datetime

    import streamlit as st

    from survey.core.accounts.access import SYSTEM, acting
    from survey.storage.database import reading
    from survey.storage.waves import arriving, published
    from survey.ui import live
    from survey.ui.access import signed_in

    signed_in()
    st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
    if st.session_state["drawn"] > 1:
        return
    with acting(SYSTEM), reading() as db:
        [wave] = published.waves(db)
        pulse = arriving.pulse(db, wave.id, datetime.now(UTC))
    if name == "watch":
        live.watch(wave, pulse)
    else:
        live.collected(wave, pulse)


@pytest.mark.parametrize("name", ["watch", "collected"])
@pytest.mark.parametrize("here", [True, False])
def test_a_page_is_drawn_anew_once_nobody_is_signed_in(sqlite_database: Path, name: str, here: bool) -> None:
    factories.make_wave(now=datetime.now(UTC))
    app = AppTest.from_function(page, kwargs={"name": name})
    app.user = {"login": digest(sign_in(Role.VIEWER)).hex()} if here else {}
    app.run()
    assert not app.exception
    assert app.session_state["drawn"] == (1 if here else 2)
