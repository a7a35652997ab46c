"""系统体检 on the screen: one line per finding, gravest first."""

from collections.abc import Sequence

import streamlit as st

from survey.core.doctor import Finding, State
from survey.core.names import STATE_NAMES
from survey.ui.blocks import safe

STYLES = {State.FAIL: "stop", State.WARN: "check", State.OK: "fine"}


def listed(findings: Sequence[Finding]) -> None:
    """What was found, and under it what to do."""
    rows = "".join(
        f'<li class="{STYLES[one.state]}"><b>{STATE_NAMES[one.state]}</b>'
        f"<div><strong>{safe(one.name)}</strong><span>{safe(one.found)}</span>{_cure(one)}</div></li>"
        for one in findings
    )
    with st.container(key="card-doctor"):
        st.html(f'<ul class="checks doctor">{rows}</ul>')


def _cure(one: Finding) -> str:
    return f"<em>{safe(one.cure)}</em>" if one.cure else ""
