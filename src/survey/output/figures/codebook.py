"""数据字典: what every column of every export means. Headers are taken from here, so none goes unexplained."""

from collections.abc import Iterator
from operator import attrgetter, methodcaller

from survey.core import models
from survey.core.models import Grade
from survey.output.figures.columns import Column, Layout
from survey.output.figures.list_columns import REGISTRY, REJECTED, REMINDERS, SENDING
from survey.output.figures.study_row import count, number

STEPPED = "开放扫码和大厅平板的每满 5 份才计入（实名期次除外）"
WITHHELD = "不予显示（原因见同行说明），不是 0"
BEST_FIRST = tuple(reversed(models.GRADES))
FEW = "不予显示（人数太少），不是 0"


WAVE = Column("期次", "一次测评", computed="期次名称", value=attrgetter("title"))
CATEGORY = Column("参评类别", "部门所在的类别；只在同类之间比较", value=attrgetter("category"))
DEPARTMENT = Column("部门", "被评价的部门", computed="期次开启时的名称", value=attrgetter("department"))
QUESTION = Column(
    "题目", "总体满意度，或某个维度；总体满意度是单独的一问，不由维度推算", value=attrgetter("question")
)
SOURCE = Column(
    "来源", "一企一码（已核验）或开放扫码（未核验）", computed="答卷从哪种码来", value=attrgetter("source")
)
N = Column(
    "评价数", "对本题作出评价的企业数（n）", "家", "五个等级之和，不含未接触", FEW, value=attrgetter("n")
)
ABOUT = Column(
    "约数", "本行的评价数以外的数字是不是约数：为保护企业加了小的随机误差", "是 / 否",
    "收答卷期间和开放扫码的都是；截止后公布的准数不是", WITHHELD, value=attrgetter("about"),
)  # fmt: skip
WHY = Column(
    "不予显示原因",
    "本行为什么没有数字，或为什么只给满意率的范围",
    computed="发布时判定",
    empty="本行数字可以显示",
    value=attrgetter("why"),
)
KIND = Column("类型", "要办的事、不满意或建议", computed="企业自己选的", value=attrgetter("kind"))


def _grade(name: str, grade: Grade) -> Column:
    return Column(name, f"评价为“{name}”的企业数", "家", "按等级计数", WITHHELD, methodcaller("count", grade))


GRADES = tuple(map(_grade, ("非常满意", "满意", "基本满意", "不满意", "非常不满意"), BEST_FIRST))
SCORE = Column(
    "得分",
    "满意度得分，0–100",
    "分",
    "五级按“口径”所列分值取平均；CSV 两位小数，工作簿显示一位",
    WITHHELD,
    value=attrgetter("score"),
)

NOT_WEIGHTED = "不予显示，或没有加权（答卷还没有收齐、没有邀请名单，或各层作答太少）"
COMPARED = (
    Column("加权后", "满意率（含基本满意）按全部受邀企业的构成加权", "%", "按冻结的分层，权数 = 邀请数 ÷ 作答数",
           NOT_WEIGHTED, value=attrgetter("weighted")),
    Column("合理范围下限", "满意率（含基本满意）的合理范围：换一批同类企业来评，多半落在其中；有加权后的用加权后的", "%",
           "Wilson 95% 区间，按有效样本量", WITHHELD, value=attrgetter("low")),
    Column("合理范围上限", "同一合理范围的上端", "%", "Wilson 95% 区间，按有效样本量", WITHHELD, value=attrgetter("high")),
    Column("梯队", "在同一参评类别内明显高于平均、与平均相当或明显低于平均；未参加比较的写明原因，统计正在计算或按分层查看时为“尚未分档”",
           computed="与本类别平均比，多重比较按 Holm 法校正；评价不足 30 家的不参加比较", empty=WITHHELD, value=attrgetter("tier")),
    Column("名次范围", "在同类中可能的名次，如“第 4–6 位（共 8）”", computed="两两比较，按 Holm 法校正",
           empty="未参加比较，或不予显示", value=attrgetter("ranks")),
)  # fmt: skip

