"""Hostile texts on every Streamlit page, as every role: only in places that show text to the letter."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from survey.actions.accounts import sessions
from survey.core.accounts.access import PAGES, ROLE_RIGHTS
from survey.core.answers.receipts import digest
from survey.core.models import Role
from tests.hostile import MARKDOWN, MARKUP, live_in
from tests.pages.conftest import MENU
from tests.people import PASSWORD
from tests.planted import Planted, listed, world

# What shows text to the letter; everything else of Streamlit's may read it as Markdown.
PLAIN = {
    "html",
    "text",
    "selectbox",
    "multiselect",
    "text_input",
    "text_area",
    "code",
    "iframe",
    "plotly_chart",
}
FRAGMENTS = [
    text[:12]
    for text in (*MARKUP, *MARKDOWN)
    if re.fullmatch(r"[ -~]{12}", text[:12]) and not set(text[:12]) & set("'\"\\")
]
OURS_IN_CHARTS = re.compile(r"</?(?:b|br|extra)>")
SEEN = [
    (role, address)
    for role in Role
    for address, (_, rights) in PAGES.items()
    if not ROLE_RIGHTS[role].isdisjoint(rights) and address != "method"  # ours alone: nobody typed any of it
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with world(tmp_path_factory.mktemp("planted")) as made:
        yield made


def open_as(planted: Planted, role: Role, address: str, **query: object) -> AppTest:
    signed = sessions.sign_in(planted.names[role], PASSWORD, datetime.now(UTC))
    app = AppTest.from_file(str(MENU), default_timeout=60)
    app.user = {"login": digest(signed.token).hex()}
    app.run()
    app.switch_page(f"{address}.py")
    for name, value in query.items():
        app.query_params[name] = str(value)
    return app.run()


def elements(app: AppTest) -> Iterator[tuple[str, Any]]:
    """Every element on a page and in its sidebar: type and message."""
    waiting = [app._tree]
    while waiting:
        one: Any = waiting.pop()
        waiting += list(getattr(one, "children", {}).values())
        if not hasattr(one, "children") and getattr(one, "proto", None) is not None:
            yield one.type, one.proto


def live_on(app: AppTest) -> list[str]:
    """What would act on a page, or stands where Markdown is read."""
    found = []
    for kind, proto in elements(app):
        if kind == "html":
            found += live_in(proto.body)
        elif kind == "plotly_chart":
            found += live_in_chart(json.loads(proto.spec))
        elif kind not in PLAIN:
            found += [f"{kind}: {text}" for text in FRAGMENTS if text in str(proto)]
    return found


def live_in_chart(chart: Any) -> list[str]:
    """Texts of a chart in which Plotly would read somebody's markup or template."""
    if isinstance(chart, dict):
        return [one for value in chart.values() for one in live_in_chart(value)]
    if isinstance(chart, list):
        return [one for value in chart for one in live_in_chart(value)]
    if not isinstance(chart, str) or not re.search(r"<[a-zA-Z/]", OURS_IN_CHARTS.sub("", chart)):
        return []
    return [chart]


@pytest.mark.parametrize(("role", "address"), SEEN)
def test_every_page_shows_them_as_text(planted: Planted, role: Role, address: str) -> None:
    app = open_as(planted, role, address)
    assert not app.exception
    assert any("onerror" in str(proto) or "cmd|" in str(proto) for _, proto in elements(app))
    assert live_on(app) == []


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_the_steps_of_a_draft_do_too(planted: Planted, step: int) -> None:
    app = open_as(planted, Role.OFFICER, "waves", draft=planted.draft, step=step)
    assert not app.exception
    assert live_on(app) == []


@pytest.mark.parametrize("text", MARKUP)
def test_filters_in_the_address_do_too(planted: Planted, text: str) -> None:
    app = open_as(
        planted, Role.VIEWER, "dashboard", wave=text, department=text, source=text, **{"class": text}
    )
    assert not app.exception
    assert live_on(app) == []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_preview_of_a_hostile_list_does_too(planted: Planted, kind: str) -> None:
    app = open_as(planted, Role.OFFICER, "enterprises")
    next(one for one in app.button if one.label == "导入名单").click().run()
    name = f"<img src=x onerror=window.__pwned=1>.{kind}"
    app.file_uploader[0].upload(name, listed(kind), "application/octet-stream").run()
    assert not app.exception
    assert live_on(app) == []
    # A file that is no list at all is quoted in the refusal.
    app.file_uploader[0].upload("x.csv", "\n".join(MARKUP).encode(), "text/csv").run()
    assert live_on(app) == []


def careless(title: str) -> None:
    """A page as it is easily written."""
    import streamlit as st

    st.html(f"<p>{title}</p>")
    st.caption(f"{title} 的新短信")
    st.warning(title)


def test_a_careless_page_is_noticed() -> None:
    app = AppTest.from_function(careless, kwargs={"title": "<img src=x onerror=window.__pwned=1>"}).run()
    assert len(live_on(app)) >= 3
    assert live_in_chart({"layout": {"annotations": [{"text": "<a href='http://x'>x</a>"}]}})
    assert not live_in_chart({"text": "<b>93 %</b> &lt;a href='http://x'>"})
