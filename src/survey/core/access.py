"""Who may do what: admin ⊃ officer ⊃ viewer."""

from survey.core.models import Role

ROLE_NAMES = {Role.ADMIN: "管理员", Role.OFFICER: "经办人", Role.VIEWER: "查看人"}


def may(have: Role | str, needed: Role) -> bool:
    """Whether someone with role `have` may do what `needed` may."""
    order = list(Role)
    return order.index(Role(have)) <= order.index(needed)
