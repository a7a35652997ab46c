"""What pages are made of: first line, counts, chart cards, remarks, and every empty state."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from survey.core import names
from survey.core.access import PAGES, Right, may
from survey.core.figures import Figures, Row, Shown
from survey.core.judged import COMPUTING
from survey.core.models import Kind, Mode, Respondent, Source, User, Wave
from survey.core.names import KIND_NAMES, MODE_NAMES, RESPONDENT_NAMES
from survey.core.phase import Phase, phase_told, until_told
from survey.core.rounds import said
from survey.core.study import Study
from survey.core.view import View
from survey.core.withholding import hides_nothing
from survey.output import findings
from survey.output.compared import in_order
from survey.output.picture import Key, Picture
from survey.storage.released import ReleaseNote
from survey.storage.remarks import SeenRemark, ToldRemarks
from survey.ui.moment import moment, phase

PLOTLY = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


def safe(text: object) -> str:
    """Text from people, ready to stand inside our own markup. Nothing of theirs becomes markup."""
    return escape(str(text))


def finding(sentence: str, under: str = "") -> None:
    """The first line of a page: what there is to know."""
    more = f'<p class="under">{safe(under)}</p>' if under else ""
    st.html(f'<h1 class="finding">{safe(sentence)}</h1>{more}')


def phase_mark(wave: Wave) -> str:
    """Where a wave stands, as a small mark (markup)."""
    return f'<span class="pill {phase(wave).name.lower()}">{phase_told(wave, moment())}</span>'


def marks(wave: Wave) -> str:
    """Phase and mode of a wave as small marks (markup)."""
    found = [phase_mark(wave)]
    found.append(f'<span class="pill">{MODE_NAMES[Mode(wave.mode)]}</span>')
    if wave.demo:
        found.append('<span class="pill demo">演示数据</span>')
    return " ".join(found)


def wave_marks(wave: Wave, source: Source = Source.VERIFIED) -> None:
    """The marks of the wave that a page shows, under its first line; unverified figures say so."""
    unverified = f'<span class="pill unverified">{names.SOURCE_NAMES[source]}</span>'
    st.html(
        f'<p class="under">{safe(wave.title)} {marks(wave)} {unverified if source == Source.OPEN else ""}</p>'
    )


def until(wave: Wave, study: Study | None, note: ReleaseNote, view: View) -> str:
    """What is not there yet and why; nothing when all is."""
    if view.stratum_id is not None:
        return "只看一个企业分层：合理范围按该层的计数算，不分档、不加权。"
    if not note.number:
        return ""
    if study is None:
        return COMPUTING + "。"
    if study.closed:
        return ""
    if phase(wave).over:
        return "期次刚截止，加权、与上期比较和体检结论正在计算，几秒钟后自动出现。"
    return f"{phase(wave)}：合理范围和梯队按已公布的计数算；加权、分层和维度关联要用全部答卷，收齐以后才有。"


def counts(cells: Iterable[tuple[str, str, str]]) -> None:
    """A row of figures: name, value, and a line under it."""
    items = "".join(
        f'<div><dt>{safe(name)}</dt><dd>{safe(value)}<div class="more">{safe(more)}</div></dd></div>'
        for name, value, more in cells
    )
    st.html(f'<dl class="counts">{items}</dl>')


def glance(told: Iterable[tuple[str, str]]) -> None:
    """A few lines under the first: what each is about, and its sentence."""
    items = "".join(f"<dt>{safe(about)}</dt><dd>{safe(sentence)}</dd>" for about, sentence in told)
    st.html(f'<dl class="glance">{items}</dl>')


def trust_link(wave: Wave, study: Study | None, user: User) -> None:
    """To the page that says how far figures may be believed, for those who may open it."""
    if study and study.trust and "trust" in PAGES and may(user, *PAGES["trust"][1]):
        st.html(
            f'<p class="under"><a href="/trust?wave={wave.id}" target="_self">体检：逐项检查和依据</a></p>'
        )


def ladder(steps: Iterable[tuple[str, str, str]]) -> None:
    """邀请 → 收回 → 已公布 → 接触: four numbers with arrows."""
    items = "".join(
        f"<li><span>{safe(name)}</span> <b>{safe(value)}</b> <small>{safe(more)}</small></li>"
        for name, value, more in steps
    )
    st.html(f'<ol class="ladder">{items}</ol>')


def respondents(kinds: Mapping[Respondent, int], together: int) -> None:
    """Forms by open codes by 身份, as those who filled them in say; small kinds only together."""
    told = [(RESPONDENT_NAMES[one], f"{kinds[one]:,} 份") for one in sorted(kinds)]
    if together:
        told.append(("其余" if told else "全部身份", f"{together:,} 份（人数少，合在一起）"))
    listed = "、".join(f"{safe(name)} {safe(count)}" for name, count in told)
    st.html(f'<p class="under">身份（填表人自己选的，未核验）：{listed}</p>')


def picture(one: Picture, key: str) -> None:
    """A chart in its card: finding, what is shown, key, chart, n and formula."""
    with st.container(key=f"card-{key}"):
        st.html(f'<h2 class="card-title">{safe(one.title)}</h2><p class="card-note">{safe(one.subtitle)}</p>'
                + _key(one.key))  # fmt: skip
        if one.figure is None:
            st.html(f'<div class="withheld">{safe(one.note)}</div>')
            return
        st.plotly_chart(one.figure, key=key, theme=None, config=PLOTLY, alt=one.alt)
        st.html(f'<p class="card-note">{safe(one.note)}</p>')


def pictures(**charts: Picture) -> None:
    """Charts beside each other, by their keys."""
    for column, (key, one) in zip(st.columns(len(charts)), charts.items(), strict=True):
        with column:
            picture(one, key)


def _key(entries: Sequence[Key]) -> str:
    items = "".join(f"<li>{_swatch(one)}{safe(one.name)}</li>" for one in entries)
    return f'<ul class="key">{items}</ul>' if items else ""


def _swatch(one: Key) -> str:
    hatched = " hatched" if one.hatched else ""
    return f'<span class="swatch{hatched}" style="background-color:{one.colour}"></span>'


def title(text: str, note: str = "") -> None:
    """What a card is about, and a line under it."""
    under = f'<p class="card-note">{safe(note)}</p>' if note else ""
    st.html(f'<h2 class="card-title">{safe(text)}</h2>{under}')


def nothing(title: str, text: str) -> None:
    """A designed empty page."""
    st.html(f'<div class="nothing page"><b>{safe(title)}</b>{safe(text)}</div>')


def no_answers(wave: Wave) -> None:
    """What to do about a wave without answers."""
    match phase(wave):
        case Phase.DRAFT:
            nothing("这个期次还没有开启", "请经办人在「期次」里开启它，随即生成测评码。")
        case Phase.WAITING:
            nothing("这个期次还没有到时间", f"{said(wave.opens_at)} 自动开启，随即生成测评码。")
        case Phase.OPEN:
            nothing("还没有收到答卷", "把「一键测评」页的测评码发给企业，第一份答卷会自动出现在这里。")
        case Phase.WINDING_UP:
            nothing("还没有收到答卷", f"期次正在收尾，{until_told(wave, moment())}前仍可提交。")
        case _:
            nothing("没有收到答卷", "这个期次已经截止。")


def remarks(told: ToldRemarks, names: dict[str, str], wave: Wave) -> None:
    """Released remarks, as text only, and how many stay out in the end; to the officer also those."""
    with st.container(key="card-remarks"):
        st.html(
            f'<h2 class="card-title">企业留言</h2><p class="card-note">{remarks_note(told.too_few, wave)}</p>'
        )
        if not told.released:
            st.html('<div class="withheld">还没有可以公布的留言</div>')
        else:
            st.html(f'<ul class="remarks">{"".join(remark(one, names) for one in told.released)}</ul>')
        if told.left:
            left_over(told.left, names)


def left_over(found: Sequence[SeenRemark], names: dict[str, str]) -> None:
    """Remarks that were too few for a batch, in a card of the officer's."""
    st.html(
        '<p class="card-note">以下不足一批，不公布；只有营商专班能看到，请据以办理，不要外传：</p>'
        f'<ul class="remarks">{"".join(remark(one, names) for one in found)}</ul>'
    )


