"""Files made to exhaust the reader: each ends in one sentence, soon, and without the parent growing."""

import io
import random
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from survey.actions.intake import lists
from survey.actions.intake.lists import read_list
from survey.core.intake import list_file, reading_apart, sheets, workbook
from survey.core.intake.list_text import TextRefused
from survey.core.registry.table import read_registry
from tests.workbooks import SHEET, packed, sheet_xml

HEAD = "<row r='1'><c r='A1' t='inlineStr'><is><t>企业名称</t></is></c><c r='B1' t='inlineStr'><is><t>联系人</t></is></c></row>"
NEST = 2_000_000
CASES = Path(__file__).resolve().parents[1] / "data" / "cases" / "lists"


def rows(count: int, columns: int) -> str:
    line = "<row>" + "<c><v>1</v></c>" * columns + "</row>"
    return line * count


def with_strings(strings: str) -> bytes:
    return packed(sheet_xml(HEAD), {"xl/sharedStrings.xml": f"<sst xmlns='{SHEET}'>{strings}</sst>"})


def laughs() -> bytes:
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    return packed(
        f"<!DOCTYPE x [<!ENTITY e0 'ha'>{entities}]>"
        + sheet_xml(HEAD + "<row><c t='str'><v>&e11;</v></c></row>")
    )


def late_laughs() -> bytes:
    """The declaration stands behind a long comment."""
    return packed(
        f"<!--{'x' * 5000}--><!DOCTYPE x [<!ENTITY a '{'ha' * 50_000}'>]>"
        + sheet_xml(HEAD + f"<row><c t='str'><v>{'&a;' * 20_000}</v></c></row>")
    )


