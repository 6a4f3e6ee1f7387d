"""Wider requests, data-use agreements, suspended and renewed grants. Frozen; a later change is a later file."""

revision = "workbench_3"
down_revision = "workbench_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
