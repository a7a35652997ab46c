"""The office addresses beside Streamlit's pages."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.core.models import Role
from survey.web.office import exports, shell
from survey.web.office.gate import COOKIE
from tests.people import sign_in

ADDRESSES = ("/preview/{}", "/project/{}", "/export/{}/summary.csv")


@pytest.mark.usefixtures("database")
def test_a_wave_number_nobody_has_is_not_found() -> None:
    with TestClient(Starlette(routes=[*shell.routes(), *exports.routes()])) as door:
        door.cookies.set(COOKIE, sign_in(Role.VIEWER))
        for address in ADDRESSES:
            for number in (7, 2**31, 2**63):  # too large for PostgreSQL's column, for SQLite's
                assert door.get(address.format(number)).status_code == 404, address
