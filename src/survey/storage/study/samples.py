"""A closed wave's answers as the kernel wants them."""

from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from survey.core.models import Channel, Mode, Source, Table, source_of
from survey.core.statistics.vectors import unpack
from survey.core.study.scheme import Sample

response: Any = Table.metadata.tables["response"]
CHUNK = 20_000  # rows in memory at a time


def read_sample(db: Connection, wave_id: int, items: int, source: Source, mode: Mode) -> Sample:
    """All answers of a source in id order; who gave them only in 代号 and 实名 waves."""
    who = response.c.pseudonym if mode == Mode.PSEUDONYMOUS else response.c.enterprise_id
    channels = [one for one in Channel if source_of(one) == source]
    query = (
        select(response.c.grades, response.c.stratum_id, response.c.flags, who)
        .where(response.c.wave_id == wave_id, response.c.channel.in_(channels))
        .order_by(response.c.id)
    )
    matrices, strata, flags = [np.zeros((0, items), np.uint8)], list[Any](), list[Any]()
    raters = list[object]()
    rows = db.execution_options(stream_results=True, max_row_buffer=CHUNK).execute(query)
    for part in rows.partitions(CHUNK):
        grades, groups, signs, names = zip(*part, strict=True)
        matrices.append(unpack(grades, items))
        strata.append(np.array(groups, np.int64))
        flags.append(np.array(signs, np.int64))
        raters.extend(names)
    # One whose enterprise nobody knows is an enterprise of its own: without any, there are no clusters.
    known = bool(raters) and all(rater is not None for rater in raters)
    return Sample(
        np.concatenate(matrices), _joined(strata), _joined(flags), raters if known else None
    )  # fmt: skip


def _joined(parts: list[Any]) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
