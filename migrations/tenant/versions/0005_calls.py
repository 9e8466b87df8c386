"""calls"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a schema from '0004' to '0005'."""
    op.create_index('ix_ticket_event_raised', 'ticket_event', ['hall_id', 'at'], unique=False, postgresql_where=sa.text("(data ->> 'raised') = 'true'"))


def downgrade() -> None:
    """Go back; only for development, a region in use never does."""
    op.drop_index('ix_ticket_event_raised', table_name='ticket_event', postgresql_where=sa.text("(data ->> 'raised') = 'true'"))
