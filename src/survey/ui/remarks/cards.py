"""Released remarks on pages, and for the officer those that stay out."""

from collections.abc import Sequence

import streamlit as st

from survey.core.models import Kind, Source, Wave
from survey.core.names import KIND_NAMES
from survey.storage.remarks.listed import SeenRemark, ToldRemarks
from survey.ui.blocks import safe
from survey.ui.moment import phase


def remarks(told: ToldRemarks, names: dict[str, str], wave: Wave) -> None:
    """Released remarks, as text only, and how many stay out in the end; to the officer also those."""
    with st.container(key="card-remarks"):
        st.html(
            f'<h2 class="card-title">企业留言</h2><p class="card-note">{remarks_note(told.too_few, wave)}</p>'
        )
        if not told.released:
            st.html('<div class="withheld">还没有可以公布的留言</div>')
        else:
            st.html(f'<ul class="remarks">{"".join(remark(one, names) for one in told.released)}</ul>')
        if told.left:
            left_over(told.left, names)


def left_over(found: Sequence[SeenRemark], names: dict[str, str]) -> None:
    """Remarks that were too few for a batch, in a card of the officer's."""
    st.html(
        '<p class="card-note">以下不足一批，不公布；只有营商专班能看到，请据以办理，不要外传：</p>'
        f'<ul class="remarks">{"".join(remark(one, names) for one in found)}</ul>'
    )


def remarks_note(too_few: int, wave: Wave) -> str:
    """How remarks come out, and in the end how many do not."""
    if too_few:
        return f"全期另有 {too_few} 条不足一批，为保护企业不公布，由营商专班处理。"
    return (
        "攒够一批一起公布，次序打乱，以免被认出是谁写的。" if phase(wave).taking else "成批公布，次序打乱。"
    )


def remark(one: SeenRemark, names: dict[str, str], marks: str = "") -> str:
    """A remark as an entry of a list; `marks` is markup of ours under its text."""
    about = names.get(one.department_id or "", "未指明部门")
    bad = ' · <span class="bad">打了差评</span>' if one.rated_bad else ""
    kind = KIND_NAMES[Kind(one.kind)]
    open_one = ' · <span class="pill unverified">未核验</span>' if one.source == Source.OPEN else ""
    return f'<li><span class="about">{safe(about)} · {kind}{bad}{open_one}</span><p>{safe(one.text)}</p>{marks}</li>'
