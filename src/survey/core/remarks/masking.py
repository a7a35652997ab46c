"""Texts of enterprises as others may read them: what could name someone is struck out, rather too much than too little."""

import re
from collections.abc import Iterable
from functools import lru_cache

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤"
    "滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫房裘缪解应宗丁宣邓郁单杭洪包诸左石崔吉龚程嵇邢裴陆荣翁荀羊甄曲家封储靳松段富巫乌焦巴弓牧隗山"
    "谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘武符刘景詹束龙叶幸司韶黎乔苍闻党翟谭劳申扶冉郦雍桑桂牛寿边燕冀浦尚农温别庄晏柴瞿阎连习容向古易慎廖庾终居衡步都"
    "耿满弘匡国文寇广禄东欧沃利越隆师巩聂晁勾敖冷辛阚那简饶曾沙丰关查红游竺权逯盖益桓公肖"
)
TITLES = (
    "先生|女士|小姐|经理|老板|主任|局长|科长|处长|所长|股长|队长|书记|主席|总监|会计|老师|师傅|专员|警官|某某"
)
MARKS = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.A), "（邮箱略）"),
    (re.compile(r"https?://\S+|www\.\S+", re.I), "（网址略）"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RT-UW-Y]{18}(?![0-9A-Za-z])", re.I), "（证号略）"),
    (re.compile(r"(?<!\d)\d{15}(?:\d{2}[\dXx])?(?!\d)"), "（证号略）"),
    (re.compile(r"(?:\+?86[- ]?)?(?<!\d)1[3-9]\d(?:[- ]?\d){8}(?!\d)"), "（电话略）"),
    (re.compile(r"(?<!\d)(?:0\d{2,3}[- ]?)?[2-8]\d{2,3}[- ]?\d{4}(?!\d)"), "（电话略）"),
    (re.compile(r"(?:微信|QQ|qq)号?[：: ]*[A-Za-z0-9_-]{5,}"), "（账号略）"),
    (re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·-]?[A-Z0-9]{5,6}"), "（车牌略）"),
    (re.compile(r"(?:我们?是|我司|我公司)?[\u4e00-\u9fa5A-Za-z0-9（）()·]{2,24}?(?:有限责任公司|股份有限公司|有限公司|集团|合作社|商行|经营部)"), "某企业"),
    (re.compile(rf"(联系人|负责人|经办人|法人|本人|我叫|姓名)[：: 是]*[{SURNAMES}][\u4e00-\u9fa5]{{1,2}}"), r"\1（姓名略）"),
    (re.compile(rf"[{SURNAMES}][\u4e00-\u9fa5]{{0,2}}?({TITLES})"), r"某\1"),
)  # fmt: skip


SHORTEST = 4  # a shorter name is too likely a common word


def masked(text: str, names: Iterable[str] = ()) -> str:
    """The text on one line, without what could name anyone: patterns, and these names of enterprises."""
    text = " ".join(text.split())
    for name in names:
        if len(name) >= SHORTEST and name in text:
            text = text.replace(name, "某企业")
    for pattern, instead in MARKS:
        text = pattern.sub(instead, text)
    return text


@lru_cache(maxsize=16)
def all_masked(texts: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    """All texts of a wave masked, of these names those that stand in them, longest first; kept, since it takes seconds."""
    written = "\n".join(" ".join(one.split()) for one in texts)
    standing = sorted((name for name in names if name in written), key=len, reverse=True)
    return tuple(masked(one, standing) for one in texts)


def short(text: str, most: int) -> str:
    """At most `most` characters, cut at the end of a clause where there is one."""
    if len(text) <= most:
        return text.rstrip("。，；、 ")
    head = text[: most - 1]
    cut = max(head.rfind(mark) for mark in "。，；！？")
    return (head[:cut] if cut > most // 2 else head) + "…"
