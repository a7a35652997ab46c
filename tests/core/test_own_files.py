"""Files that an office edits are read as kindly as lists are; what cannot be read is one sentence with its line."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from survey.core.answers.questionnaire import load_questionnaire
from survey.core.own_files import FileRefused
from survey.core.registry.department_table import RegistryError, read_departments
from survey.core.remarks.words import load_themes
from survey.settings import ROOT

CASES = Path(__file__).resolve().parents[1] / "data/cases"
DATA = ROOT / "data"
HEADER = "id,name,category,duty,name_en,duty_en\n"
GOOD = HEADER + "tax,税务局,监管,缴税,,\nhr,人社局,服务,社保,,\n"


def departments(path: Path, content: str | bytes) -> list[str]:
    file = path / "departments.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return [one.name for one in read_departments(file)]


def test_the_file_as_a_spreadsheet_saves_it_is_the_file_as_it_is() -> None:
    saved = read_departments(CASES / "lists/40_departments_gbk.csv")
    ours = read_departments(DATA / "departments.csv")
    assert [one.model_dump() for one in saved] == [one.model_dump() for one in ours]
    assert len(ours) == 16


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode("utf-8-sig"), GOOD.encode("gb18030"), GOOD.encode("utf-16"), GOOD.replace("\n", "\r\n").encode(),
        "\n,,,,,\n" + GOOD + ",,,,,\n\n  ,\n", GOOD.replace(",,\n", "\n"), "sep=,\n" + GOOD, GOOD.replace(",", "\t"),
        "编号,名称,参评类别,职责\ntax,税务局,监管,缴税\nhr, 人社局 ,服务\n", GOOD.replace("\n", ",,,\n"),
    ],
)  # fmt: skip
def test_however_it_was_saved_the_departments_are_the_same(tmp_path: Path, content: str | bytes) -> None:
    assert departments(tmp_path, content) == ["税务局", "人社局"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("ecology", "第 3 行只有 1 列，没有 name"),
        ("ecology,生态局", "第 3 行只有 2 列，没有 category"),
        (",生态局,监管,环保", "第 3 行的 id 是空的"),
        ("ecology,,监管,环保", "第 3 行的 name 是空的"),
        ("tax,生态局,监管,环保", "第 3 行的编号「tax」和第 2 行相同"),
        ("TAX,生态局,监管,环保", "和第 2 行相同"),
        ("none,生态局,监管,环保", "第 3 行的编号「none」系统自己要用"),
        ("a b,生态局,监管,环保", "第 3 行的编号「a b」"),
        ("a.b,生态局,监管,环保", "第 3 行的编号「a.b」"),
        ("ecology,税务局,监管,环保", "第 3 行的名称「税务局」和第 2 行相同"),
        ("ecology,税 务局,监管,环保", "第 3 行的名称「税 务局」和第 2 行相同"),
        ("ecology," + "长" * 41 + ",监管,环保", "第 3 行的 name 有 41 个字，最多 40 个"),
        ("ecology,生态局,监管,环保,,,多,余", "第 3 行有 8 列，表头只有 6 列"),
        ('ecology,"生态局,监管,环保', "第 3 行的双引号不成对"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(RegistryError) as refused:
        departments(tmp_path, f"{HEADER}tax,税务局,监管,缴税\n{row}\nhr,人社局,服务,社保\n")
    assert says in str(refused.value)
    assert "departments.csv" in str(refused.value)


def test_two_departments_of_one_name_are_refused() -> None:
    with pytest.raises(RegistryError, match="第 4 行的名称「综合服务中心」和第 2 行相同"):
        read_departments(CASES / "ratings/45_departments_same_name.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "是空的"), ("\n\n,,\n", "是空的"), (HEADER, "一个部门也没有"), ("id,name\ntax,税务局\n", "缺少列 category、duty"),
        ("id,id,name,category,duty\n", "「id」写了两列"), (b"PK\x03\x04\0\0", "不是 CSV"), (b"\xff\xff\xff", "认不出"),
        ("<html><body>x</body></html>", "网页"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_departments_is_refused(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    with pytest.raises(RegistryError, match=says):
        departments(tmp_path, content)


def test_a_missing_file_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    (tmp_path / "departments.csv").mkdir()
    for path in (tmp_path / "departments.csv", tmp_path / "nowhere.csv"):
        with pytest.raises(RegistryError, match=re.escape(path.name)):
            read_departments(path)


READERS: dict[str, Callable[[Path], object]] = {
    "departments.csv": read_departments, "questionnaires/business.toml": load_questionnaire, "themes.toml": load_themes,
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_every_file_is_read_in_the_encodings_of_an_office(tmp_path: Path, name: str, encoding: str) -> None:
    file = tmp_path / Path(name).name
    text = (DATA / name).read_text("utf-8").replace("\u00ad", "")
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert type(READERS[name](file)) is type(READERS[name](DATA / name))


def mutated(text: str, dice: random.Random) -> bytes:
    """A file after an accident at a keyboard or on a disk."""
    lines = text.splitlines(keepends=True)
    place = dice.randrange(len(lines))
    at = dice.randrange(len(text))
    kinds: list[Callable[[], str]] = [
        lambda: "".join(lines[:place] + lines[place + 1 :]),
        lambda: "".join(lines[:place] + [lines[place]] * 2 + lines[place + 1 :]),
        lambda: text[:at] + dice.choice('"[]{}=,\\\t\0“”，＝【】\n#\x0b\u2028') + text[at:],
        lambda: text[:at] + text[at + dice.randrange(1, 40) :],
        lambda: text.replace('"', dice.choice("“'"), dice.randrange(1, 5)),
        lambda: text.replace(",", dice.choice("，;"), dice.randrange(1, 5)),
        lambda: "".join(dice.sample(lines, len(lines))),
        lambda: text[:at],
        lambda: text + "\n" + dice.choice(["x", "[[", 'a = "', ",,,,,,,,,", "[" * 3000, "a = 1\na = 2"]),
    ]
    whole = dice.choice(kinds)().encode()
    if dice.random() < 0.15:
        cut = dice.randrange(len(whole) + 1)
        whole = whole[:cut] + bytes([dice.randrange(128, 256)]) + whole[cut:]
    return whole


@pytest.mark.parametrize("name", READERS)
def test_whatever_happens_to_a_file_it_is_read_or_refused_in_chinese(tmp_path: Path, name: str) -> None:
    text, dice, refusals = (DATA / name).read_text("utf-8"), random.Random(name), 0
    file = tmp_path / Path(name).name
    for _ in range(150):
        file.write_bytes(mutated(text, dice))
        try:
            READERS[name](file)
        except FileRefused as refused:
            refusals += 1
            for sentence in str(refused).split("\n"):
                assert file.name in sentence
                assert re.search("[\u4e00-\u9fff]", sentence)
                plain = sentence.replace(file.name, "").replace("business.toml", "")
                assert not re.search(r"[A-Za-z']+ [a-z]+ [a-z]+", plain), sentence
    assert refusals > 40


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (('id = "policy"', 'id = "attitude"'), "「attitude」出现了两次"),
        (('name = { zh = "政策落实"', 'name = { zh = "服务 态度"'), "第 24 行的 dimensions.3.name：名称「服务 态度」出现了两次"),
        (('id = "policy"', 'id = policy'), "第 23 行附近"),
        (('id = "policy"', 'id = “policy”'), "第 23 行附近"),
        (('id = "policy"', 'ident = "policy"'), "dimensions.3.id：缺少这一项"),
        (('[title]\nzh = "企业服务一键测评"', '[title]\nzh = 5'), "第 6 行的 title.zh：要写成带引号的文字"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_questionnaire_is_named_with_line_and_cure(
    tmp_path: Path, wrong: tuple[str, str], says: str
) -> None:
    file = tmp_path / "business.toml"
    text = (DATA / "questionnaires/business.toml").read_text("utf-8")
    assert wrong[0] in text
    file.write_text(text.replace(*wrong, 1), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        load_questionnaire(file)
    assert says in str(refused.value)
