"""/metrics is read on this machine or with a token, and by nobody else."""

import secrets

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.web.office import metrics
from tests.factories import make_wave

TOKEN = secrets.token_urlsafe(24)
HERE, THERE = ("127.0.0.1", 5), ("10.0.0.9", 5)
pytestmark = pytest.mark.usefixtures("sqlite_database")


def ask(client: tuple[str, int] = HERE, host: str = "127.0.0.1:8501", **headers: str) -> int:
    door = TestClient(Starlette(routes=metrics.routes()), client=client)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = door.get("/metrics", headers={"Host": host, **named})
    assert ("survey_responses" in answer.text) == (answer.status_code == 200)
    return answer.status_code


@pytest.mark.parametrize("client", [HERE, ("::1", 5), ("::ffff:127.0.0.1", 5)])
@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "LOCALHOST:1", "[::1]:8501"])
def test_this_machine_reads_it(client: tuple[str, int], host: str) -> None:
    make_wave()
    assert ask(client, host) == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"client": THERE}, {"client": ("", 0)}, {"client": ("testclient", 0)},
        *({name.replace("-", "_"): "10.0.0.9"} for name in metrics.FORWARDED),
        {"host": "office.example"}, {"host": "127.0.0.1.evil.example"}, {"host": ""},  # a proxy that tells nothing
    ],
)  # fmt: skip
def test_nobody_else_does(asked: dict[str, str]) -> None:
    assert ask(**asked) == 401


def test_the_token_opens_it_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert ask(THERE, Authorization=given) == 401, "none is set"
    monkeypatch.setenv("SURVEY_METRICS_TOKEN", TOKEN)
    get_settings.cache_clear()
    assert ask(THERE, "office.example", Authorization=f"Bearer {TOKEN}", X_Forwarded_For="10.0.0.9") == 200
    for given in ("", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN):
        assert ask(THERE, Authorization=given) == 401
    assert ask(HERE) == 200


@pytest.mark.parametrize("token", ["short", "with a blank in it all", "令牌令牌令牌令牌令牌令牌令牌令牌"])
def test_a_token_that_is_no_token_is_refused(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_METRICS_TOKEN", token)
    get_settings.cache_clear()
    with pytest.raises(SettingsError, match="SURVEY_METRICS_TOKEN"):
        get_settings()
