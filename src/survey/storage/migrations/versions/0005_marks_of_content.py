"""By what a form sent again is known to say the same"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participation", sa.Column("content_mark", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("participation", "content_mark")
