"""系统体检: every check is made; one that cannot be made says so and stops no other."""

from datetime import datetime

from survey.actions import machine_checks, work_checks
from survey.actions.checklist import RESTART
from survey.core.accounts.access import Right, needs
from survey.core.discreet import reason
from survey.core.doctor import Finding, fail


@needs(Right.SYSTEM)
def examine(now: datetime) -> list[Finding]:
    """Make every check."""
    findings: list[Finding] = []
    for name, function in (*machine_checks.CHECKS.checks, *work_checks.CHECKS.checks):
        try:
            found = function(now)
            findings += [found] if isinstance(found, Finding) else found
        except Exception as error:
            findings.append(fail(name, f"没有查成：{reason(error)}。", RESTART))
    return findings
