"""Audit entries that come again and again are counted before they are told"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_pool",
        sa.Column("what", sa.String(length=40), primary_key=True),
        sa.Column("about", sa.String(length=200), primary_key=True),
        sa.Column("result", sa.String(length=16), primary_key=True),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("audit_pool")
