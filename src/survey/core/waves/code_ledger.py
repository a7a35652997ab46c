"""发码对账表: what became of the codes of a wave, and what must agree."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ledger:
    """发码对账表. Every number is counted by itself, so that the equations can fail."""

    invited: int  # enterprises
    issued: int  # codes ever made
    printed: int  # of these, put on a card or letter
    reissued: int  # codes that stand in for another
    void: int
    valid: int
    used: int
    unused: int
    on_behalf: int  # of the used: entered by an officer
    own: int  # of the used: by the enterprise itself
    void_used: int  # answered before they were made void; must be none
    open_used: int  # forms by the open code
    responses: int

    @property
    def equations(self) -> list[tuple[str, int, int]]:
        """What must agree: words, left side, right side."""
        return [
            ("发码 = 邀请企业 + 换码", self.issued, self.invited + self.reissued),
            ("发码 − 作废 = 有效码", self.issued - self.void, self.valid),
            ("有效码 = 已用 + 未用", self.valid, self.used + self.unused),
            ("已用 = 企业自填 + 代填", self.used, self.own + self.on_behalf),
            ("答卷 = 已用 + 开放扫码", self.responses, self.used + self.void_used + self.open_used),
        ]

    @property
    def balanced(self) -> bool:
        return not self.void_used and all(left == right for _, left, right in self.equations)