SUMMARY = Layout(
    "部门汇总",
    (
        WAVE, CATEGORY, DEPARTMENT, QUESTION,
        Column("邀请", "发放了一企一码的企业数；按分层查看时为该分层的", "家", "不含作废的码",
               "不适用：没有邀请名单的导入期次、开放扫码（未核验）", value=attrgetter("forms.invited")),
        Column("收回", "该来源（一企一码，或开放扫码）收到的答卷数", "份", "实时计数；两种来源从不混算", "按分层查看而尚未截止", value=attrgetter("forms.collected")),
        Column("已公布", "最近一次发布所含的答卷数", "份", "发布时的答卷数；收回减去已公布即待公布，攒够几家才发布，截止后全部公布", "该范围没有单独计数", value=attrgetter("forms.published")),
        Column("接触", "评价过该部门总体满意度的企业数", "家", "同部门“总体满意度”的评价数", FEW, value=attrgetter("contact")),
        N, *GRADES,
        Column("未接触", "没有评价本题的答卷数", "份", "本题上次更新时的答卷数 − 评价数", "不予显示，或该范围没有单独计数", value=attrgetter("untouched")),
        SCORE,
        Column("满意率（含基本满意）", "非常满意、满意、基本满意合计占比", "%（CSV 中 79.3 即 79.3%）",
               "前三级 ÷ 评价数", WITHHELD, value=attrgetter("with_basic")),
        Column("满意率（不含基本满意）", "非常满意、满意合计占比", "%", "前两级 ÷ 评价数", WITHHELD, value=attrgetter("without_basic")),
        Column("差评率", "不满意、非常不满意合计占比", "%", "后两级 ÷ 评价数", WITHHELD, value=attrgetter("bad")),
        *COMPARED,
        Column("口径", "得分的算法", computed="期次选定的口径", value=attrgetter("figures.formula.name")),
        ABOUT, WHY,
    ),
)  # fmt: skip

NO_MOVE = "没有可比的上期，或前后口径、措辞不同"
PERCENT = "值：满意率为 %，得分为分"
POINTS = "值：百分点，得分为分"
STUDY = Layout(
    "统计结果",
    (
        WAVE,
        Column("参评类别", "部门所在的类别；只在同类之间比较", empty="全部部门合在一起的行", value=attrgetter("category")),
        DEPARTMENT, QUESTION,
        Column("指标", "满意度得分，或哪一个满意率", computed="得分按“口径”，满意率按名称",
               value=attrgetter("measured")),
        N,
        Column("加权前", "按收到的答卷直接计算", PERCENT, "得分两位小数，满意率一位小数", WITHHELD,
               number("plain", "value")),
        Column("加权后", "按全部受邀企业的构成加权", PERCENT, "按冻结的分层，权数 = 邀请数 ÷ 作答数",
               NOT_WEIGHTED, number("weighted", "value")),
        Column("合理范围下限", "换一批同类企业来评，多半落在其中；有加权后的用加权后的", PERCENT,
               "Wilson 95% 区间，按有效样本量", WITHHELD, number("best", "low")),
        Column("合理范围上限", "同一合理范围的上端", PERCENT, "Wilson 95% 区间，按有效样本量", WITHHELD,
               number("best", "high")),
        Column("有效样本量", "相当于多少家互不相关的评价", "家", "按方差折算，不超过评价数", WITHHELD,
               attrgetter("effective")),
        Column("梯队", "在同类内明显高于、相当或明显低于平均；未参加比较的写明原因", computed="多重比较按 Holm 法校正",
               empty=WITHHELD, value=attrgetter("tier")),
        Column("名次范围", "在同类中可能的名次", computed="两两比较，按 Holm 法校正", empty="未参加比较，或不予显示",
               value=attrgetter("ranks")),
        Column("上期", "同一系列上一期的数值", PERCENT, "两期分层相同时都用加权后的，否则都用加权前的", NO_MOVE,
               number("move", "before")),
        Column("变化", "本期减上期", POINTS, "同上", NO_MOVE, number("move", "change")),
        Column("变化下限", "变化的合理范围", POINTS, "由两期的合理范围和相关系数合成（MOVER）", NO_MOVE,
               number("move", "low")),
        Column("变化上限", "同一范围的上端", POINTS, "同上", NO_MOVE, number("move", "high")),
        Column("变化结论", "上升、下降或看不出变化", computed="变化的范围不含 0 才算上升或下降",
               empty=NO_MOVE, value=attrgetter("verdict")),
        *(Column(name, meaning, "家", "代号、实名期次里两期都评过该部门的企业；代号期次的四项是约数，合计等于同一批企业",
                 "不记名、不是总体满意度、得分，或两期都评的企业太少", count("pairs_told", part))
          for part, name, meaning in (
              ("n", "同一批企业", "两期都评过该部门的企业"), ("both", "两期都满意", "其中前后两期都满意的，按所列满意率"),
              ("won", "由不满意变满意", "其中上期不满意、本期满意的"), ("lost", "由满意变不满意", "其中上期满意、本期不满意的"),
              ("neither", "两期都不满意", "其中前后两期都不满意的"),
          )),
        *(Column(name, meaning, POINTS, "扣除全市同期变化和低分自然回升", "得分、维度，或同期可比的部门不足",
                 number("gain", part))
          for part, name, meaning in (
              ("net", "净提高", "扣除之后还剩下的变化"), ("low", "净提高下限", "净提高的合理范围"),
              ("high", "净提高上限", "同一范围的上端"),
          )),
        WHY,
    ),
)  # fmt: skip

