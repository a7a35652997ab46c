"""The office addresses beside Streamlit's pages."""

from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions import accounts
from survey.core.models import Role
from survey.web import exports, office
from survey.web.guard import COOKIE

ADDRESSES = ("/preview/{}", "/project/{}", "/export/{}/summary.csv")


@pytest.mark.usefixtures("database")
def test_a_wave_number_nobody_has_is_not_found() -> None:
    accounts.add_user("王", Role.VIEWER, "a long password")
    token = accounts.sign_in("王", "a long password", datetime.now(UTC))
    with TestClient(Starlette(routes=[*office.routes(), *exports.routes()])) as door:
        door.cookies.set(COOKIE, token or "")
        for address in ADDRESSES:
            for number in (7, 2**31, 2**63):  # too large for PostgreSQL's column, for SQLite's
                assert door.get(address.format(number)).status_code == 404, address
