"""Visits to the reading desk: who, whom, what for. Frozen; a later change is a later file."""

revision = "registry_6"
down_revision = "registry_5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
