"""说明: the first sheet. What the figures are, how they were reckoned, how to read them, every column defined."""

from collections.abc import Iterator

from xlsxwriter.worksheet import Worksheet

from survey.core import names
from survey.core.figures.withholding import first, tells_live
from survey.core.models import GRADES, Mode, Source
from survey.core.names import MODE_NAMES
from survey.output import look
from survey.output.figures import codebook, signs
from survey.output.figures.report import Report, minute
from survey.output.figures.sheets import Book, title, wide

WIDTHS = (16, 22, 42, 16, 36, 30)
SMALL = 0.87  # how wide 9-point type stands beside 10-point
ROOM = sum(WIDTHS[1:]) - 2  # half-width characters in a merged line
SHEETS = (
    codebook.SUMMARY, codebook.MATRIX, codebook.SPREAD, codebook.DAYS, codebook.REASONS, codebook.REMARKS,
)  # fmt: skip
HOW_TO_READ = (
    "“n”是作出评价的企业数；n 越小，数字越不稳。n 不到 30 的结果仅供参考。",
    "“合理范围”是 Wilson 95% 区间：换一批同类企业来评，满意率多半落在其中。部门只分三个梯队，同一梯队之内不宜排先后；“名次范围”是可能的名次。",
    "部门只在同一参评类别内比较。得分旁边永远写明口径；换口径，得分和先后都可能变。",
    "“不予显示”表示人数不够，不是 0；请不要用总数去减。",
    "本工作簿与看板、部门页取自同一次发布，数字相同；看板之后再发布，本文件不会跟着变。",
)
KEEPS = {
    Mode.ANONYMOUS: "不保存是谁答的，也不保存答卷的时间",
    Mode.PSEUDONYMOUS: "每家企业一个代号，可跨期比较，但对不上企业名称",
    Mode.NAMED: "企业名称随答卷保存，企业填写时已知晓",
}


def explain(book: Book) -> None:
    """Write the sheet."""
    sheet = book.sheet("说明", look.ABOVE)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    title(book, sheet, "测评报告 · 说明", "")
    line = 1
    for name, text in (*facts(book.report), *(("怎样读", one) for one in HOW_TO_READ)):
        sheet.write_string(line, 0, name, book.format(bold=True, font_color=look.QUIET, valign="top"))
        sheet.merge_range(line, 1, line, 5, text, book.format(text_wrap=True, valign="top"))
        sheet.set_row(line, 16 * _lines(text, ROOM) + 3)
        line += 1
    _definitions(book, sheet, line + 1)


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """What is to be known about the wave and its figures."""
    wave, formula = report.wave, report.figures.formula
    if report.mark:
        yield "演示数据", "企业、评价和留言都是编造的，只供试用，不得作为工作依据。"
    yield "期次", f"{report.name}（{report.phase_told}）"
    yield "主办单位", report.host or "—"
    yield "测评时段", report.period
    yield "问卷", report.form.questionnaire.title.zh
    yield "作答方式", f"{MODE_NAMES[wave.mode]}：{KEEPS[wave.mode]}"
    yield "范围", _scope(report)
    yield "口径", f"{formula.name}。出处：{formula.source}"
    words = "、".join(f"{names.GRADE_NAMES[one]} {formula.weights[one - 1]:g}" for one in reversed(GRADES))
    yield "等级分值", f"{words}；未接触不计入。折合 0–100 分，取平均"
    yield "不予显示", _withholding(report)
    back = report.returned
    yield (
        "回收",
        (
            f"邀请 {back.invited:,} 家，其中 {back.answered:,} 家已答；收回答卷 {back.collected:,} 份"
            + (f"，含未核验（开放扫码、大厅平板）{back.unverified:,} 份" if back.unverified else "")
        ),
    )
    waiting = (
        f"；待公布 {report.published.waiting:,} 份，{'攒够几家才发布' if tells_live(wave) else '截止后公布'}"
        if report.published.waiting
        else ""
    )
    so_far = f"；{report.so_far}" if report.so_far else ""
    yield "数字来源", f"{report.release}，含答卷 {report.published.responses:,} 份{waiting}{so_far}"
    if not wave.imported and (report.source == Source.VERIFIED or report.k == 1):
        whole = "（全期）" if report.part else ""
        yield "异常迹象", f"{signs.sentence(report.signs, formula)}{whole}{signs.RULE}"
    yield "数据指纹", wave.fingerprint or "尚未封存"
    yield "生成时间", f"{minute(report.made_at)}（北京时间）"


def _scope(report: Report) -> str:
    """Which answers the figures hold: verified and open ones are never put together."""
    if report.wave.imported:
        return report.part or "导入的全部评价"
    if report.source == Source.OPEN:
        return f"{report.part}；只含未核验的答卷，不与一企一码的混算"
    return f"{report.part or '一企一码的全部答卷'}；不含开放扫码（未核验）的答卷"


def _withholding(report: Report) -> str:
    if report.k <= 1:
        return "本期为实名或导入的数据，不设最少家数"
    return (
        f"收答卷期间只给约数：满 {first(report.k)} 家开始，每新到 {report.k} 家更新；截止后公布一次准数。"
        f"评价不到 {report.k} 家的不显示，写“不予显示”；评价几乎一致的只给满意率的范围，不给分布和得分；"
        f"差评不到 {report.k} 家的不显示差评原因"
    )


def _definitions(book: Book, sheet: Worksheet, line: int) -> None:
    head = book.format(bold=True, bg_color="#E8EEF6", bottom=1, bottom_color=look.BLUE)
    for place, name in enumerate(("工作表", *codebook.CODEBOOK.header[1:])):
        sheet.write_string(line, place, name, head)
    plain = book.format(text_wrap=True, valign="top", bottom=4, bottom_color=look.LINE, font_size=9)
    for number, row in enumerate(codebook.lines(*SHEETS), line + 1):
        row = (row[0].removesuffix("（工作簿）"), *row[1:])
        for place, text in enumerate(row):
            sheet.write_string(number, place, text, plain)
        high = max(_lines(text, (width - 1) / SMALL) for text, width in zip(row, WIDTHS, strict=True))
        sheet.set_row(number, 14 * high + 3)


def _lines(text: str, room: float) -> int:
    return max(1, -int(-wide(text) // room))
