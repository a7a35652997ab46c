"""异常迹象 on a page: how many forms bear which sign, and what the figures are without the doubtful ones."""

from collections.abc import Iterable, Iterator, Mapping

import streamlit as st

from survey.core.answers.signs import Effect, Signs
from survey.core.figures.cells import TOO_FEW
from survey.core.figures.formulas import FORMULAS
from survey.core.figures.withholding import hides_nothing
from survey.core.models import Source, Wave
from survey.core.names import SIGN_NAMES, SOURCE_NAMES
from survey.output.figures import signs
from survey.settings import get_settings
from survey.storage.waves import published
from survey.ui.blocks import safe

Found = Mapping[Source, Signs]


def card(wave: Wave, told: Mapping[Source, signs.Told]) -> None:
    """The card. Verified and open answers side by side, never together."""
    formula = FORMULAS[wave.formula]
    with st.container(key="card-signs"):
        st.html(f'<h2 class="card-title">{safe(signs.title(next(iter(told.values()))))}</h2>')
        for source, one in told.items():
            name = f"{SOURCE_NAMES[source]}：" if len(told) > 1 else ""
            st.html(f'<p class="signs">{safe(name + signs.sentence(one, formula))}</p>')
        found = {source: one for source, one in told.items() if isinstance(one, Signs) and one.any}
        if found:
            st.html(_kinds(found) + _effects(found, wave))
        about = "" if hides_nothing(wave) else signs.ABOUT
        st.html(f'<p class="card-note">{signs.RULE}{about}{safe(formula.text)}。</p>')


def _kinds(found: Found) -> str:
    """How many forms bear which sign, and what each sign means."""
    settings = get_settings().model_dump()
    rows = [
        (
            name,
            signs.MEANINGS[sign].format(**settings),
            [signs.forms(one, one.counts[sign]) for one in found.values()],
        )
        for sign, name in SIGN_NAMES.items()
    ]
    rows.append(
        ("存疑", "同一份答卷有上面两种以上迹象", [signs.forms(one, one.doubtful) for one in found.values()])
    )
    head = ["迹象", *(SOURCE_NAMES[source] for source in found)]
    body = ([f"{safe(name)}<small>{safe(meaning)}</small>", *counts] for name, meaning, counts in rows)
    return _table(head, body, "signs-kinds")


def _effects(found: Found, wave: Wave) -> str:
    """The figures before and after; department by department after closing, as far as they may be told."""
    rows = [row for source, one in found.items() for row in _of(source, one, wave)]
    if not rows:
        return ""
    return _table(("去掉存疑答卷前 → 后", "得分", "满意率", "不含基本满意", "评价"), rows, "signs-effects")


def _of(source: Source, found: Signs, wave: Wave) -> Iterator[list[str]]:
    formula, names = FORMULAS[wave.formula], {one.id: one.name for one in published.form(wave).departments}
    of = f"，{SOURCE_NAMES[source]}" if source == Source.OPEN else ""
    if not isinstance(found.effect, Effect):
        return
    yield [f"全部部门{of}", *signs.effect_row(found.effect, formula)]
    told = {names[id]: one for id, one in found.departments.items() if isinstance(one, Effect)}
    for name, one in told.items():
        yield [safe(name + of), *signs.effect_row(one, formula)]
    if few := len(found.departments) - len(told):
        yield [f"其余 {few} 个部门{of}", TOO_FEW]


def _table(head: Iterable[str], rows: Iterable[list[str]], kind: str) -> str:
    """Cells are markup already."""
    titles = "".join(f'<th scope="col">{one}</th>' for one in head)
    body = "".join(f"<tr>{_cells(row, kind)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table class="figures {kind}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(row: list[str], kind: str) -> str:
    if kind == "signs-effects" and len(row) == 2:  # withheld
        return f'<td>{row[0]}</td><td colspan="4" class="withheld-cell">{row[1]}</td>'
    return "".join(f"<td>{one}</td>" for one in row)
