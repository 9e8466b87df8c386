"""doors"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a schema from '0003' to '0004'."""
    op.add_column('central_link', sa.Column('created_by_id', sa.BigInteger(), nullable=True), schema='platform')
    op.create_foreign_key(op.f('fk_central_link_created_by_id'), 'central_link', 'central_staff', ['created_by_id'], ['id'], source_schema='platform', referent_schema='platform', ondelete='CASCADE')
    op.create_index(op.f('ix_platform_central_link_created_by_id'), 'central_link', ['created_by_id'], unique=False, schema='platform')
    # A message goes to a telephone or to an e-mail address.
    op.alter_column('citizen_message', 'phone', existing_type=sa.LargeBinary(), nullable=True, schema='platform')
    op.add_column('citizen_message', sa.Column('email', sa.LargeBinary(), nullable=True), schema='platform')
    op.create_check_constraint(op.f('ck_citizen_message_channel'), 'citizen_message', '(phone IS NULL) <> (email IS NULL)', schema='platform')


def downgrade() -> None:
    """Go back; only for development, a region in use never does."""
    op.execute('DELETE FROM platform.citizen_message WHERE phone IS NULL')
    op.drop_constraint(op.f('ck_citizen_message_channel'), 'citizen_message', schema='platform')
    op.drop_column('citizen_message', 'email', schema='platform')
    op.alter_column('citizen_message', 'phone', existing_type=sa.LargeBinary(), nullable=False, schema='platform')
    op.drop_index(op.f('ix_platform_central_link_created_by_id'), table_name='central_link', schema='platform')
    op.drop_column('central_link', 'created_by_id', schema='platform')
