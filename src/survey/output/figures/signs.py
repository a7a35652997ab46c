"""What the signs (异常迹象) of a wave's forms say, in plain sentences."""

from collections.abc import Callable

from survey.core.answers.signs import Effect, Sign, Signs
from survey.core.figures import formulas
from survey.core.figures.cells import Shown, Withheld
from survey.core.figures.formulas import Formula
from survey.core.names import SIGN_NAMES
from survey.output.figures.findings import percent, points, rate_of, score_of

Told = Signs | Withheld
NOTHING_DELETED = "没有删除任何答卷。"
SLIGHT = 0.01  # a smaller change of a rate is lost in rounding
CLEAR = 0.03  # a larger one is to be looked into
RULE = (
    "规则事先定好：同时有两种以上迹象的才算存疑，只比较去掉前后的结果，不删除。只有一种迹象往往有正当原因："
    "真心都满意、代办机构替几家填、催填后集中作答都会这样。"
)
ABOUT = "截止、收齐答卷后公布一次，份数是约数；存疑的和其余的都达到公布家数的部门才有前后对比。"
MEANINGS = {
    Sign.TOO_FAST: "从打开到提交的时间，短到来不及读完所打的题；系统只记快与不快，不记时间",
    Sign.STRAIGHT_LINED: "至少 {straight_grades} 个等级、两个以上部门，打的全部一样",
    Sign.BURST: "10 分钟内收到的远多于平时，从超出的那份起算",
    Sign.SAME_DEVICE: "同一设备一天用了 {device_codes} 个以上的测评码，从超出的那份起算；大厅平板和代填不算",
}


def sentence(found: Told, formula: Formula) -> str:
    """The whole matter in one sentence or two."""
    if isinstance(found, Withheld):
        return f"{found.why}。"
    counts = ((found.counts[sign], name) for sign, name in SIGN_NAMES.items())
    told = "、".join(f"{forms(found, count)}{name}" for count, name in counts if count)
    if not found.any or not told:
        return f"{found.forms:,} 份答卷{'几乎' if found.about else ''}都没有异常迹象。"
    return f"{found.forms:,} 份中{'' if found.about else ' '}{told}；{_doubtful(found, formula)}。{NOTHING_DELETED}"


def forms(found: Signs, count: int, before: str = "") -> str:
    """So many forms: 「约 12 份」, or 「12 份」 after what stands `before` it."""
    return f"{'约 ' if found.about else before}{count:,} 份"


def _doubtful(found: Signs, formula: Formula) -> str:
    """What leaving the doubtful ones out would change."""
    if not found.doubtful:
        return f"{'几乎' if found.about else ''}没有哪份同时有两种以上迹象"
    if isinstance(found.effect, Withheld):
        return f"{forms(found, found.doubtful)}同时有两种以上迹象，份数太少，去掉它们的结果不予显示"
    scores = [formulas.score(one.counts, formula) for one in _both(found.effect)]
    rates = [formulas.rate_with_basic(one.counts) for one in _both(found.effect)]
    change = max(abs(rates[1] - rates[0]), abs(scores[1] - scores[0]) / 100)
    return (
        f"去掉同时有两种以上迹象的{forms(found, found.doubtful, ' ')}，"
        f"总体满意度{_change(found, *map(_points(found.effect), scores))} 分，"
        f"满意率{_change(found, *map(percent, rates))}，{_weight(change)}"
    )


def _points(effect: Effect) -> Callable[[float], str]:
    """How both scores are printed: as finely as the coarser one may be."""
    return "{:.0f}".format if effect.without.coarse else points


def _change(found: Signs, before: str, after: str) -> str:
    about = "约" if found.about else ""
    return f"仍为{about} {after}" if before == after else f"由 {before} 变为{about} {after}"


def _weight(change: float) -> str:
    return "影响很小" if change < SLIGHT else "有一些影响" if change < CLEAR else "影响明显，请核实"


def _both(effect: Effect) -> tuple[Shown, Shown]:
    return effect.everyone, effect.without


def title(found: Told) -> str:
    """A card's finding."""
    if isinstance(found, Withheld):
        return "异常迹象：还不统计"
    if not found.any:
        return f"异常迹象：{'几乎' if found.about else ''}没有发现"
    return f"异常迹象：{found.forms:,} 份答卷中{forms(found, found.any, ' ')}有迹象，{forms(found, found.doubtful)}存疑"


def effect_row(effect: Effect, formula: Formula) -> list[str]:
    """Score, 满意率 with and without 基本满意, and n: each with all answers → without the doubtful ones."""
    pairs = [
        [score_of(one, formula) for one in _both(effect)],
        [rate_of(one, formulas.rate_with_basic(one.counts)) for one in _both(effect)],
        [rate_of(one, formulas.rate_without_basic(one.counts)) for one in _both(effect)],
        [f"{one.n:,}" for one in _both(effect)],
    ]
    return [" → ".join(pair) for pair in pairs]
