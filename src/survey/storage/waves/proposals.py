"""Reads about drafts that it takes two to open: how far one is, and what waits for whoever looks."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from survey.core.accounts.access import Right, actor, needs
from survey.core.models import Enterprise, Invitation, Proposal, Wave, WaveState
from survey.core.waves.frames import is_small, state_of
from survey.core.waves.rounds import CheckItem, Severity, said
from survey.settings import get_settings
from survey.storage.accounts import people

ABSENT = "没有第二个能同意的账号（营商专班、领导或纪检监察），这项保护不起作用"


@dataclass(frozen=True)
class Approval:
    """How far a draft is. `proposal` is about what it is now; one about what it was before has `lapsed`."""

    invited: int
    needed: bool
    alone: bool
    state: str
    proposal: Proposal | None
    lapsed: bool

    @property
    def agreed(self) -> bool:
        return self.proposal is not None and bool(self.proposal.agreed_by)

    @property
    def why(self) -> str:
        """Why it takes two."""
        return f"只邀请了 {self.invited} 家，少于 {get_settings().frame_least} 家：名单太小时虚报几家就能看出其余的"

    @property
    def absent(self) -> str:
        """That nobody else could agree, for the log."""
        return f"{self.why}。{ABSENT}。" if self.alone else ""

    @property
    def by(self) -> str:
        """Who the two were, for the log."""
        return (
            f"（{self.proposal.who} 提请，{self.proposal.agreed_by} 同意）"
            if self.proposal and self.agreed
            else ""
        )

    @property
    def told(self) -> str:
        """Where it stands, and what is to be done."""
        if self.alone:
            return f"{self.absent}可以开启，并记入期次日志。"
        if self.proposal is None:
            again = "提请之后草稿或邀请名单有改动，要重新提请。" if self.lapsed else ""
            return f"{self.why}，要另一个人同意才能开启。{again or '请先提请开启。'}"
        asked = f"{self.proposal.who} {said(self.proposal.at)} 提请"
        if self.proposal.agreed_at is None:
            return f"{self.why}，要另一个人同意才能开启。{asked}，正等别的专班人员、领导或纪检监察同意。"
        return f"邀请 {self.invited} 家，{asked}，{self.proposal.agreed_by} {said(self.proposal.agreed_at)} 同意开启。"


@dataclass(frozen=True)
class Waiting:
    """A draft that waits for whoever looks to say yes or no."""

    wave: Wave
    proposal: Proposal
    frame: list[Enterprise]


@needs(Right.ROUNDS, Right.CONSENT)
def frame(db: Session, wave_id: int) -> list[Enterprise]:
    """The enterprises that a draft invites."""
    query = select(Enterprise).join(Invitation, col(Invitation.enterprise_id) == col(Enterprise.id))
    query = query.where(Invitation.wave_id == wave_id, ~col(Invitation.void)).distinct()
    return list(db.exec(query.order_by(col(Enterprise.id))))


@needs(Right.ROUNDS, Right.CONSENT)
def standing(db: Session, wave: Wave, now: datetime) -> Approval:
    """How far a draft is on its way to being opened by two."""
    invited = frame(db, wave.id)
    needed = is_small(wave, len(invited))
    state = state_of(wave, invited) if needed else ""
    found = db.get(Proposal, wave.id) if needed else None
    lapsed = found is not None and found.state != state
    alone = needed and people.second_persons(db, now) < 2
    return Approval(len(invited), needed, alone, state, None if lapsed else found, lapsed)


@needs(Right.ROUNDS)
def checks(db: Session, wave: Wave, now: datetime) -> list[CheckItem]:
    """What the check list says of it, if it takes two."""
    found = standing(db, wave, now)
    if not found.needed:
        return []
    ready = Severity.FINE if found.agreed else Severity.STOP
    return [CheckItem(Severity.CHECK if found.alone else ready, found.told)]


@needs(Right.CONSENT)
def waiting(db: Session, now: datetime) -> list[Waiting]:
    """The drafts that wait for whoever looks: proposed by somebody else, and still what they were then."""
    query = select(Wave, Proposal).join(Proposal, col(Proposal.wave_id) == col(Wave.id))
    query = query.where(
        Wave.state == WaveState.DRAFT, Proposal.agreed_by == "", Proposal.who != actor().name
    ).order_by(col(Proposal.at))
    return [
        Waiting(wave, proposal, frame(db, wave.id))
        for wave, proposal in db.exec(query).all()
        if standing(db, wave, now).proposal is not None
    ]
