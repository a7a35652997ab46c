"""系统体检 of the work: releases, background jobs, studies."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from survey.actions.checklist import CLOCKS_APART, RESTART, SHOWN, Checklist
from survey.core.doctor import Finding, fail, ok, warn
from survey.core.jobs import WHOLE, Job
from survey.core.models import JobState
from survey.core.names import JOB_NAMES
from survey.core.waves.rounds import said
from survey.storage import health, jobs
from survey.storage.database import reading
from survey.storage.figures import released
from survey.storage.study import studies

JOBS_IDLE = timedelta(minutes=5)  # rounds come every 1.5 s and are written down once a minute
CURES = {
    "SQLITE_FULL": "磁盘满了：请腾出空间，任务会自己接着做。",
    "ENOSPC": "磁盘满了：请腾出空间，任务会自己接着做。",
    "SQLITE_READONLY": "数据库文件不能写：请改正文件权限。",
    "EACCES": "数据文件夹不能读写：请改正文件权限。",
    "SQLITE_BUSY": "数据库一直被别的程序占着：请关掉打开数据库文件的工具。",
    "时钟刚才往前跳了": "请核对本机的日期和时间并打开网络对时（NTP）；时钟走稳十分钟后自己会做，不要重新启动。",
    "一直有人在用": "没有人填写时会自己做成；急用可在晚上手动 survey seal。",
}

CHECKS = Checklist()


@CHECKS.check("发布")
def _releases(_: datetime) -> Finding:
    with reading() as db:
        without, last = len(released.without_final(db)), health.last_release(db)
    if without:
        return fail(
            "发布", f"有 {without} 个已截止的期次收到了答卷，还没有公布准数。", f"后台任务会补做。{RESTART}"
        )
    if last is None:
        return ok("发布", "还没有发布过：收到的答卷够数后自动发布。")
    return ok("发布", f"最近一次：{said(last[0])}，「{last[1]}」。")


@CHECKS.check("后台任务")
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


@CHECKS.check("统计")
def _studies(_: datetime) -> Iterable[Finding]:
    with reading() as db:
        failed = studies.failed(db)
    if not failed:
        return [ok("统计结果", "没有算不成的期次。")]
    names = "、".join(f"「{title}」" for title in list(failed.values())[:SHOWN])
    told = f"{len(failed)} 个期次没有算成：{names}。页面只显示已公布的计数。"
    return [fail("统计结果", told, f"会自动再试；原因见上面「{JOB_NAMES[Job.STUDY]}」一项。")]
