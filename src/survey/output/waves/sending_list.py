"""发送清单: who gets which link and message, as XLSX for whoever sends the messages."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, BinaryIO

import xlsxwriter

from survey.core.texts import texts
from survey.output.waves.addressees import ENGLISH, Addressee, Occasion

TEXT_WIDTH, LINE = 90, 15  # a Chinese character is two wide; points a line
COLUMNS = (
    ("企业名称", 34), ("统一社会信用代码", 22), ("联系人", 10), ("手机号", 15), ("服务专员", 12),
    ("专属链接", 52), ("短信全文", TEXT_WIDTH), ("字数", 7), ("短信条数", 9),
)  # fmt: skip
ENGLISH_COLUMNS = (
    ("企业名称", 30), ("英文名称", 30), ("联系人", 10), ("手机号", 15), ("服务专员", 12),
    ("英文短信", TEXT_WIDTH),
)  # fmt: skip
TEMPLATE = (
    "【{主办}】{企业}：请给打过交道的政府部门打分、提诉求，约1分钟，{截止}前打开 {链接} 一企一码，请勿转发。"
)
PLACES = ("主办", "企业", "期次", "截止", "链接")
ONE, PART = 70, 67  # characters of a single message, and of each part of a longer one
NOTES = (
    (
        "这是什么",
        "每家企业一行。专属链接就是这家企业的测评码，谁拿到谁能填一次，请像密码一样保管，用完即删。",
    ),
    ("只此一份", "系统里只存码的指纹，链接以后查不到。表丢了，请在「发码」页换码，旧链接当即作废。"),
    ("短信条数", f"{ONE} 个字以内算 1 条；更长的按每条 {PART} 个字拆分计费。字母、数字、标点都算 1 个字。"),
    ("没有手机号", "请按服务专员分头上门或用二维码卡。"),
)


def problem(template: str) -> str:
    """What is wrong with a message template, as a sentence; empty when it can be used."""
    if "{链接}" not in template:
        return "短信里要有 {链接}，否则企业打不开测评表。"
    try:  # the bare names alone: a width or an attribute of theirs could fill the memory or tell what it should not
        known = all(
            name is None or (name in PLACES and not how and not turned)
            for _, name, how, turned in Formatter().parse(template)
        )
    except ValueError:
        known = False
    if not known:
        return f"短信里的花括号只能是 {'、'.join('{' + one + '}' for one in PLACES)}。"
    return ""


def message(template: str, about: Occasion, one: Addressee) -> str:
    """The text message to one enterprise."""
    return template.format(
        主办=about.host,
        企业=one.name,
        期次=about.title,
        截止=about.closes.partition("年")[2],
        链接=about.link(one.code),
    )


def length(text: str) -> int:
    """Characters as a phone network counts them: rare ones count twice."""
    return len(text.encode("utf-16-le")) // 2


def messages(text: str) -> int:
    """How many messages a text is sent and paid as."""
    size = length(text)
    return 1 if size <= ONE else -(-size // PART)


def write(
    file: Path | BinaryIO, about: Occasion, addressees: Sequence[Addressee], template: str = TEMPLATE
) -> None:
    """The workbook. Nothing in it is taken for a formula or made a link; numbers stay text."""
    options = {
        "constant_memory": True, "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(file, options)
    _list(book, _rows(about, addressees, template), len(addressees))
    if about.english and (foreign := [one for one in addressees if one.name_en]):
        _english(book, about, foreign)
    _notes(book, about)
    book.close()


def _rows(about: Occasion, addressees: Sequence[Addressee], template: str) -> Iterator[tuple[Any, ...]]:
    for one in addressees:
        text = message(template, about, one)
        link = about.link(one.code)
        who = (one.name, one.uscc, one.contact, one.phone, one.officer)
        yield (*who, link, text, length(text), messages(text))


def _list(book: Any, rows: Iterator[tuple[Any, ...]], count: int) -> None:
    sheet = book.add_worksheet("发送清单")
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "valign": "vcenter"})
    text = book.add_format({"num_format": "@", "valign": "top"})
    wrapped = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = book.add_format({"valign": "top"})
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, head)
    for line, row in enumerate(rows, 1):
        sheet.set_row(line, LINE * -(-2 * length(row[6]) // TEXT_WIDTH))
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, place, value, number)
            else:
                sheet.write_string(line, place, value, wrapped if COLUMNS[place][0] == "短信全文" else text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def english_message(about: Occasion, one: Addressee) -> str:
    """The text message in English; its link opens the English form whatever the phone speaks."""
    host, closes = about.english["host"], about.english["closes"]
    link = f"{about.link(one.code)}?lang={ENGLISH}"
    return texts(ENGLISH).say("message.text", host=host, name=one.name_en, closes=closes, link=link)


def _english(book: Any, about: Occasion, addressees: Sequence[Addressee]) -> None:
    """Messages in English to the enterprises with an English name, on a sheet of their own."""
    sheet = book.add_worksheet("英文短信")
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    wrapped = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for place, (name, width) in enumerate(ENGLISH_COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, bold)
    for line, one in enumerate(addressees, 1):
        text = english_message(about, one)
        sheet.set_row(line, LINE * -(-length(text) // TEXT_WIDTH))
        for place, value in enumerate((one.name, one.name_en, one.contact, one.phone, one.officer, text)):
            sheet.write_string(line, place, value, wrapped)
    sheet.freeze_panes(1, 1)


def _notes(book: Any, about: Occasion) -> None:
    sheet = book.add_worksheet("说明")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 80)
    title = about.title + ("（演示数据）" if about.demo and "演示" not in about.title else "")
    rows = (("期次", title), ("截止", about.closes), ("生成日期", about.today), *NOTES)
    for line, (name, value) in enumerate(rows):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, value, wrapped)
