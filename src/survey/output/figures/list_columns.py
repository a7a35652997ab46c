"""Columns of the lists of enterprises: to send, to remind, to keep, to mend."""

from survey.output.figures.columns import Column, Layout

ENTERPRISE = (
    Column("企业名称", "被邀请的企业", computed="企业名录"),
    Column(
        "统一社会信用代码", "18 位，按文字存放，不会变成科学计数", computed="企业名录", empty="名录里没有"
    ),
    Column("联系人", "收链接和短信的人", computed="企业名录", empty="名录里没有"),
    Column("手机号", "按文字存放；也可以是座机", computed="企业名录", empty="名录里没有"),
    Column("服务专员", "对接这家企业的人", computed="企业名录", empty="没有指定"),
)
COUNTED = Column("短信条数", "这条短信按几条计费", "条", "70 个字以内 1 条，更长的每 67 个字 1 条")

SENDING = Layout(
    "发送清单",
    (
        *ENTERPRISE,
        Column(
            "专属链接", "这家企业的测评码；谁拿到谁能填一次", "网址", "发码时生成，系统只存指纹，不能再导出"
        ),
        Column("短信全文", "可直接群发的一条", computed="短信模板填上企业和链接"),
        Column("字数", "短信有几个字", "字", "字母、数字、标点都算 1 个"),
        COUNTED,
    ),
)

REMINDERS = Layout(
    "催填清单",
    (
        *(ENTERPRISE[place] for place in (0, 4, 2, 3)),
        Column("提醒短信全文", "可直接发送的提醒", computed="提醒模板"),
        COUNTED,
        Column("已提醒次数", "限期内已提醒过几次，到上限就不再列出", "次", "按提醒记录计数"),
        Column("今天已提醒", "今天是否已提醒过", "是 / 空", "按提醒记录", "今天还没有提醒"),
    ),
)

REGISTRY = Layout(
    "企业名录",
    (
        *ENTERPRISE[:2],
        *(Column(name, meaning, computed="企业名录", empty="没有填写") for name, meaning in (
            ("行业", "用来筛选和分层"), ("规模", "用来筛选和分层"), ("园区", "用来筛选和分层"),
            ("重点企业", "是或否"), ("包联领导", "包联这家企业的领导"),
        )),
        *(ENTERPRISE[place] for place in (4, 2, 3)),
        Column("英文名称", "英文表单和信函上用", computed="企业名录", empty="没有填写"),
    ),
)  # fmt: skip

REJECTED = Layout(
    "不能导入的行",
    (
        Column("原行号", "在导入的文件里是第几行", "行", "原文件的行号"),
        Column("要改的地方", "哪里不对、怎样改", computed="导入时检查；其余各列与原文件相同"),
    ),
)
