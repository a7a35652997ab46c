"""What results say: the words of the method book, to the letter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.figures.formulas import FORMULAS
from survey.core.figures.switching import switches
from survey.core.numerals import SCORE, SHARE, percent
from survey.core.remarks.words import Term
from survey.core.statistics.estimates import Estimate
from survey.core.statistics.turnout import Shift, Turnout
from survey.core.study.drivers import FLAT
from survey.core.study.model import DriverSet, NetGain, Share, Standing, Tier
from survey.core.study.pair_counts import PairCounts
from survey.core.study.priorities import Priority, Quadrant
from survey.core.study.ranks import TOO_FEW
from survey.core.study.trust import Evidence, examine
from survey.output import sentences


def standing(tier: Tier, best: int = 1, worst: int = 8) -> Standing:
    return Standing(tier, 0.1, best, worst, 8)


def test_a_level_has_its_range_and_how_many_rated() -> None:
    told = sentences.level("城管局办事效率满意率", 0.4316, (0.3354, 0.5334), 96)
    assert told == "城管局办事效率满意率 43%（96 家评价；合理范围 34–53%）。"
    assert (
        sentences.level("得分", 79.14, (75.1, 83.2), 96, SCORE)
        == "得分 79.1 分（96 家评价；合理范围 75.1–83.2 分）。"
    )


def test_few_enterprises_are_said_to_be_few() -> None:
    assert sentences.level("满意率", 0.8, (0.5, 0.95), 14).endswith("仅 14 家评价，结果仅供参考。")


@pytest.mark.parametrize(("share", "told"), [(1.0, "100%"), (0.997, "99.7%"), (0.9999, "99.9%"), (0.0, "0%"), (0.001, "0.1%"), (0.794, "79%")])  # fmt: skip
def test_not_quite_all_is_never_a_hundred_percent(share: float, told: str) -> None:
    assert percent(share) == told


def test_departments_that_cannot_be_told_apart_are_not_ordered() -> None:
    told = sentences.difference("城管", "环保", -0.03, (-0.15, 0.09))
    assert told == "城管与环保的差别在误差范围内（差值的合理范围 −15 到 +9 个百分点），不宜排先后。"
    assert "高于环保 36 个百分点" in sentences.difference("税务", "环保", 0.36, (0.26, 0.46))


def test_a_change_that_is_not_seen_is_not_called_none() -> None:
    told = sentences.change("满意率", 0.43, 0.47, (-0.08, 0.16))
    assert (
        told
        == "满意率上期 43%，本期 47%，看不出变化（变化的合理范围 −8 到 +16 个百分点）；看不出变化不等于没有变化。"
    )


def test_a_change_that_is_seen_is_given_in_points() -> None:
    told = sentences.change("满意率", 0.43, 0.78, (0.24, 0.46))
    assert told == "满意率上期 43%，本期 78%，上升 35 个百分点（合理范围 +24 到 +46 个百分点）。"
    assert "下降 5.0 分" in sentences.change("得分", 80.0, 75.0, (-8.0, -2.0), SCORE)


def test_the_same_enterprises_are_counted() -> None:
    told = sentences.pairs(PairCounts(32, 32, 3, 11, 78))
    assert told == "同一批 78 家企业中，32 家由不满意变为满意，3 家由满意变为不满意。"
    assert sentences.pairs(PairCounts(0, 0, 0, 0, 0)) == "没有两期都评价过的企业。"


def test_noised_pairs_are_about_and_never_less_than_nobody_or_more_than_all() -> None:
    told = sentences.pairs(PairCounts(32, 38, -3, 11, 78, blur=1.9))
    assert told == "同一批 78 家企业中，约 37 家由不满意变为满意，约 0 家由满意变为不满意。"
    assert "约 30 家由不满意" in sentences.pairs(PairCounts(-9, 42, -9, -9, 30, blur=1.9))


def test_a_net_gain_says_what_was_taken_off() -> None:
    proved = sentences.gain(NetGain(0.3005, 0.1802, 0.4208, 0.033, 0.0185), rise=0.352)
    assert proved == (
        "扣除全市同期变化 +3 个百分点和“低分自然回升”2 个百分点后，净提高约 30 个百分点（合理范围 +18 到 +42 个百分点）。"
    )
    unproved = sentences.gain(NetGain(0.0315, -0.1081, 0.1711, 0.0, 0.0885), rise=0.12)
    assert unproved.startswith("升高 12 个百分点，但扣除")
    assert unproved.endswith("暂不能认定为整改成效。")
    from_the_top = sentences.gain(NetGain(0.08, 0.02, 0.14, 0.0, -0.04), rise=0.04)
    assert "“高分自然回落”4 个百分点" in from_the_top


def test_what_can_be_seen_is_said_before_anything_is_done() -> None:
    told = sentences.outlook(0.7, 60, target=0.10)
    assert told.startswith(
        "按目前每轮约 60 家评价，只有上升达到 20 个百分点左右才看得出来（回访同一批企业可降到 15 个百分点左右）"
    )
    assert told.endswith("想看出 10 个百分点，每轮需要约 294 家评价。")
    assert "再升也难以确认" in sentences.outlook(0.98, 30, target=0.01)


def test_ranks_are_ranges_and_tiers_are_three() -> None:
    assert (
        sentences.standing("城管", standing(Tier.BELOW, 4, 8))
        == "城管明显低于平均，在同类 8 个部门中位于第 4–8 位之间。"
    )
    assert "位于第 1 位。" in sentences.standing("市监", standing(Tier.ABOVE, 1, 1))
    assert sentences.standing("规划", Standing(why=TOO_FEW)) == "规划：评价企业不足 30 家，不参加分档。"
    told = sentences.tiers(
        {"市监": standing(Tier.ABOVE), "城管": standing(Tier.SAME), "规划": Standing(why=TOO_FEW)}.items()
    )
    assert told == "市监明显高于平均；城管与平均相当，差别在误差范围内，不宜排先后；另有 1 个部门未参加比较。"


def test_who_answered_and_what_weighting_did() -> None:
    told = sentences.turnout(Turnout("全部", 360, 214), Turnout("规下服务业", 100, 35))
    assert told == "邀请 360 家，收回 214 家（59%）；规下服务业最低，只有 35% 作答。"
    assert sentences.weighted(Shift(79.3, 78.9)) == "满意率加权前 79.3%，加权后 78.9%，影响不大。"
    assert "相差超过 2 个百分点" in sentences.weighted(Shift(61, 55))
    assert "47% 与 88% 之间" in sentences.honest_bounds((0.4696, 0.8752))


def test_a_verdict_comes_with_its_reasons() -> None:
    told = sentences.examination("公安分局", examine(Evidence((0, 0, 0, 1, 11))))
    assert told.startswith("公安分局：不能用来排名。只有 12 家评价，不足 30 家；")
    assert (
        sentences.examination("税务", examine(Evidence((5, 9, 40, 90, 60))))
        == "税务：可信，各项检查没有发现问题。"
    )


def test_drivers_are_related_and_never_causes() -> None:
    shares = (Share("", 0.6, 0.5, 0.7), Share("", 0.3, 0.2, 0.4), Share("", 0.1, 0.0, 0.2))
    told = sentences.drivers(["效率", "态度", "廉洁"], DriverSet(shares, 0.5, 200))
    assert told == "“效率”与总体满意度关联最强，占各维度关联的 60%（合理范围 50–70%）；关联不等于因果。"
    close = DriverSet((Share("", 0.5, 0.3, 0.7), Share("", 0.5, 0.3, 0.7)), 0.5, 200)
    assert "分不出先后" in sentences.drivers(["效率", "态度"], close)
    assert sentences.drivers(["效率"], DriverSet(why=FLAT)) == f"{FLAT}。"
    assert sentences.priority("效率", Priority(0.45, 0.6, Quadrant.FIX)).endswith("列为“优先改进”。")
    assert "边界" in sentences.priority("效率", Priority(0.45, 0.6, Quadrant.BORDER))


def test_a_slope_words_and_a_switch() -> None:
    assert "看不出持续上升或下降" in sentences.slope("满意率", Estimate(0.0229, 0.0132, 200, 199))
    assert "平均每期上升 5 个百分点" in sentences.slope("满意率", Estimate(0.05, 0.01, 200, 199))
    assert (
        sentences.words("不满意的企业", [Term("等待", 9, 1, 3.1), Term("材料", 8, 1, 2.5)])
        == "不满意的企业更常提到：等待、材料。"
    )
    found = switches({"a": (20, 0, 0, 10, 70), "b": (10, 5, 5, 30, 50)}, FORMULAS["10-8-6-3-0"])
    assert "有 1 对部门先后颠倒：乙与甲。" in sentences.switched(found[0], {"a": "甲", "b": "乙"})
    assert sentences.broken(["口径不同", "措辞不同"]) == "前后两期不能直接比较：口径不同；措辞不同。"
    assert sentences.broken([]) == ""


@given(st.floats(-1, 1), st.floats(0, 0.5))
def test_no_sentence_shows_a_p_value_or_a_percent_for_a_difference(value: float, se: float) -> None:
    per_wave = Estimate(value, se, 50, 49)
    told = sentences.difference("甲", "乙", value, per_wave.interval()) + sentences.slope("率", per_wave)
    assert "p" not in told.lower()
    assert "%" not in told


def test_a_change_that_rounds_to_nothing_has_no_sign() -> None:
    assert SHARE.moves((-0.001, 0.02)) == "0 到 +2 个百分点"
    assert np.sign(float(SHARE.signed(0.02))) == 1
