"""Sending list, cards, letters and poster, opened and read back: every QR leads where it should."""

import secrets
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import zxingcpp
from PIL import Image
from pypdfium2 import PdfDocument

from survey.output.waves import bundle, print, sending_list
from survey.output.waves.addressees import Addressee, Occasion
from survey.output.waves.bundle import Wanted

ABOUT = Occasion(
    "2026年三季度测评", "高新区营商环境专班", "0816-1234567", "2026年9月1日9时", "2026年9月21日24时", "不记名",
    "部门只能看到 5 家以上企业的汇总。", True, "2026年8月28日", "https://survey.example.gov.cn/q/",
)  # fmt: skip


def addressees(count: int, officer: str = "") -> list[Addressee]:
    return [
        Addressee(
            f"演示{number:03}·精密机械有限公司", secrets.token_urlsafe(16), "91510700MA00000000",
            "张三", "013800000000", officer,
        )
        for number in range(count)
    ]  # fmt: skip


def pages(pdf: bytes) -> list[tuple[Image.Image, str]]:
    """Each page as a picture at print-preview size, and its text."""
    document = PdfDocument(pdf)
    return [(page.render(scale=150 / 72).to_pil(), page.get_textpage().get_text_range()) for page in document]


def read_codes(picture: Image.Image) -> set[str]:
    return {one.text for one in zxingcpp.read_barcodes(picture)}


def test_every_card_has_the_name_and_the_code_of_its_enterprise() -> None:
    people = addressees(11)
    made = pages(print.cards(ABOUT, people))
    assert len(made) == 2  # eight to a sheet
    assert read_codes(made[0][0]) == {ABOUT.link(one.code) for one in people[:8]}
    assert read_codes(made[1][0]) == {ABOUT.link(one.code) for one in people[8:]}
    words = "".join(made[0][1].split())
    assert all("".join(one.name.split()) in words for one in people[:8])
    assert words.count("演示数据") == 8
    assert words.count("请勿转发") == 8


LONG = (
    "W" * 80, "AdvancedMicroTechnologyManufacturingInternationalHoldingsCompanyLimited", "绵" * 80, "甲A" * 40,
    "虚构ABCDEFGHIJKLMNOPQRSTUVWXYZ（中国）有限公司", "a" * 79 + "）", "Sichuan " * 10, "W" * 20,
)  # fmt: skip


