"""doors"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a schema from '0007' to '0008'."""
    op.add_column('staff_link', sa.Column('created_by_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_staff_link_created_by_id'), 'staff_link', 'staff', ['created_by_id'], ['id'], ondelete='CASCADE')
    op.create_index(op.f('ix_staff_link_created_by_id'), 'staff_link', ['created_by_id'], unique=False)


def downgrade() -> None:
    """Go back; only for development, a region in use never does."""
    op.drop_index(op.f('ix_staff_link_created_by_id'), table_name='staff_link')
    op.drop_column('staff_link', 'created_by_id')
