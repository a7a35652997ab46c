"""Quotes in papers name nobody."""

import pytest

from survey.core.remarks.masking import masked, short


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("请回电 13812345678", "13812345678"),
        ("电话138-1234-5678谢谢", "138-1234-5678"),
        ("座机 0816-2345678", "2345678"),
        ("发到 zhang.san@example.com 即可", "zhang.san"),
        ("微信号 abc_12345", "abc_12345"),
        ("法人身份证 510701199001011234", "510701199001011234"),
        ("代码 91510700MA62ABCD1X 的证", "91510700MA62ABCD1X"),
        ("我们是绵阳锐芯电子有限公司，办证慢", "锐芯"),
        ("窗口的王科长推诿", "王科长"),
        ("联系人：张三，急", "张三"),
        ("川B12345 被扣", "川B12345"),
        ("见 https://example.com/a?b=1", "example.com"),
    ],
)  # fmt: skip
def test_what_names_someone_is_struck_out(text: str, gone: str) -> None:
    assert gone not in masked(text)


@pytest.mark.parametrize("text", ["同样的检查一个月来了三拨，能不能合并。", "办理 2026 年补贴等了 45 天"])
def test_plain_remarks_stay_as_they_are(text: str) -> None:
    assert masked(text) == text


def test_long_quotes_are_cut_at_a_clause() -> None:
    assert short("窗口排队太久，材料要补三次，请一次性告知清楚。", 16) == "窗口排队太久，材料要补三次…"
    assert short("建议合并检查。", 16) == "建议合并检查"
