"""系统体检 of the machine: database, disk, clock, permissions, fonts, and what was built in."""

import shutil
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from survey.actions.checklist import CLOCKS_APART, SHOWN, Checklist
from survey.core.clock import china_day
from survey.core.cookie_probe import parsing_is_linear
from survey.core.discreet import reason
from survey.core.doctor import Finding, fail, ok, warn
from survey.core.waves.rounds import said
from survey.core.workdays import is_known
from survey.settings import ROOT, get_settings
from survey.storage import health
from survey.storage.database import reading, sqlite_loses_writes
from survey.storage.private_files import open_to_others

MEGABYTE = 2**20
FONTS = ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf", "NotoSerifCJKsc-Regular.otf")
FONT_FOLDER = ROOT / "src" / "survey" / "output" / "press" / "fonts"

CHECKS = Checklist()


@CHECKS.check("数据库")
def _database(_: datetime) -> Finding:
    name = "SQLite" if get_settings().is_sqlite else "PostgreSQL"
    try:
        with reading() as db:
            version, current, size = health.server_version(db), health.is_current(db), health.size(db)
    except Exception as error:
        cure = (
            "请核对 SURVEY_DATA_DIR 指的文件夹，从没启动过的先运行 survey serve；文件坏了就从备份恢复。"
            if get_settings().is_sqlite
            else "请确认 PostgreSQL 已启动，并核对 SURVEY_DATABASE_URL。"
        )
        return fail("数据库", f"{name} 打不开：{reason(error)}。", cure)
    if not current:
        return fail(
            "数据库",
            f"{name} {version}，表结构和程序的版本不一致。",
            "请重新启动 survey serve，启动时会自动升级。",
        )
    return ok("数据库", f"{name} {version}，可以读取，{_bytes(size)}。")


@CHECKS.check("SQLite 版本")
def _sqlite(_: datetime) -> Iterable[Finding]:
    if not get_settings().is_sqlite:
        return []
    with reading() as db:
        version = health.server_version(db)
    if sqlite_loses_writes(version):
        return [
            fail(
                "SQLite 版本",
                f"{version} 可能丢失已提交的数据。",
                "请在程序所在文件夹运行 make setup，再重新启动；还是这样，请升级到新版本的一键测评。",
            )
        ]
    return [ok("SQLite 版本", f"{version}，没有丢失写入的问题。")]


@CHECKS.check("磁盘")
def _disk(_: datetime) -> Finding:
    free = shutil.disk_usage(get_settings().data_dir).free
    return judge_disk(free, _database_bytes() if get_settings().is_sqlite else 0)


def judge_disk(free: int, database: int) -> Finding:
    """Sealing writes the database anew beside the old one, and its log once more."""
    settings = get_settings()
    told = f"数据文件夹所在的磁盘还剩 {_bytes(free)}。"
    if free < max(settings.disk_full_mb * MEGABYTE, 2 * database):
        return fail(
            "磁盘", told, "快满了：满了就收不下答卷。请清理磁盘，或用 SURVEY_DATA_DIR 换到更大的磁盘。"
        )
    if free < max(settings.disk_low_mb * MEGABYTE, 4 * database):
        return warn("磁盘", told, "不宽裕：请在这一期截止前清理出空间。")
    return ok("磁盘", told)


def _database_bytes() -> int:
    with reading() as db:
        return health.size(db)


def _bytes(number: int) -> str:
    return f"{number / 2**30:,.1f} GB" if number >= 2**30 else f"{number / MEGABYTE:,.1f} MB"


@CHECKS.check("时钟")
def _clock(now: datetime) -> Finding:
    with reading() as db:
        other, newest = health.server_clock(db), health.newest_moment(db)
    if other is not None and abs(other - now) > CLOCKS_APART:
        told = f"本机 {said(now)}，数据库那台 {said(other)}，相差 {_span(abs(other - now))}。"
        return fail("时钟", told, "请给两台机器打开网络对时（NTP）：截止和期限都按本机的时间算。")
    if newest is not None and newest - now > CLOCKS_APART:
        told = f"现在是 {said(now)}，而数据库里已有 {said(newest)} 的记录。"
        return warn("时钟", told, "时钟曾经快过，或现在慢了。请核对本机的日期和时间，并打开网络对时（NTP）。")
    return ok("时钟", f"现在是 {said(now)}（北京时间）。")


def _span(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    return (
        f"{days} 天 {hours} 小时"
        if days
        else f"{hours} 小时 {minutes % 60} 分"
        if hours
        else f"{minutes} 分钟"
    )


@CHECKS.check("文件权限")
def _files(_: datetime) -> Finding:
    home = get_settings().data_dir
    found = [_name(path, home) for path in open_to_others()]
    if not found:
        return ok("文件权限", "数据库、密钥和名单只有本程序的账号能读。")
    more = f" 等 {len(found)} 个" if len(found) > SHOWN else ""
    told = f"本机其他账号能读：{'、'.join(found[:SHOWN])}{more}。"
    return fail("文件权限", told, "请执行 chmod -R go-rwx 数据文件夹，或重新启动（启动时会自动改好）。")


def _name(path: Path, home: Path) -> str:
    return (
        "数据文件夹本身"
        if path == home
        else path.relative_to(home).as_posix()
        if path.is_relative_to(home)
        else path.name
    )


@CHECKS.check("字体")
def _fonts(_: datetime) -> Finding:
    bad = [name for name in FONTS if not _draws_chinese(FONT_FOLDER / name)]
    if bad:
        return fail(
            "字体",
            f"缺少或坏了：{'、'.join(bad)}。",
            "码券、海报和简报会印不出汉字。请重新获取完整的程序文件。",
        )
    return ok("字体", f"{len(FONTS)} 个自带字体都在，码券、海报和简报印得出汉字。")


def _draws_chinese(path: Path) -> bool:
    try:
        with TTFont(path, lazy=True) as font:
            return ord("满") in font.getBestCmap()
    except Exception:
        return False


@CHECKS.check("节假日表")
def _workdays(now: datetime) -> Finding:
    return judge_workdays(china_day(now), is_known)


def judge_workdays(today: date, known: Callable[[date], bool]) -> Finding:
    """How far ahead working days are sure; `known`: whether a day's holidays are in our data."""
    name, cure = (
        "节假日表",
        "请升级到新版本的一键测评，新的放假安排随它带来（国务院一般在 11 月公布下一年的）；"
        "自己维护程序的，在 requirements.txt 里换上新版 chinesecalendar，再运行 make lock。",
    )
    if not known(today):
        return fail(name, f"没有 {today.year} 年的放假安排，期限只按周一到周五算。", cure)
    last = max(year for year in range(today.year, today.year + 5) if known(date(year, 12, 31)))
    told = f"放假和调休安排到 {last}-12-31。"
    ahead = today + timedelta(days=get_settings().holidays_ahead)
    return ok(name, told) if known(ahead) else warn(name, told, cure)


@CHECKS.check("Python")
def _cookies(_: datetime) -> Finding:
    if parsing_is_linear():
        return ok("Python", "解析 Cookie 的快慢正常。")
    return warn(
        "Python", "这个 Python 解析 Cookie 很慢（CVE-2024-7592）；两个门已把这样的 Cookie 挡在前面。",
        "方便时请把 Python 升级到最新的小版本。",
    )  # fmt: skip
