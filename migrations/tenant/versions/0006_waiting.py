"""waiting"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a schema from '0005' to '0006'."""
    op.add_column('queue_rule', sa.Column('near_calls', sa.BigInteger(), server_default=sa.text('3'), nullable=False))
    op.create_check_constraint(op.f('ck_queue_rule_near'), 'queue_rule', 'near_calls > 0')


def downgrade() -> None:
    """Bring a schema from '0006' back to '0005'."""
    op.drop_constraint(op.f('ck_queue_rule_near'), 'queue_rule')
    op.drop_column('queue_rule', 'near_calls')
