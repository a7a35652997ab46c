"""The QR code card and the phone preview."""

from base64 import b64encode

import streamlit as st

from survey.core.models import Wave
from survey.core.waves.phase import Phase, until_told
from survey.output.press import qr_codes
from survey.ui.blocks import safe
from survey.ui.moment import moment, phase


def sentence(wave: Wave, code: str | None) -> str:
    """The first line of the page."""
    match phase(wave):
        case Phase.WINDING_UP:
            return f"期次正在收尾，{until_told(wave, moment())}前仍可扫码提交"
        case Phase.CLOSED | Phase.SEALED:
            return "这个期次已经截止，扫码不再收答卷"
    return "请企业扫码测评" if code else "这个期次还没有测评码"


def qr_card(wave: Wave, address: str) -> None:
    """The code to project or print, its files, and the address as text; nothing to hang up once nothing is taken."""
    if not phase(wave).taking:
        return
    with st.container(key="card-qr"):
        st.html(
            '<h2 class="card-title">开放扫码（未核验企业身份）</h2>'
            '<p class="card-note">谁扫都能填，适合大厅、会场和公众号。一企一码另行发给每家企业。</p>'
            f'<p class="qr-card"><img src="{_picture(address)}" alt="测评码，指向 {safe(address)}"></p>'
            f'<p class="address">{safe(address)}</p>'
        )
        large, png, svg = st.columns(3)
        with large:
            st.link_button("全屏投影", f"/project/{wave.id}", type="primary", width="stretch")
        with png:
            st.download_button(
                "下载 PNG", qr_codes.png(address, millimetres=60), f"测评码-{wave.title}.png", "image/png",
                on_click="ignore", width="stretch",
            )  # fmt: skip
        with svg:
            st.download_button(
                "下载 SVG", qr_codes.svg(address), f"测评码-{wave.title}.svg", "image/svg+xml",
                on_click="ignore", width="stretch",
            )  # fmt: skip
        st.html('<p class="card-note">印刷时二维码边长不小于 2.5 厘米，四周的白边不要裁掉。</p>')


def _picture(address: str) -> str:
    """The code as an address that an image can show; inline SVG is cut out by `st.html`."""
    return "data:image/svg+xml;base64," + b64encode(qr_codes.svg(address).encode()).decode()


def preview(wave: Wave) -> None:
    """The form as a phone shows it. It comes from the same template and cannot be sent."""
    with st.container(key="card-preview"):
        st.html(
            '<h2 class="card-title">手机上的样子</h2>'
            '<p class="card-note">可以试着点选；预览不提交，也不计数。</p>'
        )
        with st.container(key="phone"):
            st.iframe(f"/preview/{wave.id}", height=640)
