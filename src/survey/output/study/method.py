"""方法: docs/method.md as sections of markup, so that the product explains its own figures."""

import re
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

from survey.settings import ROOT

FILE = ROOT / "docs" / "method.md"
SECTION = re.compile(r'^<a id="([a-z]+)"></a>\n\n## (.+)\n', re.MULTILINE)

WRAPPED = re.compile(r"(?<=[^\x00-\x7f])\n *(?=[^\x00-\x7f])")  # a line break within Chinese text is no blank


@dataclass(frozen=True)
class Section:
    """A section: where links lead, its heading, and its text as markup."""

    anchor: str
    title: str
    html: str


@cache
def sections() -> tuple[Section, ...]:
    """What stands before the first heading has neither anchor nor title."""
    text = WRAPPED.sub("", FILE.read_text(encoding="utf-8").partition("\n")[2])
    start, *rest = SECTION.split(text)
    render = MarkdownIt("commonmark", {"html": False}).enable("table").render
    found = zip(*[iter(rest)] * 3, strict=True)
    return (
        Section("", "", render(start)),
        *(Section(anchor, title, render(text)) for anchor, title, text in found),
    )
