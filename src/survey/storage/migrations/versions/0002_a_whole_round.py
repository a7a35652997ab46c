"""Registry, codes, trial forms, reminders and the log of a whole round"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def wave() -> sa.Column[int]:
    return sa.Column("wave_id", sa.Integer(), sa.ForeignKey("wave.id"), nullable=False, index=True)


ADDED: dict[str, list[sa.Column[Any]]] = {
    "department": [text("duty_en", 120)],
    "wave": [flag("timed"), text("fingerprint", 64)],
    "enterprise": [
        text("name_en", 120), flag("key"), text("leader", 20), text("officer", 20), text("contact", 20),
        text("phone", 20),
    ],
    "invitation": [
        flag("trial"), sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True), number("printed"),
        flag("reissued"), text("on_behalf", 16), text("confirmed", 16),
    ],
    "response": [number("respondent")],
}  # fmt: skip
NEW = ("wave_event", "trial", "registry_import", "reminder", "outstanding")


def upgrade() -> None:
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)

    op.create_table(
        "wave_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        wave(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_table(
        "trial",
        sa.Column("id", sa.LargeBinary(length=16), primary_key=True),
        wave(),
        sa.Column("answers", sa.JSON(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_import",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("added", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), primary_key=True),
        wave(),
        sa.Column("enterprise_id", sa.Integer(), sa.ForeignKey("enterprise.id"), nullable=False, index=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
    )
    op.create_table(
        "outstanding",
        sa.Column("wave_id", sa.Integer(), sa.ForeignKey("wave.id"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enterprises", sa.JSON(), nullable=False),
    )
    # Releases held verified and open answers added together; the job makes them anew, each for itself.
    op.execute('DELETE FROM "release"')


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
