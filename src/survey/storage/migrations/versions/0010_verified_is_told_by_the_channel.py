"""Whether an answer is verified is told by its channel alone"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE response DROP COLUMN verified")


def downgrade() -> None:
    op.execute("ALTER TABLE response ADD COLUMN verified BOOLEAN NOT NULL DEFAULT TRUE")
    op.execute("UPDATE response SET verified = FALSE WHERE channel NOT IN ('code', 'officer')")
