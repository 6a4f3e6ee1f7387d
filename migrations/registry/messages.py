"""Messages both ways, sealed. Frozen; a later change is a later file."""

revision = "registry_9"
down_revision = "registry_8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
