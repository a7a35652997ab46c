"""One department's story in a few sentences, what matters most first."""

from collections.abc import Iterator

from scipy.stats import norm

from survey.core import sentences
from survey.core.estimates import LEVEL
from survey.core.figures import Row, Shown
from survey.core.gain import Gain
from survey.core.models import Wave
from survey.core.pairs import Pairs
from survey.core.study import Measure, NetGain, PairCounts, Study, Trust
from survey.core.trust import Examination, Finding, Verdict
from survey.output import glance
from survey.output.glance import Told

RATE = Measure.WITH_BASIC
AIM = 0.1  # a rise of ten points: what a rectification usually promises


def story(row: Row, item: int, wave: Wave, study: Study | None) -> Iterator[Told]:
    """Change, same enterprises, net gain, trust, words, what could be seen next; as far as each is known."""
    earlier = study.earlier if study else None
    moves = earlier.moves.get(str(item), {}) if earlier else {}
    if isinstance(row.cell, Shown):
        yield "与上期比", glance.changed(wave, study, moves, RATE, row.department)
    if earlier and (found := earlier.pairs.get(str(item), {}).get(RATE)):
        yield "同一批企业", sentences.pairs(_pairs(found))
    if earlier and RATE in moves and (gain := earlier.gains.get(str(item), {}).get(RATE)):
        yield "净提高", sentences.gain(_gain(gain), moves[RATE].after - moves[RATE].before, gain.drift)
    if study and (trust := study.trust.get(row.department_id)):
        yield "可信程度", sentences.examination(row.department, _examination(trust))
    if study and (words := study.words.departments.get(row.department_id)):
        listed = "、".join(one.word for one in words[: sentences.LISTED])
        yield "留言", f"企业说到{row.department}时更常提到：{listed}。"
    if row.results and RATE in row.results:
        level = row.results[RATE].best
        yield "下次能看出", sentences.outlook(level.value, level.n, AIM)


def _pairs(found: PairCounts) -> Pairs:
    return Pairs(found.up, found.same, found.down, found.won, found.lost, 0, 0)


def _gain(found: NetGain) -> Gain:
    """As the kernel made it: its range is net ± z · se."""
    se = (found.high - found.low) / 2 / float(norm.ppf((1 + LEVEL) / 2))
    return Gain(0.0, found.net, se, found.pull, 0.0)


def _examination(found: Trust) -> Examination:
    verdict = Verdict(found.verdict)
    return Examination(verdict, tuple(Finding(verdict, why) for why in found.reasons))
