"""The few lines above the charts: what changed, who stands out, what is named most, what waits and with whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from survey.core.answers.form import Form
from survey.core.figures.cells import Figures, FormCounts, Row, Withheld
from survey.core.figures.withholding import tells_live
from survey.core.models import Wave, WaveState
from survey.core.names import MEASURE_NAMES
from survey.core.study.judged import COMPUTING, Judged, unit_of
from survey.core.study.model import Earlier, Measure, Move, Study, Tier
from survey.core.study.trends import Change
from survey.core.workdays import HAND_OVER
from survey.output import sentences
from survey.output.figures import findings, findings_comparison
from survey.output.figures.findings import shown

Told = tuple[str, str]  # what it is about, and the sentence


def of_wave(wave: Wave, form: Form, figures: Judged, *, whole: bool) -> Iterator[Told]:
    """What a wave's figures say: the change of all together where they are the `whole`, movers, classes, reasons."""
    study = figures.study
    if whole:
        yield "与上期比", changed(wave, study)
    overall = {str(form.item(place)): one.name for place, one in enumerate(form.departments)}
    if told := movers(study, overall):
        yield "部门变化", told
    yield from classes(figures)
    yield "反映最多", matter(figures, [one.name.zh for one in form.questionnaire.reasons], study)


def changed(
    wave: Wave, study: Study | None, moves: Mapping[Measure, Move] | None = None,
    measure: Measure = Measure.WITH_BASIC, subject: str = "",
) -> str:  # fmt: skip
    """Against the wave before: the tested change, why it cannot be told, or that there is nothing before.

    `moves` of one department; without them those of all departments together.
    """
    if study is None:
        if wave.state == WaveState.CLOSED:
            return f"{COMPUTING}。"
        return "收到的评价够公布以后才能比较。" if tells_live(wave) else "截止后公布时比较。"
    if study.earlier is None:
        return "没有可比的上期。"
    if reasons := study.earlier.breaks.get(measure):
        return sentences.broken(reasons)
    move = (study.earlier.overall if moves is None else moves).get(measure)
    if move is None:
        return f"上期（{study.earlier.title}）没有可比的数字。"
    still = "" if study.closed else "本期还没有收齐，数字还会变。"
    return moved(subject + MEASURE_NAMES[measure], move, measure, study.earlier) + still


def moved(subject: str, move: Move, measure: Measure, earlier: Earlier) -> str:
    """One tested change, and how many enterprises are in both waves."""
    told = sentences.change(subject, move.before, move.after, (move.low, move.high), unit_of(measure))
    paired = f"两期都答的 {move.paired:,} 家已配对计算。" if move.paired else ""
    return f"{told}{paired}上期为“{earlier.title}”。"


def movers(study: Study | None, items: Mapping[str, str], measure: Measure = Measure.WITH_BASIC) -> str:
    """Departments that have surely moved, the most first; `items` → names. Empty where there is nothing to compare."""
    moves = study.earlier.moves if study and study.earlier else {}
    known = {items[item]: one[measure] for item, one in moves.items() if item in items and measure in one}
    left = len(items) - len(known)
    if not known:
        return ""
    sure = sorted((name for name in known if known[name].sure), key=lambda name: -_size(known[name]))
    told = [f"{name}{_way(known[name])} {unit_of(measure).moved(_size(known[name]))}" for name in sure]
    rest = f"其余 {len(known) - len(sure)} 个可比的部门" if told else f"{len(known)} 个可比的部门都"
    told += [f"{rest}看不出变化"] if len(sure) < len(known) else []
    told += [f"{left} 个部门没有可比的数字"] if left else []
    return "；".join(told) + "。"


def _size(move: Move) -> float:
    return abs(move.change)


def _way(move: Move) -> str:
    return (Change.RISE if move.after > move.before else Change.FALL).value


