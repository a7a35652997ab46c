"""The Chinese name of every member of every enumeration, once; those whose value is Chinese name themselves."""

from collections.abc import Mapping

from survey.core.answers.form import RESPONDENTS
from survey.core.answers.signs import Sign
from survey.core.doctor import State
from survey.core.jobs import Job
from survey.core.models import (
    CaseState,
    Channel,
    Grade,
    Kind,
    Mode,
    OnBehalf,
    Outcome,
    Respondent,
    Role,
    Source,
)
from survey.core.study.model import Measure
from survey.core.texts import texts
from survey.core.waves.rounds import Severity

MODE_NAMES = {Mode.ANONYMOUS: "不记名", Mode.PSEUDONYMOUS: "代号", Mode.NAMED: "实名"}
SOURCE_NAMES = {Source.VERIFIED: "一企一码（已核验）", Source.OPEN: "开放扫码（未核验）"}
CHANNEL_NAMES = {
    Channel.CODE: "一企一码",
    Channel.OFFICER: "经办人代填",
    Channel.OPEN: "开放扫码（未核验）",
    Channel.TABLET: "大厅平板（未核验）",
    Channel.IMPORT: "导入",
}
RESPONDENT_NAMES: Mapping[Respondent, str] = {Respondent.UNASKED: "没有问"} | {
    one: texts()[f"form.respondent.{name}"] for name, one in RESPONDENTS.items()
}
KIND_NAMES = {Kind.REQUEST: "要办的事", Kind.CRITICISM: "不满意", Kind.SUGGESTION: "建议"}
GRADE_NAMES: Mapping[Grade, str] = {
    Grade.UNTOUCHED: "未接触",
    Grade.VERY_DISSATISFIED: "非常不满意",
    Grade.DISSATISFIED: "不满意",
    Grade.BASICALLY_SATISFIED: "基本满意",
    Grade.SATISFIED: "满意",
    Grade.VERY_SATISFIED: "非常满意",
}
ROLE_NAMES = {
    Role.ADMIN: "系统管理员",
    Role.OFFICER: "营商专班",
    Role.HANDLER: "部门经办人",
    Role.DISCIPLINE: "纪检监察",
    Role.VIEWER: "领导",
    Role.AUDITOR: "审计员",
}
MEASURE_NAMES = {
    Measure.SCORE: "满意度得分",
    Measure.WITH_BASIC: "满意率（含基本满意）",
    Measure.WITHOUT_BASIC: "满意率（不含基本满意）",
}
SIGN_NAMES = {
    Sign.TOO_FAST: "填得过快",
    Sign.STRAIGHT_LINED: "全部同一等级",
    Sign.BURST: "短时间集中到达",
    Sign.SAME_DEVICE: "同一设备多份",
}
CASE_STATES = {one: texts()[f"receipt.state.{one}"] for one in CaseState}  # as its receipt says
OUTCOME_NAMES = {Outcome.OK: "成功", Outcome.REFUSED: "拒绝", Outcome.FAILED: "失败"}
ON_BEHALF_NAMES = {OnBehalf.PHONE: "电话", OnBehalf.VISIT: "走访"}
SEVERITY_NAMES = {Severity.STOP: "不能开启", Severity.CHECK: "请核对", Severity.FINE: "没问题"}
JOB_NAMES = {
    Job.DEVICES: "销毁隔日的设备密钥", Job.OPEN: "定时开启", Job.CLOSE: "到时截止", Job.LISTS: "催填名单",
    Job.ANCHOR: "审计日志留底", Job.RELEASE: "发布结果", Job.FINAL: "公布准数", Job.STUDY: "统计", Job.SEAL: "封存数据表",
}  # fmt: skip
STATE_NAMES = {State.FAIL: "要处理", State.WARN: "请留意", State.OK: "正常"}


def signs_named(flags: int) -> str:
    """The signs in words."""
    return "、".join(name for sign, name in SIGN_NAMES.items() if flags & sign)
