"""方法: the document as a page."""

import ast
import re
from pathlib import Path

from survey.output.study.method import FILE, sections

ROOT = Path(__file__).resolve().parents[2]


def test_every_heading_is_a_section_with_an_anchor_and_one_plain_sentence() -> None:
    start, *told = sections()
    assert len(told) == len(re.findall(r"^## ", FILE.read_text(encoding="utf-8"), re.MULTILINE)) > 9
    assert len({one.anchor for one in told}) == len(told)
    for one in told:
        assert "<blockquote>\n<p>一句话：" in one.html, one.title
        assert "## " not in one.html
    assert "NumPy" in start.html


def test_lines_of_chinese_are_joined_without_a_blank() -> None:
    for one in sections():
        assert not re.search(r"[\u4e00-\u9fff，；。]\s*\n\s*[\u4e00-\u9fff]", one.html), one.title


def test_tables_and_references_are_there() -> None:
    by_anchor = {one.anchor: one.html for one in sections()}
    assert "<table>" in by_anchor["ranges"]
    for one in (
        "Wilson 1927", "Brown, Cai &amp; DasGupta 2001", "Newcombe 1998", "Zou &amp; Donner 2008", "Korn &amp; Graubard 1998",
        "Holm 1979", "Mogstad", "Bonett &amp; Price 2012", "Johnson 2000", "Lindeman, Merenda &amp; Gold 1980",
        "Schouten, Cobben &amp; Bethlehem 2009", "Monroe", "Paule &amp; Mandel 1982", "Deville &amp; Särndal 1992",
        "国办发〔2019〕51号", "GB/T 39735-2020", "GB/T 39734-2020",
    ):  # fmt: skip
        assert one in by_anchor["references"], one


def test_a_page_links_only_to_sections_that_exist() -> None:
    anchors = {one.anchor for one in sections()}
    asked = {
        node.args[-1].value
        for page in (ROOT / "pages").glob("*.py")
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "explain.drawer"
        if isinstance(node.args[-1], ast.Constant) and str(node.args[-1].value).isascii()
    }
    assert asked >= {"trust", "drivers"}
    assert asked <= anchors
