"""Where a site is mailed, and what was sent. Frozen; a later change is a later file."""

revision = "registry_4"
down_revision = "registry_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
