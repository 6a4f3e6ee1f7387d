"""Versions of the consent form, put into force by two people; signed copies. Frozen; a later change is a later file."""

revision = "registry_5"
down_revision = "registry_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
