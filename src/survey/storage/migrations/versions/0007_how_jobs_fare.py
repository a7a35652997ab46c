"""How the background jobs fare, and which studies could not be computed"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("name", sa.String(length=16), primary_key=True),
        sa.Column("about", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("again_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(length=200), nullable=False, server_default=""),
    )
    failed: sa.Column[bool] = sa.Column("failed", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("study", failed)


def downgrade() -> None:
    op.drop_column("study", "failed")
    op.drop_table("job")
