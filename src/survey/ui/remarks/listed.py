"""留言 on the screen: the first line, the list with its themes, and the words that tell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from survey.core.accounts.access import Right, actor, may, own_department
from survey.core.models import Kind, Wave
from survey.core.names import KIND_NAMES
from survey.core.remarks.themes import ThemeCount, readable
from survey.core.study.model import Study, Word
from survey.output.sentences import words as words_told
from survey.storage.remarks.listed import UNNAMED, Labelled, RemarkSearch, SeenRemark
from survey.ui import filters
from survey.ui.blocks import safe
from survey.ui.moment import phase
from survey.ui.remarks import cards, themes

SIZE = 20  # remarks a page
WORDS = 12  # of a list
COMPUTING = "统计正在计算，几秒钟后自动出现。"
NOTHING = "没有答卷，没有可以比较的留言。"
LATER = "收齐答卷后计算：在此之前不把留言和打分放在一起比较，以免看出是谁写的。"


def sentence(everything: Sequence[Labelled], counts: Sequence[ThemeCount]) -> str:
    """The first line: how many of which kind, and the theme named most."""
    if not everything:
        return "还没有可以公布的留言。"
    kinds = Counter(one.remark.kind for one in everything)
    told = "、".join(f"{KIND_NAMES[kind]} {kinds[kind]} 条" for kind in Kind if kinds[kind])
    most = f"；说得最多的是“{counts[0].label}”（{counts[0].total} 条）" if counts else ""
    return f"公布了 {len(everything):,} 条留言：{told}{most}。"


def listed(
    found: Sequence[Labelled], of: int, search: RemarkSearch, names: Mapping[str, str], counts: Sequence[ThemeCount],
    known: Sequence[str],
) -> None:  # fmt: skip
    """One page of the remarks found; the officer sets their themes."""
    with st.container(key="card-remarks"):
        start = "全部留言" if search == RemarkSearch() else f"找到 {len(found):,} 条"
        st.html(
            f'<h2 class="card-title">{start}</h2><p class="card-note">共公布 {of:,} 条，只作为文字显示。</p>'
        )
        if not found:
            st.html(
                f'<div class="withheld">{"没有找到，换一个词，或者把筛选改回“全部”。" if of else "还没有可以公布的留言"}</div>'
            )
            return
        page = filters.choose_page(len(found), SIZE, f"remarks-{hash(search)}")
        told = {one.label for one in counts}
        for one in found[(page - 1) * SIZE : page * SIZE]:
            _one(one, dict(names), told, known)


def _one(one: Labelled, names: dict[str, str], told: set[str], known: Sequence[str]) -> None:
    pills = [
        f'<span class="pill theme">{safe(label)}</span>' for label in one.labels.confirmed if label in told
    ]
    pills += [
        f'<span class="pill guess">{safe(label)}？</span>' for label in one.labels.suggested if label in told
    ]
    marks = f'<p class="themes">{" ".join(pills)}</p>' if pills else ""
    with st.container(key=f"remark-{one.remark.id.hex()}", gap=None):
        st.html(f'<ul class="remarks">{cards.remark(one.remark, names, marks)}</ul>')
        if may(actor(), Right.CASES):
            themes.choose(one, known)


def left_over(found: Sequence[SeenRemark], names: Mapping[str, str]) -> None:
    """What never came out, for the officer alone."""
    if found:
        with st.container(key="card-left-over"):
            cards.left_over(found, dict(names))


def telling(
    wave: Wave, found: Study | None, released: bool, everything: Sequence[Labelled], names: Mapping[str, str],
    department_id: str,
) -> None:  # fmt: skip
    """Words that tell: of those who are not satisfied, and of the department looked at."""
    own = own_department()
    department = department_id if own is None else own
    with st.container(key="card-words"):
        if found is None or not found.closed:
            waiting = LATER if not phase(wave).over else COMPUTING if released else NOTHING
            st.html('<h2 class="card-title">更常提到的词</h2>')
            st.html(f'<div class="withheld">{waiting}</div>')
            return
        if own is None:
            _words("不满意的企业", found.words.dissatisfied, everything, wave, "")
        if department and department != UNNAMED:
            about = [one for one in everything if one.remark.department_id == department]
            name = names.get(department, "本部门")
            _words(f"说到{name}的留言", found.words.departments.get(department, ()), about, wave, department)
        st.html(f'<p class="card-note">{NOTE}</p>')


NOTE = (
    "同样的留言只算一条；至少 5 条不同留言用到、且明显比其余留言多的词才列出。点一个词就查找它。"
    "不满意的企业用的词，两边都有足够多的答卷用到才列出，不写条数，免得看出哪条留言打了差评。"
)


def _words(
    ours: str, found: Sequence[Word], remarks: Sequence[Labelled], wave: Wave, department: str
) -> None:
    """A bar for each word; none that its reader could not read in the remarks."""
    words = readable(found, {one.remark.text for one in remarks})[:WORDS]
    st.html(f'<h2 class="card-title">{safe(words_told(ours, words))}</h2>')
    if words:
        most = max(one.ours for one in words)
        st.html(f'<ul class="words">{"".join(_bar(one, most, wave, department) for one in words)}</ul>')


def _bar(one: Word, most: int, wave: Wave, department: str) -> str:
    query = urlencode(
        {"wave": str(wave.id), "q": one.word} | ({"department": department} if department else {})
    )
    link = f'<a href="/remarks?{safe(query)}" target="_self">{safe(one.word)}</a>'
    if not one.ours:
        return f"<li>{link}</li>"
    return (
        f"<li>{link}"
        f'<span class="bar"><i style="width:{100 * one.ours / most:.0f}%"></i></span>'
        f"<span>{one.ours} 条，其余 {one.others} 条</span></li>"
    )


def explained(everything: Sequence[Labelled]) -> tuple[str, str, list[tuple[str, str]]]:
    """Formula, n, and what is particular to this page, for the drawer."""
    return "留言不计分", f"{len(everything):,} 条已公布的留言", [("更常提到的词", METHOD), ("主题", SORTED)]


METHOD = (
    "对数几率比加狄利克雷先验，Benjamini–Hochberg 控制误报；一条留言一个词只计一次，同样的留言只算一条，"
    "至少 5 条不同留言用到才列出，隐去的名称和号码不列。"
)
SORTED = "留言里出现主题表中的词，就建议归入该主题；只有人确认过的才算确认。两个数分开列，不相加当作结论。"
