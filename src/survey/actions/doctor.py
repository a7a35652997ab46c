"""系统体检: one small function per thing that can go wrong, each with what to do about it.

A new check is a function with `@check`; it may find several things. One that cannot be made says so and stops no other.
"""

import shutil
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from survey.core.access import Right, needs
from survey.core.clock import china_day
from survey.core.cookie_probe import parsing_is_linear
from survey.core.discreet import reason
from survey.core.doctor import Finding, fail, ok, warn
from survey.core.jobs import WHOLE, Job
from survey.core.models import JobState
from survey.core.names import JOB_NAMES
from survey.core.rounds import said
from survey.core.workdays import is_known
from survey.settings import ROOT, get_settings
from survey.storage import health, jobs, released, studies
from survey.storage.database import reading, sqlite_loses_writes
from survey.storage.private_files import open_to_others

MEGABYTE = 2**20
FEW_BYTES = 500 * MEGABYTE  # below it a busy day's answers, logs and a seal may no longer fit
LITTLE_BYTES = 2048 * MEGABYTE
CLOCKS_APART = timedelta(minutes=1)  # closing times and deadlines are told to the minute
JOBS_IDLE = timedelta(minutes=5)  # rounds come every 1.5 s and are written down once a minute
DAYS_AHEAD = 45  # the notice for a year comes in the November before it; deadlines look ahead a month or so
SHOWN = 5
FONTS = ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf", "NotoSerifCJKsc-Regular.otf")
FONT_FOLDER = ROOT / "src" / "survey" / "output" / "fonts"
RESTART = "请重新启动 survey serve；还不行，把这一行发给维护人员。"
CURES = {
    "SQLITE_FULL": "磁盘满了：请腾出空间，任务会自己接着做。",
    "ENOSPC": "磁盘满了：请腾出空间，任务会自己接着做。",
    "SQLITE_READONLY": "数据库文件不能写：请改正文件权限。",
    "EACCES": "数据文件夹不能读写：请改正文件权限。",
    "SQLITE_BUSY": "数据库一直被别的程序占着：请关掉打开数据库文件的工具。",
    "时钟刚才往前跳了": "请核对本机的日期和时间并打开网络对时（NTP）；时钟走稳十分钟后自己会做，不要重新启动。",
    "一直有人在用": "没有人填写时会自己做成；急用可在晚上手动 survey seal。",
}

Found = Finding | Iterable[Finding]
_CHECKS: list[tuple[str, Callable[[datetime], Found]]] = []


def check(name: str) -> Callable[[Callable[[datetime], Found]], Callable[[datetime], Found]]:
    """Add a check to the list; `name` is told when it cannot be made."""

    def add(function: Callable[[datetime], Found]) -> Callable[[datetime], Found]:
        _CHECKS.append((name, function))
        return function

    return add


@needs(Right.SYSTEM)
def examine(now: datetime) -> list[Finding]:
    """Make every check."""
    findings: list[Finding] = []
    for name, function in _CHECKS:
        try:
            found = function(now)
            findings += [found] if isinstance(found, Finding) else found
        except Exception as error:
            findings.append(fail(name, f"没有查成：{reason(error)}。", RESTART))
    return findings


# --- the machine --------------------------------------------------------------------------------------


@check("数据库")
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


@check("SQLite 版本")
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


@check("磁盘")
def _disk(_: datetime) -> Finding:
    free = shutil.disk_usage(get_settings().data_dir).free
    return judge_disk(free, _database_bytes() if get_settings().is_sqlite else 0)


def judge_disk(free: int, database: int) -> Finding:
    """Sealing writes the database anew beside the old one, and its log once more."""
    told = f"数据文件夹所在的磁盘还剩 {_bytes(free)}。"
    if free < max(FEW_BYTES, 2 * database):
        return fail(
            "磁盘", told, "快满了：满了就收不下答卷。请清理磁盘，或用 SURVEY_DATA_DIR 换到更大的磁盘。"
        )
    if free < max(LITTLE_BYTES, 4 * database):
        return warn("磁盘", told, "不宽裕：请在这一期截止前清理出空间。")
    return ok("磁盘", told)


