"""What pages tell about figures: what is not there yet, who answered, the table of all, and the files."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from survey.core import names
from survey.core.accounts.access import PAGES, Right, may
from survey.core.figures.cells import Figures, Row, Shown
from survey.core.figures.formulas import bad_rate, rate_with_basic, rate_without_basic
from survey.core.figures.view import View
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Respondent, Source, User, Wave
from survey.core.names import RESPONDENT_NAMES
from survey.core.study.judged import COMPUTING, Judged
from survey.core.study.model import Study
from survey.output.figures import findings
from survey.output.sentences import so_far
from survey.output.study.compared import in_order
from survey.storage.figures.released import ReleaseNote
from survey.ui.blocks import safe
from survey.ui.moment import phase
from survey.ui.waiting import FINISHING, is_finishing

EACH = "每行为评价过该部门的企业数"
CONTACTS = [("接触", "评价过部门总体满意度的次数，只含可以公布的部门")]


def until(wave: Wave, study: Study | None, note: ReleaseNote, view: View) -> str:
    """What is not there yet and why; nothing when all is."""
    if view.stratum_id is not None:
        return "只看一个企业分层：合理范围按该层的计数算，不分档、不加权。"
    if is_finishing(wave, note):
        return f"{FINISHING}。"
    if not note.number:
        return ""
    told = ["" if hides_nothing(wave) else so_far(view.source, note.final)]
    if study is None:
        told.append(COMPUTING)
    elif not study.closed:
        later = "正在计算，几秒钟后自动出现" if phase(wave).over else "收齐以后才有"
        told.append(f"加权、分层和维度关联{later}")
    said = "；".join(filter(None, told))
    return f"{said}。" if said else ""


def trust_link(wave: Wave, study: Study | None, user: User) -> None:
    """To the page that says how far figures may be believed, for those who may open it."""
    if study and study.trust and "trust" in PAGES and may(user, *PAGES["trust"][1]):
        st.html(
            f'<p class="under"><a href="/trust?wave={wave.id}" target="_self">体检：逐项检查和依据</a></p>'
        )


def respondents(kinds: Mapping[Respondent, int], together: int) -> None:
    """Forms by open codes by 身份, as those who filled them in say; small kinds only together."""
    told = [(RESPONDENT_NAMES[one], f"{kinds[one]:,} 份") for one in sorted(kinds)]
    if together:
        told.append(("其余" if told else "全部身份", f"{together:,} 份（人数少，合在一起）"))
    listed = "、".join(f"{safe(name)} {safe(count)}" for name, count in told)
    st.html(f'<p class="under">身份（填表人自己选的，未核验）：{listed}</p>')


def figures_table(figures: Judged, wave: Wave, source: Source) -> None:
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
    counts = row.cell.counts
    shares = (rate_with_basic(counts), rate_without_basic(counts), bad_rate(counts))
    values = [
        findings.score_of(row.cell, figures.formula),
        *(findings.rate_of(row.cell, share) for share in shares),
        f"{row.cell.n:,}",
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
