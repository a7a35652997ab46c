"""The number of the batch that a remark came out with is called by what it is"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('ALTER TABLE remark RENAME COLUMN "release" TO batch')  # its index follows on both databases


def downgrade() -> None:
    op.execute('ALTER TABLE remark RENAME COLUMN batch TO "release"')