REMARKS = Layout(
    "留言",
    (
        WAVE, SOURCE,
        Column("部门", "留言所指的部门", empty="企业没有指明部门", value=attrgetter("department")),
        KIND,
        Column("内容", "企业写的话",
               computed="姓名、电话、证号、企业名称已隐去（营商专班下载的除外）；CSV 中以 = + - @ 开头的前面加一个 '",
               value=attrgetter("text")),
        Column("该部门得差评", "写留言的企业是否给该部门打了差评", "是 / 否",
               empty="不记名和代号的期次不写：文字不和评价放在一起", value=attrgetter("rated_bad")),
    ),
)  # fmt: skip

RATINGS = Layout(
    "逐条评价",
    (
        WAVE,
        Column("评价者", "谁作的评价", computed="实名为企业名称；导入的为代号", empty="没有记录评价者", value=attrgetter("rater")),
        Column("答卷", "同一份答卷的各行相同", "16 位十六进制", "答卷随机编号的前 16 位", value=attrgetter("form")),
        DEPARTMENT, QUESTION,
        Column("等级", "五个等级之一", computed="未接触的不列出", value=attrgetter("grade")),
    ),
)  # fmt: skip

ARRIVALS = Layout(
    "回收进度",
    (
        WAVE,
        Column("日期", "收到答卷的日子（北京时间）", "年-月-日", "没有收到答卷的日子不列出", value=attrgetter("day")),
        Column("渠道", "答卷从哪里来", computed="一企一码为已核验；开放扫码、大厅平板未核验", value=attrgetter("channel")),
        Column("收回", "当天从该渠道收到的答卷数", "份", f"实时计数；{STEPPED}", value=attrgetter("forms")),
    ),
)  # fmt: skip

REASONS = Layout(
    "差评原因",
    (
        WAVE, CATEGORY, DEPARTMENT,
        Column("评价数", "评价过该部门总体满意度的企业数（n）", "家", "五个等级之和", WITHHELD, attrgetter("n")),
        Column("差评数", "总体满意度为不满意、非常不满意的企业数", "家",
               "后两级之和；有原因时为选原因的那些差评，攒够几家新的差评才一起更新", WITHHELD, attrgetter("bad")),
        Column("原因", "打差评时可选的原因", empty="该部门的原因不予显示", value=attrgetter("reason")),
        Column("选择数", "选了该原因的企业数；一家可选几项，合计可大于差评数", "家", "按原因计数", WITHHELD,
               attrgetter("ticked")),
        WHY,
    ),
)  # fmt: skip

MATRIX = Layout(
    "维度",
    (
        CATEGORY, DEPARTMENT,
        Column("各题目", "每个题目一列：该部门在该题目的满意度得分，0–100", "分", "五级按口径取平均",
               "写明“不予显示”，不是 0"),
    ),
)  # fmt: skip

SPREAD = Layout(
    "等级分布",
    (
        CATEGORY, DEPARTMENT, N,
        *(Column(f"{one.name}占比", f"评价为“{one.name}”的占比", "%", f"{one.name} ÷ 评价数", WITHHELD,
                 methodcaller("share", grade))
          for one, grade in zip(GRADES, BEST_FIRST, strict=True)),
        SCORE,
        Column("满意率", "满意率（含基本满意）", "%", "前三级 ÷ 评价数", WITHHELD, value=attrgetter("with_basic")),
        *COMPARED, ABOUT, WHY,
    ),
)  # fmt: skip

DAYS = Layout(
    "回收进度（工作簿）",
    (
        Column("日期", "收到答卷的日子（北京时间）", "年-月-日", "自第一份答卷起逐日列出"),
        Column("各渠道", "每个渠道一列：当天收到的答卷数", "份", f"实时计数；没有则为 0；{STEPPED}"),
        Column("合计", "当天收到的答卷数", "份", "各渠道之和"),
        Column("累计", "到当天为止收到的答卷数", "份", "逐日相加"),
    ),
)

CODEBOOK = Layout(
    "数据字典",
    tuple(Column(name, meaning) for name, meaning in (
        ("表", "哪一个下载文件或工作表"), ("列", "列名"), ("含义", "这一列说的是什么"), ("单位", "以什么计"),
        ("算法", "怎样得来"), ("空白表示", "空着的格子是什么意思"),
    )),
)  # fmt: skip

LAYOUTS = (
    SUMMARY, STUDY, REMARKS, RATINGS, ARRIVALS, REASONS, MATRIX, SPREAD, DAYS, SENDING, REMINDERS, REGISTRY, REJECTED,
    CODEBOOK,
)  # fmt: skip


def lines(*layouts: Layout) -> Iterator[tuple[str, ...]]:
    """The rows of the codebook for these exports, or for all."""
    for layout in layouts or LAYOUTS:
        for one in layout.columns:
            yield layout.name, one.name, one.meaning, one.unit, one.computed, one.empty
