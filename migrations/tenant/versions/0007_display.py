"""display: which of the screens say the calls"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a schema from '0006' to '0007': the first display of each place goes on speaking, the others fall silent."""
    op.add_column('device', sa.Column('speaks', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute(
        "UPDATE device SET speaks = true WHERE id IN (SELECT min(id) FROM device"
        " WHERE kind = 'display' AND state <> 'revoked' GROUP BY hall_id, zone)"
    )
