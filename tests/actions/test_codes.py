"""Codes are given once, replaced with the old one void at once, and the books balance or say so."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from survey.actions.answers.claims import Refused
from survey.actions.registry import departments
from survey.actions.waves import codes, new_waves
from survey.actions.waves.seal import seal_wave
from survey.core.answers.receipts import digest
from survey.core.models import Enterprise, Invitation, Response, WaveEvent
from survey.core.refusals import NotAllowed
from survey.storage.answers.doors import find_code
from survey.storage.database import reading, writing
from survey.storage.waves import codes as reads
from survey.storage.waves import fingerprint
from survey.storage.waves.codes import RegistryPart
from survey.storage.waves.published import open_code, strata, wave
from tests.conftest import NOW
from tests.factories import close, make_wave, release, submit

pytestmark = pytest.mark.usefixtures("database")


def draft(enterprises: int = 6) -> tuple[int, list[int]]:
    """A draft wave and the ids of a registry."""
    with writing() as db:
        departments.load_departments(db)
        found = [
            Enterprise(name=f"企业{i}", industry="制造业" if i % 2 else "服务业", officer="王" if i < 3 else "李", key=i == 0)
            for i in range(enterprises)
        ]  # fmt: skip
        db.add_all(found)
        db.flush()
        new = new_waves.NewWave("三季度测评", NOW, NOW + timedelta(days=14))
        return new_waves.create_wave(db, new).id, [one.id for one in found]


def ids(made: object) -> list[int]:
    with reading() as db:
        return [one.id for one in db.exec(select(Enterprise))]


def test_codes_are_kept_only_as_hashes_and_lead_to_their_wave() -> None:
    wave_id, invited = draft()
    made = codes.make_codes(invited)
    with writing() as db:
        assert codes.issue_codes(db, wave_id, made, NOW, "王专员", printed=2) == 6
        kept = list(db.exec(select(Invitation)))
        events = [(one.what, one.who) for one in db.exec(select(WaveEvent))]
    assert {one.code_hash for one in kept} == {digest(code) for code in made.values()}
    assert all(len(code) == 22 for code in made.values())
    assert not any(code in repr(one) for one in kept for code in made.values())
    assert ("issued", "王专员") in events
    found = find_code(made[invited[0]])
    assert found is not None
    assert found.wave_id == wave_id


def test_an_enterprise_gets_one_code_and_a_filter_leaves_out_those_who_have_one() -> None:
    wave_id, invited = draft()
    with reading() as db:
        assert [one.name for one in reads.uninvited(db, wave_id, RegistryPart(officers=["王"]))] == [
            "企业0",
            "企业1",
            "企业2",
        ]
        assert len(reads.uninvited(db, wave_id, RegistryPart(industries=["制造业"]))) == 3
        assert len(reads.uninvited(db, wave_id, RegistryPart(key_only=True))) == 1
    with writing() as db:
        codes.issue_codes(db, wave_id, codes.make_codes(invited[:2]), NOW, "王专员")
    with reading() as db:
        assert len(reads.uninvited(db, wave_id, RegistryPart())) == 4
    with pytest.raises(NotAllowed, match="已经发过码"), writing() as db:
        codes.issue_codes(db, wave_id, codes.make_codes(invited), NOW, "王专员")


def test_after_opening_nobody_new_is_invited_and_codes_are_not_taken_back() -> None:
    made = make_wave(enterprises=2)
    with pytest.raises(NotAllowed, match="名单已经固定"), writing() as db:
        codes.issue_codes(db, made.id, {1: "x" * 22}, NOW, "王专员")
    with pytest.raises(NotAllowed, match="不能撤回"), writing() as db:
        codes.withdraw_codes(db, made.id, NOW, "王专员")


def test_codes_of_a_draft_can_be_taken_back_whole() -> None:
    wave_id, invited = draft()
    with writing() as db:
        codes.issue_codes(db, wave_id, codes.make_codes(invited), NOW, "王专员")
    with writing() as db:
        assert codes.withdraw_codes(db, wave_id, NOW, "王专员") == 6
    with reading() as db:
        assert reads.ledger(db, wave_id).issued == 0
        assert len(reads.uninvited(db, wave_id, RegistryPart())) == 6


def test_a_replaced_code_is_void_at_once_and_the_new_one_counts_in_the_same_stratum() -> None:
    made = make_wave(enterprises=30)
    lost = ids(made)[0]
    with writing() as db:
        new = codes.reissue_codes(db, made.id, [lost], NOW, "王专员")
    with pytest.raises(Refused) as refused:
        submit(made, code=made.codes[0])
    assert refused.value.key == "void"
    submit(made, code=new[lost])
    with reading() as db:
        one = db.exec(select(Response)).one()
        old = db.exec(select(Invitation).where(Invitation.enterprise_id == lost, col(Invitation.void))).one()
        assert one.stratum_id == old.stratum_id != 0
        assert one.stratum_id in {part.id for part in strata(db, made.id)}


def test_a_used_code_is_not_replaced() -> None:
    made = make_wave(enterprises=3)
    submit(made)
    with pytest.raises(NotAllowed, match="已用码答过卷"), writing() as db:
        codes.reissue_codes(db, made.id, [ids(made)[0]], NOW, "王专员")
    with writing() as db:
        assert len(codes.reissue_codes(db, made.id, ids(made), NOW, "王专员")) == 2


def test_the_books_balance_and_every_number_is_as_counted_by_hand() -> None:
    made = make_wave(enterprises=12)
    for _ in range(4):
        submit(made)
    with reading() as db:
        hall = open_code(db, made.id)
    submit(made, code=hall)
    submit(made, code=hall)
    everyone = ids(made)
    with writing() as db:
        new = codes.reissue_codes(db, made.id, everyone[4:7], NOW, "王专员", printed=2)
        codes.reissue_codes(db, made.id, everyone[4:5], NOW, "王专员")
    submit(made, code=new[everyone[5]])
    with writing() as db:
        mine = digest(new[everyone[5]])
        db.execute(update(Invitation).where(col(Invitation.code_hash) == mine).values(on_behalf="phone"))
    with reading() as db:
        books = reads.ledger(db, made.id)
    assert (books.invited, books.issued, books.reissued, books.void, books.valid) == (12, 16, 4, 4, 12)
    assert (books.used, books.unused, books.own, books.on_behalf) == (5, 7, 4, 1)
    assert (books.printed, books.open_used, books.responses, books.void_used) == (3, 2, 7, 0)
    assert books.balanced


def test_books_that_were_tampered_with_do_not_balance_and_cannot_be_sealed() -> None:
    made = make_wave(enterprises=12)
    submit(made)
    close(made)
    with writing() as db:
        db.execute(
            update(Invitation).where(col(Invitation.code_hash) == digest(made.codes[0])).values(void=True)
        )
    with reading() as db:
        assert not reads.ledger(db, made.id).balanced
    with pytest.raises(NotAllowed, match="不平"), writing() as db:
        seal_wave(db, made.id, NOW, "王专员")


def test_a_sealed_wave_keeps_a_fingerprint_that_any_change_breaks() -> None:
    made = make_wave(enterprises=12)
    for _ in range(8):
        submit(made)
    release(made)
    with pytest.raises(NotAllowed, match="之后才能封存"), writing() as db:
        seal_wave(db, made.id, NOW, "王专员")
    close(made)
    with pytest.raises(NotAllowed, match="准数还没有公布"), writing() as db:
        seal_wave(db, made.id, NOW, "王专员")
    release(made)
    with writing() as db:
        sealed = seal_wave(db, made.id, NOW, "王专员")
    with reading() as db:
        kept = wave(db, made.id)
        assert kept is not None
        assert kept.fingerprint == sealed == fingerprint.compute(db, kept)
        assert reads.sealed_at(db, made.id) == NOW
    with pytest.raises(NotAllowed, match="已经封存"), writing() as db:
        seal_wave(db, made.id, NOW, "王专员")
    with writing() as db:
        one = db.exec(select(Response)).first()
        assert one is not None
        db.execute(update(Response).where(col(Response.id) == one.id).values(grades=bytes(len(one.grades))))
    with reading() as db:
        kept = wave(db, made.id)
        assert kept is not None
        assert fingerprint.compute(db, kept) != sealed
