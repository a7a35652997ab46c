"""Receipts: of a form, of a request with its case, and what stands for one after a 试填."""

from base64 import b64encode
from typing import Any

from survey.core.answers.receipts import Receipt
from survey.core.dates import calendar_day, closing
from survey.core.models import CaseState
from survey.core.texts import Texts, texts
from survey.core.waves.phase import Phase
from survey.output.press import qr_codes
from survey.settings import get_settings
from survey.storage.answers.doors import WavePage
from survey.storage.ledger.cases import CaseView
from survey.web.documents import Document, Packed, mark, part, policy, render
from survey.web.phone.variant import Variant, department_names, in_language, languages, privacy_address


def trial_receipt(wave: WavePage, variant: Variant, again: str) -> Document:
    """What a 试填 is answered with; it cannot be taken for a receipt."""
    say, css = texts(variant.language), part("trial.css")
    html = render(
        "trial_receipt.html", say=say.say, wave=in_language(wave, variant.language), phone=get_settings().host_phone, trial_css=css,
        steps=[say["trial.step"], say["trial.void"]], again=again,
    )  # fmt: skip
    return Document(html, policy(css))


def receipt_qr(receipt: Receipt) -> str:
    """The picture that leads back to a receipt, as it stands in the page."""
    start = f"{get_settings().address}/r/"
    return b64encode(qr_codes.family(start, len(receipt.text)).png(receipt.text)).decode()


def plain_receipt(wave: WavePage, variant: Variant, phase: Phase) -> Packed:
    """The receipt of a form that asked for nothing, ready but for its number and QR code."""
    say = texts(variant.language)
    steps = [*_steps(say, "count_step"), _ending(say, wave, phase)]
    return Packed(_receipt_html(wave, variant, mark(0), mark(1), steps=steps, case=None), policy())


def case_receipt(
    wave: WavePage, variant: Variant, receipt: Receipt, case: CaseView, phase: Phase
) -> Document:
    """The receipt of a form that asked for help: also what was asked, and how far it is."""
    say = texts(variant.language)
    kinds = {str(kind.id): kind.name.say(variant.language) for kind in wave.form.questionnaire.kinds}
    html = _receipt_html(
        wave, variant, receipt.number, receipt_qr(receipt), case=case, state=_state(say, case),
        steps=[*_steps(say, "integrity_step" if case.integrity else "help_step"), _ending(say, wave, phase)],
        kind=kinds.get(case.kind, case.kind),
        received=calendar_day(case.received_on, say),
        department=department_names(wave.form, variant.language).get(case.department_id or "", say["form.no_department"]),
    )  # fmt: skip
    return Document(html, policy())


def _state(say: Texts, case: CaseView) -> str:
    name = "integrity" if case.integrity and case.state == CaseState.RECEIVED else case.state
    return say.get(f"receipt.state.{name}", say["receipt.state.unknown"])


def _receipt_html(wave: WavePage, variant: Variant, number: str, qr: str, **more: Any) -> str:
    return render(
        "receipt.html", say=texts(variant.language).say, wave=in_language(wave, variant.language),
        languages=languages(variant), tablet=variant.tablet, number=number,
        qr=qr, phone=get_settings().host_phone, privacy=privacy_address(wave.mode, variant.language), **more,
    )  # fmt: skip


def _steps(say: Texts, kind: str) -> list[str]:
    """What happens next."""
    return [say[key] for key in say if key.startswith(f"receipt.{kind}.")]


def _ending(say: Texts, wave: WavePage, phase: Phase) -> str:
    """When the wave closes, or that it has."""
    key = "open" if phase.inviting else "closed"
    return say.say(f"receipt.ending.{key}", closes=closing(wave.closes_at, say))
