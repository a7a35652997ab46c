"""A draft's four steps: each opens from a link, for officers only, and says what is there."""

from datetime import UTC, datetime, timedelta

from survey.actions.waves import drafts
from survey.core.models import Role
from survey.storage.database import writing
from tests import factories
from tests.pages.conftest import Open, said


def draft() -> int:
    now = datetime.now(UTC)
    last = factories.make_wave(now=now - timedelta(days=90), title="2026 年一季度测评")
    factories.close(last, now - timedelta(days=76))
    with writing() as db:
        return drafts.copy_wave(db, last.id, now, "王经办").id


def test_each_step_opens_from_a_link(open_page: Open) -> None:
    wave_id = draft()
    settings = open_page("waves.py", Role.OFFICER, draft=wave_id, step=1)
    assert settings.text_input[0].value == "2026 年二季度测评"
    assert "上期邀请的企业还有 30 家在册" in said(open_page("waves.py", Role.OFFICER, draft=wave_id, step=2))
    trial = open_page("waves.py", Role.OFFICER, draft=wave_id, step=3)
    assert "还没有试填" in said(trial)
    assert [one.proto.src for one in trial.get("iframe")] == [f"/preview/{wave_id}"]
    checks = said(open_page("waves.py", Role.OFFICER, draft=wave_id, step=4))
    assert "还没有邀请企业" in checks
    assert "沿用「2026 年一季度测评」" in checks


def test_a_viewer_is_refused_and_what_is_no_draft_leads_to_the_list(open_page: Open) -> None:
    wave_id = draft()
    assert "您的账号没有这项权限" in said(open_page("waves.py", Role.VIEWER, draft=wave_id, step=4))
    for nonsense in (wave_id - 1, 999, "x"):
        assert "共 2 个期次" in said(open_page("waves.py", Role.OFFICER, draft=nonsense, step="x"))


def test_a_first_wave_starts_from_an_empty_form(open_page: Open) -> None:
    app = open_page("waves.py", Role.OFFICER, draft="new")
    assert app.text_input[0].value == ""
    assert "新建期次" in said(app)
