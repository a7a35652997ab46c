"""The made-up enterprises."""

import random
from collections.abc import Iterator
from datetime import datetime

from stdnum.cn import uscc

from survey.core.models import Enterprise

ENTERPRISES = 360

INDUSTRIES = (("制造业", 0.46), ("商贸服务业", 0.34), ("建筑业", 0.20))
SIZES = (("规上", 0.38), ("规下", 0.62))
PARKS = (("东园", 0.5), ("西园", 0.5))
TRADES = {
    "制造业": ("电子", "精密机械", "新材料", "汽车零部件", "光电", "装备制造"),
    "商贸服务业": ("商贸", "物流", "信息技术", "餐饮管理", "跨境电商", "人力资源"),
    "建筑业": ("建设工程", "装饰工程", "市政工程", "建筑劳务"),
}
OFFICERS, SURNAMES = "甲乙丙丁戊己庚辛", "王李张刘陈杨黄赵吴周徐孙马朱胡林"
FIRST, SECOND = "锐恒瑞华远科博创安佳鼎明众诚嘉盛", "芯达通泰源力拓维信和丰兴晟业宏美"


def made_up_enterprises(dice: random.Random, now: datetime) -> Iterator[Enterprise]:
    for number in range(ENTERPRISES):
        industry, size, park = (_pick(dice, shares) for shares in (INDUSTRIES, SIZES, PARKS))
        word = dice.choice(FIRST) + dice.choice(SECOND)
        yield Enterprise(
            name=f"演示{number + 1:03d}·{word}{dice.choice(TRADES[industry])}有限公司",
            uscc=_made_up_uscc(number), industry=industry, size=size, park=park, key=number % 15 == 0,
            officer=f"演示专员{OFFICERS[number % len(OFFICERS)]}", contact=f"{SURNAMES[number % 16]}经理",
            made_by="演示", made_at=now, phone="" if number % 12 == 5 else f"15400000{number:03d}",  # 154 was given to nobody
        )  # fmt: skip


def _made_up_uscc(number: int) -> str:
    """A well-formed code in a district number that does not exist."""
    start = f"91000000DEMA{number:05d}"
    return start + str(uscc.calc_check_digit(start))


def _pick(dice: random.Random, shares: tuple[tuple[str, float], ...]) -> str:
    return dice.choices([name for name, _ in shares], [share for _, share in shares])[0]
