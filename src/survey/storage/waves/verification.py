"""Recount every response and compare with the counters that screens read."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from survey.core.answers import tally_codec
from survey.core.answers.form import Form
from survey.core.answers.signs import is_doubtful
from survey.core.answers.tally_codec import REMARKED, RESPONSES, Counting
from survey.core.models import Table
from survey.core.names import signs_named
from survey.core.statistics.vectors import LEVELS, Matrix, count_grades, unpack
from survey.storage.answers import tallies
from survey.storage.waves import sealing

tables = Table.metadata.tables
response, tally, wave, remark = (tables[name] for name in ("response", "tally", "wave", "remark"))
arrival, participation = tables["arrival"], tables["participation"]
CHUNK = 20_000  # responses in memory at a time
LISTED = 10  # counters named per wave; the rest is a number

Key = tuple[int, int, int, str]
"""item, grade, stratum, channel: what one counter counts."""


def read_matrix(db: Connection, wave_id: int) -> Matrix:
    """All packed vectors of a wave in id order: `[responses, items]`."""
    items = _form(db, wave_id).items
    query = select(response.c.grades).where(response.c.wave_id == wave_id).order_by(response.c.id)
    parts = [unpack([row[0] for row in part], items) for part in _parts(db, query)]
    return np.concatenate(parts) if parts else np.zeros((0, items), np.uint8)


def verify(db: Connection, progress: Callable[[int, int], None] = lambda done, of: None) -> list[str]:
    """Chinese sentences for every counter that is not what the responses say; none when all is equal.

    Wants a connection on which nothing has been asked yet: everything is read at one moment.
    """
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # Before the moment is fixed, or tables that are being sealed would look empty.
        db.exec_driver_sql(f"LOCK TABLE {', '.join(sealing.SUBMITTED)} IN ACCESS SHARE MODE")
    total = db.scalar(select(func.count()).select_from(response)) or 0
    problems: list[str] = []
    done = 0
    for found in db.execute(select(wave).order_by(wave.c.id)).mappings().all():
        if found["imported"] and not found["published"]:
            continue  # an import that is being written
        form = Form.thaw(found["questionnaire"], found["departments"])
        before = done

        def show(seen: int, before: int = before) -> None:
            progress(before + seen, total)

        counted, wrong, seen = _recount(db, found["id"], form, show)
        done += seen
        about = f"期次「{found['title']}」（{found['id']}）"
        problems += [f"{about}：{one}" for one in [*wrong, *_compare(db, found["id"], counted, form)]]
        if not found["imported"]:
            problems += [f"{about}：{one}" for one in _compare_ledgers(db, found["id"], counted)]
        problems += [f"{about}：{one}" for one in _compare_remarks(db, found["id"])]
    progress(total, total)
    return problems


def _form(db: Connection, wave_id: int) -> Form:
    kept = db.execute(select(wave.c.questionnaire, wave.c.departments).where(wave.c.id == wave_id)).one()
    return Form.thaw(*kept)


def _parts(db: Connection, query: Any) -> Iterator[Sequence[Any]]:
    """The rows of a query, `CHUNK` at a time, never all in memory."""
    result = db.execution_options(stream_results=True, max_row_buffer=CHUNK).execute(query)
    yield from result.partitions(CHUNK)


def _recount(
    db: Connection, wave_id: int, form: Form, progress: Callable[[int], None]
) -> tuple[Counter[Key], list[str], int]:
    """What the responses of a wave add up to, what is wrong with them, and how many there are."""
    totals: dict[tuple[int, str], Any] = {}
    counted: Counter[Key] = Counter()
    seen = wrong = 0
    query = select(
        response.c.stratum_id, response.c.channel, response.c.grades, response.c.respondent, response.c.flags
    )
    for part in _parts(db, query.where(response.c.wave_id == wave_id)):
        seen += len(part)
        counted.update((*tally_codec.response(who), stratum, channel) for stratum, channel, _, who, _ in part)
        _count_signs(part, form, counted)
        for group, vectors in _grouped(part).items():
            matrix = _sound(vectors, form.items)
            wrong += len(vectors) - len(matrix)
            totals[group] = totals.get(group, 0) + count_grades(matrix)
        progress(seen)
    for group, counts in totals.items():
        for item, grade in np.argwhere(counts[:, 1:]).tolist():
            counted[item, grade + 1, *group] = int(counts[item, grade + 1])
    _count_reasons(db, wave_id, len(form.questions), counted)
    return counted, [f"{wrong} 份答卷的长度或等级与问卷不符"] if wrong else [], seen


def _sound(vectors: list[bytes], items: int) -> Matrix:
    """The vectors that fit the questionnaire."""
    matrix = unpack([one for one in vectors if len(one) == items], items)
    return matrix[(matrix < LEVELS).all(axis=1)]


def _grouped(rows: Sequence[Any]) -> dict[tuple[int, str], list[bytes]]:
    groups: dict[tuple[int, str], list[bytes]] = {}
    for stratum, channel, grades, *_ in rows:
        groups.setdefault((stratum, channel), []).append(grades)
    return groups


def _count_signs(rows: Sequence[Any], form: Form, counted: Counter[Key]) -> None:
    """Forms by their signs, and how the doubtful ones graded each department as a whole."""
    for stratum, channel, grades, _, flags in rows:
        if flags:
            counted[*tally_codec.signs(flags), stratum, channel] += 1
        if is_doubtful(flags):
            given = enumerate(grades[:: len(form.questions)])
            counted.update(
                (tally_codec.doubtful_item(place), grade, stratum, channel) for place, grade in given if grade
            )


def _count_reasons(db: Connection, wave_id: int, questions: int, counted: Counter[Key]) -> None:
    query = select(response.c.stratum_id, response.c.channel, response.c.reasons)
    given = query.where(response.c.wave_id == wave_id, response.c.reasons.is_not(None))
    for part in _parts(db, given):
        for stratum, channel, reasons in part:
            for place, chips in reasons.items():
                counted.update(
                    (*tally_codec.reason(int(place) * questions, chip), stratum, channel) for chip in chips
                )


def _compare(db: Connection, wave_id: int, counted: Counter[Key], form: Form) -> list[str]:
    """The counters of a wave that differ from the recount, by name."""
    rows = db.execute(
        select(tally.c.item, tally.c.grade, tally.c.stratum_id, tally.c.channel, func.sum(tally.c.count))
        .where(tally.c.wave_id == wave_id, tally.c.item != REMARKED)
        .group_by(tally.c.item, tally.c.grade, tally.c.stratum_id, tally.c.channel)
    )
    kept: Counter[Key] = Counter({tuple(key): int(count) for *key, count in rows})
    wrong = sorted(key for key in kept.keys() | counted.keys() if kept[key] != counted[key])
    named = [f"{_name(key, form)}：计数 {kept[key]}，答卷 {counted[key]}" for key in wrong[:LISTED]]
    return named + ([f"另有 {len(wrong) - LISTED} 个计数也不一致"] if len(wrong) > LISTED else [])


def _name(key: Key, form: Form) -> str:
    """A counter in words."""
    item, grade, stratum, channel = key
    where = f"分层 {stratum}、渠道 {channel}"
    counts, place, number = tally_codec.meaning(item, grade)
    if counts is Counting.RESPONSES:
        return f"答卷数（{where}{f'、身份 {number}' if number else ''}）"
    if counts is Counting.SIGNS:
        return f"有{signs_named(number)}迹象的答卷数（{where}）"
    if counts is Counting.DOUBTFUL and place < len(form.departments):
        return f"{form.departments[place].name}·存疑答卷·等级 {number}（{where}）"
    if counts not in (Counting.GRADE, Counting.REASON) or place >= form.items:
        return f"问卷里没有的第 {item} 项（{where}）"
    department, question = divmod(place, len(form.questions))
    what = f"原因 {number + 1}" if counts is Counting.REASON else f"等级 {number}"
    return f"{form.departments[department].name}·{form.questions[question].name.zh}·{what}（{where}）"


def _compare_remarks(db: Connection, wave_id: int) -> list[str]:
    """Forms that wait with their remarks cannot be more than the remarks, or a batch would come out too early."""
    waits = select(remark.c.source, func.count()).where(remark.c.wave_id == wave_id, remark.c.batch.is_(None))
    waiting = {source: int(count) for source, count in db.execute(waits.group_by(remark.c.source))}
    return [
        f"待公布留言（{source}）计为来自 {forms} 份答卷，而留言只有 {waiting.get(source, 0)} 条"
        for source, forms in tallies.count_remarked(db, wave_id).items()
        if forms > waiting.get(source, 0)
    ]


def _compare_ledgers(db: Connection, wave_id: int, counted: Counter[Key]) -> list[str]:
    """Days and codes used must add up to the responses too."""
    by_channel: Counter[str] = Counter()
    for (item, _, _, channel), count in counted.items():
        by_channel[channel] += count if item == RESPONSES else 0
    used = db.scalar(
        select(func.count()).select_from(participation).where(participation.c.wave_id == wave_id)
    )
    total = by_channel.total()
    problems = [] if used == total else [f"用过的测评码有 {used} 个，答卷有 {total} 份"]
    days = select(arrival.c.channel, func.sum(arrival.c.count)).where(arrival.c.wave_id == wave_id)
    kept = Counter({channel: int(count) for channel, count in db.execute(days.group_by(arrival.c.channel))})
    return problems + [
        f"渠道 {channel} 按天合计 {kept[channel]} 份，答卷有 {by_channel[channel]} 份"
        for channel in sorted({*kept, *by_channel})
        if kept[channel] != by_channel[channel]
    ]
