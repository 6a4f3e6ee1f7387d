"""New passphrases, by two members of staff and after a delay. Frozen; a later change is a later file."""

revision = "registry_10"
down_revision = "registry_9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
