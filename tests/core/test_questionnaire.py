"""One place checks a form; a definition file with an error names file, key and cure."""

import dataclasses
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.answers.answers import Answers, Invalid, Malformed, RemarkDraft, check
from survey.core.answers.form import Form, RatedDepartment
from survey.core.answers.questionnaire import QuestionnaireError, load_questionnaire
from survey.core.models import Kind, Respondent
from survey.core.plain_text import clean
from survey.core.texts import texts
from survey.settings import ROOT, Settings

BUSINESS = ROOT / "data" / "questionnaires" / "business.toml"
FORM = Form(
    load_questionnaire(BUSINESS),
    (RatedDepartment("tax", "税务局", "监管执法"), RatedDepartment("urban", "综合行政执法局", "监管执法")),
)
SETTINGS = Settings()
Fields = dict[str, list[str]]


def problems(fields: Fields) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        check(FORM, fields, SETTINGS)
    return [(problem.field, problem.key) for problem in refused.value.problems]


def test_grades_stand_in_department_then_question_order_and_the_rest_is_untouched() -> None:
    answers = check(FORM, {"d": ["urban"], "g.urban.overall": ["4"], "g.urban.policy": ["5"]}, SETTINGS)
    assert list(answers.grades) == [0, 0, 0, 0, 0, 4, 0, 0, 5, 0]


def test_none_of_them_is_an_answer() -> None:
    assert set(check(FORM, {"d": ["none"]}, SETTINGS).grades) == {0}


def test_what_was_filled_in_for_a_department_no_longer_chosen_does_not_count() -> None:
    answers = check(FORM, {"d": ["tax"], "g.tax.overall": ["5"], "g.urban.overall": ["1"]}, SETTINGS)
    assert list(answers.grades) == [5, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_reasons_and_text_count_only_under_a_bad_grade() -> None:
    fields: Fields = {"d": ["tax"], "g.tax.overall": ["3"], "w.tax": ["slow"], "t.tax": ["等太久"]}
    assert not check(FORM, fields, SETTINGS).reasons
    assert not check(FORM, fields, SETTINGS).remarks
    fields["g.tax.overall"] = ["2"]
    answers = check(FORM, fields, SETTINGS)
    assert answers.reasons == {"0": [0]}
    assert [(one.kind, one.text, one.rated_bad) for one in answers.remarks] == [
        (Kind.CRITICISM, "等太久", True)
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("d", "choose_department")]),
        ({"d": ["none", "tax"], "g.tax.overall": ["5"]}, [("d", "none_and_some")]),
        ({"d": ["tax"]}, [("g.tax.overall", "grade_missing")]),
        ({"d": ["none"], "text": ["路灯"]}, [("kind", "kind_missing")]),
        ({"d": ["none"], "use": ["help"]}, [("text", "help_without_text")]),
        ({"d": ["none"], "use": ["integrity"]}, [("text", "integrity_without_text")]),
        ({"d": ["none"], "text": ["长" * 501], "kind": ["request"]}, [("text", "text_too_long")]),
        ({"d": ["none"], "contact": ["1" * 61]}, [("contact", "contact_too_long")]),
    ],
)
def test_what_is_missing_is_said_beside_its_field(fields: Fields, expected: list[tuple[str, str]]) -> None:
    assert problems(fields) == expected


def test_every_problem_has_its_sentence() -> None:
    source = (ROOT / "src" / "survey" / "core" / "answers" / "answers.py").read_text(encoding="utf-8")
    for key in [key for key in texts() if key.startswith("problem.")]:
        assert f'"{key.removeprefix("problem.")}"' in source, key


@pytest.mark.parametrize(
    "fields",
    [
        {"d": ["nobody"]},
        {"d": ["tax", "tax"]},
        {"g.tax.overall": ["6"]},
        {"g.tax.overall": ["0"]},
        {"g.tax.overall": ["５"]},
        {"g.tax.overall": ["5", "1"]},
        {"g.tax.beauty": ["5"]},
        {"g.tax": ["5"]},
        {"w.tax": ["because"]},
        {"kind": ["praise"]},
        {"use": ["help", "count"]},
        {"surprise": ["1"]},
    ],
)
def test_what_the_form_does_not_offer_is_refused(fields: Fields) -> None:
    with pytest.raises(Malformed):
        check(FORM, fields, SETTINGS)


@given(st.dictionaries(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3), max_size=5))
def test_any_input_is_accepted_or_refused_but_never_breaks(fields: Fields) -> None:
    with suppress(Invalid, Malformed):
        check(FORM, fields, SETTINGS)


def test_text_is_kept_composed_and_without_control_characters() -> None:
    assert clean(" e\u0301\r\n好\u0000\u202e\ud800 ") == "é\n好"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[overall]", "[total]"), "overall：缺少这一项"),
        (('id = "attitude"', 'id = "Attitude!"'), "dimensions.1：编号「Attitude!」只能用小写字母"),
        (('id = "efficiency"', 'id = "attitude"'), "题目编号「attitude」出现了两次"),
        (("5 = {", "6 = {"), "五级"),
        (('id = "request"', 'id = "wish"'), "kinds.1.id：只能是 request"),
        (("[title]", "[title"), "写法有误"),
        (('zh = "服务态度"', "zh = 5"), "dimensions.1.name.zh：要写成带引号的文字"),
    ],
)
def test_a_faulty_definition_names_file_key_and_cure(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    faulty = tmp_path / "faulty.toml"
    content = BUSINESS.read_text(encoding="utf-8")
    assert change[0] in content
    faulty.write_text(content.replace(change[0], change[1], 1), encoding="utf-8")
    with pytest.raises(QuestionnaireError) as refused:
        load_questionnaire(faulty)
    assert "faulty.toml" in str(refused.value)
    assert says in str(refused.value)


def test_a_missing_or_garbled_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match=r"找不到问卷文件 none\.toml"):
        load_questionnaire(tmp_path / "none.toml")
    (tmp_path / "gb.toml").write_bytes("标题".encode("gb18030"))
    with pytest.raises(QuestionnaireError, match=r"gb\.toml 第 1 行附近：写法有误"):
        load_questionnaire(tmp_path / "gb.toml")


REMARK = RemarkDraft(Kind.REQUEST, "请修路灯", "tax")
CHANGED: dict[str, object] = {
    "grades": b"\x05\x00", "questions": 3, "reasons": {"0": [1]}, "remarks": (REMARK,), "wants_help": REMARK,
    "contact": "王先生", "integrity": True, "respondent": Respondent.CITIZEN,
}  # fmt: skip


def test_content_tells_every_part_of_a_form_apart() -> None:
    """Also parts that are added later: one without a value here fails."""
    plain = Answers(b"\x05\x04", 2)
    assert CHANGED.keys() == {one.name for one in dataclasses.fields(Answers)}
    others = [dataclasses.replace(plain, **{name: value}).content() for name, value in CHANGED.items()]  # type: ignore[arg-type]
    assert len({plain.content(), *others}) == len(others) + 1
    remarks = {
        dataclasses.replace(plain, remarks=(dataclasses.replace(REMARK, **{name: value}),)).content()  # type: ignore[arg-type]
        for name, value in (
            ("kind", Kind.CRITICISM),
            ("text", "请修路"),
            ("department_id", None),
            ("rated_bad", True),
        )
    }
    assert len({*remarks, others[3]}) == len(dataclasses.fields(RemarkDraft)) + 1


def test_content_leaves_out_what_is_not_used_so_that_later_parts_change_nothing() -> None:
    assert Answers(b"\x05\x04", 2).content() == b'{"grades":"0504","questions":2,"remarks":[]}'