def _database_bytes() -> int:
    with reading() as db:
        return health.size(db)


def _bytes(number: int) -> str:
    return f"{number / 2**30:,.1f} GB" if number >= 2**30 else f"{number / MEGABYTE:,.1f} MB"


@check("时钟")
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


@check("文件权限")
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


@check("字体")
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


@check("节假日表")
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
    return ok(name, told) if known(today + timedelta(days=DAYS_AHEAD)) else warn(name, told, cure)


@check("Python")
def _cookies(_: datetime) -> Finding:
    if parsing_is_linear():
        return ok("Python", "解析 Cookie 的快慢正常。")
    return warn(
        "Python", "这个 Python 解析 Cookie 很慢（CVE-2024-7592）；两个门已把这样的 Cookie 挡在前面。",
        "方便时请把 Python 升级到最新的小版本。",
    )  # fmt: skip


# --- the work -----------------------------------------------------------------------------------------


@check("发布")
def _releases(_: datetime) -> Finding:
    with reading() as db:
        without, last = len(released.without_release(db)), health.last_release(db)
    if without:
        return fail(
            "发布", f"有 {without} 个已截止的期次收到了答卷，却没有发布。", f"后台任务会补做。{RESTART}"
        )
    if last is None:
        return ok("发布", "还没有发布过：收到的答卷够数后自动发布。")
    return ok("发布", f"最近一次：{said(last[0])}，「{last[1]}」。")


@check("后台任务")
def _jobs(now: datetime) -> Iterable[Finding]:
    with reading() as db:
        known = jobs.states(db)
    return judge_jobs(known, now)


def judge_jobs(known: Iterable[JobState], now: datetime) -> list[Finding]:
    """One finding for each job; one for all of them where nobody does them."""
    known = list(known)
    done = [one.succeeded_at for one in known if one.succeeded_at]
    if not known:
        return [warn("后台任务", "还没有运行过。", "请用 survey serve 启动；刚启动的，过一分钟再看。")]
    if not any(
        now - JOBS_IDLE < at <= now + CLOCKS_APART
        for at in [*done, *(one.failed_at for one in known if one.failed_at)]
    ):
        told = f"没有在运行，最后一次是 {said(max(done))}。" if done else "没有在运行。"
        return [fail("后台任务", told, "不运行就不会定时开启、截止和发布。请重新启动 survey serve。")]
    return [_judge_job(job, [one for one in known if one.name == job], now) for job in Job]


def _judge_job(job: Job, of: list[JobState], now: datetime) -> Finding:
    name = JOB_NAMES[job]
    done = next((one.succeeded_at for one in of if one.about == WHOLE), None)
    last = f"最近一次完成：{said(done)}。" if done else "还没有完成过。"
    failing = [one for one in of if one.failures]
    if failing:
        worst = max(failing, key=lambda one: one.failures)
        waves = "、".join(str(one.about) for one in failing if one.about != WHOLE)
        told = (
            f"连续 {worst.failures} 次没有做成{f'（期次 {waves}）' if waves else ''}：{worst.reason}。{last}"
        )
        return fail(
            name,
            told,
            next((cure for sign, cure in CURES.items() if sign in worst.reason), f"会自动再试。{RESTART}"),
        )
    if done and now - done > JOBS_IDLE:
        return warn(name, last, f"别的任务在做，这一项没有。{RESTART}")
    return ok(name, last)


@check("统计")
def _studies(_: datetime) -> Iterable[Finding]:
    with reading() as db:
        failed = studies.failed(db)
    if not failed:
        return [ok("统计结果", "没有算不成的期次。")]
    names = "、".join(f"「{title}」" for title in list(failed.values())[:SHOWN])
    told = f"{len(failed)} 个期次没有算成：{names}。页面只显示已公布的计数。"
    return [fail("统计结果", told, f"会自动再试；原因见上面「{JOB_NAMES[Job.STUDY]}」一项。")]
