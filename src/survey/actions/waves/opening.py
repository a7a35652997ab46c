"""提请开启: what it takes where one person alone may not open a 期次. Another account says yes or no."""

from datetime import datetime

from sqlmodel import Session

from survey.actions import versions
from survey.actions.accounts.audit import audited
from survey.actions.waves.lifecycle import about, as_seen, given_reason, in_state
from survey.actions.waves.log import log
from survey.core import editable
from survey.core.accounts.access import Right, actor
from survey.core.models import Proposal, Wave, WaveState, WaveStep
from survey.core.refusals import NotAllowed
from survey.core.versions import Seen
from survey.core.waves.rounds import said
from survey.storage.registry import enterprises
from survey.storage.waves import proposals

STARTED = "这个期次已经开启，不用再同意。"
GONE = "没有等人同意的提请，可能刚被处理。请刷新页面。"
LAPSED = "提请之后草稿或邀请名单有改动，这次提请作废，要由营商专班重新提请。"
ONESELF = "提请的人自己不能同意，要另一个账号来看。"


@audited("提请开启", Right.ROUNDS)
def propose(db: Session, wave_id: int, now: datetime, seen: Seen | None = None) -> Proposal:
    """Ask a second person to agree to the draft as it is now. Raises `Stale` if it is not what was seen."""
    wave = in_state(db, wave_id, WaveState.DRAFT, STARTED)
    as_seen(db, wave, seen, "还没有提请，请核对后再点一次。")
    enterprises.lock(db)
    found = proposals.standing(db, wave, now)
    if not found.needed or found.alone:
        raise NotAllowed("这个期次不用另一个人同意，可以直接开启。")
    if found.proposal:
        raise NotAllowed(found.told)
    made = Proposal(wave_id=wave_id, at=now, who=actor().name, state=found.state)
    if lapsed := db.get(Proposal, wave_id):
        db.delete(lapsed)
        db.flush()
    db.add(made)
    log(db, wave_id, now, made.who, WaveStep.PROPOSED, f"提请开启，邀请 {found.invited} 家")
    return made


@audited("同意开启", Right.CONSENT)
def agree(db: Session, wave_id: int, now: datetime, seen: Seen | None = None) -> Wave:
    """The second person's yes. `seen`: {"state": …} of the draft that they looked at."""
    wave, proposal = _proposed(db, wave_id, now, seen)
    proposal.agreed_by, proposal.agreed_at = actor().name, now
    log(db, wave_id, now, proposal.agreed_by, WaveStep.AGREED, f"同意开启（{_asked(proposal)}）")
    return wave


@audited("不同意开启", Right.CONSENT)
def decline(db: Session, wave_id: int, reason: str, now: datetime, seen: Seen | None = None) -> Wave:
    """The second person's no, with its reason; officers may change the draft and ask again."""
    wave, proposal = _proposed(db, wave_id, now, seen)
    told = f"不同意开启（{_asked(proposal)}）。理由：{given_reason(reason)}"
    log(db, wave_id, now, actor().name, WaveStep.DECLINED, told)
    db.delete(proposal)
    return wave


def _asked(proposal: Proposal) -> str:
    return f"{proposal.who} {said(proposal.at)} 提请"


def _proposed(db: Session, wave_id: int, now: datetime, seen: Seen | None) -> tuple[Wave, Proposal]:
    """The locked draft and what was proposed of it, if the one who acts may answer that."""
    wave = in_state(db, wave_id, WaveState.DRAFT, STARTED)
    enterprises.lock(db)
    found = proposals.standing(db, wave, now)
    if found.proposal is None:
        raise NotAllowed(LAPSED if found.lapsed else GONE)
    if found.proposal.agreed_by:
        raise NotAllowed(f"{found.proposal.agreed_by} 已经同意，不用再点。")
    if found.proposal.who == actor().name:
        raise NotAllowed(ONESELF)
    cure = "还没有记下您的意见，请看过现在的名单再点一次。"
    versions.unmoved(db, about(wave_id), editable.PROPOSAL, seen, {"state": found.state}, cure)
    return wave, found.proposal
