"""No text from people reaches anything that reads it as markup: looked for in the source itself."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OFFICE = [*sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "src/survey/ui").rglob("*.py"))]
SOURCES = [*OFFICE, *sorted((ROOT / "src/survey").rglob("*.py")), ROOT / "app.py"]
TEMPLATES = sorted((ROOT / "src/survey/web/templates").rglob("*.html"))
assert (len(OFFICE) > 55, len(SOURCES) > 250, len(TEMPLATES) > 10) == (True, True, True)
# Streamlit reads the first argument of these as Markdown; `help`, `captions` and a radio's options everywhere.
READS_MARKDOWN = {
    "badge", "button", "caption", "checkbox", "download_button", "error", "expander", "form_submit_button",
    "header", "info", "link_button", "markdown", "metric", "multiselect", "page_link", "popover", "progress",
    "radio", "selectbox", "spinner", "status", "subheader", "success", "text_area", "text_input", "title",
    "toast", "toggle", "warning", "write", "write_stream", "date_input", "number_input",
}  # fmt: skip
NEVER = {
    "markdown",
    "write",
    "error",
    "warning",
    "success",
    "info",
    "toast",
    "metric",
    "latex",
    "write_stream",
}
# Words of ours under a name, or made by a function, by the file they are in.
OURS = {
    "ui/editing.py": {"title"},  # of a column
    "ui/waves/code_forms.py": {"again", "kept", "label", "NAMES", "size"}, "ui/registry/importing.py": {"_confirm"},
    "ui/registry/preview.py": {"label"}, "ui/registry/enterprises.py": {"FILTER_NAMES", "LABELS", "word"},
    "ui/filters.py": {"label"}, "pages/method.py": {"title"}, "ui/waves/returns.py": {"label"}, "ui/waves/forms.py": {"label", "name", "COUNTS_ONLY_HELP"},
    "ui/waves/setup.py": {"name", "place", "said"},
}  # fmt: skip
# What people type, by the name it has wherever it is kept.
HUMAN = {
    "title", "name", "text", "contact", "phone", "officer", "leader", "park", "industry", "size", "name_en", "who",
    "file_name", "detail", "reason", "note", "duty", "category", "department", "host_name", "host", "made",
}  # fmt: skip
MARKUP_MAKERS = {  # the only places that may call something markup
    "web/documents.py": 1,  # our own stylesheets and scripts
    "web/phone/rendering.py": 5,  # constant attributes or nothing, and rules numbered by place
    "web/office/shell.py": 1,  # our own QR drawing
}


def shown(path: Path) -> str:
    """A file by its room."""
    return path.as_posix().removeprefix(f"{ROOT.as_posix()}/").removeprefix("src/survey/")


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file that may be one of Streamlit's, on `st` or on a place in the page, with its name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    others = {one.asname or one.name for node in imports for one in node.names} - {"st"} | {"self", "log"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            root: ast.expr = node.func.value
            while isinstance(root, ast.Attribute | ast.Call | ast.Subscript):
                root = root.func if isinstance(root, ast.Call) else root.value
            if isinstance(root, ast.Name) and root.id not in others:
                yield node.func.attr, node


def is_ours(node: ast.expr, names: Collection[str]) -> bool:
    """Whether an expression is words of ours, known by their names, at most with numbers in them."""
    match node:
        case ast.Constant():
            return True
        case ast.IfExp():
            return is_ours(node.body, names) and is_ours(node.orelse, names)
        case ast.JoinedStr():
            return all(is_ours(one, names) for one in node.values)
        case ast.FormattedValue(value=value, format_spec=spec):
            number = (
                re.search(r"[,%fd]", ast.unparse(spec)) if spec else ast.unparse(value).startswith("len(")
            )
            return bool(number) or is_ours(value, names)
        case ast.Subscript():
            return is_ours(node.value, names)
        case ast.Call():
            return is_ours(node.func, names) or ast.unparse(node.func) == "sending_list.messages"
        case ast.Name():
            return node.id in names
    return False


def live_words(path: Path) -> list[str]:
    """Calls in which text that is not ours would be read as Markdown."""
    found, names = [], OURS.get(shown(path), set())
    for name, call in calls(path):
        more = [one.value for one in call.keywords if one.arg in ("help", "captions", "label", "body")]
        first = call.args[1:2] if name == "progress" else call.args[:1]
        if name in READS_MARKDOWN and not all(is_ours(one, names) for one in (*first, *more)):
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
                (isinstance(part.value, ast.Attribute) and part.value.attr in HUMAN) and not part.format_spec
            ):
                found.append(f"{path.name}:{node.lineno} {ast.unparse(part.value)}")
    return found


@pytest.mark.parametrize("path", OFFICE, ids=shown)
def test_streamlit_reads_only_our_own_words_as_markdown(path: Path) -> None:
    assert live_words(path) == []
    assert [name for name, _ in calls(path) if name in NEVER] == []


@pytest.mark.parametrize("path", OFFICE, ids=shown)
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
    assert {one.strip() for one in inside} <= {
        "{{ js }}",
        "{{ css }}",
        "{{ style }}",
        "{{ trial_css }}",
        "{{ privacy_css }}",
        "",
    }
    # An attribute without quotes ends at the first blank of what stands in it.
    assert not re.search(r"<[^>]*\s[\w-]+=\{\{", source)


def test_the_search_finds_what_it_is_for(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text('st.caption(f"{wave.title} 的短信")\nst.html(f"<p>{wave.title}</p>")\n', encoding="utf-8")
    assert len(live_words(page)) == len(bare_words(page)) == 1
    page.write_text('st.caption(f"{count:,} 家")\nst.html(f"<p>{safe(wave.title)}</p>")\n', encoding="utf-8")
    assert live_words(page) == bare_words(page) == []


def test_every_file_that_has_words_of_its_own_is_there() -> None:
    assert OURS.keys() <= {shown(path) for path in OFFICE}
