"""What stands where 统计 are not there yet: whether they come by themselves, and when."""

from typing import NoReturn

from streamlit.delta_generator import DeltaGenerator

from survey.core.figures.withholding import hides_nothing, tells_live
from survey.core.models import Source, Wave
from survey.core.study.model import Study
from survey.storage.figures.released import ReleaseNote
from survey.ui import blocks
from survey.ui.moment import phase

FINISHING = "正在公布准数，约一分钟"


def is_finishing(wave: Wave, note: ReleaseNote) -> bool:
    """Whether all answers of a wave that hides anything are in, and its final release is still to come."""
    came = note.responses + note.waiting
    return phase(wave).over and not note.final and bool(came) and not hides_nothing(wave)


def unanswered(top: DeltaGenerator, wave: Wave, source: Source) -> NoReturn:
    """Where a wave has no answers: its marks at the `top` of the page, and what to do about it."""
    with top:
        blocks.wave_marks(wave, source)
    blocks.no_answers(wave)


def unstudied(
    top: DeltaGenerator,
    sentence: str,
    wave: Wave,
    source: Source,
    note: ReleaseNote,
    found: Study | None,
    what: str,
) -> None:
    """Where a page lives by 统计 alone: its first line meanwhile, and what it waits for."""
    with top:
        blocks.finding(sentence)
        blocks.wave_marks(wave, source)
    waiting(wave, note, found, what)


def waiting(wave: Wave, note: ReleaseNote, found: Study | None, what: str) -> None:
    """`what` is what the page will tell."""
    if is_finishing(wave, note):
        blocks.nothing(FINISHING, f"公布以后，这里自动出现{what}。")
    elif not note.number and not tells_live(wave):
        blocks.nothing("截止前只看回收数", f"截止后公布准数，这里随即说明{what}。")
    elif not note.number:
        blocks.nothing("还没有发布", f"答卷攒够可以公布的家数后，这里说明{what}。")
    elif found is not None and found.failed:
        blocks.nothing(
            "统计没有算成", "页面只显示已公布的计数。系统会自动再试；一直这样，请系统管理员打开「系统体检」。"
        )
    elif found is None:
        blocks.nothing("统计正在计算", f"几秒钟后自动出现{what}。")
    elif not phase(wave).over:
        blocks.nothing("收齐答卷后给出", f"{what}，要等收齐全部答卷才能算，届时自动出现在这里。")
    else:
        blocks.nothing("没有可说的统计", f"收到的答卷不够说明{what}。")
