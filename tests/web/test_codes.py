"""Poster, 封存凭证 and bundle at the office door."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from pypdfium2 import PdfDocument
from sqlalchemy import update
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions.waves.seal import seal_wave
from survey.core.models import Response, Role, WaveEvent
from survey.output.waves import bundle
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.web.office.codes import routes
from survey.web.office.gate import COOKIE
from tests.conftest import NOW
from tests.factories import close, make_wave, release, submit
from tests.people import sign_in


@pytest.fixture
def door(sqlite_database: Path) -> Iterator[TestClient]:
    """The office door with an officer signed in."""
    with TestClient(Starlette(routes=routes()), follow_redirects=False) as client:
        client.cookies.set(COOKIE, sign_in(Role.OFFICER, name="officer"))
        yield client


def text(pdf: bytes) -> str:
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in PdfDocument(pdf))


def test_the_poster_leads_to_the_open_code(door: TestClient) -> None:
    made = make_wave(enterprises=2, now=datetime.now(UTC))
    answer = door.get(f"/codes/{made.id}/poster.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    [page] = PdfDocument(answer.content)
    [code] = zxingcpp.read_barcodes(page.render(scale=1).to_pil())
    assert code.text == f"{get_settings().address}/q/{made.open_code}"


def test_the_voucher_prints_counts_and_fingerprint_and_refuses_changed_data(door: TestClient) -> None:
    made = make_wave(enterprises=12)
    for _ in range(7):
        submit(made)
    close(made)
    release(made)
    assert door.get(f"/codes/{made.id}/voucher.pdf").status_code == 404
    with writing() as db:
        print_of = seal_wave(db, made.id, NOW, "王专员")
    words = text(door.get(f"/codes/{made.id}/voucher.pdf").content)
    assert print_of in words
    assert print_of[:16].upper() in words
    for line in (
        "邀请企业12家",
        "发出的码12个",
        "已用7个",
        "未用5个",
        "答卷合计7份",
        "经办人：",
        "监督人：",
        "非常满意10",
    ):
        assert line in words
    with writing() as db:
        one = db.exec(select(Response.id)).first()
        db.execute(update(Response).where(col(Response.id) == one).values(language="en"))
    changed = door.get(f"/codes/{made.id}/voucher.pdf")
    assert changed.status_code == 409
    assert "指纹与封存时的不同" in changed.text


def test_a_bundle_is_handed_out_noted_and_gone_after_an_hour(door: TestClient) -> None:
    made = make_wave(enterprises=2, now=datetime.now(UTC))
    path = bundle.new_path(made.id)
    path.write_bytes(b"PK")
    address = f"/codes/{made.id}/bundle/{path.stem.partition('-')[2]}.zip"
    answer = door.get(address)
    assert answer.content == b"PK"
    assert answer.headers["cache-control"] == "no-store"
    with reading() as db:
        assert [(one.what, one.who) for one in db.exec(select(WaveEvent))][-1] == ("downloaded", "officer")
    hour_ago = time.time() - bundle.KEPT - 1
    os.utime(path, (hour_ago, hour_ago))
    assert door.get(address).status_code == 410
    assert not path.exists()
