"""Releases hold no more than what may be seen: counts of a moment by stratum or sign leave the tables

A wave that was closed under the older rule keeps the figures it has shown (`settled`); one that is open remembers which
counts it has told exactly (`exact`), so that nothing told later can be subtracted from them. The final release, with
what it holds besides counts, is made by the job.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GONE = ("strata", "doubtful", "signs")
SOURCES = ("verified", "open")


def upgrade() -> None:
    db = op.get_bind()
    op.add_column("wave", sa.Column("live", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute("DELETE FROM study")
    op.execute(
        "DELETE FROM release WHERE number < "
        "(SELECT MAX(newer.number) FROM release AS newer WHERE newer.wave_id = release.wave_id)"
    )
    query = (
        "SELECT release.wave_id, release.number, release.figures, wave.state FROM release "
        "JOIN wave ON wave.id = release.wave_id"
    )
    change = sa.text("UPDATE release SET figures = :figures WHERE wave_id = :wave AND number = :number")
    if db.dialect.name == "postgresql":
        change = sa.text(
            "UPDATE release SET figures = CAST(:figures AS JSON) WHERE wave_id = :wave AND number = :number"
        )
    for wave, number, figures, state in db.execute(sa.text(query)).all():
        kept = json.loads(figures) if isinstance(figures, str) else figures
        told = _told(kept, closed=state == "closed")
        db.execute(change, {"figures": json.dumps(told, ensure_ascii=False), "wave": wave, "number": number})


def downgrade() -> None:
    op.execute("DELETE FROM study")
    op.drop_column("wave", "live")


def _told(figures: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    return {
        "k": figures["k"],
        "final": False,
        **{one: _body(figures.get(one, {}), figures["k"], closed=closed) for one in SOURCES},
    }


def _body(body: dict[str, Any], k: int, *, closed: bool) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in GONE}
    if k == 1 or not body:
        return kept
    if closed:
        return kept | {"settled": True}
    exact = {item: _sum(groups) for item, groups in body.get("strata", {}).items() if groups}
    return kept | {"exact": {item: counts for item, counts in exact.items() if sum(counts) >= k}}


def _sum(groups: dict[str, Any]) -> list[int]:
    return [sum(column) for column in zip(*(counts for counts, _ in groups.values()), strict=True)]