def remarks_note(too_few: int, wave: Wave) -> str:
    """How remarks come out, and in the end how many do not."""
    if too_few:
        return f"全期另有 {too_few} 条不足一批，为保护企业不公布，由营商专班处理。"
    return (
        "攒够一批一起公布，次序打乱，以免被认出是谁写的。" if phase(wave).taking else "成批公布，次序打乱。"
    )


def remark(one: SeenRemark, names: dict[str, str], marks: str = "") -> str:
    """A remark as an entry of a list; `marks` is markup of ours under its text."""
    about = names.get(one.department_id or "", "未指明部门")
    bad = ' · <span class="bad">打了差评</span>' if one.rated_bad else ""
    kind = KIND_NAMES[Kind(one.kind)]
    open_one = ' · <span class="pill unverified">未核验</span>' if one.source == Source.OPEN else ""
    return f'<li><span class="about">{safe(about)} · {kind}{bad}{open_one}</span><p>{safe(one.text)}</p>{marks}</li>'


def figures_table(figures: Figures, wave: Wave, source: Source) -> None:
    """Every released figure of 总体满意度, with n and formula."""
    mark = f"，{names.SOURCE_NAMES[source]}" if source == Source.OPEN else ""
    head = "部门|得分|满意率<br>含基本满意|满意率<br>不含基本满意|差评率|评价企业"
    body, category = "", None
    for row in in_order(figures):
        if row.category != category:
            category = row.category
            body += f'<tr class="class"><td colspan="6">{safe(category)}</td></tr>'
        link = f"/department?wave={wave.id}&amp;department={safe(row.department_id)}&amp;source={source}"
        name = f'<a href="{link}" target="_self">{safe(row.department)}</a>'
        body += f"<tr><td>{name}</td>{_cells(row, figures)}</tr>"
    titles = "".join(f'<th scope="col">{one}</th>' for one in head.split("|"))
    with st.container(key="card-table"):
        st.html(
            f'<h2 class="card-title">各部门总体满意度（加权前）{mark}</h2><div class="wide"><table class="figures">'
            f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
            f'<p class="card-note">{safe(figures.formula.text)}。差评率为不满意与非常不满意之和的占比。</p>'
        )


