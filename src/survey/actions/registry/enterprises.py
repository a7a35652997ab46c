"""The registry of enterprises: import with a plan that people see first, undo, edit, archive."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from survey.actions import versions
from survey.actions.accounts.audit import audited
from survey.core import editable
from survey.core.accounts.access import Right, actor, needs
from survey.core.models import Enterprise, RegistryImport
from survey.core.plain_text import name_key, one_line
from survey.core.refusals import NotAllowed
from survey.core.registry.cells import check_fields
from survey.core.registry.plan import FIELD_NAMES, EnterpriseChange, Plan, compare
from survey.core.registry.rows import RegistryTable
from survey.core.versions import Seen
from survey.core.waves.frames import is_another
from survey.storage.registry import enterprises

__all__ = ["Plan", "apply_import", "archive", "plan_import", "restore", "save_enterprise", "undo_import"]

FIELDS = tuple(FIELD_NAMES)
BLANK: dict[str, Any] = dict.fromkeys(FIELDS, "") | {"uscc": None, "key": False, "archived": False}
UNCHANGED: dict[str, Any] = {"renamed_by": "", "renamed_at": None}
NAMED_AT_MOST = 3  # enterprises named in a sentence
CHANGED_MEANWHILE = "预览之后，企业名录又有改动，还没有导入。下面是按现在的名录重做的预览，请核对后再确认。"


@needs(Right.ROUNDS)
def plan_import(db: Session, table: RegistryTable) -> Plan:
    """What an import of this file would do now."""
    return compare(enterprises.rows(db), table)


@audited("导入企业名单", Right.ROUNDS)
def apply_import(db: Session, plan: Plan, who: str, now: datetime) -> RegistryImport:
    """Do what the plan says, if the registry still is as it was; remembers how to undo it."""
    enterprises.lock(db)
    if plan_import(db, plan.table) != plan:
        raise NotAllowed(CHANGED_MEANWHILE)
    if not plan.does_something:
        raise NotAllowed("没有要新增或更改的企业，名录没有变化。")
    made = UNCHANGED | {"made_by": who, "made_at": now}
    added = _add(db, [BLANK | made | row.values for row in plan.added])
    done = RegistryImport(
        at=now, who=who, file_name=one_line(plan.table.file_name)[:200], added=[one["id"] for one in added],
        changed=[*added, *_change(db, plan.changed, who, now)],
    )  # fmt: skip
    db.add(done)
    db.flush()
    return done


def _add(db: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    wanted = insert(Enterprise).returning(col(Enterprise.id), sort_by_parameter_order=True)
    ids = db.scalars(wanted, rows).all()
    return [{"id": one, "before": None, "after": _mark(row)} for one, row in zip(ids, rows, strict=True)]


def _change(
    db: Session, changes: Iterable[EnterpriseChange], who: str, now: datetime
) -> list[dict[str, Any]]:
    known = {one["id"]: one for one in enterprises.rows(db)}
    kept, rows = [], []
    for one in changes:
        before = {name: known[one.id][name] for name in FIELDS}
        after = before | {name: value for name, (_, value) in one.fields.items()}
        kept.append({"id": one.id, "before": before, "after": _mark(after)})
        rows.append({"id": one.id, **after})
    _write(db, known, rows, who, now)
    return kept


def _write(
    db: Session, known: Mapping[int, dict[str, Any]], rows: list[dict[str, Any]], who: str, now: datetime
) -> None:
    """Write rows of enterprises that are there already, with who made another enterprise of one."""
    others = {one["id"] for one in rows if is_another(known[one["id"]], one)}
    _keep_behind_codes(db, others)
    for one in rows:
        stamp = {name: known[one["id"]][name] for name in UNCHANGED}
        one |= {"renamed_by": who, "renamed_at": now} if one["id"] in others else stamp
    if rows:
        db.execute(update(Enterprise), rows)


def _keep_behind_codes(db: Session, ids: Collection[int]) -> None:
    """Raise `NotAllowed` where one of these holds a code of a wave that is open and hides who answered what.

    An officer who could make another enterprise of it now would choose who answers by a code that two have let in.
    """
    found = enterprises.behind_open_codes(db) if ids else {}
    if held := {one: found[one] for one in ids if one in found}:
        titles = "、".join(f"「{title}」" for title in sorted({title for _, title in held.values()}))
        names = {one: {"name": name} for one, (name, _) in held.items()}
        raise NotAllowed(
            f"{_some(names, held)}手里有{titles}的测评码，截止前不能改名称和信用代码：改了，码后面就成了别家。"
            "联系人、手机号等其余各项照样可以改。"
        )


def _mark(values: Mapping[str, Any]) -> str:
    """Tells later whether an enterprise is still as an import left it, without a second copy of its contact."""
    text = json.dumps([values[name] for name in FIELDS], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


@audited("撤销导入", Right.ROUNDS)
def undo_import(db: Session, import_id: int) -> RegistryImport:
    """Take a whole import back, or refuse with the sentence that says what stands in the way."""
    enterprises.lock(db)
    done = db.get(RegistryImport, import_id, with_for_update=True)
    if done is None or done.undone:
        raise NotAllowed("这次导入已经撤销过，或没有这次导入。")
    known = {one["id"]: one for one in enterprises.rows(db)}
    touched = [
        one["id"] for one in done.changed if one["id"] not in known or _mark(known[one["id"]]) != one["after"]
    ]
    if touched:
        raise NotAllowed(
            f"{_some(known, touched)}在导入之后又改过，整批撤销会丢掉这些修改。请在名录里逐家编辑或归档。"
        )
    if coded := enterprises.with_codes(db, done.added):
        raise NotAllowed(f"{_some(known, coded)}已经发过测评码，不能整批撤销。不再需要的企业请归档。")
    _take_back(db, done, known)
    return done


def _take_back(db: Session, done: RegistryImport, known: Mapping[int, dict[str, Any]]) -> None:
    for start in range(0, len(done.added), 10_000):
        part = done.added[start : start + 10_000]
        db.execute(delete(Enterprise).where(col(Enterprise.id).in_(part)))
    rows = [{"id": one["id"], **one["before"]} for one in done.changed if one["before"]]
    _write(db, known, rows, actor().name, datetime.now(UTC))
    done.undone, done.added, done.changed = True, [], []  # what was before is personal data: not kept longer
    db.flush()


def _some(known: Mapping[int, Mapping[str, Any]], ids: Iterable[int]) -> str:
    found = sorted(ids)
    names = "、".join(f"「{known[one]['name']}」" for one in found[:NAMED_AT_MOST] if one in known)
    return f"有 {len(found)} 家企业（{names}{'等' if len(found) > NAMED_AT_MOST else ''}）"


# --- one by one ---------------------------------------------------------------------------------------


@audited("保存企业", Right.ROUNDS)
def save_enterprise(
    db: Session, enterprise_id: int | None, given: Mapping[str, str], seen: Seen | None = None
) -> Enterprise:
    """Edit an enterprise, or add one; an empty field is empty afterwards. `seen`: `core.editable.enterprise`.

    Raises `Stale` for what somebody else has changed otherwise since.
    """
    values, problems = check_fields(given)
    if problems:
        raise NotAllowed("；".join(problems) + "。")
    enterprises.lock(db)
    made: dict[str, Any] = {"made_by": actor().name, "made_at": datetime.now(UTC)}
    one = Enterprise(**BLANK, **made) if enterprise_id is None else _get(db, enterprise_id)
    now, chosen = editable.enterprise(one), {name: values.get(name, BLANK[name]) for name in given}
    changed = versions.merge(
        db, (f"企业 {enterprise_id}",), editable.ENTERPRISE, seen if enterprise_id else None, now, chosen
    )
    if enterprise_id is None or changed.keys() & {"name", "uscc"}:
        _refuse_double(db, enterprise_id, {**now, **changed})
    if enterprise_id is not None and is_another(dict(now), {**now, **changed}):
        _keep_behind_codes(db, {enterprise_id})
        changed |= {"renamed_by": made["made_by"], "renamed_at": made["made_at"]}
    for name, value in changed.items():
        setattr(one, name, value)
    db.add(one)
    db.flush()
    return one


def _refuse_double(db: Session, enterprise_id: int | None, values: Mapping[str, Any]) -> None:
    code = values.get("uscc")
    if code:
        others = db.exec(
            select(Enterprise).where(Enterprise.uscc == code, Enterprise.id != (enterprise_id or 0))
        )
        if other := others.first():
            raise NotAllowed(f"信用代码 {code} 已属于{_archived(other)}「{other.name}」，请核对。")
        return
    key = name_key(values["name"])
    names = db.exec(select(Enterprise.id, Enterprise.name).where(Enterprise.id != (enterprise_id or 0)))
    same = next((number for number, name in names if name_key(name) == key), None)
    if same is not None:
        other = _get(db, same)
        raise NotAllowed(f"{_archived(other)}名录里已有「{other.name}」，请填信用代码以便区分。")


def _archived(one: Enterprise) -> str:
    return "已归档的" if one.archived else ""


@audited("归档企业", Right.ROUNDS)
def archive(db: Session, enterprise_id: int, archived: bool = True, seen: Seen | None = None) -> Enterprise:
    """Take an enterprise off the list, or put it back; its codes and answers stay."""
    one = _get(db, enterprise_id)
    cure = f"还没有{'归档' if archived else '恢复'}，请核对后再点一次。"
    versions.unmoved(
        db, (f"企业 {enterprise_id}",), editable.ENTERPRISE, seen, editable.enterprise(one), cure
    )
    one.archived = archived
    db.flush()
    return one


@audited("取消归档", Right.ROUNDS)
def restore(db: Session, enterprise_id: int, seen: Seen | None = None) -> Enterprise:
    """Put an archived enterprise back on the list."""
    return archive(db, enterprise_id, archived=False, seen=seen)


def _get(db: Session, enterprise_id: int) -> Enterprise:
    one = db.get(Enterprise, enterprise_id, with_for_update=True)
    if one is None:
        raise NotAllowed("名录里没有这家企业，可能刚被撤销。请刷新页面。")
    return one
