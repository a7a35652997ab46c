"""What the kernel made of a release; themes of remarks and the labels that people confirmed"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "study",
        sa.Column("wave_id", sa.Integer(), sa.ForeignKey("wave.id"), primary_key=True),
        sa.Column("source", sa.String(length=16), primary_key=True),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_table(
        "theme",
        sa.Column("label", sa.String(length=12), primary_key=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_table(
        "remark_theme",
        sa.Column("remark_id", sa.LargeBinary(length=16), primary_key=True),
        sa.Column("label", sa.String(length=12), primary_key=True),
        sa.Column("who", sa.String(length=40), nullable=False, server_default=""),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("remark_theme", "theme", "study"):
        op.drop_table(table)
