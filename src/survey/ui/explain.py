"""说明: how the figures above were made, folded away until somebody asks."""

from collections.abc import Sequence

import streamlit as st

from survey.core.figures.withholding import hides_nothing
from survey.core.models import Source, Wave
from survey.core.names import SOURCE_NAMES
from survey.core.study.model import Study
from survey.output.sentences import RANGE_EXPLAINED
from survey.storage.figures.released import ReleaseNote
from survey.ui.blocks import safe
from survey.ui.live import china

COUNTED = "按公布的计数算，约数的误差也算在内：满意率用 Wilson 区间（有效样本量、t 分位数），得分按其在量程中的位置同样处理"
CLOSED = "按全部答卷算，一家企业为一个整群（泰勒线性化），满意率用 Wilson 区间（有效样本量、t 分位数）"
UNWEIGHTED = "未加权"


def drawer(
    wave: Wave, source: Source, note: ReleaseNote, found: Study | None, formula: str, n: str,
    more: Sequence[tuple[str, str]] = (), section: str = "",
) -> None:  # fmt: skip
    """The drawer under a page or card: formula, n, method of the ranges, weights, source, and what is particular.

    `section` of the method page is where its link leads.
    """
    lines = [
        ("口径", formula),
        ("n", n),
        (
            "合理范围",
            f"{CLOSED if found and found.closed and hides_nothing(wave) else COUNTED}。{RANGE_EXPLAINED}",
        ),
        ("加权", weights(found)),
        *more,
        ("来源", _source(wave, source, note)),
    ]
    body = "".join(f"<dt>{safe(name)}</dt><dd>{safe(text)}</dd>" for name, text in lines)
    st.html(
        f'<details class="explain"><summary>说明：这些数字怎样算的</summary><dl>{body}</dl>'
        f'<p><a href="/method{f"?section={section}" if section else ""}" target="_self">统计方法全文</a></p></details>'
    )


def weights(found: Study | None) -> str:
    """How figures are weighted, or why not."""
    if found is None or not found.closed:
        return f"{UNWEIGHTED}；收齐答卷后按冻结的分层加权"
    if found.weighting.problem:
        return f"{UNWEIGHTED}：{found.weighting.problem}"
    if not found.weighting.strata:
        return f"{UNWEIGHTED}：没有邀请名单，不知道谁没有作答"
    if found.weighting.margins:
        how = f"交叉分层里有的作答太少，按分层的 {found.weighting.margins} 项（如行业、规模、园区）分别对齐邀请名单（迭代比例拟合）"
        return f"{how}；权数不等使有效样本量缩小到 1/{found.weighting.kish:.2f}"
    return f"按 {len(found.weighting.strata)} 个冻结分层，权数 = 邀请数 ÷ 作答数；权数不等使有效样本量缩小到 1/{found.weighting.kish:.2f}"


def _source(wave: Wave, source: Source, note: ReleaseNote) -> str:
    made = f"第 {note.number} 次发布，{china(note.made_at):%Y-%m-%d %H:%M}" if note.made_at else "还没有发布"
    return f"{wave.title}，{SOURCE_NAMES[source]}，{made}，含 {note.responses:,} 份答卷{'；演示数据' if wave.demo else ''}"
