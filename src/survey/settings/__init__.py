"""Environment → one typed, frozen settings object. What an office may want otherwise stands here with its reason; what
a published method fixes stands beside its formula, and what keeps a connection or a screen in bounds where it is kept."""

import unicodedata
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from survey.settings.errors import SettingsError, describe
from survey.settings.kept_secrets import kept_secret
from survey.settings.network import lan_address

ROOT = Path(__file__).resolve().parents[3]


class Settings(BaseSettings):
    """All settings, read from `SURVEY_…` environment variables."""

    model_config = SettingsConfigDict(env_prefix="SURVEY_", frozen=True, extra="ignore")

    data_dir: Path = Field(ROOT / "data", description="数据库、密钥和演示信息所在的文件夹")
    database_url: str = Field("", description="数据库地址；空则用数据文件夹里的 SQLite")
    base_url: str = Field("", description="二维码指向的地址；空则用本机局域网地址")
    secret_key: str = Field("", description="回执签名密钥；空则首次启动时生成并保存在数据文件夹")
    public_host: str = Field("0.0.0.0", description="企业端监听地址")
    public_port: int = Field(8500, ge=1, le=65535, description="企业端端口")
    office_host: str = Field("127.0.0.1", description="办公端监听地址")
    office_port: int = Field(8501, ge=1, le=65535, description="办公端端口")
    workers: int = Field(1, ge=1, le=64, description="企业端进程数；大于 1 需要 PostgreSQL")

    host_name: str = Field("高新区营商环境专班", max_length=40, description="主办单位，显示在表单顶部")
    host_name_en: str = Field(
        "High-tech Zone Business Environment Office",
        max_length=80,
        description="主办单位的英文名，显示在英文表单上；空则用中文名",
    )
    host_phone: str = Field("", max_length=40, description="核实电话，显示在表单底部")

    k_scores: int = Field(
        5, ge=1, le=100, description="一个分数至少由多少家企业的评价合成；少于 5 家时熟人能猜出是谁"
    )
    insiders: int = Field(
        1, ge=1, le=2, description="几家互相通气，也推算不出别家的评价；设为 2 时，截止后更多部门只给范围"
    )
    frame_least: int = Field(
        30, ge=0, le=10_000,
        description="邀请的企业少于几家时，要另一个账号同意才能开启；名单太小时虚报几家就能看出其余的。0 为不要求",
    )  # fmt: skip
    k_remarks: int = Field(
        10, ge=1, le=1000, description="留言至少来自多少份答卷才成批公布；文字比分数更容易认出是谁"
    )
    grace_minutes: int = Field(
        30, ge=0, le=1440, description="截止后仍可提交的分钟数；正在填写的企业不应被拒之门外"
    )
    text_limit: int = Field(500, ge=50, le=5000, description="一段留言最多多少字；手机上一屏能看完")
    body_limit: int = Field(
        4_194_304, ge=65_536, le=16_777_216,
        description="一份答卷的上限最多多少字节，因为收的时候要整份放在内存里；每期的上限按它的问卷和字数算出，"
        "16 个部门、每格 500 字约 24 万，要超过这个数的期次不能开启",
    )  # fmt: skip
    queue_limit: int = Field(
        1000, ge=1, description="等待写入的答卷最多多少份；再多就请手机稍后自动重试，而不是拖垮所有人"
    )
    reminders: int = Field(
        2, ge=0, le=20, description="一家企业一期最多催填几次；无事不扰，催多了企业反感，答案也敷衍"
    )
    fast_seconds: float = Field(
        1.0, ge=0, le=60, description="平均每个等级不到几秒算填得过快；读题、想、点，再熟练也要 1 秒以上"
    )
    fast_least: float = Field(
        5.0, ge=0, le=600, description="整份不到几秒一律算填得过快；选部门、打分、提交最少要点三次"
    )
    straight_grades: int = Field(
        8, ge=2, le=1000, description="至少打了几个等级且全部相同才算异常迹象；打得少时全部相同很平常"
    )
    burst_forms: int = Field(
        20, ge=2, description="10 分钟内至少收到几份才可能算集中到达；小期次里几份同时到是巧合"
    )
    device_codes: int = Field(
        5, ge=1, description="同一设备一天内用到第几个测评码为止不算异常；代办机构会替几家企业填"
    )
    session_hours: int = Field(8, ge=1, le=72, description="登录后最长有效小时数；一个工作日")
    idle_minutes: int = Field(
        30, ge=5, le=480, description="多少分钟没有操作就要重新登录；人走开了，页面自己刷新不算操作"
    )
    lock_after: int = Field(5, ge=3, le=20, description="连续输错几次密码就暂停；再多就像是在猜")
    wrong_sign_ins: int = Field(
        20, ge=5, le=10_000,
        description="同一来源 10 分钟内一共可输错几次密码，不论哪个账号；挨个账号试的人很快就到，以前登录过的浏览器不受限",
    )  # fmt: skip
    lock_minutes: int = Field(
        15, ge=1, le=1440, description="暂停多少分钟；过后自动恢复，谁也不能把别人永远锁在门外"
    )
    lock_strangers: int = Field(
        10, ge=2, le=1000,
        description="一个账号不论从哪里输错的次数到了上面那项的几倍，就不再让陌生浏览器试它；以前登录过的不受限，换着地址猜也没有用",
    )  # fmt: skip
    password_profile: Literal["dengbao", "asvs"] = Field(
        "dengbao",
        description="密码规则：dengbao 按等级保护要求三种字符、定期更换；asvs 只要求够长、不要求更换",
    )
    password_days: int = Field(
        90, ge=0, le=3650, description="按等级保护要求多少天换一次密码；0 为不要求，asvs 下不起作用"
    )
    office_url: str = Field(
        "", description="工作人员打开办公端用的网址；办公端只应答这个网址和本机地址，别的网站冒充不了"
    )
    audit_anchor: Path | None = Field(
        None, description="审计日志底稿的第二处，另一块磁盘上的一个文件夹；空则只存数据文件夹里的一份"
    )
    audit_days: int = Field(
        183, ge=183, le=36_500,
        description="审计日志至少保存多少天，这以内的不能清理；网络安全法要求不少于六个月，数据库本身也守着这个底线",
    )  # fmt: skip
    disk_full_mb: int = Field(
        500, ge=100, le=10_000_000,
        description="数据磁盘剩余不到多少 MB 就要处理；再少，忙的一天的答卷、日志和一次封存可能放不下",
    )  # fmt: skip
    disk_low_mb: int = Field(
        2048, ge=100, le=10_000_000,
        description="数据磁盘剩余不到多少 MB 就提醒；一期里会长大的都还放得下，有时间慢慢清理",
    )  # fmt: skip
    holidays_ahead: int = Field(
        45, ge=0, le=400,
        description="放假安排至少要知道今后多少天的，不够就提醒；下一年的一般在 11 月公布，办理期限也就看到一个多月以后",
    )  # fmt: skip
    metrics_token: str = Field(
        "", description="读取 /metrics 要带的令牌；空则只在服务器本机上能读，收回多少份也不该谁都看得到"
    )
    office_sessions: int = Field(
        300, ge=1, le=10_000, description="办公端同时打开的页面总数；再多内存和处理器都不够，不如请人稍候"
    )
    office_sessions_each: int = Field(
        20, ge=1, le=1000, description="一次登录同时打开的页面数；再多就不是人在看了"
    )
    office_messages: int = Field(
        5, ge=1, le=1000,
        description="一个页面每秒可请求重画几次，一次登录的所有页面合计是它的 4 倍；人点不了这么快，再快的排队",
    )  # fmt: skip
    office_runs: int = Field(
        4, ge=1, le=100, description="办公端同时绘制的页面数；一起画只会互相拖慢，轮流画反而都快"
    )
    office_runs_each: int = Field(
        2, ge=1, le=100, description="其中一次登录最多占几个；余下的总留给别人，谁也不能让办公端停下"
    )
    wrong_codes: int = Field(
        30, ge=1, description="同一来源 10 分钟内可输错多少次测评码或回执；全园区常共用一个地址，只限输错的"
    )
    head_limit: int = Field(
        16_384, ge=4096, le=65_536,
        description="一个请求的网址和请求头一共最多多少字节；浏览器通常不到 2 KB，再大多半是来添乱的",
    )  # fmt: skip
    half_sent: int = Field(
        500, ge=10, le=100_000,
        description="同一来源同时只发了一半的请求数；会场里 300 部手机共用一个地址也够，再多就让沉默最久的先断开",
    )  # fmt: skip
    body_rate: int = Field(
        500, ge=1, le=100_000,
        description="20 秒之后，请求内容平均每秒至少要到多少字节；最慢的 2G 也有 1000，再慢是故意占着不走",
    )  # fmt: skip
    connections: int = Field(
        2000, ge=50, le=100_000, description="每个进程同时保持的网络连接数；占着不说话的先断开"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _as_typed(cls, value: Any, info: ValidationInfo) -> Any:
        """Blanks around a value, and digits typed in full width, are no mistake."""
        if not isinstance(value, str) or info.field_name is None:
            return value
        number = cls.model_fields[info.field_name].annotation in (int, float)
        return (unicodedata.normalize("NFKC", value) if number else value).strip()

    @field_validator("base_url", "office_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("要以 http:// 或 https:// 开头")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("只支持 sqlite:/// 或 postgresql:// 开头的地址")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _long_token(cls, value: str) -> str:
        if value and (len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value):
            raise ValueError("至少 16 个字母、数字或符号，不带空格")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError(
                '至少 32 个字符，可用 python -c "import secrets;print(secrets.token_hex(32))" 生成'
            )
        return value

    @property
    def database(self) -> str:
        """The database address in effect."""
        return self.database_url or f"sqlite:///{self.data_dir / 'survey.db'}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def address(self) -> str:
        """What QR codes point to, without a trailing slash."""
        return self.base_url or f"http://{lan_address()}:{self.public_port}"

    def host_in(self, language: str, name: str) -> str:
        """An organiser's name in a language; as it is where we have no other, or where only the Chinese one was set."""
        known = "host_name" not in self.model_fields_set or "host_name_en" in self.model_fields_set
        foreign = language != "zh" and name == self.host_name and known
        return self.host_name_en if foreign and self.host_name_en else name

    @cached_property
    def secret(self) -> bytes:
        """The key behind receipts and session cookies; made once and kept, 0600, in the data folder."""
        return (self.secret_key or kept_secret(self.data_dir / "secret.key")).encode()


@cache
def get_settings() -> Settings:
    """The settings of this process; raises `SettingsError` with a Chinese sentence on nonsense."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError(describe(error, Settings.model_fields)) from error
    if settings.workers > 1 and settings.is_sqlite:
        raise SettingsError(
            "设置 SURVEY_WORKERS（企业端进程数）大于 1 时需要 PostgreSQL，请设置 SURVEY_DATABASE_URL。"
        )
    return settings