def test_a_name_without_blanks_stays_on_its_card_and_sheet() -> None:
    """Every mark of it lies in the right half of its own card: none on the next card, on the code or off the sheet."""
    people = [Addressee(name, secrets.token_urlsafe(16)) for name in LONG]
    page = PdfDocument(print.cards(ABOUT, people))[0]
    wide, high = (side / count for side, count in zip(page.get_size(), (2, 4), strict=True))
    text = page.get_textpage()
    written = dict.fromkeys(range(len(LONG)), "")
    for place in range(text.count_chars()):
        mark, (left, low, right, top) = text.get_text_range(place, 1), text.get_charbox(place)
        if not mark.strip() or not mark.isprintable():
            continue
        column, row = int(left // wide), int((page.get_height() - top) // high)
        assert int(right // wide) == column
        assert int((page.get_height() - low) // high) == row
        if left % wide > 0.48 * wide:
            assert right % wide < 0.95 * wide
            written[2 * row + column] += mark
    assert [name for place, name in enumerate(LONG) if "".join(name.split()) not in written[place]] == []
    assert read_codes(pages(print.cards(ABOUT, people))[0][0]) == {ABOUT.link(one.code) for one in people}


def test_a_long_name_leaves_neither_letter_nor_poster() -> None:
    about = replace(ABOUT, title="X" * 60, host="Y" * 40)
    made = [print.letters(about, [Addressee(name, secrets.token_urlsafe(16)) for name in LONG])]
    made.append(print.poster(about, secrets.token_urlsafe(16)))
    for page in (page for one in made for page in PdfDocument(one)):
        text = page.get_textpage()
        edges = [text.get_charbox(place) for place in range(text.count_chars())]
        assert max(right for _, _, right, _ in edges) < page.get_width() - 20
        assert min(left for left, *_ in edges) > 20
    assert len(PdfDocument(made[0])) == len(LONG)


def test_a_letter_is_one_page_even_for_the_longest_name() -> None:
    people = [*addressees(1, "王专员"), Addressee("绵" * 80, secrets.token_urlsafe(16), officer="李专员")]
    made = pages(print.letters(ABOUT, people))
    assert len(made) == 2
    for one, (picture, text) in zip(people, made, strict=True):
        assert read_codes(picture) == {ABOUT.link(one.code)}
        assert one.officer in text


def test_who_has_an_english_name_gets_letter_and_message_in_english_too() -> None:
    english = {"title": "Rate the services for your business", "host": "High-tech Zone Office",
               "opens": "1 September, 09:00 (Beijing time)", "closes": "21 September, 24:00 (Beijing time)",
               "promise": "Anonymous.", "today": "28 August 2026"}  # fmt: skip
    about = replace(ABOUT, english=english)
    foreign = Addressee(
        "演示外资有限公司", "c" * 22, officer="王专员", name_en="Demo Optics (Mianyang) Co., Ltd."
    )
    made = pages(print.letters(about, [*addressees(1), foreign]))
    assert [read_codes(picture) for picture, _ in made[1:]] == [{about.link(foreign.code)}] * 2
    words = " ".join(made[2][1].split())
    for expected in ("Dear Sir or Madam at Demo Optics", "1 September, 09:00", "used once", "28 August 2026"):
        assert expected in words
    file = BytesIO()
    sending_list.write(file, about, [*addressees(2), foreign])
    _, row = openpyxl.load_workbook(file)["英文短信"].iter_rows(values_only=True)
    assert row[1] == foreign.name_en
    assert f"{about.link(foreign.code)}?lang=en" in row[5]
    assert row[5].startswith("[High-tech Zone Office] Demo Optics")


def test_the_poster_is_one_page_with_the_open_code() -> None:
    [(picture, text)] = pages(print.poster(ABOUT, "opencodeopencodeopenco"))
    assert read_codes(picture) == {ABOUT.link("opencodeopencodeopenco")}
    assert "请您给政府部门打分" in text


def test_rare_characters_are_printed_and_impossible_ones_reported() -> None:
    assert print.missing("㐂𬭚𬬻钇镒龘（绵阳）") == ""
    [sentence] = print.warnings([Addressee("笑脸😀公司", "x"), *addressees(2)])
    assert "笑脸😀公司" in sentence
    fonts = {font for page in PdfDocument(print.cards(ABOUT, addressees(1))) for font in fonts_of(page)}
    assert fonts
    assert all("Noto" in font for font in fonts)


def fonts_of(page: object) -> set[str]:
    """The names of the fonts of a page's text."""
    return {one.get_font().get_base_name() for one in page.get_objects() if one.type == 1}  # type: ignore[attr-defined]


def test_the_sending_list_keeps_numbers_as_text_and_runs_nothing() -> None:
    file = BytesIO()
    people = [*addressees(2), Addressee("=HYPERLINK(1)", "c" * 22, phone="+8613800000000")]
    sending_list.write(file, ABOUT, people)
    sheet = openpyxl.load_workbook(file)["发送清单"]
    header, first, _, last = sheet.iter_rows(values_only=True)
    assert header == (
        "企业名称",
        "统一社会信用代码",
        "联系人",
        "手机号",
        "服务专员",
        "专属链接",
        "短信全文",
        "字数",
        "短信条数",
    )
    assert first[3] == "013800000000"
    assert first[5] == ABOUT.link(people[0].code)
    assert first[5] in first[6]
    assert first[7] == len(first[6])
    assert last[0] == "=HYPERLINK(1)"
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=7) for cell in row} <= {"s", "n"}
    assert sheet["A4"].data_type == "s"


@pytest.mark.parametrize(
    ("characters", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_a_message_is_paid_by_70_characters_or_67_a_part(characters: int, count: int) -> None:
    assert sending_list.messages("测" * characters) == count


def test_a_template_without_link_or_with_unknown_places_is_refused() -> None:
    assert "链接" in sending_list.problem("请测评")
    assert "花括号" in sending_list.problem("{链接} {电话}")
    assert "花括号" in sending_list.problem("{链接} {")
    assert "花括号" in sending_list.problem("{链接} {企业.x}")
    assert sending_list.problem(sending_list.TEMPLATE) == ""


def test_a_bundle_has_a_folder_for_each_officer_with_only_their_enterprises(tmp_path: Path) -> None:
    people = [*addressees(3, "王专员"), *addressees(250, "李/专员"), *addressees(1)]
    seen: list[tuple[int, int]] = []
    path = tmp_path / "codes.part"
    warnings = bundle.write(path, ABOUT, people, Wanted(letters=False), lambda *at: seen.append(at))
    assert warnings == []
    assert path.stat().st_mode & 0o777 == 0o600
    assert seen[-1] == (254, 254)
    with ZipFile(path) as file:
        assert file.testzip() is None
        assert set(file.namelist()) == {
            "使用说明.txt", "发送清单.xlsx", "王专员/发送清单.xlsx", "王专员/二维码卡.pdf", "李_专员/发送清单.xlsx",
            "李_专员/二维码卡-01.pdf", "李_专员/二维码卡-02.pdf", "未指定服务专员/发送清单.xlsx", "未指定服务专员/二维码卡.pdf",
        }  # fmt: skip
        [(picture, _)] = pages(file.read("王专员/二维码卡.pdf"))
        assert read_codes(picture) == {ABOUT.link(one.code) for one in people[:3]}
