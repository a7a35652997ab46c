"""主题: the officer's list and labels, on both databases."""

import pytest
from sqlmodel import select

from survey.actions.remarks import themes
from survey.core.accounts.access import Actor, Forbidden, acting
from survey.core.models import AuditEntry, Remark, RemarkTheme, Role, Theme, User
from survey.core.refusals import NotAllowed
from survey.core.remarks.themes import LABEL_LIMIT, THEMES_LIMIT
from survey.core.remarks.words import load_themes
from survey.storage.database import reading, writing
from survey.storage.remarks import listed as remarks
from tests.factories import MadeWave, make_wave, release, submit

OFFICER = Actor.of(User(name="王芳", role=Role.OFFICER, password_hash=""))
pytestmark = pytest.mark.usefixtures("database")


def published(*texts: str) -> MadeWave:
    wave = make_wave()
    for text in texts:
        submit(wave, {"tax": 2}, text=text, kind="criticism", use="count", about="tax")
    release(wave)
    return wave


def ids() -> list[bytes]:
    with reading() as db:
        return list(db.exec(select(Remark.id)))


def listed() -> dict[str, tuple[str, ...]]:
    with reading() as db:
        return remarks.themes(db)


def confirmed() -> list[tuple[str, str]]:
    with reading() as db:
        return [(one.label, one.who) for one in db.exec(select(RemarkTheme))]


def test_the_file_is_the_list_until_somebody_changes_it_and_stays_the_start() -> None:
    assert listed() == load_themes()
    with acting(OFFICER), writing() as db:
        assert not db.exec(select(Theme)).all()
        themes.add_theme(db, " 停车 ", "车位、停车 停车；地库")
    assert list(listed()) == [*load_themes(), "停车"]
    assert listed()["停车"] == ("车位", "停车", "地库")


@pytest.mark.parametrize(
    ("label", "words", "why"),
    [
        ("", "词", f"1 到 {LABEL_LIMIT} 个字"),
        ("长" * (LABEL_LIMIT + 1), "词", f"1 到 {LABEL_LIMIT} 个字"),
        ("等待时间", "词", "已经有主题「等待时间」"),
        ("新的", "、 ，", "词要填 1 到 40 个"),
        ("新的", "、".join(f"词{number}" for number in range(41)), "词要填 1 到 40 个"),
        ("新的", "这个词实在是太长了不像一个词", "最多 12 个字"),
    ],
)
def test_what_cannot_be_a_theme_is_refused_by_name_and_cure(label: str, words: str, why: str) -> None:
    with acting(OFFICER), pytest.raises(NotAllowed, match=why), writing() as db:
        themes.add_theme(db, label, words)
    assert listed() == load_themes()


def test_the_list_has_an_end_and_is_never_empty() -> None:
    with acting(OFFICER), writing() as db:
        for number in range(THEMES_LIMIT - len(load_themes())):
            themes.add_theme(db, f"第{number}个", "词")
    with acting(OFFICER), pytest.raises(NotAllowed, match=f"最多 {THEMES_LIMIT} 个"), writing() as db:
        themes.add_theme(db, "再一个", "词")
    with acting(OFFICER), writing() as db:
        for label in list(listed())[1:]:
            themes.remove_theme(db, label)
    with acting(OFFICER), pytest.raises(NotAllowed, match="至少要留一个"), writing() as db:
        themes.remove_theme(db, next(iter(listed())))


def test_a_label_is_confirmed_once_by_whom_and_taken_back() -> None:
    published(*(f"窗口排队 {number}" for number in range(10)))
    one = ids()[0]
    with acting(OFFICER), writing() as db:
        themes.confirm_theme(db, one, "等待时间")
        themes.confirm_theme(db, one, "等待时间")
    assert confirmed() == [("等待时间", "王芳")]
    with acting(OFFICER), writing() as db:
        themes.take_back_theme(db, one, "等待时间")
    assert confirmed() == []
    with reading() as db:
        entries = [(one.what, one.about) for one in db.exec(select(AuditEntry)) if "主题" in one.what]
    assert entries == [("确认主题", "主题 等待时间")] * 2 + [("撤回主题", "主题 等待时间")]


def test_another_name_keeps_the_place_and_what_was_confirmed() -> None:
    published(*(f"窗口排队 {number}" for number in range(10)))
    with acting(OFFICER), writing() as db:
        themes.confirm_theme(db, ids()[0], "等待时间")
        themes.change_theme(db, "等待时间", "排队等候", "排队")
    assert next(iter(listed().items())) == ("排队等候", ("排队",))
    assert confirmed() == [("排队等候", "王芳")]
    with acting(OFFICER), pytest.raises(NotAllowed, match="已经有主题「多头跑」"), writing() as db:
        themes.change_theme(db, "排队等候", "多头跑", "排队")
    with acting(OFFICER), writing() as db:
        themes.remove_theme(db, "排队等候")
    assert confirmed() == []


def test_only_released_remarks_and_known_themes_are_labelled() -> None:
    published(*(f"窗口排队 {number}" for number in range(9)))  # one too few for a batch
    with acting(OFFICER), pytest.raises(NotAllowed, match="不在已公布的留言里"), writing() as db:
        themes.confirm_theme(db, ids()[0], "等待时间")
    with acting(OFFICER), pytest.raises(NotAllowed, match="没有这个主题"), writing() as db:
        themes.confirm_theme(db, ids()[0], "没有的")
    with acting(OFFICER), pytest.raises(NotAllowed, match="没有这个主题"), writing() as db:
        themes.change_theme(db, "没有的", "新的", "词")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OFFICER])
def test_nobody_else_touches_themes(role: Role) -> None:
    published(*(f"窗口排队 {number}" for number in range(10)))
    who = Actor.of(User(name="某", role=role, password_hash="", department_id="tax"))
    with acting(who):
        for step in (
            lambda db: themes.confirm_theme(db, ids()[0], "等待时间"),
            lambda db: themes.add_theme(db, "新的", "词"),
            lambda db: themes.remove_theme(db, "等待时间"),
        ):
            with pytest.raises(Forbidden), writing() as db:
                step(db)
    assert confirmed() == []
    assert listed() == load_themes()
