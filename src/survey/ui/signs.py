"""异常迹象 on a page: how many forms bear which sign, and what the figures are without the doubtful ones."""

from collections.abc import Iterable, Mapping

import streamlit as st

from survey.core.figures import TOO_FEW, Withheld
from survey.core.models import Source, Wave
from survey.core.signs import SIGN_NAMES, Effect, Signs
from survey.core.statistics import FORMULAS, Formula
from survey.output import signs as words
from survey.output.findings import SOURCE_NAMES
from survey.settings import get_settings
from survey.storage import reads
from survey.ui.blocks import safe


def card(wave: Wave, found: Mapping[Source, Signs | Withheld]) -> None:
    """The card: the verified answers first, then those by open codes, never together."""
    formula = FORMULAS[wave.formula]
    names = {one.id: one.name for one in reads.form(wave).departments}
    with st.container(key="card-signs"):
        for source, one in found.items():
            mark = f"（{SOURCE_NAMES[source]}）" if len(found) > 1 else ""
            st.html(
                f'<h2 class="card-title">{safe(words.title(one))}{mark}</h2>'
                f'<p class="signs">{safe(words.sentence(one))}</p>{_tables(one, formula, names)}'
            )
        st.html(
            f'<p class="card-note">{words.RULE}存疑和其余两部分都攒够几家新答的，对比才更新。{formula.text}。</p>'
        )


def _tables(found: Signs | Withheld, formula: Formula, names: Mapping[str, str]) -> str:
    if isinstance(found, Withheld) or not found.any:
        return ""
    effect = found.effect
    return _kinds(found) + ("" if isinstance(effect, Withheld) else _effects(found, effect, formula, names))


def _kinds(found: Signs) -> str:
    """How many forms bear which sign, and what each sign means."""
    settings = get_settings().model_dump()
    rows = [
        (name, f"{found.counts[sign]:,} 份", words.MEANINGS[sign].format(**settings))
        for sign, name in SIGN_NAMES.items()
    ]
    rows.append(("两种以上（存疑）", f"{found.doubtful:,} 份", "同一份答卷有上面两种以上迹象"))
    return _table(("迹象", "答卷", "怎样算"), rows, "signs-kinds")


def _effects(found: Signs, whole: Effect, formula: Formula, names: Mapping[str, str]) -> str:
    """The figures before and after; department by department after closing, as far as they may be told."""
    rows: list[tuple[str, ...]] = [("全部部门", *words.effect_row(whole, formula))]
    told = {names[id]: one for id, one in found.departments.items() if isinstance(one, Effect)}
    rows += [(name, *words.effect_row(one, formula)) for name, one in told.items()]
    if few := len(found.departments) - len(told):
        rows.append((f"其余 {few} 个部门", TOO_FEW))
    return _table(("去掉存疑答卷前 → 后", "得分", "满意率", "不含基本满意", "评价"), rows)


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]], kind: str = "") -> str:
    titles = "".join(f'<th scope="col">{one}</th>' for one in head)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table class="figures {kind}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(row: tuple[str, ...]) -> str:
    if len(row) == 2:  # withheld
        return f'<td>{safe(row[0])}</td><td colspan="4" class="withheld-cell">{safe(row[1])}</td>'
    text = ' class="text"' if len(row) == 3 else ""  # the last cell explains
    return "".join(f"<td>{safe(one)}</td>" for one in row[:-1]) + f"<td{text}>{safe(row[-1])}</td>"