def _cells(row: Row, figures: Figures) -> str:
    if not isinstance(row.cell, Shown):
        return f'<td colspan="5" class="withheld-cell">{safe(row.cell.why)}</td>'
    one = row.record(figures.formula)
    shares = ("rate_with_basic", "rate_without_basic", "bad_rate")
    values = [
        findings.points(one["score"]),
        *(findings.percent(one[name]) for name in shares),
        f"{one['n']:,}",
    ]
    return "".join(f"<td>{value}</td>" for value in values)


def files(wave: Wave, view: View, user: User) -> None:
    """Links to the files of what is shown; single answers only where the mode keeps who gave them."""
    chosen = {"category": view.category, "stratum": view.stratum_id, "source": view.source}
    query = urlencode({name: value for name, value in chosen.items() if value is not None})
    documents = {f"report.xlsx?{query}": "下载汇总表（XLSX）", f"briefing.docx?{query}": "一页简报（Word）"}
    names = {
        f"summary.csv?{query}": "部门汇总",
        f"statistics.csv?{query}": "统计结果",
        f"reasons.csv?{query}": "差评原因",
        "remarks.csv": "留言",
        "arrivals.csv": "回收进度",
        "codebook.csv": "数据字典",
    }
    if may(user, Right.ROWS) and hides_nothing(wave):
        names["ratings.csv"] = "逐条评价"
    st.html(
        f'<div class="files no-print">{_links(wave, documents, "document")}'
        f"<span>CSV：</span>{_links(wave, names)}</div>"
    )


def _links(wave: Wave, names: dict[str, str], kind: str = "") -> str:
    return "".join(
        f'<a class="{kind}" href="/export/{wave.id}/{safe(file)}" target="_self" download>{name}</a>'
        for file, name in names.items()
    )
