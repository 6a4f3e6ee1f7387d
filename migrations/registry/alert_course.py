"""What was done about an alert. Frozen; a later change is a later file."""

revision = "registry_8"
down_revision = "registry_7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
