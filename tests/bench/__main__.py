"""Run every benchmark: `make bench`, or `python -m tests.bench [quick]`. Writes docs/benchmarks.md."""

import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from survey.settings import ROOT
from tests.bench import crowd, figures, floods, journeys, kernel, pages, strangers, worlds
from tests.bench.journeys import percentile

DOCUMENT = ROOT / "docs" / "benchmarks.md"
QUIET = 1.0  # load average above which other programs spoil the figures
WAYS = {
    "journeys": "每段路程是一个新连接：取表单，再交一份评了 10 个部门、每个部门 3 题的答卷，收到 303 才算完成；"
    "完成的每一份都在数据库里数过。对照是一个裸的 Starlette 路由：取同样大小的固定页面，读表单，"
    "用同一个合并提交写一行，不核对、不计数、没有测评码和回执。两者交替测，取中位数。",
    "figures": "读数：驾驶舱每次重画所读的全部（脉搏、进度、按天到达、发布说明、各部门各题的发布结果），中位数。"
    "发布：从计数做出一次发布。核对：逐份重新计数并比较。",
    "kernel": "从答卷矩阵一次算出所有题目的均值和协方差（加权、24 个分层），三次取最快。不记名：每份答卷是一家企业；"
    "代号：答卷按企业归并。内存是计算中另外占用的最大值，不含答卷本身。",
    "pages": "截止后的一期（10 个部门、24 个分层）。统计：读出全部答卷，算一次合理范围、加权、梯队、关联和体检，由后台任务做，页面不等。"
    "其余是各页重画一次的服务器时间，三次取中位数；不含网络和浏览器。",
    "crowd": "企业端与办公端各一个进程。按固定速度提交，同时打开驾驶舱（每个都是完整的 WebSocket 会话）。",
    "strangers": f"每次探测是一个新连接取 `/healthz`，共 {strangers.PROBES} 次：单独；同时不断有 {strangers.HANDSHAKES} 个"
    f"外站页面来开会话（都被拒绝）；旁边有 {strangers.SILENT} 个连上后不说话的连接。",
    "floods": "`python -m tests.bench.floods`。每 0.2 秒来一位访客，各是一个新连接，取表单（企业端）或登录页（办公端），等 10 秒算没等到；p50 / p99。"
    "编造账号的洪水旁边，访客是用新浏览器、对的密码登录；要求重画的洪水旁边，访客是另一位领导，从开会话到看板画完；都是每 2 秒一位。"
    f"洪水来自另外 {floods.ATTACKERS} 个地址的另一个进程，礼让访客和门（它本该有自己的机器），一直到访客走完：隔一秒问完再问，被断开的再来。"
    f"两种门都只许打开 {floods.FILES:,} 个文件句柄，和普通服务一样。“没有上限”是同一个程序由 uvicorn 直接提供，去掉请求头、Cookie、连接、会话、重画和登录的上限。"
    "内存是这个门的进程占用过的最大值。没有上限时有人没等到，或一半的人等了十倍，或内存到了两倍，算倒下。",
}


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [header, ["---:"] * len(header), *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if "model name" in line] if info.exists() else []
    name = models[0].split(":")[1].strip() if models else platform.processor()
    return f"{os.cpu_count()} 核（{name}），{platform.system()}，Python {platform.python_version()}，SQLite（WAL，synchronous=FULL）"


def journey_table(seconds: float, rounds: int, at_once: tuple[int, ...]) -> str:
    with worlds.world() as folder:
        rows = list(journeys.measure(folder, seconds, rounds, at_once))
    header = ("同时", "路程/秒", "对照/秒", "比例", "提交 p50 毫秒", "提交 p99 毫秒", "失败")
    body = [
        (one["at_once"], f"{one['ours']:.0f}", f"{one['ceiling']:.0f}", f"{one['share']:.0%}",
         f"{one['p50']:.1f}", f"{one['p99']:.1f}", one["failed"])
        for one in rows
    ]  # fmt: skip
    last = rows[-1]
    note = f"表单页面 {last['page']:,} 字节（压缩后，一次请求）。收到回执 {last['stored']:,} 份，入库 {last['stored']:,} 份。"
    return f"{table(header, body)}\n\n{note}"


def figure_table(sizes: tuple[int, ...]) -> str:
    header = ("答卷", "每份题数", "读数 毫秒", "汇总 CSV 毫秒", "发布 毫秒", "核对 毫秒", "读成矩阵 毫秒")
    names = ("dashboard", "summary", "release", "verify", "matrix")
    return table(
        header,
        (
            (f"{one['responses']:,}", one["items"], *(f"{one[name]:.1f}" for name in names))
            for one in figures.measure(sizes)
        ),
    )


def kernel_table(sizes: tuple[int, ...]) -> str:
    header = ("答卷", "每份题数", "不记名 秒", "代号 秒", "内存 MB", "答卷本身 MB")
    return table(
        header,
        (
            (f"{one['responses']:,}", one["items"], f"{one['nameless']:.2f}", f"{one['named']:.2f}",
             f"{one['memory']:.0f}", f"{one['answers']:.0f}")
            for one in kernel.measure(sizes)
        ),
    )  # fmt: skip


