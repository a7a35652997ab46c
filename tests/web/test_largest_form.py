"""A form whose every field keeps its stated limit is taken, however many departments, whatever is typed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.testclient import TestClient

from survey.actions.registry.departments import load_departments
from survey.actions.waves.lifecycle import open_wave
from survey.actions.waves.new_waves import NewWave, create_wave
from survey.core.answers.answers import check
from survey.core.answers.form import CONTACT_LIMIT, Form, RatedDepartment
from survey.core.answers.questionnaire import Question, Reason, Text, load_questionnaire
from survey.core.models import Department, Wave
from survey.core.refusals import NotAllowed
from survey.settings import ROOT, Settings
from survey.storage.database import read_engine, writing
from survey.web.phone import incoming
from survey.web.phone.public import create_app
from tests.conftest import forget
from tests.factories import MadeWave, make_wave
from tests.web.forms import FORM

BUSINESS = load_questionnaire(ROOT / "data" / "questionnaires" / "business.toml")
CHARACTERS = {
    "中": 1, "𠮷": 1, "😀": 1, "é": 1, "\n": 1,
    "😀\u200d": 1,  # with an invisible joiner, which is stripped and not counted
    "\u1112\u1161\u11ab": 1,  # a syllable in three letters
    "a\u0323\u0302": 1,  # a letter with two marks
}  # fmt: skip
"""What is typed, and how many characters it counts as."""


def full(form: Form, limit: int, character: str, who: bool = False) -> list[tuple[str, str]]:
    """Everything chosen, every text at its limit."""
    text_of = ("x" + character * (limit - 2) + "x")[: limit * len(character)]
    sent = []
    for name, offered in form.offered.items():
        if offered is None:
            sent.append((name, "人" * CONTACT_LIMIT if name == "contact" else text_of))
        elif name == "d":
            sent += [(name, one) for one in form.position]
        elif name.startswith("w."):
            sent += [(name, one) for one in sorted(offered)]
        elif name.startswith("g."):
            sent.append((name, "1"))
        elif name != "who" or who:
            sent.append((name, max(offered - {"count", "integrity"}, key=len)))
    return [*sent, ("sid", "s" * 64)]


def body(fields: list[tuple[str, str]]) -> bytes:
    """As a browser writes it: line ends are two characters on the way."""
    return urlencode([(name, value.replace("\n", "\r\n")) for name, value in fields]).encode()


ids = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True)


@st.composite
def forms(draw: st.DrawFn) -> Form:
    departments = draw(st.lists(ids.filter(lambda one: one != "none"), min_size=1, max_size=8, unique=True))
    questions = draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    reasons = draw(st.lists(ids, max_size=6, unique=True))
    overall, *more = [Question(id=one, name=Text(zh="题")) for one in questions]
    changed = BUSINESS.model_copy(update={
        "overall": overall, "dimensions": tuple(more), "reasons": tuple(Reason(id=one, name=Text(zh="因")) for one in reasons),
    })  # fmt: skip
    return Form(changed, tuple(RatedDepartment(one, "部门", "类") for one in departments))


@given(forms(), st.sampled_from(sorted(CHARACTERS)), st.integers(50, 200))
@settings(max_examples=60)
def test_whatever_a_form_asks_it_is_taken_with_every_field_at_its_limit(
    form: Form, character: str, limit: int
) -> None:
    rules = Settings(text_limit=limit)
    room = incoming.room_for(form, rules)
    sent = full(form, limit, character, who=True)
    assert len(body(sent)) <= room.bytes
    assert len(sent) <= room.fields
    answers = check(form, incoming.parse(body(sent), room.fields).fields, rules, asks_who=True)
    assert {len(one.text) for one in answers.remarks} == {limit}
    assert answers.wants_help is not None


def test_the_limit_is_not_far_above_what_a_full_form_takes() -> None:
    departments = tuple(RatedDepartment(f"department-{n}", "部门", "类") for n in range(16))
    form, rules = Form(BUSINESS, departments), Settings()
    most = max(len(body(full(form, rules.text_limit, one, who=True))) for one in CHARACTERS)
    assert most <= form.most_bytes(rules) <= most * 1.01 + 2000


@pytest.fixture
def door(sqlite_database: object) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


def departments(count: int) -> list[str]:
    with writing() as db:
        load_departments(db)
        made = [f"department-{n:03}" for n in range(count)]
        db.add_all(
            Department(id=one, name=f"第{one[-3:]}部门", category="类", position=100 + n)
            for n, one in enumerate(made)
        )
        return made


def remarks() -> list[str]:
    with read_engine().connect() as db:
        return list(db.scalars(text("SELECT text FROM remark UNION ALL SELECT text FROM ledger_case")))


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("kind", ["enterprise", "open"])
def test_the_zones_own_form_is_taken(door: TestClient, character: str, kind: str) -> None:
    names = [
        one.split(",")[0]
        for one in (ROOT / "data" / "departments.csv").read_text("utf-8-sig").splitlines()[1:]
    ]
    wave = make_wave(departments=names, now=datetime.now(UTC) - timedelta(hours=1))
    code = wave.codes[0] if kind == "enterprise" else wave.open_code
    sent = body(full(wave.form, 500, character, who=kind == "open"))
    assert door.post(f"/q/{code}", content=sent, headers=FORM).status_code == 303
    assert [len(one) for one in remarks()] == [500] * 17


def opened(names: list[str], now: datetime) -> MadeWave | NotAllowed:
    try:
        return make_wave(departments=names, now=now, enterprises=1)
    except NotAllowed as refused:
        return refused


def test_the_largest_that_can_be_opened_is_taken_and_no_larger_one_can_be_opened(
    door: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_BODY_LIMIT", "700000")
    forget()
    names = departments(60)
    now = datetime.now(UTC) - timedelta(hours=1)
    tried = {count: opened(names[:count], now) for count in (40, 45, 48, 49, 50, 51, 52, 60)}
    for count, result in tried.items():
        said = "" if isinstance(result, MadeWave) else str(result)
        assert not said or all(
            one in said for one in (f"{count} 个部门", "700,000", "SURVEY_BODY_LIMIT", "少选")
        )
    taken = [count for count, result in tried.items() if isinstance(result, MadeWave)]
    assert taken == list(tried)[: len(taken)]
    most, largest = taken[-1], tried[taken[-1]]
    assert isinstance(largest, MadeWave)
    assert 40 <= most < 60
    sent = body(full(largest.form, 500, "\u1112\u1161\u11ab"))
    assert 600_000 < len(sent) <= 700_000
    assert door.post(f"/q/{largest.codes[0]}", content=sent, headers=FORM).status_code == 303
    assert len(remarks()) == most + 1
    over = sent + b"x" * (700_001 - len(sent))
    assert door.post(f"/q/{largest.open_code}", content=over, headers=FORM).status_code == 413


def test_a_draft_made_before_the_limit_fell_is_refused_when_it_opens(
    door: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, now = departments(20), datetime.now(UTC)
    with writing() as db:
        wave_id = create_wave(db, NewWave("草稿", now, now + timedelta(days=1), department_ids=names)).id
    monkeypatch.setenv("SURVEY_BODY_LIMIT", "100000")
    forget()
    with pytest.raises(NotAllowed, match="问卷太长"), writing() as db:
        open_wave(db, wave_id, now)
    with writing() as db:
        wave = db.get(Wave, wave_id)
        assert wave is not None
        assert wave.state == "draft"


def test_what_belongs_to_no_form_has_a_smaller_limit(door: TestClient) -> None:
    long = b"text=" + b"a" * incoming.STRANGER.bytes
    assert door.post("/q/nonsense", content=long, headers=FORM).status_code == 413


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), st.booleans())
def test_escapes_are_undone_as_the_standard_library_does(written: str, quoted: bool) -> None:
    sent = urlencode({"a": written})[2:] if quoted else written
    assert incoming.unquote(sent) == unquote_plus(sent, errors="strict")


@given(st.text(alphabet="%+aF8é中 0", max_size=30))
def test_broken_escapes_too(written: str) -> None:
    def tried(how: object) -> str | None:
        try:
            return how(written)  # type: ignore[operator, no-any-return]
        except UnicodeDecodeError:
            return None

    assert tried(incoming.unquote) == tried(lambda one: unquote_plus(one, errors="strict"))
