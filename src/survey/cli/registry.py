"""`survey import enterprises`: the preview of the page, in the terminal."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import typer

from survey.actions.intake.lists import read_list
from survey.actions.registry.enterprises import Plan, apply_import, plan_import
from survey.core.intake.sheets import TableRefused
from survey.core.registry.cells import LABELS
from survey.core.registry.rows import RegistryTable
from survey.output.registry import files
from survey.settings import get_settings
from survey.storage.database import reading, writing

SHOWN = 20
LARGEST = 20 << 20  # bytes


def import_enterprises(file: Path, yes: bool, hidden_rows: bool = False) -> int:
    """Show what the list would change, ask, and do it; returns the exit status."""
    table = _read(file, hidden_rows)
    with reading() as db:
        plan = plan_import(db, table)
    _show(plan, hidden_rows)
    if not plan.does_something:
        print("没有要新增或更改的企业，名录没有变化。")
        return 1 if plan.rejected else 0
    if not (yes or typer.confirm(f"确认导入 {len(plan.added) + len(plan.changed):,} 家？")):
        print("已取消，名录没有变化。")
        return 1
    with writing() as db:
        apply_import(db, plan, getpass.getuser()[:40], datetime.now(UTC))
    print(f"已导入：新增 {len(plan.added):,} 家，更改 {len(plan.changed):,} 家。要撤销请到「企业」页。")
    return 0


def _read(file: Path, hidden_rows: bool) -> RegistryTable:
    try:
        if file.stat().st_size > LARGEST:
            raise TableRefused(f"文件超过 {LARGEST >> 20} MB，不像企业名单，请核对。")
        return read_list(file.read_bytes(), file.name, hidden_rows)
    except OSError as error:
        raise TableRefused(f"打不开文件 {file}（{error.strerror}）。") from error


def _show(plan: Plan, hidden_rows: bool) -> None:
    print("列的对应：" + "；".join(f"{LABELS[name]} ← {found}" for name, found in plan.table.columns.items()))
    if plan.table.unused:
        print(f"没有用到的列：{'、'.join(plan.table.unused)}")
    print(
        f"新增 {len(plan.added):,} 家，更改 {len(plan.changed):,} 家，不变 {plan.unchanged:,} 家，"
        f"不能导入 {len(plan.rejected):,} 行。"
    )
    for change in plan.changed[:SHOWN]:
        print(f"{change.row.place}「{change.row.values['name']}」：{'；'.join(change.told())}")
    for note in (*plan.table.unread, *plan.table.hidden, *plan.notes[:SHOWN]):
        print(f"请留意：{note}。")
    if plan.table.hidden_rows and not hidden_rows:
        print("隐藏的行也要导入，请加 --hidden-rows。")
    for one in plan.table.asides:
        print(f"{one.place}没有当作企业（{one.kind}）：{one.text}")
    for gap in plan.gaps[:SHOWN]:
        print(f"{gap.place}「{gap.values['name']}」照常导入，只缺一项：{'；'.join(gap.gaps)}")
    for row in plan.rejected[:SHOWN]:
        print(f"{row.place}不能导入：{row.reason}")
    if plan.to_mend:
        path = get_settings().data_dir / f"要改的行-{datetime.now():%Y%m%d-%H%M%S}.xlsx"
        path.touch(mode=0o600)  # phones are in it
        path.write_bytes(files.to_mend(plan.table.header, plan.to_mend))
        print(f"要改的 {len(plan.to_mend):,} 行连同原因存为 {path}，改好后可以直接再导入。")
