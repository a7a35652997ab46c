"""封存凭证: what the signed page says."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

from survey.core.figures.formulas import FORMULAS
from survey.core.models import Wave
from survey.core.names import MODE_NAMES
from survey.core.waves.code_ledger import Ledger
from survey.output.waves.addressees import day, facts, moment

SHOWN = 16  # hexadecimal digits of a fingerprint that reports show


def content(wave: Wave, ledger: Ledger, sealed_at: datetime, now: datetime) -> dict[str, Any]:
    """The data behind the page, all of it text."""
    about, print_of = facts(wave, now), wave.fingerprint
    groups = [print_of[start : start + 4].upper() for start in range(0, SHOWN, 4)]
    return {
        "title": wave.title, "host": about.host, "demo": wave.demo, "today": day(now),
        "closed": moment(wave.closes_at), "sealed": moment(sealed_at), "fingerprint": print_of,
        "short": print_of[:SHOWN].upper(), "spaced": " ".join(groups), "counts": rows(ledger),
        "equations": [f"{words}：{left:,} = {right:,}" for words, left, right in ledger.equations],
        "facts": [
            ("测评时段", f"{about.opens}至{about.closes}"), ("保密方式", MODE_NAMES[wave.mode]),
            ("参评部门", f"{len(wave.departments)} 个"), ("满意度得分口径", FORMULAS[wave.formula].text.removeprefix("满意度得分口径：")),
            ("程序版本", f"一键测评 {version('survey')}"),
        ],
    }  # fmt: skip


def rows(ledger: Ledger) -> list[tuple[str, str]]:
    """The 发码对账表, line by line."""
    return [
        ("邀请企业", f"{ledger.invited:,} 家"), ("发出的码", f"{ledger.issued:,} 个"),
        ("其中印成卡片或信函", f"{ledger.printed:,} 个"), ("换码", f"{ledger.reissued:,} 个"),
        ("作废", f"{ledger.void:,} 个"), ("有效码", f"{ledger.valid:,} 个"), ("已用", f"{ledger.used:,} 个"),
        ("其中企业自填", f"{ledger.own:,} 个"), ("其中代填", f"{ledger.on_behalf:,} 个"),
        ("未用", f"{ledger.unused:,} 个"), ("开放扫码（未核验）", f"{ledger.open_used:,} 份"),
        ("答卷合计", f"{ledger.responses:,} 份"),
    ]  # fmt: skip