def many_parts() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(6_000):
            made.writestr(f"xl/media/{number}.bin", b"")
    return file.getvalue()


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a million cells": (lambda: packed(sheet_xml(HEAD + rows(10_000, 100))), "600,000 个以上的格子"),
    "one endless row": (lambda: packed(sheet_xml(HEAD + rows(1, 1_000_000))), "600,000 个以上的格子"),
    "unpacks to much": (lambda: packed(sheet_xml(HEAD) + " " * (80 << 20)), "展开后超过 64 MB"),
    "much in strings": (lambda: with_strings("<si><t>" + "x" * (70 << 20) + "</t></si>"), "展开后超过 64 MB"),
    "many strings": (lambda: with_strings("<si><t>x</t></si>" * 700_000), "600,000 个以上的格子"),
    "no such cell": (
        lambda: packed(sheet_xml(HEAD + "<row r='2'><c r='ZZZZZ2'><v>1</v></c></row>")),
        "不存在的格子「ZZZZZ2」",
    ),
    "no such column": (
        lambda: packed(sheet_xml(HEAD + "<row r='2'><c r='ZZZ2'><v>1</v></c></row>")),
        "不存在的格子「ZZZ2」",
    ),
    "no such row": (
        lambda: packed(sheet_xml(HEAD + "<row r='99999999'><c><v>1</v></c></row>")),
        "不存在的行号",
    ),
    "merged to nowhere": (
        lambda: packed(sheet_xml(HEAD, "<mergeCell ref='A1:ZZZZ9'/>")),
        "不存在的格子「ZZZZ9」",
    ),
    "merged everywhere": (
        lambda: packed(sheet_xml(HEAD + rows(15_000, 2), "<mergeCell ref='C1:C1048576'/>" * 20_000)),
        "600,000 个以上的格子",
    ),
    "nested without end": (
        lambda: packed(sheet_xml("<row>" + "<x>" * NEST + "</x>" * NEST + "</row>")),
        "没有内容|不像企业名单|打不开",
    ),
    "billion laughs": (laughs, "打不开"),
    "late laughs": (late_laughs, "打不开|太大"),
    "six thousand parts": (many_parts, "6,000 个部件"),
    "no end": (lambda: packed(sheet_xml(HEAD + rows(10, 2))[:-40]), "打不开"),
    "not xml": (lambda: packed("\0\1\2"), "打不开"),
    "a string that is not there": (
        lambda: packed(sheet_xml(HEAD + "<row><c t='s'><v>9</v></c></row>")),
        "打不开",
    ),
    "half a package": (lambda: packed(sheet_xml(HEAD))[:-30], "打不开"),
    "one endless line": (lambda: b"\xe4\xbc\x81," * 800_000, "600,000 个以上的格子"),
    "one endless quote": (lambda: '企业名称,联系人\n"'.encode() + b"x" * (5 << 20), "第 2 行的双引号"),
    "endless blank lines": (
        lambda: "企业名称,联系人\n".encode() + b"\n" * (4 << 20) + "虚构甲公司,张,".encode() * 9,
        "",
    ),
    "many rows": (lambda: "企业名称,联系人\n".encode() + b"ab,c\n" * 30_000, "20,000 行以上"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_every_bomb_is_one_sentence(kind: str) -> None:
    make, said = BOMBS[kind]
    content = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        table = read_list(content, "名单.xlsx")
    except TextRefused as refused:
        text = str(refused)
        assert any(part in text for part in said.split("|")), text
        assert text.endswith("。")
        assert re.search("请", text)
        assert "Traceback" not in text
    else:
        assert not said, table
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 << 10, f"the parent grew by {grown >> 10} MB"
    assert len(content) <= 6 << 20  # none of them is refused for its own size


def test_without_the_caps_a_bomb_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control: the same million cells, read with the caps away, are all read, one by one."""
    content = packed(sheet_xml(HEAD + rows(10_000, 100)))
    assert len(content) < 200 << 10
    monkeypatch.setattr(workbook, "MOST_CELLS", 1 << 40)
    monkeypatch.setattr(sheets, "MOST_CELLS", 1 << 40)
    table = read_registry(content, "")
    assert sum(len(row.cells) for row in table.rejected) >= 20_000
    assert len(list_file.read_sheets(content)[0].lines) == 10_001
    monkeypatch.undo()
    with pytest.raises(TextRefused):
        read_registry(content, "")


def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    before = children()
    with pytest.raises(TextRefused, match="还没有读完"):
        read_list(b"x", "", seconds=0.05)
    assert children() == before
    monkeypatch.setattr(lists, "sys", type("Nowhere", (), {"executable": "/nowhere/python"}))
    with pytest.raises(TextRefused, match="现在读不了文件"):
        read_list(b"x", "")


def children() -> set[int]:
    return {one.pid for one in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize(
    ("code", "ends"),
    [("x = bytearray(2 << 30)", "MemoryError"), ("while True: pass", "")],
)
def test_the_child_caps_its_own_memory_and_time(code: str, ends: str) -> None:
    """Real caps of the system: the same code without them goes on."""
    start = "from survey.core.intake import reading_apart as r; r.SECONDS = 1; "
    limited = subprocess.run(
        [sys.executable, "-c", f"{start}r.limit_resources()\n{code}"], capture_output=True, timeout=60
    )
    assert limited.returncode
    assert ends in limited.stderr.decode()
    if ends:
        free = subprocess.run([sys.executable, "-c", f"{start}\n{code}"], capture_output=True, timeout=60)
        assert free.returncode == 0
    else:
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run([sys.executable, "-c", f"{start}\n{code}"], capture_output=True, timeout=5)


def test_a_machine_without_the_caps_still_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where the module is missing."""
    monkeypatch.setitem(sys.modules, "resource", None)
    reading_apart.limit_resources()
    assert "table" in reading_apart.answer("企业名称,联系人\n虚构甲公司,张\n".encode(), hidden_rows=False)


def test_the_child_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("SURVEY_DATABASE_URL", "postgresql://nobody:secret@nowhere/x")
    given: list[dict[str, str]] = []
    run = subprocess.run

    def watched(*what: object, **how: object) -> object:
        given.append(how["env"])  # type: ignore[arg-type]
        return run(*what, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(lists.subprocess, "run", watched)
    assert len(read_list("企业名称,联系人\n虚构甲公司,张\n".encode(), "").rows) == 1
    assert not any(name.startswith("SURVEY") for name in given[0])


def test_a_workbook_with_broken_bytes_is_read_or_one_sentence() -> None:
    """Bytes changed anywhere: the reader itself never raises anything but its own refusal."""
    dice = random.Random(7)
    whole = (CASES / "01_merged_park.xlsx").read_bytes()
    refused = 0
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            content[dice.randrange(4, len(content))] = dice.randrange(256)
        try:
            read_registry(bytes(content), "")
        except TextRefused:
            refused += 1
    assert refused > 100
