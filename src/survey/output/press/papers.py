"""Word documents that look like Chinese official papers: A4, 公文 margins and type, page numbers. Editable."""

import io
import re
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from survey.output.figures.pictures import Drawn

TITLE_FACE, BODY, HEADING, SUBHEADING = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
# What Word takes when a machine lacks the first face.
INSTEAD = {TITLE_FACE: "宋体", BODY: "仿宋", SUBHEADING: "楷体"}
LATIN = "Times New Roman"
LINE = 27  # points between lines of text: the usual 28 less a point, for fonts with wide figures
HAN = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]"
GAP = re.compile(rf"(?<={HAN}) (?=[\w“])|(?<=[\w%]) (?={HAN})", re.A)
STYLES = {  # name: face, size, centred, indented
    "公文标题": (TITLE_FACE, 22, True, False),
    "公文正文": (BODY, 16, False, True),
    "一级标题": (HEADING, 16, False, True),
    "二级标题": (SUBHEADING, 16, False, True),
    "落款": (SUBHEADING, 14, True, False),
    "图题": (HEADING, 10.5, True, False),
    "公文附注": (BODY, 9, False, False),
}


class Paper:
    """A paper being written."""

    def __init__(self, title: str, author: str, made_at: datetime, comments: str) -> None:
        self.document, self.pictures = Document(), 0
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = map(_clean, (title, author, comments))
        properties.created = properties.modified = made_at.replace(tzinfo=None)
        properties.language = "zh-CN"
        self._page()
        self._styles()
        self._substitutes()

    def add(self, text: str, style: str = "公文正文") -> Paragraph:
        """A paragraph of plain text."""
        return self.document.add_paragraph(_clean(text), style)

    def lead(self, heading: str, text: str) -> None:
        """A paragraph that begins with its own small heading, in 楷体."""
        paragraph = self.document.add_paragraph(style="公文正文")
        face(paragraph.add_run(_clean(heading)), SUBHEADING)
        paragraph.add_run(_clean(text))

    def picture(self, drawn: Drawn) -> None:
        """A picture as wide as the text with its own caption, which also describes it to those who do not see it."""
        paragraph = self.document.add_paragraph(style="公文附注")
        # An exact line height would cut the picture off.
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run().add_picture(io.BytesIO(drawn.png()), width=Mm(156))
        properties = paragraph._p.find(f".//{qn('wp:docPr')}")
        self.pictures += 1
        properties.set("descr", drawn.caption)
        properties.set("name", f"图 {self.pictures}")
        self.add(f"图 {self.pictures}　{drawn.caption}", "图题")

    def header(self, text: str) -> None:
        """A red line at the top of every page."""
        paragraph = self.document.sections[0].header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(_clean(text))
        run.font.size, run.font.color.rgb = Pt(12), RGBColor(0xB2, 0x18, 0x2B)
        face(run, HEADING)

    def bytes(self) -> bytes:
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(25), Mm(22)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.header_distance, section.footer_distance = Mm(14), Mm(13)
        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for part in ("— ", None, " —"):
            run = paragraph.add_run(part or "")
            run.font.size = Pt(14)
            face(run, "宋体")
            if part is None:
                _page_number(run._r)

    def _styles(self) -> None:
        styles = self.document.styles
        face(styles["Normal"], BODY)
        for name, (typeface, size, centred, indented) in STYLES.items():
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style, style.quick_style = styles["Normal"], True
            style.font.size = Pt(size)
            face(style, typeface)
            shape = style.paragraph_format
            shape.space_before = shape.space_after = Pt(0)
            shape.line_spacing = Pt(LINE if size >= 14 else size * 1.4)
            shape.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
            if name == "公文附注":
                shape.space_before = Pt(6)
            if indented:
                _indent(style.element.get_or_add_pPr(), size)
        for level, name in enumerate(("一级标题", "二级标题")):
            _outline(styles[name].element.get_or_add_pPr(), level)
            styles[name].paragraph_format.keep_with_next = True

    def _substitutes(self) -> None:
        """Name the faces that stand in, so that a machine without ours does not take any odd one."""
        part = self.document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
        fonts = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
            for name, other in INSTEAD.items()
        )
        part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())


def face(styled: Any, name: str) -> None:
    """Set the face of a run or style for Chinese; digits and Latin letters stand in Times."""
    styled.font.name = LATIN
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)
    # Without the hint, quotation marks and dashes are taken for Latin.
    fonts.set(qn("w:hint"), "eastAsia")


def _indent(properties: Any, size: float) -> None:
    """首行缩进 2 字符: in characters for Word and WPS, in points for the rest."""
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(size * 2 * 20)))


def _outline(properties: Any, level: int) -> None:
    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), str(level))
    properties.append(outline)


def _page_number(run: Any) -> None:
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text
        run.append(element)


def _clean(text: str) -> str:
    """Without control characters, which XML cannot hold, and without blanks between Chinese and digits:
    Word sets that distance itself.
    """
    return GAP.sub("", "".join(one for one in text if one >= " " or one == "\n"))
