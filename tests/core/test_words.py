"""Words and themes of remarks."""

from pathlib import Path

import numpy as np
import pytest

from survey.core.remarks.words import (
    WordsError,
    count_themes,
    distinguishing,
    load_themes,
    log_odds,
    terms,
    themes_of,
)

WAITING = [f"消防验收排队等待{days}天，材料又补了一次" for days in range(20)]
PRAISE = [f"窗口热情，第{time}次办理很顺利，态度很好" for time in range(60)]


def test_names_of_departments_and_services_stay_whole() -> None:
    assert {"消防验收", "市场监督管理局"} <= terms("市场监督管理局和消防验收都要排队")


def test_stop_words_numbers_and_single_characters_are_no_terms() -> None:
    assert terms("我们希望 2026 年 3 月能够") == set()


def test_what_the_dissatisfied_write_more_is_found() -> None:
    found = [term.word for term in distinguishing(WAITING, PRAISE)]
    assert {"消防验收", "材料"} <= set(found)
    assert not {"热情", "态度", "顺利"} & set(found)
    assert {"热情", "态度"} <= {term.word for term in distinguishing(PRAISE, WAITING)}


def test_a_word_of_fewer_than_five_remarks_is_not_shown() -> None:
    assert "消防验收" in [term.word for term in distinguishing(WAITING[:5], PRAISE)]
    assert distinguishing(WAITING[:4], PRAISE) == []


def test_the_same_remark_sent_five_times_is_one_remark() -> None:
    assert distinguishing(WAITING[:1] * 5, PRAISE) == []


def test_a_words_own_department_can_be_left_out() -> None:
    assert "消防验收" not in [term.word for term in distinguishing(WAITING, PRAISE, stop=["消防验收"])]


def test_nothing_sets_a_group_apart_from_itself() -> None:
    assert distinguishing(WAITING, WAITING) == []


def test_log_odds_of_six_words() -> None:
    ours, others = np.array([30, 25, 5, 2, 12, 200]), np.array([6, 10, 22, 28, 1, 190])
    flat = log_odds(ours, others, np.full(6, 0.01))
    assert flat == pytest.approx([3.6617, 2.4267, -3.2629, -3.8434, 2.3673, -0.4739], abs=6e-5)
    informed = log_odds(ours, others, ours + others + 0.01)
    assert informed == pytest.approx([2.3374, 1.4450, -2.0724, -2.9603, 1.7134, -0.2736], abs=6e-5)
    assert log_odds(others, ours) == pytest.approx(-log_odds(ours, others))


def test_the_list_of_themes_finds_what_remarks_are_about() -> None:
    themes = load_themes()
    assert themes_of("材料补了三次，排队二十多天", themes) == ["等待时间", "材料与填表"]
    assert themes_of("一切都好", themes) == []


def test_a_theme_of_fewer_than_five_remarks_is_not_counted() -> None:
    themes = load_themes()
    assert count_themes([*WAITING[:6], *PRAISE[:4]], themes)["等待时间"] == 6
    assert "服务态度" not in count_themes([*WAITING[:6], *PRAISE[:4]], themes)


@pytest.mark.parametrize(
    "text",
    ['[[theme]]\nlabel = "甲"', "theme = 3", '[[theme]]\nlabel = "甲"\nwords = []', "[[theme",
     '[[theme]]\nlabel = "甲"\nwords = ["a"]\n[[theme]]\nlabel = "甲"\nwords = ["b"]'],
)  # fmt: skip
def test_a_broken_list_of_themes_is_named_in_chinese(tmp_path: Path, text: str) -> None:
    path = tmp_path / "themes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WordsError, match=r"themes\.toml"):
        load_themes(path)
