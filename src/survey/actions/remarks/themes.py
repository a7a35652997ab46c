"""主题: the officer keeps the list of themes, and confirms which remarks are of them."""

import re

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from survey.actions import versions
from survey.actions.accounts.audit import audited
from survey.core import editable
from survey.core.accounts.access import Right, actor
from survey.core.models import Remark, RemarkTheme, Theme
from survey.core.plain_text import one_line
from survey.core.refusals import NotAllowed
from survey.core.remarks.themes import LABEL_LIMIT, THEMES_LIMIT, WORD_LIMIT, WORDS_LIMIT
from survey.core.remarks.words import load_themes
from survey.core.versions import Seen
from survey.storage.answers.tallies import insert_into
from survey.storage.remarks.listed import confirmed_under

BETWEEN = re.compile(r"[、，,；;\s]+")


@audited("新增主题", Right.CASES)
def add_theme(db: Session, label: str, words: str) -> str:
    """A new theme at the end of the list; `words` as typed. Returns its label."""
    rows, name, parts = _list(db), _label(label), _words(words)
    _refuse_taken(rows, name)
    if len(rows) >= THEMES_LIMIT:
        raise NotAllowed(f"主题最多 {THEMES_LIMIT} 个，请先删去不用的。")
    last = max((one.position for one in rows.values()), default=-1)
    db.add(Theme(label=name, words=parts, position=last + 1))
    return name


@audited("更改主题", Right.CASES)
def change_theme(db: Session, label: str, new_label: str, words: str, seen: Seen | None = None) -> str:
    """Another name or other words; what was confirmed under the old name goes with it. Raises `Stale`.

    `seen`: `core.editable.theme` at opening.
    """
    rows = _list(db)
    one = _known(rows, label)
    given = editable.theme(_label(new_label), _words(words))
    now = editable.theme(label, one.words)
    changed = dict(now) | versions.merge(db, (f"主题 {label}",), editable.THEME, seen, now, given)
    name, parts = str(changed["label"]), changed["words"]
    if name != label:
        _refuse_taken(rows, name)
        db.execute(update(RemarkTheme).where(col(RemarkTheme.label) == label).values(label=name))
        db.delete(one)
    db.merge(Theme(label=name, words=parts, position=one.position))
    return name


@audited("删除主题", Right.CASES)
def remove_theme(db: Session, label: str, seen: Seen | None = None) -> None:
    """The theme goes, and with it what was confirmed under it. Raises `Stale` if that is no longer what was seen."""
    rows = _list(db)
    one = _known(rows, label)
    now = {**editable.theme(label, one.words), "confirmed": confirmed_under(db, label)}
    versions.unmoved(db, (f"主题 {label}",), editable.THEME, seen, now, "还没有删除，请核对后再点一次。")
    if len(rows) == 1:
        raise NotAllowed("至少要留一个主题。")
    db.execute(delete(RemarkTheme).where(col(RemarkTheme.label) == label))
    db.delete(one)


@audited("确认主题", Right.CASES)
def confirm_theme(db: Session, remark_id: bytes, label: str) -> None:
    """A person found a released remark to be of a theme; saying it twice changes nothing."""
    _known(_list(db), label)
    found = db.exec(select(Remark.id).where(Remark.id == remark_id, col(Remark.batch).is_not(None))).first()
    if found is None:
        raise NotAllowed("这条留言不在已公布的留言里。")
    row = {"remark_id": remark_id, "label": label, "who": actor().name}
    db.connection().execute(insert_into(db.connection(), RemarkTheme).values(row).on_conflict_do_nothing())


@audited("撤回主题", Right.CASES)
def take_back_theme(db: Session, remark_id: bytes, label: str) -> None:
    """It is not of that theme after all."""
    _known(_list(db), label)
    of = (col(RemarkTheme.remark_id) == remark_id, col(RemarkTheme.label) == label)
    db.execute(delete(RemarkTheme).where(*of))


def _list(db: Session) -> dict[str, Theme]:
    """The themes by label; the file's are put into an empty table before the first change."""
    rows = list(db.exec(select(Theme).order_by(Theme.label).with_for_update()))
    if not rows:
        rows = [
            Theme(label=label, words=list(words), position=place)
            for place, (label, words) in enumerate(load_themes().items())
        ]
        db.add_all(rows)
        db.flush()
    return {one.label: one for one in rows}


def _known(rows: dict[str, Theme], label: str) -> Theme:
    if label not in rows:
        raise NotAllowed("没有这个主题，可能刚被改名或删去，请刷新后再试。")
    return rows[label]


def _refuse_taken(rows: dict[str, Theme], label: str) -> None:
    if label in rows:
        raise NotAllowed(f"已经有主题「{label}」，请换一个名称。")


def _label(typed: str) -> str:
    label = one_line(typed)
    if not 1 <= len(label) <= LABEL_LIMIT:
        raise NotAllowed(f"主题名称要填 1 到 {LABEL_LIMIT} 个字，例如“等待时间”。")
    return label


def _words(typed: str) -> list[str]:
    """The words as typed, each once, in their order."""
    words = list(dict.fromkeys(filter(None, BETWEEN.split(typed.strip()))))
    if not 1 <= len(words) <= WORDS_LIMIT:
        raise NotAllowed(f"词要填 1 到 {WORDS_LIMIT} 个，用顿号或空格隔开，例如“排队、等待、太慢”。")
    if too_long := [word for word in words if len(word) > WORD_LIMIT]:
        raise NotAllowed(f"词「{too_long[0]}」太长，每个词最多 {WORD_LIMIT} 个字。")
    return words
