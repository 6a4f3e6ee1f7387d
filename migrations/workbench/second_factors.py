"""Second factors, recovery codes and invitations of staff. Frozen; a later change is a later file."""

revision = "workbench_2"
down_revision = "workbench_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
