"""代填: a plain page for the keyboard, on which an officer enters what an enterprise says."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from survey.actions.answers.on_behalf import enter_on_behalf
from survey.core.accounts.access import Right, actor
from survey.core.answers.answers import Fields, Invalid, Malformed, check
from survey.core.answers.form import NONE_OF_THEM, Form
from survey.core.answers.receipts import read_receipt
from survey.core.models import GRADES, Mode, OnBehalf, Wave
from survey.core.names import ON_BEHALF_NAMES
from survey.core.refusals import NotAllowed
from survey.core.texts import texts
from survey.core.waves.phase import phase_of
from survey.settings import get_settings
from survey.storage.database import reading, writing
from survey.storage.waves import monitor, published
from survey.web.office.gate import for_right
from survey.web.office.guard import same_origin
from survey.web.phone import incoming
from survey.web.plain import notice, plain_page

NOT_OPEN = ("这个期次不能代填", "只有进行中和收尾中的期次可以代填。请回到「代填」页选一个。", 404)
FOREIGN = ("没有存下", "这份答卷不是从代填页发出的。请回到代填页重新填写。", 403)
UNREADABLE = ("没有存下", "内容不完整，或者问卷已经换过。请回到代填页重新填写。", 400)
CHOOSE = "请先选企业：输入名称里的几个字，按 Enter。"
NOTHING = "一个部门都没有打分。企业都没打过交道的，请勾选「都没有打过交道」再交。"
KEPT = {
    Mode.ANONYMOUS: "存下的答卷不写企业名称，也不写您的名字，事后查不到是哪一份。",
    Mode.PSEUDONYMOUS: "存下的答卷只写代号，不写企业名称，也不写您的名字。",
    Mode.NAMED: "实名期次：存下的答卷写明是哪家企业，不写您的名字。",
}


@for_right(Right.ROUNDS)
async def show(request: Request) -> Response:
    """An empty form, perhaps with an enterprise chosen."""
    return await run_in_threadpool(_show, request)


def _show(request: Request) -> Response:
    wave = _open_wave(request)
    if wave is None:
        return notice(*NOT_OPEN)
    return _page(wave, {"enterprise": [request.query_params.get("enterprise", "")]})


@for_right(Right.ROUNDS)
async def take(request: Request) -> Response:
    """Store a form and offer the next, or give it back with what is to be mended."""
    if not same_origin(request.headers):
        return notice(*FOREIGN)
    wave = await run_in_threadpool(_open_wave, request)
    if wave is None:
        return notice(*NOT_OPEN)
    form = published.form(wave)
    room = incoming.room_for(form, get_settings())
    try:
        sent = incoming.parse(await incoming.read_body(request, room.bytes), room.fields)
    except (Malformed, incoming.TooLarge, incoming.WrongType):
        return notice(*UNREADABLE)
    return await run_in_threadpool(_take, wave, form, sent, actor().name)


def _take(wave: Wave, form: Form, sent: incoming.Sent, who: str) -> Response:
    problems: list[str] = []
    enterprise, source = _one(sent.fields, "enterprise"), _source(sent.fields)
    if not enterprise.isdecimal() or len(enterprise) > 9:
        problems.append(CHOOSE)
    try:
        answers = check(form, asked(form, sent.fields), get_settings())
    except Invalid as error:
        say = texts().say
        problems += [
            NOTHING if one.key == "choose_department" else say(f"problem.{one.key}", **one.values)
            for one in error.problems
        ]
    except Malformed:
        return notice(*UNREADABLE)
    if problems:
        return _page(wave, sent.fields, problems, sent.id)
    try:
        with writing() as db:
            receipt = enter_on_behalf(
                db, wave.id, int(enterprise), answers, source, who, datetime.now(UTC), sent.id
            )
            name = monitor.enterprise_name(db, int(enterprise))
    except NotAllowed as refused:
        return _page(wave, sent.fields, [str(refused)], sent.id)
    return _page(wave, {"source": [source]}, done=_done(name, receipt, answers.wants_help is not None))


def asked(form: Form, fields: Fields) -> Fields:
    """The fields as a phone would send them: a department counts as met once it has a grade, 0 is 未接触."""
    given = {
        name: values
        for name, values in fields.items()
        if name not in ("enterprise", "source") and (not name.startswith("g.") or values not in (["0"], [""]))
    }
    met = [
        one.id for one, names in zip(form.departments, form.grade_fields, strict=True) if not given.keys().isdisjoint(names)
    ]  # fmt: skip
    none = [NONE_OF_THEM] if NONE_OF_THEM in fields.get("d", ()) else []
    given.pop("d", None)
    return {**given, **({"d": met + none} if met or none else {})}


def _one(fields: Fields, name: str) -> str:
    return (fields.get(name) or [""])[0]


def _source(fields: Fields) -> OnBehalf:
    return OnBehalf.VISIT if _one(fields, "source") == OnBehalf.VISIT else OnBehalf.PHONE


def _done(name: str, receipt: str, case: bool) -> dict[str, Any]:
    found = read_receipt(receipt, get_settings().secret)
    address = f"{get_settings().address}/r/{receipt}" if case else ""
    return {"name": name, "number": found.number if found else "", "address": address}


def _open_wave(request: Request) -> Wave | None:
    with reading() as db:
        wave = published.wave(db, request.path_params["wave"])
    taking = wave and not wave.imported and phase_of(wave, datetime.now(UTC)).taking
    return wave if taking else None


def _page(
    wave: Wave,
    fields: Fields,
    problems: Sequence[str] = (),
    sid: str = "",
    done: dict[str, Any] | None = None,
) -> Response:
    """The form: new and empty, or as it was sent with what is wrong above it."""
    form = published.form(wave)
    with reading() as db:
        choices = monitor.may_be_entered(db, wave.id)
    grades = {str(int(one)): form.questionnaire.grades[str(int(one))].zh for one in reversed(GRADES)}
    return plain_page(
        "entry.html", 422 if problems else 200, wave=wave, form=form, choices=choices, grades=grades,
        sources=ON_BEHALF_NAMES, source=_source(fields), fields=fields, problems=problems, done=done,
        sid=sid or secrets.token_urlsafe(16), kept=KEPT[Mode(wave.mode)], limit=get_settings().text_limit,
        value=lambda name: _one(fields, name), ticked=lambda name, one: one in fields.get(name, ()),
    )  # fmt: skip


def routes() -> list[Route]:
    """The entry form of each wave."""
    return [Route("/entry/{wave:int}", show), Route("/entry/{wave:int}", take, methods=["POST"])]
