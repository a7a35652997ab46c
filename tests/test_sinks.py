"""No text from people reaches anything that reads it as markup: looked for in the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OFFICE = [*sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "src/survey/ui").glob("*.py"))]
SOURCES = [*OFFICE, *sorted((ROOT / "src/survey").rglob("*.py")), ROOT / "app.py"]
TEMPLATES = sorted((ROOT / "src/survey/web/templates").glob("*.html"))
# Streamlit reads the first argument of these as Markdown; `help`, `captions` and a radio's options everywhere.
READS_MARKDOWN = {
    "badge", "button", "caption", "checkbox", "download_button", "error", "expander", "form_submit_button",
    "header", "info", "link_button", "markdown", "metric", "multiselect", "page_link", "popover", "progress",
    "radio", "selectbox", "spinner", "status", "subheader", "success", "text_area", "text_input", "title",
    "toast", "toggle", "warning", "write", "write_stream", "date_input", "number_input",
}  # fmt: skip
NEVER = {"markdown", "write", "error", "warning", "success", "info", "toast", "metric", "latex", "write_stream"}
# Called with words of ours only; the name of the argument, or of the function that makes it.
OURS = {
    "_confirm", "LABELS", "FILTER_NAMES", "again", "filters", "kept", "label", "name", "NAMES", "said", "str",
    "word",
}  # fmt: skip
# What people type, by the name it has wherever it is kept.
HUMAN = {
    "title", "name", "text", "contact", "phone", "officer", "leader", "park", "industry", "size", "name_en", "who",
    "file_name", "detail", "reason", "note", "duty", "category", "department", "host_name", "host", "made",
}  # fmt: skip
MARKUP_MAKERS = {  # the only places that may call something markup
    "web/documents.py": 1,  # our own stylesheets and scripts
    "web/rendering.py": 3,  # two constant attributes, and rules numbered by place
    "web/office.py": 1,  # our own QR drawing
}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a method in a file, with the method's name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def is_ours(node: ast.expr) -> bool:
    """Whether an expression is words of ours, at most with numbers in them."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.IfExp):
        return is_ours(node.body) and is_ours(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return all(isinstance(one, ast.Constant) or _is_number(one) for one in node.values)
    if isinstance(node, ast.Subscript):
        return is_ours(node.value)
    if isinstance(node, ast.Call):
        return is_ours(node.func)
    if isinstance(node, ast.Name):
        return node.id in OURS
    return False


def _is_number(part: ast.expr) -> bool:
    assert isinstance(part, ast.FormattedValue)
    spec = ast.unparse(part.format_spec) if part.format_spec else ""
    return bool(re.search(r"[,%fd]", spec)) or is_ours(part.value) or "len(" in ast.unparse(part.value) or (
        ast.unparse(part.value) in ("size", "place", "sending_list.messages(text)")
    )  # fmt: skip


def live_words(path: Path) -> list[str]:
    """Calls in which text that is not ours would be read as Markdown."""
    found = []
    for name, call in calls(path):
        if name not in READS_MARKDOWN or not isinstance(call.func, ast.Attribute):
            continue
        streamlit = not isinstance(call.func.value, ast.Name) or call.func.value.id not in ("messages", "log", "re")
        first = call.args[:1]
        more = [one.value for one in call.keywords if one.arg in ("help", "captions", "label", "body")]
        if streamlit and not all(map(is_ours, [*first, *more])):
            found.append(f"{path.name}:{call.lineno} {ast.unparse(call)[:90]}")
    return found


def bare_words(path: Path) -> list[str]:
    """Text from people standing in markup of ours without `safe`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        fixed = "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant))
        if not re.search(r"<[a-z/]", fixed):
            continue
        for part in node.values:
            if isinstance(part, ast.FormattedValue) and (
                (isinstance(part.value, ast.Attribute) and part.value.attr in HUMAN)
                and not part.format_spec
            ):
                found.append(f"{path.name}:{node.lineno} {ast.unparse(part.value)}")
    return found


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.name)
def test_streamlit_reads_only_our_own_words_as_markdown(path: Path) -> None:
    assert live_words(path) == []
    assert [name for name, call in calls(path) if name in NEVER and ast.unparse(call).startswith("st.")] == []


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.name)
def test_text_from_people_is_made_safe_before_it_stands_in_markup(path: Path) -> None:
    assert bare_words(path) == []


def test_nothing_is_allowed_to_be_html_or_called_markup_anew() -> None:
    made = {}
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        assert "unsafe_allow" not in source, path
        if count := len(re.findall(r"\bMarkup\(", source)):
            made[path.relative_to(ROOT / "src/survey").as_posix()] = count
    assert made == MARKUP_MAKERS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_escape_everything(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|\bon[a-z]+\s*=|javascript:", source)
    inside = re.findall(r"<(?:script|style)[^>]*>(.*?)</(?:script|style)>", source, re.DOTALL)
    assert {one.strip() for one in inside} <= {"{{ js }}", "{{ css }}", "{{ style }}", "{{ trial_css }}", ""}
    # An attribute without quotes ends at the first blank of what stands in it.
    assert not re.search(r"<[^>]*\s[\w-]+=\{\{", source)


def test_the_search_finds_what_it_is_for(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text('st.caption(f"{wave.title} 的短信")\nst.html(f"<p>{wave.title}</p>")\n', encoding="utf-8")
    assert len(live_words(page)) == len(bare_words(page)) == 1
    page.write_text('st.caption(f"{count:,} 家")\nst.html(f"<p>{safe(wave.title)}</p>")\n', encoding="utf-8")
    assert live_words(page) == bare_words(page) == []
