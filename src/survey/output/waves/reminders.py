"""催填: the sentence of the monitor, the reminder, and today's list as XLSX."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from survey.core.waves.phase import Phase
from survey.core.waves.returns import Due, Returns
from survey.output.figures.findings import percent
from survey.output.waves.addressees import Occasion
from survey.output.waves.sending_list import length, messages

COLUMNS = (
    ("企业名称", 34), ("服务专员", 14), ("联系人", 12), ("手机号", 16), ("提醒短信全文", 78), ("短信条数", 9),
    ("已提醒次数", 11), ("今天已提醒", 11),
)  # fmt: skip
HEIGHT = 32  # points: the message takes two lines, and not every program fits rows by itself
BEHIND = 0.05  # a group this far below the whole is worth naming first
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def headline(answered: int, invited: int, seen: Returns, now: Phase, until: str = "") -> str:
    """The first line of the monitor; `until` when the grace ends, while a wave is winding up."""
    if not invited:
        return "本期没有发放一企一码，只能看收回的份数。"
    start = f"已答 {answered:,} 家，{percent(answered / invited)}"
    if answered >= invited:
        return f"邀请的 {invited:,} 家都已作答。"
    groups = [one for one in seen.strata if one.missing]
    if now is Phase.WINDING_UP:
        return f"本期正在收尾：{start}；{until}前仍可提交，不再提醒企业。"
    if now is not Phase.OPEN:
        return f"本期{now}：{start}。"
    if not groups or len(seen.strata) < 2 or groups[0].share > seen.whole.share - BEHIND:
        return f"{start}；还有 {invited - answered:,} 家未答。"
    low = groups[0]
    rate = f"只有 {percent(low.share)}" if low.answered else "还没有企业作答"
    return f"{start}；{low.name}{rate}，请先提醒这里。"


def message(about: Occasion) -> str:
    """The reminder. It cannot hold the enterprise's link: only the code's hash is kept."""
    closes = about.closes.partition("年")[2]
    lost = f"找不到请打{about.phone}" if about.phone else "找不到请问服务专员"
    return (
        f"【{about.host}】请给打过交道的部门打分，约1分钟，{closes}截止。"
        f"用已发的链接或二维码；已填请忽略，{lost}。"
    )


def workbook(about: Occasion, due: Sequence[Due], moment: str, cap: int) -> bytes:
    """Today's list for those who send messages or call. Phone numbers stay text."""
    kept = BytesIO()
    book = xlsxwriter.Workbook(kept, OPTIONS)
    _list(book, message(about), due)
    _notes(book, about, moment, cap)
    book.close()
    return kept.getvalue()


def _list(book: Any, text: str, due: Sequence[Due]) -> None:
    sheet = book.add_worksheet("催填名单")
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "valign": "vcenter"})
    plain = book.add_format({"num_format": "@", "valign": "vcenter", "text_wrap": True})
    number = book.add_format({"valign": "vcenter", "align": "left"})
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, head)
    for line, one in enumerate(due, 1):
        sheet.set_row(line, HEIGHT)
        who, today = one.enterprise, "是" if one.today else ""
        row = (who.name, who.officer, who.contact, who.phone, text, messages(text), one.reminded, today)
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, place, value, number)
            else:
                sheet.write_string(line, place, value, plain)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(due), 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _notes(book: Any, about: Occasion, moment: str, cap: int) -> None:
    sheet = book.add_worksheet("说明")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 80)
    text = message(about)
    rows = (
        ("期次", about.title + ("（演示数据）" if about.demo and "演示" not in about.title else "")),
        ("截止", about.closes),
        ("名单时间", f"{moment}。一天只做一次，当天不变；之后刚答的企业可能还在名单里，所以短信写着“已填请忽略”。"),
        ("为什么不是实时", "实时名单和刚收到的留言放在一起，能猜出是谁写的。新答的不足 5 家时，名单也沿用前一天的。"),
        ("无事不扰", f"一家企业一期最多提醒 {cap} 次，到了次数的不再列出。提醒之后请在「回收」页标记。"),
        ("短信", f"{length(text)} 个字，{messages(text)} 条。专属链接只在发码时出现一次，这里不能再给出；企业找不到的请换码。"),
    )  # fmt: skip
    for line, (name, value) in enumerate(rows):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, value, wrapped)
