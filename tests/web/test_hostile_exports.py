"""Hostile texts in every file that leaves the product, opened again: no formula, no link, no script, whole text."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import pytest
import xlsxwriter
from pypdfium2 import PdfDocument, raw
from starlette.applications import Starlette
from starlette.testclient import TestClient

from survey.actions.accounts import sessions
from survey.core.models import Role
from survey.output.registry import files
from survey.output.waves import bundle, print, sending_list
from survey.output.waves.addressees import Addressee, Occasion, occasion
from survey.output.waves.bundle import Wanted
from survey.storage.database import reading
from survey.storage.registry import enterprises
from survey.storage.registry.enterprises import EnterpriseSearch
from survey.storage.waves import published
from survey.web.office.doors import office_routes
from survey.web.office.gate import COOKIE
from tests.hostile import ALL, ELSEWHERE, FORMULAS, as_name
from tests.people import PASSWORD
from tests.planted import Planted, listed, table, world

TRIGGERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
BLANKS = " \u00a0\u3000\ufeff\u200b\u202e\u2060"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with world(tmp_path_factory.mktemp("planted")) as made:
        yield made


@pytest.fixture
def door(planted: Planted) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=office_routes()), follow_redirects=False) as client:
        signed = sessions.sign_in(planted.names[Role.OFFICER], PASSWORD, datetime.now(UTC))
        client.cookies.set(COOKIE, signed.token)
        yield client


def get(door: TestClient, planted: Planted, name: str) -> bytes:
    answer = door.get(f"/export/{planted.wave.id}/{name}")
    assert answer.status_code == 200, answer.text[:200]
    disposition = answer.headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.count(";") == 2  # nothing of the title ends the value
    return answer.content


def active_cells(text: str) -> list[str]:
    """Cells of a CSV file that a spreadsheet would run. A number is none."""
    return [
        cell
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        for cell in row
        if cell.lstrip(BLANKS).startswith(TRIGGERS) and not cell.removeprefix("-").replace(".", "").isdigit()
    ]


def active_parts(workbook: bytes) -> list[str]:
    """Formulas and links of a workbook, and parts of it that are not well made."""
    found = []
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for sheet in book:
        for row in sheet.iter_rows():
            found += [
                f"{cell.coordinate}={cell.value}" for cell in row if cell.data_type == "f" or cell.hyperlink
            ]
    with zipfile.ZipFile(io.BytesIO(workbook)) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(file.read(name))
            if "externalLink" in name or (name.endswith(".rels") and b"External" in file.read(name)):
                found.append(name)
    return found


def words_of(workbook: bytes) -> set[str]:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize("name", ["summary", "remarks", "reasons", "arrivals", "codebook", "ratings"])
def test_a_csv_file_runs_nothing(door: TestClient, planted: Planted, name: str) -> None:
    text = get(door, planted, f"{name}.csv").decode()
    assert active_cells(text) == []
    if name == "summary":  # what is a number stays one
        assert any(
            row["评价数"].isdigit() for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        )


def test_the_audit_log_as_a_file_runs_nothing(door: TestClient, planted: Planted) -> None:
    signed = sessions.sign_in(planted.names[Role.AUDITOR], PASSWORD, datetime.now(UTC))
    door.cookies.set(COOKIE, signed.token)
    assert active_cells(door.get("/export/audit.csv").text) == []


@pytest.mark.parametrize("name", ["report.xlsx", "reminders.xlsx"])
def test_a_workbook_runs_nothing(door: TestClient, planted: Planted, name: str) -> None:
    assert active_parts(get(door, planted, name)) == []


def test_the_registrys_files_run_nothing_and_keep_the_text(planted: Planted) -> None:
    with reading() as db:
        made = files.listing(enterprises.everything(db, EnterpriseSearch()))
    assert active_parts(made) == []
    assert as_name(FORMULAS[0]) in words_of(made)
    read = table()
    assert read.rejected
    assert active_parts(files.to_mend(read.header, read.rejected)) == []


def people() -> list[Addressee]:
    return [Addressee(as_name(text), "A" * 22, text, text, text, text, text) for text in ALL]


def about(planted: Planted) -> Occasion:
    with reading() as db:
        wave = published.wave(db, planted.wave.id)
    assert wave is not None
    return occasion(wave, datetime.now(UTC))


def test_the_sending_list_runs_nothing(planted: Planted) -> None:
    file = io.BytesIO()
    sending_list.write(file, about(planted), people())
    assert active_parts(file.getvalue()) == []


@pytest.mark.parametrize(
    "template", ["{链接}{企业.__class__}", "{链接}{企业:>999999999}", "{链接}{企业!r}", "{链接}{0}"]
)
def test_a_message_template_holds_its_five_words_and_nothing_else(template: str) -> None:
    assert "花括号里" in sending_list.problem(template) or "花括号只能" in sending_list.problem(template)
    assert sending_list.problem("{企业}请打开 {链接}") == ""


def test_each_officer_has_one_folder_inside_the_bundle(planted: Planted, tmp_path: Path) -> None:
    officers = [*ALL, "甲/乙", "甲:乙", "甲?乙"]
    people = [Addressee("某某公司", "A" * 22, officer=one) for one in officers]
    bundle.write(tmp_path / "x.zip", about(planted), people, Wanted(False, False), lambda *_: None)
    with zipfile.ZipFile(tmp_path / "x.zip") as file:
        folders = [one.rpartition("/")[0] for one in file.namelist()]
    assert len({one.casefold() for one in folders if one}) == len(officers)
    assert not any(set(one) & set('/\\:*?"<>|\0') or one in ("..", ".") for one in folders)


def test_the_briefing_has_no_links_and_no_fields_but_page_numbers(door: TestClient, planted: Planted) -> None:
    made = get(door, planted, "briefing.docx")
    paper = docx.Document(io.BytesIO(made))
    targets = [one.target_ref for one in paper.part.rels.values() if one.is_external]
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        parts = {name: file.read(name) for name in file.namelist() if name.endswith((".xml", ".rels"))}
    for part in parts.values():
        ElementTree.fromstring(part)
    fields = [
        one.text
        for part in parts.values()
        for one in ElementTree.fromstring(part).iter()
        if one.tag.endswith("}instrText")
    ]
    assert targets == []
    assert fields == ["PAGE"]


def read(text: str) -> str:
    """What a reader sees of a printed text: without blanks, line ends and places where a long word may break."""
    return "".join(text.replace("\u200b", "").split())


def test_printed_papers_have_no_links_and_show_markup_as_text(planted: Planted) -> None:
    occasion = about(planted)
    for made in (print.cards(occasion, people()), print.letters(occasion, people()[:12]),
                 print.poster(occasion, "A" * 22)):  # fmt: skip
        document = PdfDocument(made)
        text = "".join(page.get_textpage().get_text_range() for page in document)
        links = sum(raw.FPDFPage_GetAnnotCount(page.raw) for page in document)
        assert links == 0
        assert b"/JavaScript" not in made
        assert "".join(occasion.host.split()) in read(text)
    cards = PdfDocument(print.cards(occasion, people()))
    shown = read("".join(one.get_textpage().get_text_range() for one in cards))
    assert '#import"x":*;#text(red)[x]$x$@ref公司' in shown


def test_the_same_texts_written_carelessly_do_run() -> None:
    file, text = io.BytesIO(), io.StringIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write_column(0, 0, [f'=HYPERLINK("http://{ELSEWHERE}")', f"http://{ELSEWHERE}"])
    csv.writer(text).writerows([[one] for one in FORMULAS])
    assert len(active_parts(file.getvalue())) == 3  # two cells, and where the link leads
    assert len(active_cells(text.getvalue())) == len(FORMULAS)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_hostile_list_is_read_whole(kind: str) -> None:
    from survey.core.registry.table import read_registry

    read = read_registry(listed(kind), "x")
    assert len(read.rows) + len(read.rejected) == len(ALL)
