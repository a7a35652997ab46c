"""Releases hold no more than what may be seen: counts of a moment by stratum or sign leave the tables

A wave that was closed under the older rule keeps the figures it has shown (`settled`); one that is open remembers which
counts it has told exactly (`exact`), so that nothing told later can be subtracted from them. A sealed one keeps the release
that its printed fingerprint is of, as it is, and is read from one that follows it (`sealed`: which it was). The final
release, with what it holds besides counts, is made by the job.
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
        "SELECT release.wave_id, release.number, release.figures, wave.state, wave.fingerprint FROM release "
        "JOIN wave ON wave.id = release.wave_id"
    )
    json_of = "CAST(:figures AS JSON)" if db.dialect.name == "postgresql" else ":figures"
    change = f"UPDATE release SET figures = {json_of} WHERE wave_id = :wave AND number = :number"
    follow = (
        f"INSERT INTO release (wave_id, number, made_at, figures) SELECT wave_id, number + 1, made_at, {json_of} "
        "FROM release WHERE wave_id = :wave AND number = :number"
    )
    for wave, number, figures, state, sealed in db.execute(sa.text(query)).all():
        kept = json.loads(figures) if isinstance(figures, str) else figures
        told = _told(kept, closed=state == "closed") | ({"sealed": number} if sealed else {})
        row = {"figures": json.dumps(told, ensure_ascii=False), "wave": wave, "number": number}
        db.execute(sa.text(follow if sealed else change), row)


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
