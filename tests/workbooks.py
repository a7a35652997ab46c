"""Workbooks written by hand, part by part, where a library would write only what is right."""

import io
import zipfile
from collections.abc import Mapping

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def sheet_xml(rows: str, merged: str = "") -> str:
    """A sheet of these `<row>` elements."""
    boxes = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    return f"<worksheet xmlns='{SHEET}'><sheetData>{rows}</sheetData>{boxes}</worksheet>"


def packed(sheet: str, parts: Mapping[str, str] | None = None) -> bytes:
    """A workbook of one sheet, with further parts if any."""
    relations = {1: ("worksheet", "worksheets/sheet1.xml"), 2: ("sharedStrings", "sharedStrings.xml")}
    related = "".join(
        f"<Relationship Id='r{number}' Type='{OFFICE}/{kind}' Target='{target}'/>"
        for number, (kind, target) in relations.items()
        if number == 1 or f"xl/{target}" in (parts or {})
    )
    written = {
        "_rels/.rels": f"<Relationships xmlns='{PACKAGE}'><Relationship Id='r1' Type='{OFFICE}/officeDocument' "
        "Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{SHEET}' xmlns:r='{OFFICE}'><sheets>"
        "<sheet name='名单' sheetId='1' r:id='r1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{PACKAGE}'>{related}</Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
        **(parts or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in written.items():
            package.writestr(name, text)
    return file.getvalue()