def page_table(sizes: tuple[int, ...]) -> str:
    names = ("看板", "部门", "比较", "趋势", "先改什么", "体检", "留言")
    header = ("答卷", "公布准数 秒", "统计 秒", *(f"{name} 毫秒" for name in names))
    return table(
        header,
        (
            (
                f"{one['responses']:,}",
                f"{one['final'] / 1000:.1f}",
                f"{one['study'] / 1000:.1f}",
                *(f"{one[page]:.0f}" for page in pages.PAGES),
            )
            for one in pages.measure(sizes)
        ),
    )


def crowd_table(sessions: int = crowd.SESSIONS, seconds: int = crowd.SECONDS) -> str:
    found = crowd.measure(sessions, seconds)
    rows = [
        (name, *(f"{found[f'{key}_{kind}_{share}']:.1f}" for kind in ("get", "post") for share in (50, 99)))
        for name, key in (("单独", "alone"), (f"同时打开 {found['sessions']} 个驾驶舱", "crowd"))
    ]
    header = (
        f"每秒 {found['rate']} 份",
        "取表单 p50 毫秒",
        "取表单 p99 毫秒",
        "提交 p50 毫秒",
        "提交 p99 毫秒",
    )
    return f"{table(header, rows)}\n\n最慢的驾驶舱 {found['slowest']:.1f} 秒后画完。"


def stranger_table() -> str:
    doors = {"public": "企业端", "office": "办公端"}
    rows = [
        (
            doors[one["door"]],
            *(f"{part:.1f}" for key in ("alone", "handshakes", "silent") for part in one[key]),
        )
        for one in strangers.measure()
    ]
    names = ("单独", "外站来开会话时", "有不说话的连接时")
    header = ("门", *(f"{name} {part} 毫秒" for name in names for part in ("p50", "最慢")))
    return table(header, rows)


def flood_table(quick: bool) -> str:
    """Each cell of waits: p50 / p99 in milliseconds, and how many of the visitors gave up."""
    names = {"public": "企业端", "office": "办公端"}

    def waits(found: floods.Waits) -> str:
        times = f"{percentile(found.times, 0.5):.0f} / {percentile(found.times, 0.99):.0f}"
        return times + (f"，{found.gave_up}/{len(found.times)} 没等到" if found.gave_up else "")

    rows, notes = [], []
    for one in floods.measure(quick):
        title = names[one["door"]], floods.ATTACKS[one["attack"]].label
        kept, bare = (percentile(one[kind].times, 0.5) for kind in ("kept", "bare"))
        fell = one["bare"].gave_up or bare > 10 * kept or one["bare_memory"] > 2 * one["kept_memory"]
        rows.append(
            (*title, waits(one["kept_alone"]), waits(one["kept"]), waits(one["bare"]), "倒下" if fell else "站住",
             f"{one['kept_memory']:.0f}", f"{one['bare_memory']:.0f}")
        )  # fmt: skip
        if not fell:
            why = floods.STANDS.get((one["door"], one["attack"]), "这一次没有倒，原因没有查明。")
            notes.append(f"- {'，'.join(title)}：{why}")
    header = (
        "门",
        "旁边有",
        "单独 毫秒",
        "有上限 毫秒",
        "没有上限 毫秒",
        "没有上限",
        "内存 MB",
        "没有上限 MB",
    )
    reasons = "\n\n没有上限也站住的，和原因：\n\n" + "\n".join(notes) if notes else ""
    return table(header, rows) + reasons


def parts(quick: bool) -> list[tuple[str, str, Callable[[], str]]]:
    """Title, key and work of every section; quick: small enough to find out in two minutes whether all still run."""
    if quick:
        seconds, rounds, at_once, crowded = 1.0, 1, (8, 32), lambda: crowd_table(24, 4)
        sizes = figures.SIZES[:2], kernel.SIZES[:1], pages.SIZES[:1]
    else:
        seconds, rounds, at_once, crowded = 5.0, 3, journeys.AT_ONCE, crowd_table
        sizes = figures.SIZES, kernel.SIZES, pages.SIZES
    return [
        ("提交：每秒多少段路程", "journeys", lambda: journey_table(seconds, rounds, at_once)),
        ("读数：与答卷多少无关", "figures", lambda: figure_table(sizes[0])),
        ("统计内核：均值与协方差", "kernel", lambda: kernel_table(sizes[1])),
        ("统计页面：与答卷多少无关", "pages", lambda: page_table(sizes[2])),
        ("办公端繁忙时提交", "crowd", crowded),
        ("外人纠缠时还应答", "strangers", stranger_table),
        ("洪水旁边的访客等多久", "floods", lambda: flood_table(quick)),
    ]


def main(quick: bool) -> None:
    """Print every section; written down only when all of it was measured, on a quiet machine."""
    load = os.getloadavg()[0]
    written = not quick and load <= QUIET
    if not written:
        why = "这是快跑，样本太小" if quick else f"这台机器正忙（负载 {load:.1f}）"
        print(f"{why}，结果只能粗看，不写入 {DOCUMENT.name}。", flush=True)
    text = f"# 性能\n\n{date.today():%Y-%m-%d}，{machine()}。命令：`make bench`。\n"
    for title, key, work in parts(quick):
        text += f"\n## {title}\n\n{WAYS[key]}\n\n{work()}\n"
        print(text.split("\n## ")[-1], flush=True)
    if written:
        DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main("quick" in sys.argv)
