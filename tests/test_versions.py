"""Whatever changes what is there already says what its person saw: every action, every form, also later ones."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from survey.web.office.doors import office_routes

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "survey"
SEEN = "seen"

# Actions that take no `seen`, and why nobody's change can be lost by that.
EXEMPT = {
    "adds something new; a name or code that is taken is refused": {
        "accounts.add_user", "audit.note", "audit.pool", "audit.record", "codes.note_download", "drafts.copy_wave",
        "reminders.note_download", "screens.make_screen", "submit.store_claims",
        "submit.store_submissions", "submit.submit_response", "themes.add_theme", "trials.submit_trial",
        "new_waves.create_wave", "lifecycle.invite", "log.log",
    },
    "the first one counts, a second changes nothing": {
        "accounts.sign_out_everywhere", "accounts.end_sign_ins", "drafts.unschedule", "keys.destroy_key",
        "keys.make_key", "new_waves.with_key", "on_behalf.enter_on_behalf", "reminders.mark_reminded", "screens.revoke_screen",
        "sessions.sign_out", "sessions.touch", "themes.confirm_theme", "themes.take_back_theme",
        "trials.make_trial_code", "lifecycle.close_wave", "lifecycle.reopen_wave", "seal.seal_wave",
    },
    "only one's own is changed, and the old password or the mark itself is the version": {
        "accounts.change_own_password", "reminders.unmark", 
    },
    "counts wrong passwords, and forgets them": {"sessions.count_wrong", "sessions.release"},
    "the enterprise has the last word": {"on_behalf.confirm"},
    "carries its own version: the plan that was looked at, the marks that an import left": {
        "enterprises.apply_import", "enterprises.undo_import",
    },
    "done by jobs and commands, on what is there": {
        "audit.purge", "audit.settle", "blurring.hide_few", "drafts.open_timed", "turn.clear_unfinished_imports",
        "departments.load_departments", "departments.refresh_departments", "release.make_release", "release.make_final_release", "finishing.finish_release",
        "release.release_remarks", "reminders.draw_up_list", "study.study_wave",
        "lifecycle.discard_trials", "lifecycle.finish_wave",
    },
    "changes nothing": {
        "accounts.department_names", "drafts.due_to_open", "reminders.without_list", "lifecycle.due_to_finish", "accounts.find", "audit.verify_chain", "enterprises.plan_import",
        "keys.refuse_destroyed", "keys.refuse_lost_keys", "signs.judge", "study.due", "new_waves.chosen", "lifecycle.in_state", "second.need_second",
        "new_waves.rated", "new_waves.refuse_destroyed_key", "versions.merge", "lifecycle.as_seen",
    },
}  # fmt: skip

# Functions that draw fields people type or choose in, and do not use `editing.EditForm`: why that is right.
FIELDS = {"text_input", "text_area", "number_input", "date_input", "time_input", "data_editor", "multiselect",
          "checkbox", "toggle", "radio", "selectbox", "slider", "select_slider", "segmented_control", "pills",
          "form", "chat_input", "datetime_input", "feedback", "color_picker", "file_uploader", "camera_input", "audio_input"}  # fmt: skip
UNVERSIONED = {
    "chooses what is looked at": {
        "audit.choose", "enterprises.choose", "filters._choose", "filters.choose_page", "filters.choose_words",
        "returns.today", "themes._choose_theme",
    },
    "makes something new": {
        "accounts.new_account", "code_forms._part", "code_forms._wanted", "code_forms.issue", "screens.form",
    },
    "finds whose code is replaced; the dialog after it is versioned": {"code_forms.lost"},
    "its preview is drawn up anew and shown again if the registry has moved": {
        "importing.show", "importing._hidden_rows"},
    "sets single marks, each as a change of what was shown": {"themes.choose"},
    "drawn for a form that hands it its keys": {"accounts._choices"},
}  # fmt: skip
POSTS = {
    "/login": "signs in",
    "/password": "the old password is the version",
    "/entry/{wave:int}": "a new form; the first of an enterprise counts",
}


def files_of_actions() -> dict[str, str]:
    """Last name → full name of every module; what stands below goes by the last."""
    paths = [one for one in sorted((SRC / "actions").rglob("*.py")) if one.name != "__init__.py"]
    found = {one.stem: ".".join(("survey", *one.relative_to(SRC).with_suffix("").parts)) for one in paths}
    assert len(found) == len(paths), "two files of one name"
    return found


def actions() -> Iterator[tuple[str, inspect.Signature]]:
    """Every public function of `actions` that has a session or opens one itself."""
    for stem, full in files_of_actions().items():
        module = import_module(full)
        for name, one in vars(module).items():
            if not inspect.isfunction(one) or one.__module__ != module.__name__ or name.startswith("_"):
                continue
            signature = inspect.signature(one)
            if "db" in signature.parameters or "writing()" in inspect.getsource(inspect.unwrap(one)):
                yield f"{stem}.{name}", signature


@cache
def versioned() -> set[str]:
    return {name for name, signature in actions() if SEEN in signature.parameters}


def test_every_action_says_what_was_seen_or_why_it_need_not() -> None:
    found, excused = {name for name, _ in actions()}, set().union(*EXEMPT.values())
    helpers = {"versions.merge", "versions.unmoved", "lifecycle.as_seen"}
    assert found - versioned() - excused == set(), "takes no `seen` and is not excused"
    assert excused - found == set(), "no longer there"
    assert (excused & versioned()) - helpers == set(), "takes `seen` by now"
    assert len(versioned() - helpers) >= 16


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call to an action that takes `seen`, by `module.function`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules, names = dict[str, str](), dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("survey.actions"):
            for one in node.names:
                if f"{node.module}.{one.name}" in files_of_actions().values():
                    modules[one.asname or one.name] = one.name
                else:
                    names[one.asname or one.name] = f"{str(node.module).rpartition('.')[2]}.{one.name}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ""
        if isinstance(node.func, ast.Name):
            called = names.get(node.func.id, "")
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            module = modules.get(node.func.value.id)
            called = f"{module}.{node.func.attr}" if module else ""
        if called in versioned():
            yield node, called


def says_what_was_seen(call: ast.Call, name: str) -> bool:
    module, function = name.split(".")
    parameters = list(
        inspect.signature(getattr(import_module(files_of_actions()[module]), function)).parameters
    )
    given = dict(zip(parameters, call.args, strict=False)) | {
        one.arg or "": one.value for one in call.keywords
    }
    value = given.get(SEEN)
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


OFFICE = sorted([*(SRC / "ui").rglob("*.py"), *(SRC / "web").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
assert len(OFFICE) > 80


def test_every_page_passes_on_what_was_seen() -> None:
    found = [(path, call, name) for path in OFFICE for call, name in calls(path)]
    assert [
        f"{path.name}:{call.lineno} {name}"
        for path, call, name in found
        if not says_what_was_seen(call, name)
    ] == []
    assert {name for _, _, name in found} >= {
        "enterprises.save_enterprise",
        "drafts.edit_draft",
        "accounts.change_user",
    }


def test_a_page_that_forgets_is_found(tmp_path: Path) -> None:
    """The control."""
    page = tmp_path / "page.py"
    page.write_text(
        "from survey.actions.registry import enterprises as actions\nfrom survey.actions.waves.drafts import edit_draft\n"
        "actions.archive(db, 1)\nedit_draft(db, 1, new, now, who, None)\nactions.archive(db, 1, True, seen)\n",
        encoding="utf-8",
    )
    assert [says_what_was_seen(*one) for one in calls(page)] == [False, False, True]


def draws_fields(node: ast.AST) -> bool:
    """Whether this is a call like `st.text_input(…)` or `left.selectbox(…)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in FIELDS and (node.func.attr != "form" or ast.unparse(node.func.value) == "st")


def is_of_a_form(function: ast.FunctionDef) -> bool:
    """Whether every field takes its key from an `editing.EditForm`."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call) and draws_fields(node)]
    keys = [next((ast.unparse(one.value) for one in node.keywords if one.arg == "key"), "") for node in found]
    return all(key.startswith("form.key(") for key in keys)


def fields(source: str) -> Iterator[ast.FunctionDef]:
    """Every function that draws fields."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(map(draws_fields, ast.walk(node))):
            yield node


def test_every_field_belongs_to_a_form_that_knows_what_it_was_opened_with() -> None:
    found = {
        f"{path.stem}.{one.name}": one
        for path in OFFICE
        if SRC / "web" not in path.parents and path.name != "editing.py"
        for one in fields(path.read_text(encoding="utf-8"))
    }
    excused = set().union(*UNVERSIONED.values())
    assert {name for name, one in found.items() if not is_of_a_form(one)} - excused == set()
    assert excused - found.keys() == set(), "no longer there"
    assert {name for name, one in found.items() if is_of_a_form(one)} & excused == set(), "is one by now"


def test_no_page_draws_fields_outside_of_functions() -> None:
    for path in OFFICE:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert not any(map(draws_fields, ast.walk(node))), path


def test_a_form_of_its_own_making_is_found() -> None:
    """The control."""
    [old, new] = fields(
        "def old(one):\n    st.text_input('手机号', one.phone)\n"
        "def new(form):\n    left.text_input('手机号', form['phone'], key=form.key('phone'))\n"
    )
    assert (is_of_a_form(old), is_of_a_form(new)) == (False, True)


def test_every_plain_form_of_the_office_stands_in_the_table() -> None:
    posts = {
        getattr(one, "path", "") for one in office_routes() if "POST" in (getattr(one, "methods", None) or ())
    }
    assert posts == set(POSTS)
