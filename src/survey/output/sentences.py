"""What results say, as Chinese sentences: 合理范围 for intervals, 百分点 for differences, never a p-value."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from survey.core.figures.switching import Switch
from survey.core.models import Source
from survey.core.numerals import SHARE, Unit, percent
from survey.core.remarks.words import Term
from survey.core.statistics.estimates import Estimate
from survey.core.statistics.intervals import Interval
from survey.core.statistics.power import needed, smallest_change
from survey.core.statistics.turnout import NOTABLE, Shift, Turnout
from survey.core.study.model import DriverSet, NetGain, Standing, Tier, Word
from survey.core.study.pair_counts import PairCounts
from survey.core.study.priorities import Priority, Quadrant
from survey.core.study.ranks import FEWEST_RATERS
from survey.core.study.trends import Change, change_of
from survey.core.study.trust import Examination, Verdict

RANGE_EXPLAINED = "合理范围：换一批同类企业再问，100 次约有 95 次这样算出的范围会包含真实值。"
UNSEEN = "看不出变化不等于没有变化"
ON_BORDER = "合理范围跨过平均线，处在边界，暂不归入任何一类"
LISTED = 6  # names in a sentence; more are a table


def so_far(source: Source, final: bool) -> str:
    """What figures that hide anything are, until the final release and after it."""
    if source == Source.OPEN:
        return "开放扫码的数字只给约数"
    return "" if final else "数字是约数，截止后公布准数"


def level(subject: str, value: float, interval: Interval, n: int, unit: Unit = SHARE) -> str:
    """「城管局办事效率满意率 43%（96 家评价；合理范围 34–53%）。」"""
    caution = f"仅 {n} 家评价，结果仅供参考。" if n < FEWEST_RATERS else ""
    return f"{subject} {unit.of(value)}（{n} 家评价；合理范围 {unit.span(interval)}）。{caution}"


def difference(one: str, other: str, gap: float, interval: Interval, unit: Unit = SHARE) -> str:
    """Two departments, by the range of their difference."""
    if change_of(interval) is Change.UNSEEN:
        return f"{one}与{other}的差别在误差范围内（差值的合理范围 {unit.moves(interval)}），不宜排先后。"
    side = "高于" if gap > 0 else "低于"
    return f"{one}{side}{other} {unit.moved(gap)}（合理范围 {unit.moves(interval)}）。"


def change(
    subject: str, before: float, after: float, interval: Interval, unit: Unit = SHARE, now: str = " "
) -> str:
    """Two waves, by the range of the change; `now` stands before the present figure."""
    word = change_of(interval)
    start = f"{subject}上期 {unit.of(before)}，本期{now}{unit.of(after)}"
    if word is Change.UNSEEN:
        return f"{start}，{word}（变化的合理范围 {unit.moves(interval)}）；{UNSEEN}。"
    return f"{start}，{word} {unit.moved(after - before)}（合理范围 {unit.moves(interval)}）。"


def broken(reasons: Sequence[str]) -> str:
    """Why two waves are not joined; empty if they may be."""
    return f"前后两期不能直接比较：{'；'.join(reasons)}。" if reasons else ""


def slope(subject: str, per_wave: Estimate, unit: Unit = SHARE) -> str:
    interval = per_wave.interval()
    word = change_of(interval)
    if word is Change.UNSEEN:
        return f"{subject}各期之间看不出持续上升或下降（平均每期变化的合理范围 {unit.moves(interval)}）；{UNSEEN}。"
    return f"{subject}平均每期{word} {unit.moved(per_wave.value)}（合理范围 {unit.moves(interval)}）。"


def pairs(counts: PairCounts) -> str:
    """The evidence officials trust most: the same enterprises asked twice."""
    if not counts.n:
        return "没有两期都评价过的企业。"
    about, told = "约 " if counts.blur else "", counts.told
    return f"同一批 {counts.n} 家企业中，{about}{told.won} 家由不满意变为满意，{about}{told.lost} 家由满意变为不满意。"


def gain(found: NetGain, rise: float) -> str:
    """「扣除…后，净提高约 30 个百分点（18–42）」; `rise` as a share 0–1."""
    interval = found.low, found.high
    chance = "低分自然回升" if found.pull >= 0 else "高分自然回落"
    off = f"扣除全市同期变化 {SHARE.signed(found.drift)} 个百分点和“{chance}”{SHARE.moved(found.pull)}后"
    span, word = f"合理范围 {SHARE.moves(interval)}", change_of(interval)
    if word is Change.RISE:
        return f"{off}，净提高约 {SHARE.moved(found.net)}（{span}）。"
    if word is Change.FALL:
        return f"{off}，比预期低 {SHARE.moved(found.net)}（{span}）。"
    start = f"升高 {SHARE.moved(rise)}，但" if rise > 0 else ""
    return f"{start}{off}，净变化看不出高低（{span}），暂不能认定为整改成效。"


def outlook(before: float, n: int, target: float, correlation: float = 0.5) -> str:
    """What could be seen with `n` enterprises per wave; said before a rectification begins."""
    alone, same = smallest_change(before, n), smallest_change(before, n, correlation)
    if alone is None:
        high = "满意率已近满分，再升也难以确认" if before >= 0.9 else "即使全部变为满意也未必看得出来"
        return f"按目前每轮约 {n} 家评价，{high}；请增加评价企业，或回访同一批企业。"
    again = f"（回访同一批企业可降到 {SHARE.moved(same)}左右）" if same is not None else ""
    text = f"按目前每轮约 {n} 家评价，只有上升达到 {SHARE.moved(alone)}左右才看得出来{again}。"
    if target >= alone or before + target >= 1:
        return text
    return f"{text}想看出 {SHARE.moved(target)}，每轮需要约 {ceil(needed(before, before + target))} 家评价。"


def standing(department: str, found: Standing) -> str:
    """Tier and ranks; a place in a row only where it is established."""
    if not found.tier:
        return f"{department}：{found.why}。"
    place = f"第 {found.best} 位" if found.best == found.worst else f"第 {found.best}–{found.worst} 位之间"
    return f"{department}{found.tier}，在同类 {found.of} 个部门中位于{place}。"


def tiers(found: Iterable[tuple[str, Standing]]) -> str:
    """「市监、税务明显高于平均；住建与平均相当，差别在误差范围内，不宜排先后；另有 2 个部门未参加比较。」, from names and where they stand."""
    found = list(found)
    groups = {tier: [n for n, one in found if one.tier is tier] for tier in Tier}
    told = [f"{_names(groups[tier])}{tier}" for tier in (Tier.ABOVE, Tier.BELOW) if groups[tier]]
    if groups[Tier.SAME]:
        told.append(f"{_names(groups[Tier.SAME])}与平均相当，差别在误差范围内，不宜排先后")
    if not told:
        return "可比的部门不足，不分档。"
    left = sum(not one.tier for _, one in found)
    return "；".join([*told, f"另有 {left} 个部门未参加比较"] if left else told) + "。"


def turnout(total: Turnout, lowest: Turnout | None = None) -> str:
    text = f"邀请 {total.invited} 家，收回 {total.answered} 家（{percent(total.rate)}）"
    return f"{text}；{lowest.name}最低，只有 {percent(lowest.rate)} 作答。" if lowest else f"{text}。"


def weighted(shift: Shift, subject: str = "满意率", unit: str = "%", points: str = "个百分点") -> str:
    """Before and after weighting, always both."""
    text = f"{subject}加权前 {shift.before:.1f}{unit}，加权后 {shift.after:.1f}{unit}"
    if shift.notable:
        return f"{text}，相差超过 {NOTABLE:.0f} {points}，引用时请用加权后的数字并说明。"
    return f"{text}，影响不大。"


def honest_bounds(interval: Interval) -> str:
    low, high = interval
    return f"不论没有作答的企业怎么想，全体企业的满意率（含基本满意）都在 {percent(low)} 与 {percent(high)} 之间。"


def examination(department: str, found: Examination) -> str:
    """The verdict with all its reasons."""
    if found.verdict is Verdict.TRUSTED:
        return f"{department}：可信，各项检查没有发现问题。"
    return f"{department}：{found.verdict.text}。{'；'.join(one.why for one in found.findings)}。"


def drivers(names: Sequence[str], found: DriverSet) -> str:
    """关联最强, and only where the ranges tell."""
    if found.why:
        return f"{found.why}。"
    if found.strongest is None:
        return f"各维度与总体满意度的关联强弱分不出先后（{found.n} 家评价）。"
    best = found.shares[found.strongest]
    return (
        f"“{names[found.strongest]}”与总体满意度关联最强，占各维度关联的 {percent(best.share)}"
        f"（合理范围 {SHARE.span((best.low, best.high))}）；关联不等于因果。"
    )


def priority(name: str, found: Priority, unit: Unit = SHARE, subject: str = "满意率") -> str:
    """Where a dimension stands; one whose range crosses a line is put into no quadrant."""
    text = f"“{name}”{subject} {unit.of(found.satisfaction)}，关联占比 {percent(found.importance)}"
    if found.quadrant is Quadrant.BORDER:
        return f"{text}：{ON_BORDER}。"
    return f"{text}：列为“{found.quadrant}”。"


def border(names: Sequence[str]) -> str:
    """Several on the border in one sentence."""
    return f"{''.join(f'“{name}”' for name in names)}的{ON_BORDER}。" if names else ""


def words(ours: str, found: Sequence[Term] | Sequence[Word]) -> str:
    """「不满意的企业更常提到：等待、材料、排队。」"""
    if not found:
        return f"{ours}没有明显更常提到的词。"
    return f"{ours}更常提到：{'、'.join(term.word for term in found[:LISTED])}。"


def switched(found: Switch, names: Mapping[str, str]) -> str:
    """Whether the order of departments survives another formula; `names` by id."""
    to = f"换成“{found.other.name}”"
    if not found.flips:
        return f"{to}，部门先后不变。"
    pairs = "、".join(f"{names[one.first]}与{names[one.second]}" for one in found.flips[:LISTED])
    more = "等" if len(found.flips) > LISTED else ""
    return f"{to}，有 {len(found.flips)} 对部门先后颠倒：{pairs}{more}。"


def _names(names: Sequence[str]) -> str:
    return "、".join(names[:LISTED]) + (f"等 {len(names)} 个部门" if len(names) > LISTED else "")
