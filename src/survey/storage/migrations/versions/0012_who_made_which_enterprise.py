"""Who made which enterprise when, as far as imports remember it; drafts that wait for a second person"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHO, WHEN = ("made_by", "renamed_by"), ("made_at", "renamed_at")
PART = 500  # enterprises in one statement


def upgrade() -> None:
    for name in WHO:
        op.add_column("enterprise", sa.Column(name, sa.String(length=40), nullable=False, server_default=""))
    for name in WHEN:
        op.add_column("enterprise", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "proposal",
        sa.Column("wave_id", sa.Integer(), sa.ForeignKey("wave.id"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by", sa.String(length=40), nullable=False),
    )
    db = op.get_bind()
    known = sa.text("SELECT at, who, added FROM registry_import WHERE NOT undone ORDER BY id")
    made = sa.text("UPDATE enterprise SET made_by = :who, made_at = :at WHERE id IN :ids")
    for at, who, added in db.execute(known).all():
        ids = json.loads(added) if isinstance(added, str) else added
        for start in range(0, len(ids), PART):
            part = {"who": who, "at": at, "ids": ids[start : start + PART]}
            db.execute(made.bindparams(sa.bindparam("ids", expanding=True)), part)


def downgrade() -> None:
    op.drop_table("proposal")
    for name in (*WHO, *WHEN):
        op.drop_column("enterprise", name)