def classes(figures: Judged, measure: Measure = Measure.WITH_BASIC) -> Iterator[Told]:
    """Class by class, only those in which somebody stands out; one line if none does."""
    found = findings.standings(figures, figures.overall, measure)
    out = {
        name: ranked
        for name, ranked in found.items()
        if any(one.tier not in (None, Tier.SAME) for _, one in ranked)
    }
    for name, ranked in out.items():
        yield name, findings.tiers(ranked)
    if not out:
        yield "各类部门", f"{findings_comparison.rates_title(figures)}。"


def ticked(figures: Figures, names: Sequence[str]) -> list[tuple[str, int]]:
    """Reasons by how often ticked with a bad grade, over the departments whose reasons may be seen."""
    total: Counter[str] = Counter()
    for _, cell in shown(figures.overall):
        total.update(dict(zip(names, cell.reasons, strict=False)))
    return [(name, count) for name, count in total.most_common() if count]


def matter(figures: Figures, names: Sequence[str], study: Study | None) -> str:
    """The reason ticked most, and the words that dissatisfied enterprises use more than others."""
    told = []
    if found := ticked(figures, names):
        most = [name for name, count in found if count == found[0][1]]
        told.append(f"差评原因选得最多的是{'、'.join(f'“{name}”' for name in most)}（{found[0][1]:,} 次）")
    if study and study.words.dissatisfied:
        listed = "、".join(one.word for one in study.words.dissatisfied[: sentences.LISTED])
        told.append(f"不满意的企业更常提到：{listed}")
    return "；".join(told) + "。" if told else "还没有可以公布的差评原因。"


def waiting(
    count: int, oldest: date | None, overdue: Mapping[str | None, int], names: Mapping[str, str]
) -> str:
    """Requests for help: how many, since when, how many came more than three working days ago, and about whom most of
    those; no texts. Nobody can yet write down that one was handed over or done, so that neither is said.
    """
    if not count or oldest is None:
        return "没有企业请求帮办。"
    start = f"企业请求帮办 {count:,} 件，最早的 {oldest.month} 月 {oldest.day} 日收到"
    late = sum(overdue.values())
    if not late:
        return f"{start}，都没有超过 {HAND_OVER} 个工作日。"
    named = {names[one]: times for one, times in overdue.items() if one and one in names}
    most = [name for name, times in named.items() if times == max(named.values())]
    who = f"，{most[0]}最多（{named[most[0]]:,} 件）" if len(most) == 1 else ""
    return f"{start}；收到已超过 {HAND_OVER} 个工作日的 {late:,} 件{who}。"


def ladder_of(row: Row, forms: FormCounts) -> list[tuple[str, str, str]]:
    """The ladder of one department."""
    return ladder(forms, 0 if isinstance(row.cell, Withheld) else row.cell.n, row.asked, one=True)


def ladder(
    forms: FormCounts, ratings: int, asked: int | None = None, one: bool = False
) -> list[tuple[str, str, str]]:
    """邀请 → 收回 → 已公布 → 接触: name, value, a word. `one` department's contacts are enterprises.

    已公布: the forms in the newest release; what came since is 待公布.
    """

    def step(name: str, value: int | None, of: int | None, unit: str) -> tuple[str, str, str]:
        share = f"占 {findings.percent(value / of)}" if value is not None and of and value <= of else ""
        return name, "—" if value is None else f"{value:,} {unit}", share

    rate = ""
    if one and asked:
        rate = f"接触率 {findings.percent(ratings / asked)}"
    elif not one and forms.published and ratings:
        rate = f"每份平均评 {ratings / forms.published:.1f} 个部门"
    return [
        step("邀请", forms.invited, None, "家"),
        step("收回", forms.collected, forms.invited, "份"),
        ("已公布", "—" if forms.published is None else f"{forms.published:,} 份", _waiting(forms)),
        ("接触", f"{ratings:,} {'家' if one else '次'}" if ratings else "不足，未公布", rate),
    ]


def _waiting(forms: FormCounts) -> str:
    """「待公布 2 份」, as far as both are known."""
    if forms.collected is None or forms.published is None or forms.collected <= forms.published:
        return ""
    return f"待公布 {forms.collected - forms.published:,} 份"
