"""Sheets of codes, open campaign links, and counts of screening. Frozen; a later change is a later file."""

revision = "registry_7"
down_revision = "registry_6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
