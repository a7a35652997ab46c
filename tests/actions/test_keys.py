"""A series' pseudonym key: made once, never replaced, and gone for good when it is destroyed."""

import stat

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from survey import cli
from survey.actions.waves import drafts, new_waves
from survey.actions.waves.keys import (
    KeyRefused,
    destroy_key,
    key_path,
    make_key,
    pseudonym,
    refuse_lost_keys,
    series_key,
)
from survey.core.models import DestroyedKey, Mode
from survey.core.refusals import NotAllowed
from survey.settings import get_settings
from survey.settings.errors import SettingsError
from survey.storage.database import read_engine, reading, writing
from tests.conftest import NOW
from tests.factories import MadeWave, close, make_wave, submit

pytestmark = pytest.mark.usefixtures("database")


def stored() -> list[bytes]:
    with read_engine().connect() as db:
        return sorted(bytes(one) for one in db.scalars(text("SELECT pseudonym FROM response")))


def raters() -> list[int]:
    with read_engine().connect() as db:
        return list(db.scalars(text("SELECT enterprise_id FROM invitation WHERE enterprise_id IS NOT NULL")))


def destroy(series: str = "main") -> None:
    with writing() as db:
        destroy_key(db, series, NOW, "王专员")


def answered() -> MadeWave:
    """A closed 代号 wave with three answers."""
    wave = make_wave(mode=Mode.PSEUDONYMOUS)
    for _ in range(3):
        submit(wave)
    close(wave)
    return wave


def test_the_key_lies_outside_the_database_and_only_its_owner_reads_it() -> None:
    answered()
    path = key_path("main")
    assert path.parent == get_settings().data_dir / "keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_whoever_has_key_and_database_can_name_a_pseudonym_until_the_key_is_destroyed() -> None:
    answered()
    before = stored()
    assert set(before) <= {pseudonym(series_key("main"), one) for one in raters()}  # why it must be destroyed
    destroy()
    assert not key_path("main").exists()
    with pytest.raises(SettingsError, match="不见了"):
        series_key("main")
    assert stored() == before
    with reading() as db:
        gone = db.get(DestroyedKey, "main")
        assert gone is not None
        assert gone.who == "王专员"


def test_a_destroyed_key_is_never_made_again() -> None:
    wave = answered()
    destroy()
    with pytest.raises(NotAllowed, match=r"已于 .* 销毁"):
        make_wave(mode=Mode.PSEUDONYMOUS)
    with writing() as db, pytest.raises(NotAllowed, match="销毁"):
        drafts.copy_wave(db, wave.id, NOW, "王专员")
    other = make_wave()  # 不记名 goes on in the same series
    with writing() as db, pytest.raises(KeyRefused, match="销毁"):
        make_key(db, "main")
    assert other.id
    assert not key_path("main").exists()


def test_a_draft_cannot_be_turned_into_a_wave_of_a_destroyed_key() -> None:
    answered()
    destroy()
    new = new_waves.NewWave("下一期", NOW, NOW.replace(year=2099))
    with writing() as db:
        draft = new_waves.create_wave(db, new)
    again = new_waves.NewWave("下一期", NOW, NOW.replace(year=2099), Mode.PSEUDONYMOUS)
    with writing() as db, pytest.raises(NotAllowed, match="销毁"):
        drafts.edit_draft(db, draft.id, again, NOW, "王专员")


def test_a_key_in_use_is_not_destroyed() -> None:
    make_wave(mode=Mode.PSEUDONYMOUS, title="正在进行")
    with pytest.raises(KeyRefused, match="「正在进行」还没有截止"):
        destroy()
    assert key_path("main").exists()
    with pytest.raises(KeyRefused, match="没有代号期次"):
        destroy("other")


def test_a_draft_still_needs_its_key() -> None:
    answered()
    with writing() as db:
        new_waves.create_wave(db, new_waves.NewWave("草稿", NOW, NOW.replace(year=2099), Mode.PSEUDONYMOUS))
    with pytest.raises(KeyRefused, match="「草稿」还没有截止"):
        destroy()


def test_a_lost_key_is_told_at_the_start_and_at_opening_and_not_replaced() -> None:
    answered()
    with reading() as db:
        refuse_lost_keys(db)
    kept = key_path("main").read_text()
    key_path("main").unlink()
    with reading() as db, pytest.raises(SettingsError, match="请从密钥的备份恢复"):
        refuse_lost_keys(db)
    with pytest.raises(NotAllowed, match="请从密钥的备份恢复"):
        make_wave(mode=Mode.PSEUDONYMOUS)
    assert not key_path("main").exists()
    key_path("main").write_text(kept)
    make_wave(mode=Mode.PSEUDONYMOUS)


def test_an_answer_that_finds_no_key_is_not_stored() -> None:
    wave = make_wave(mode=Mode.PSEUDONYMOUS)
    key_path("main").unlink()
    with pytest.raises(SettingsError, match="不见了"):
        submit(wave)
    assert stored() == []
    with reading() as db, pytest.raises(SettingsError, match="不见了"):
        refuse_lost_keys(db)


def test_the_command_asks_first_and_says_what_else_to_destroy() -> None:
    answered()
    refused = CliRunner().invoke(cli.app, ["destroy-key", "main"], input="n\n")
    assert (refused.exit_code, key_path("main").exists()) == (1, True)
    done = CliRunner().invoke(cli.app, ["destroy-key", "main"], input="y\n")
    assert (done.exit_code, key_path("main").exists()) == (0, False)
    assert "密钥备份请一并销毁" in done.output
