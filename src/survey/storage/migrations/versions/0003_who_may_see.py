"""Accounts with departments and dates, the audit log, screens, device marks, destroyed keys"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def text(name: str, length: int, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=default)


def moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def digest(name: str, **more: Any) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=32), nullable=False, **more)


ADDED: dict[str, list[sa.Column[Any]]] = {
    "office_user": [
        sa.Column("department_id", sa.String(length=32), nullable=True),
        flag("must_change"),
        moment("password_set_at", nullable=True),
        sa.Column("former", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("expires_on", sa.Date(), nullable=True),
        flag("disabled"),
    ],
    "login": [moment("seen_at", nullable=True)],
    "ledger_case": [flag("integrity")],
    "remark": [text("source", 16, "verified")],
}
# The database itself refuses to change an entry, or to remove one that the law wants kept.
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END",
        "CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry "
        "WHEN OLD.at > datetime('now', '-183 days') "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are kept for 183 days'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '183 days' THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'audit entries are append-only and kept for 183 days'; END $$",
        "CREATE TRIGGER audit_entry_guard BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_guard()",
    ),
}
NEW = ("sign_in_failure", "audit_entry", "screen", "device_mark", "destroyed_key")


def upgrade() -> None:
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)

    op.create_table(
        "sign_in_failure",
        digest("key", primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        moment("last_at"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        moment("at"),
        text("who", 40),
        text("role", 16),
        text("what", 40),
        text("about", 200),
        text("result", 16),
        digest("hash"),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "screen",
        sa.Column("id", sa.Integer(), primary_key=True),
        digest("token_hash", unique=True),
        sa.Column("wave_id", sa.Integer(), sa.ForeignKey("wave.id"), nullable=False),
        text("name", 40),
        moment("made_at"),
        text("made_by", 40),
        moment("revoked_at", nullable=True),
    )
    op.create_table(
        "device_mark",
        sa.Column("wave_id", sa.Integer(), sa.ForeignKey("wave.id"), primary_key=True),
        digest("mark", primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "destroyed_key",
        sa.Column("series", sa.String(length=32), primary_key=True),
        moment("at"),
        text("who", 40),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_entry_guard ON audit_entry")
        op.execute("DROP FUNCTION audit_entry_guard")
    for table in reversed(NEW):
        op.drop_table(table)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
