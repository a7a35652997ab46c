"""Which part of a wave's figures is looked at."""

from dataclasses import dataclass

from survey.core.models import Source


@dataclass(frozen=True)
class View:
    """Which part of a wave is looked at. The verified answers or the open ones, never both together."""

    category: str | None = None
    stratum_id: int | None = None
    source: Source = Source.VERIFIED

    def __post_init__(self) -> None:
        if self.stratum_id is not None and self.source == Source.OPEN:
            raise ValueError("开放扫码的答卷不分层：不知道是哪一类企业填的。")
